"""Values per class: a small table, a line for each class, a column for each measure."""

from __future__ import annotations

from collections.abc import Sequence

from runbrowser.models import Run
from runbrowser.pages.charts import MISSING, finite
from runbrowser.pages.detail.evaluations import ordered
from runbrowser.pages.lines import BLANK, FAINT, Line, Span, sentence, spans, title
from runbrowser.pages.numbers import number
from runbrowser.text import display
from runbrowser.triage.arrays import read_array, read_matrix
from runbrowser.triage.measures import direction, measure

_MOST = 30  # classes with a line each; of more the worst are shown
_CELL = 10
_WORST_BY = ("f_measure", "weighted_recall", "recall", "precision", "area_under_roc_curve")


def class_names(known: Sequence[str] | None, count: int) -> list[str]:
    """Names as the predictions have them; numbers from 0 until these are known, or do not fit."""
    if known is not None and len(known) == count:
        return [display(name, 200) or "''" for name in known]
    return [f"class {place}" for place in range(count)]


def arrays(run: Run) -> dict[str, list[float | None]]:
    """The values per class of the measures that have any, in the order people look at them."""
    found = {
        e.name: values
        for e in run.evaluation_list
        if e.fold is None and (values := read_array(e.array_data)) is not None
    }
    return {name: found[name] for name in ordered(run, found)}


def per_class(run: Run, known: Sequence[str] | None, width: int) -> list[Line]:
    """The section, and a matrix for a measure that is one (``confusion_matrix`` of old engines).

    ``known``: class names in the data set's order, if they are known.
    """
    found, lines = arrays(run), list[Line]()
    lengths = sorted({len(values) for values in found.values()}, reverse=True)
    if found:
        lines = title("Per class", f"  {lengths[0]} classes" if len(lengths) == 1 else "")
    for length in lengths:
        some = {name: values for name, values in found.items() if len(values) == length}
        lines += _table(some, class_names(known, length), width)
    for e in run.evaluation_list:
        matrix = read_matrix(e.array_data) if e.fold is None else None
        if matrix is not None:
            # numpy is loaded for the rare run that has one
            from runbrowser.pages.confusion import confusion
            from runbrowser.triage.confusion import Confusion

            lines += title(display(measure(e.name).label, 40), "  as the server has it")
            lines += confusion(
                Confusion.from_matrix(matrix), class_names(known, len(matrix)), width
            )
    return lines


def _table(found: dict[str, list[float | None]], names: Sequence[str], width: int) -> list[Line]:
    order, lines = list(range(len(names))), list[Line]()
    if len(names) > _MOST:
        by = next((name for name in _WORST_BY if name in found), next(iter(found)))
        order = _worst(found[by], by)[:_MOST]
        lines += sentence(f"The {_MOST} worst of {len(names)} by {display(by, 60)}:", width)
    indent = min(max(len(names[place]) for place in order), max(8, width - 2 * _CELL, width // 3))
    indent = min(indent, 24)
    across = max(1, (width - indent) // _CELL)
    measures = list(found)
    for start in range(0, len(measures), across):
        some = measures[start : start + across]
        if start:
            lines.append(BLANK)
        heads = "".join(f"{display(measure(name).label, _CELL - 1):>{_CELL}}" for name in some)
        lines.append(spans((f"{'':<{indent}}{heads}", FAINT)))
        for place in order:
            cells = [_cell(name, found[name], place) for name in some]
            name = display(names[place], indent)
            lines.append(spans(f"{name:<{indent}}", *cells))
    return lines


def _worst(values: Sequence[float | None], name: str) -> list[int]:
    """Places of classes, those without a value first, then from the worst to the best."""
    sign = -1.0 if direction(name) == "lower" else 1.0

    def rank(place: int) -> tuple[int, float]:
        value = values[place]
        return (1, sign * value) if value is not None and value == value else (0, 0.0)

    return sorted(range(len(values)), key=rank)


def _cell(name: str, values: Sequence[float | None], place: int) -> Span:
    """A value; the class that does worst stands out, in weight too."""
    value = values[place]
    if value is None:
        return MISSING.rjust(_CELL), FAINT
    whole = measure(name).unit == "rows" and value == value // 1
    text = f"{value:,.0f}" if whole else number(value)
    known, way = finite(values), direction(name)
    if not known or not way or min(known) == max(known):
        return f"{text:>{_CELL}}", ""
    if value == (max(known) if way == "lower" else min(known)):
        return f"{text:>{_CELL}}", "strong-warning"
    return f"{text:>{_CELL}}", ""
