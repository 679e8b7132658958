"""How one measure spreads over the folds: a bar or block a fold, and a box plot in one line."""

from __future__ import annotations

from math import isfinite

from runbrowser.models import Run, TaskType
from runbrowser.pages.charts import BLOCKS, MISSING, bar, blocks, box, finite, share
from runbrowser.pages.detail.evaluations import fold_values, is_runtime, ordered
from runbrowser.pages.lines import FAINT, Line, line_width, sentence, spans, title
from runbrowser.pages.numbers import deviation, number
from runbrowser.text import display
from runbrowser.triage.measures import default_measure, direction
from runbrowser.triage.spread import Spread, spread

_MOST_BARS = 20  # folds that get a line each; more get a block each
_WIDEST = 48  # cells of a bar
_IN_A_LINE = 10  # blocks, where the folds of one repeat must be broken up
_WAYS = {"higher": "higher is better", "lower": "lower is better"}

Fold = tuple[int, int, float | None]


def charted(run: Run) -> str | None:
    """The measure whose folds are drawn: the task's, else the first that people look at."""
    folds = {name for name, values in run.fold_evaluations.items() if values}
    kinds = {kind.name.replace("_", " ").lower(): kind.value for kind in TaskType}
    kind = kinds.get((run.task_type or "").lower(), 1)
    wanted = default_measure(run.task_evaluation_measure, kind)
    if wanted in folds:
        return wanted
    return next((name for name in ordered(run, folds) if not is_runtime(name)), None)


def fold_spread(run: Run, width: int) -> list[Line]:
    """The section; nothing for a run without values per fold."""
    name = charted(run)
    if name is None:
        return []
    values = fold_values(run)[name]
    found = spread(value for _, _, value in values)
    if found is None or len(values) < 2:
        return []
    way = _WAYS.get(direction(name) or "", "")
    lines = title("Spread over folds")
    lines += sentence(", ".join(part for part in (display(name, 200), way) if part), width)
    draw = _bars if len(values) <= _MOST_BARS else _rows_of_blocks
    return [*lines, *draw(values, found, width), *_numbers(found, width)]


def _place(repeat: int, fold: int, *, many: bool) -> str:
    return f"{repeat}.{fold}" if many else f"fold {fold}"


def _bars(values: list[Fold], found: Spread, width: int) -> list[Line]:
    """A bar a fold. Bars begin below the least value, and say so: from 0 all would look alike."""
    many = len({repeat for repeat, _, _ in values}) > 1
    names = [_place(repeat, fold, many=many) for repeat, fold, _ in values]
    indent = max(*map(len, names), 3) + 2
    room = max(6, min(_WIDEST, width - indent - 11))
    low = _foot(found)
    lines = []
    for name, (_, _, value) in zip(names, values, strict=True):
        known = value is not None and isfinite(value)
        drawn = bar(share(value, low, found.most), room) if known and value is not None else MISSING
        text = "no value" if value is None else number(value)
        lines.append(
            spans(
                (f"{name:<{indent}}", FAINT),
                (f"{drawn:<{room}}", "second" if known else FAINT),
                (f" {text:>9}", "" if known else FAINT),
            )
        )
    lines.append(spans((f"{'box':<{indent}}", FAINT), (box(found, low, room), "accent")))
    if found.most > found.least:
        lines.append(spans((f"{'':<{indent}}bars begin at {number(low)}", FAINT)))
    return lines


def _foot(found: Spread) -> float:
    """Where bars begin: a little below the least value, so that it has a bar as well."""
    low = found.least - (found.most / 8 - found.least / 8)
    if not isfinite(low):
        return found.least
    return 0.0 if found.least >= 0 > low else low


def _rows_of_blocks(values: list[Fold], found: Spread, width: int) -> list[Line]:
    """A block a fold, a line for each repeat; a long repeat is broken into lines of ten folds."""
    repeats: dict[int, list[Fold]] = {}
    for fold in values:
        repeats.setdefault(fold[0], []).append(fold)
    pieces: list[tuple[str, list[Fold]]] = []
    most = max(_IN_A_LINE, min(25, width - 34))
    for repeat, folds in repeats.items():
        if len(folds) <= most:
            pieces.append((f"repeat {repeat}", folds))
            continue
        for start in range(0, len(folds), _IN_A_LINE):
            some = folds[start : start + _IN_A_LINE]
            name = f"folds {some[0][1]}\u2013{some[-1][1]}"
            pieces.append((f"{repeat}: {name}" if len(repeats) > 1 else name, some))
    indent = max(len(name) for name, _ in pieces) + 2
    most = max(len(folds) for _, folds in pieces)
    gap = " " if indent + 2 * most + 20 <= width else ""
    room = max(most + (most - 1) * len(gap), 5)
    every = [value for _, _, value in values]
    spacious = indent + room + 20 <= width
    lines = [spans((f"{'':<{indent}}{'folds':<{room}}  {'mean':>7}", FAINT))]
    for name, folds in pieces:
        shown = [value for _, _, value in folds]
        known = finite(shown)
        mean = number(sum(value / len(known) for value in known)) if known else "no value"
        drawn = gap.join(blocks(shown, among=every, highest=BLOCKS[6]))
        lines.append(
            spans(
                (f"{name:<{indent}}", FAINT),
                (f"{drawn:<{room}}", "second"),
                f"  {mean:>7}",
                (f" {deviation(known)}" if spacious else "", FAINT),
            )
        )
    axis = max(6, min(_WIDEST, width - indent - 1))
    lines.append(spans((f"{'box':<{indent}}", FAINT), (box(found, found.least, axis), "accent")))
    return lines


def _numbers(found: Spread, width: int) -> list[Line]:
    """The box plot's numbers, as many in a line as there is room for."""
    pairs = [
        ("min", number(found.least)),
        ("quartiles", f"{number(found.lower)} {number(found.upper)}"),
        ("median", number(found.median)),
        ("max", number(found.most)),
        ("mean", number(found.mean)),
    ]
    if found.missing:
        pairs.append(("missing", str(found.missing)))
    lines: list[Line] = []
    line: Line = []
    for name, value in pairs:
        part = spans((f"{name} ", FAINT), value)
        if line and line_width(line) + line_width(part) + 3 > width:
            lines.append(line)
            line = []
        line = [*line, *spans("   " if line else ""), *part]
    return [*lines, line]
