"""The columns as lines that can be switched on and off and moved."""

from __future__ import annotations

from dataclasses import dataclass, replace

from runbrowser.fields.columns import COLUMNS, Kind, record_of, split
from runbrowser.pages.columns import label
from runbrowser.text import display
from runbrowser.views.arrangement import Arrangement


@dataclass(frozen=True, slots=True)
class Line:
    """One column of the chooser."""

    column: str
    on: bool


def lines_of(arrangement: Arrangement) -> list[Line]:
    """The columns that are on, in their order, each measure's spread behind its score; then the
    others.
    """
    wanted = arrangement.wanted
    on = {column: Line(column, True) for column in wanted}
    listed: dict[str, Line] = {}
    for column, line in on.items():
        listed[column] = line
        kind, measure = split(column)
        if measure and kind == "score" and f"spread:{measure}" not in on:
            listed[f"spread:{measure}"] = Line(f"spread:{measure}", False)
    offered = (record.key for record in COLUMNS.values() if record.chooser)
    rest = [Line(column, False) for column in offered if column not in listed]
    return [*listed.values(), *rest]


def arranged(lines: list[Line], arrangement: Arrangement) -> Arrangement:
    """The arrangement that the lines stand for."""
    return arrangement.with_columns(line.column for line in lines if line.on)


def toggled(lines: list[Line], place: int) -> list[Line]:
    """The lines with one switched on or off; the run id stays on."""
    line = lines[place]
    if line.column == "run_id":
        return lines
    return [*lines[:place], replace(line, on=not line.on), *lines[place + 1 :]]


def moved(lines: list[Line], place: int, step: int) -> tuple[list[Line], int]:
    """The lines with one moved up (-1) or down (1), and its new place; the run id stays first."""
    goal = place + step
    if place == 0 or not 1 <= goal < len(lines):
        return lines, place
    turned = list(lines)
    turned[place], turned[goal] = turned[goal], turned[place]
    return turned, goal


def with_measure(lines: list[Line], measure: str) -> tuple[list[Line], int]:
    """The lines with a score column of a measure, and its place: behind the scores that are on,
    else before the columns that matter less. One that is there already is switched on.
    """
    column = f"score:{measure}"
    for place, line in enumerate(lines):
        if line.column == column:
            return (lines if line.on else toggled(lines, place)), place
    on = [(n, record_of(line.column)) for n, line in enumerate(lines) if line.on]
    scores = [n for n, record in on if record.of_measure]
    later = [n for n, record in on if record.later]
    place = scores[-1] + 1 if scores else later[0] if later else on[-1][0] + 1
    added = [Line(column, True), Line(f"spread:{measure}", False)]
    return [*lines[:place], *added, *lines[place:]], place


def words(line: Line, arrangement: Arrangement) -> tuple[str, str]:
    """Head and explanation of a column."""
    record, measure = record_of(line.column), split(line.column)[1]
    if line.column == "run_id":
        return "run", "always the first"
    head = label(line.column, arrangement)
    if not record.of_measure:
        return head, "" if record.words == head else record.words
    name = display(arrangement.measure_of(line.column), 60)
    if record.kind is Kind.SPREAD:
        return head, f"over the folds, {name}" if measure else record.words
    return head, name or "the measure of each task"
