"""A confusion matrix as text: shaded by share, with numbers; where it is too wide, its worst part.

True classes go down, predicted ones across. Colour only repeats what the numbers say.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

from runbrowser.pages.charts import MISSING
from runbrowser.pages.lines import BLANK, FAINT, Line, Span, sentence, spans
from runbrowser.text import display
from runbrowser.triage.confusion import Confusion

_SHORT = 16  # the longest class name that stands over its own column; longer ones get letters
_LEAST_NAME = 8
_MOST_NAME = 24
_WORST = 8
_SHADES = 6  # steps of colour from a small share to all
_DEEPEST = 60  # percent of the colour


def letters(place: int) -> str:
    """a, b, ... z, aa, ab, ...: what stands over a column whose class has a long name."""
    text = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        text = chr(97 + rest) + text
    return text


def confusion(found: Confusion, names: Sequence[str], width: int) -> list[Line]:
    """The matrix if it has room in ``width`` cells, else words; and the worst confusions."""
    k = found.n_classes
    longest = max(len(name) for name in names)
    cell = len(f"{int(found.count.max()) if found.count.size else 0:,}") + 1
    named = longest <= _SHORT and max(cell, longest + 1) * k + longest + 1 <= width
    if named:
        heads, cell, lead = list(names), max(cell, longest + 1), 0
    else:
        heads = [letters(place) for place in range(k)]
        cell, lead = max(cell, len(heads[-1]) + 1), len(heads[-1]) + 1
    room = min(longest, _MOST_NAME, width - lead - k * cell - 1)
    if room < min(longest, _LEAST_NAME):
        needed = lead + min(longest, _LEAST_NAME) + k * cell + 1
        lines = sentence(
            f"The matrix of {k:,} classes needs {needed:,} columns, and there are {width}: "
            "what is confused most is listed instead.",
            width,
        )
        return [*lines, *_worst(found, names, width)]
    matrix = found.dense().tolist()
    indent = lead + room + 1
    lines = [spans((f"{'true, down':<{indent}}  predicted, across", FAINT))]
    lines.append(spans((" " * indent + "".join(f"{head:>{cell}}" for head in heads), FAINT)))
    for place, row in enumerate(matrix):
        letter = f"{heads[place]:<{lead}}" if lead else ""
        name = display(names[place], room)
        total = sum(row)
        lines.append(
            spans(
                (letter, FAINT),
                f"{name:<{room}} ",
                *(
                    _cell(count, total, cell, right=across == place)
                    for across, count in enumerate(row)
                ),
            )
        )
    return [*lines, *_worst(found, names, width)]


def _cell(count: int, total: int, width: int, *, right: bool) -> Span:
    if not count:
        return MISSING.rjust(width), FAINT
    step = round(_SHADES * sqrt(count / total)) * _DEEPEST // _SHADES  # roots: few are seen too
    if right:
        return f"{count:>{width},}", f"right-{step}" if step else "strong"
    return f"{count:>{width},}", f"wrong-{step}" if step else ""


def _worst(found: Confusion, names: Sequence[str], width: int) -> list[Line]:
    """The pairs of classes confused most often, in words."""
    pairs, kinds, wrong = found.worst(_WORST)
    if not pairs:
        return [BLANK, spans(("No row is in a wrong class.", "good"))]
    rows = found.rows
    more = f" of {kinds:,} kinds" if kinds > _WORST else ""
    lines = [BLANK, spans((f"Confused most{more}; {wrong:,} rows in all:", FAINT))]
    digits = len(f"{pairs[0][0]:,}")
    room = max(6, (width - digits - 24) // 2)
    for count, true, said in pairs:
        share = 100 * count / rows[true]
        lines.append(
            spans(
                (f"{count:>{digits},}", "strong-bad"),
                f" {display(names[true], room)} ",
                ("taken for", FAINT),
                f" {display(names[said], room)} ",
                (f" {share:.1f} %", FAINT),
            )
        )
    return lines
