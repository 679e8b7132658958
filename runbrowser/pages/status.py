"""The status lines' words: what is shown, the filter in force, the source, what happened last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap

from runbrowser.models import RunState
from runbrowser.openml.base import SourcePage
from runbrowser.pages.lines import FAINT, Line, line_width, spans
from runbrowser.text import cells, display

_MIRROR = "a mirror orders all of them (runbrowser sync)"
_ERROR_LINES = 3  # an error says what to do next, so it may take more room than other notes
GAP = "  \u2502  "


@dataclass(frozen=True, slots=True)
class Note:
    """One thing to tell: ``kind`` is 'info', 'busy', 'done' or 'error'."""

    text: str
    kind: str = "info"


_MARKS = {"busy": ("\u2026 ", FAINT), "done": ("\u2713 ", "good"),
          "error": ("\u2717 ", "bad"), "info": ("", "")}  # fmt: skip


def shown(page: SourcePage | None) -> str:
    """Which of the runs are on the screen."""
    if page is None:
        return "no runs yet"
    if not page.rows:
        return "no runs" if page.number == 0 else f"nothing on page {page.number + 1}"
    first = page.number * page.size + 1
    final = first + len(page.rows) - 1
    return f"runs {first:,}\u2013{final:,}{_of(page, final)}, page {page.number + 1}"


def _of(page: SourcePage, final: int) -> str:
    """Of how many, as far as that is known."""
    ordered = page.first_of if page.first_of is not None and final <= page.first_of else None
    if page.total is not None or page.last:
        first = f" of the first {ordered:,}" if ordered else ""
        return f"{first} of {final if page.total is None else page.total:,}"
    if ordered:
        return f" of the first {ordered:,}"
    if page.about is not None:
        return f" of about {_rounded(page.about):,}"
    return ""


def only_first(page: SourcePage) -> str:
    """What it means that a list is longer than what is read of it at once; '' where it is not."""
    if page.first_of is None:
        return ""
    return f"in order among the first {page.first_of:,}; {_MIRROR}"


def counted(page: SourcePage) -> str:
    """How many runs match, once they were counted, and what is shown of them."""
    if page.total is not None:
        words = f"{page.total:,} runs match"
    elif page.about is not None:
        words = f"about {_rounded(page.about):,} runs match"
    else:
        return "it is not known how many runs match"
    return "; ".join(filter(None, (words, only_first(page))))


def _rounded(number: int) -> int:
    """To two digits, since an estimate is no more exact."""
    step: int = 10 ** max(0, len(str(number)) - 2)
    return round(number / step) * step


def _remarks(page: SourcePage | None) -> Line:
    """What is odd about the page: given up, unreadable."""
    if page is None:
        return []
    words = []
    if page.stopped:
        words.append(f"looked at {page.looked_at:,}; n looks further")
    if page.unread:
        words.append(f"{page.unread} unreadable")
    return spans((f" ({', '.join(words)})", "warning")) if words else []


def counts(found: Mapping[RunState, int]) -> Line:
    """How many of the rows shown are in each state; states that none is in are left out."""
    from runbrowser.pages.rows import LOOKS

    line: Line = []
    for state in RunState:
        if found.get(state) and state is not RunState.UNKNOWN:
            gap = "  " if line else ""
            line += spans(gap, (f"{state.glyph} {found[state]}", LOOKS[state]))
    return line


def facts_line(
    page: SourcePage | None,
    states: Mapping[RunState, int],
    filter_text: str,
    source: str,
    width: int,
    *,
    marked: int = 0,
    acts_on: int | None = None,
    columns: str = "",
    watching: str = "",
    leads: str = "esc clears",
) -> Line:
    """The upper status line, at most ``width`` cells: the source gives way first, then counts.

    ``acts_on``: the run that keys act on, where it is not the one under the cursor;
    ``columns`` tells of columns that are wanted and not seen, ``watching`` what a watch has seen,
    ``leads`` what esc does to the filter.
    """
    left = spans((shown(page), "strong"))
    if marked:
        left += spans((f"{GAP}\u25cf {marked:,} marked", "strong-accent"))
    elif acts_on is not None:
        left += spans((f"{GAP}keys act on run {acts_on}", "strong-accent"))
    remarks = _remarks(page)
    seen = spans((f"{GAP}{watching}", "accent")) if watching else []
    filtered: Line = []
    if filter_text:
        room = max(12, width // 2 - 6)
        filtered = spans(GAP, (display(filter_text, room), "strong-accent"), (f" {leads}", FAINT))
    tally = counts(states)
    if tally:
        tally = [*spans(GAP), *tally]
    right = spans((display(source, 48), FAINT))
    if columns:
        left += spans((f"{GAP}{columns}", "second"))
    for line in (
        left + remarks + seen + filtered + tally,
        left + seen + filtered + tally,
        left + seen + filtered,
        left + seen,
        left,
    ):
        rest = width - line_width(line) - line_width(right) - 2
        if rest >= 0:
            return [*line, *spans(" " * (rest + 2)), *right]
        if line_width(line) <= width:
            return line
    return left


def _folded(text: str, width: int, most: int) -> list[str]:
    """A text as at most so many lines of ``width`` cells; what is cut ends in an ellipsis."""
    # a character that takes two cells is counted as two, with a second one that is taken out again
    counted = "".join(f"{char}\0" if cells(char) > 1 else char for char in text)
    lines = wrap(counted, width)
    if len(lines) > most:
        lines[most - 1] = lines[most - 1][: width - 1].rstrip() + "\u2026"
    return [line.replace("\0", "") for line in lines[:most]]


def note_line(
    note: Note | None,
    hints: Iterable[tuple[str, str]],
    width: int,
    *,
    outcome: Note | None = None,
) -> list[Line]:
    """The lower status line: the last thing told, else the keys that help now. An error may take
    several lines.

    ``outcome`` is what became of the last action, which no later note pushes away: the note stands
    behind it where both have room, else below it.
    """
    if outcome is not None and outcome.text:
        lines = note_line(outcome, (), width)
        if note is None or not note.text:
            return lines
        below = note_line(note, (), width)
        beside = [*lines[0], *spans(GAP), *below[0]]
        if len(lines) == len(below) == 1 and line_width(beside) <= width:
            return [beside]
        return [*lines, *below]
    if note is not None and note.text:
        mark, look = _MARKS[note.kind]
        most = _ERROR_LINES if note.kind == "error" else 1
        return [
            spans((text, look)) for text in _folded(display(mark + note.text), max(width, 8), most)
        ]
    return [_hint_line(hints, width)]


def _hint_line(hints: Iterable[tuple[str, str]], width: int) -> Line:
    line: Line = []
    for key, label in hints:
        gap = "   " if line else ""
        part = spans(gap, (key, "key"), (f" {label}", FAINT))
        if line_width(line) + line_width(part) > width:
            break
        line += part
    return line


ALWAYS = 3
"""Hints that always stand at the foot: help, commands, and the way back."""


def foot(said: Sequence[Line], hints: Sequence[tuple[str, str]], width: int) -> list[Line]:
    """What has been said, and the keys that help now: as many as there is room for. The first few
    are always there, behind the words where both have room, else below them.
    """
    if not said:
        return [_hint_line(hints, width)]
    keys = _hint_line(hints[:ALWAYS], width)
    room = width - line_width(said[-1]) - line_width(keys)
    if room >= len(GAP):
        return [*said[:-1], [*said[-1], *spans(" " * room), *keys]]
    return [*said, _hint_line(hints, width)]
