"""A run as the cells of one row of the table."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from runbrowser.fields.columns import Kind, RunColumn, RunInfo, record_of
from runbrowser.models import RunRow, RunState
from runbrowser.openml.base import Facts, NameBook
from runbrowser.openml.scores import ScoreBook
from runbrowser.pages.columns import Column, name_of
from runbrowser.pages.numbers import number
from runbrowser.text import display, first_line
from runbrowser.triage.flow_names import short_name


class Cell(NamedTuple):
    """Harmless text and the name of its look (a component class of the table)."""

    text: str
    look: str = ""
    right: bool = False  # numbers stand under each other


LOOKS = {
    RunState.OK: "ok",
    RunState.FAILED: "failed",
    RunState.EVALUATION_FAILED: "evaluation-failed",
    RunState.NOT_EVALUATED: "not-evaluated",
    RunState.UNKNOWN: "faint",
}
_SHORT_STATE = {
    RunState.EVALUATION_FAILED: "eval",
    RunState.NOT_EVALUATED: "waits",
}


# The modules an exception comes from, before its own name: they say least and stand first.
_MODULES = re.compile(r"\A(?:[A-Za-z_]\w*\.)+(?=_?[A-Z]\w*:)")


def error_line(message: str, width: int) -> str:
    """The line of an error message that says most, cut to ``width``."""
    return display(_MODULES.sub("", first_line(message)), width)


def state_of(row: RunRow, facts: Facts | None) -> RunState:
    """What is known of a row's state so far."""
    return facts.state if facts is not None else row.state


def state_text(state: RunState, width: int = 15) -> str:
    """Glyph and word, the word shorter where there is little room."""
    word = "" if state is RunState.UNKNOWN else state.value
    if len(word) + 2 > width:
        word = _SHORT_STATE.get(state, word)
    return f"{state.glyph} {word}"


MARK = "\u25cf"


def cells(
    row: RunRow,
    columns: Sequence[Column],
    facts: Facts | None,
    names: NameBook,
    *,
    scores: ScoreBook | None = None,
    tags: Mapping[int, Sequence[str]] = MappingProxyType({}),
    marked: bool = False,
    sign: str = "",
) -> list[Cell]:
    """The cells of one row, in the order of the columns, each cut to its column's width.

    ``scores`` holds what the facts do not: other measures, spreads. ``tags`` are those of the runs
    that were read, by run id; ``sign`` stands before the id of a run that is not marked.
    """
    info = RunInfo(row, facts, names, scores or ScoreBook(), tags)
    drawn = []
    for column in columns:
        record = record_of(column.key)
        cell = _DRAWN[record.kind](info, record, column)
        if (marked or sign) and column.key == "run_id":
            cell = Cell(f"{MARK if marked else sign}{cell.text}", "mark", right=True)
        drawn.append(cell)
    return drawn


Draw = Callable[[RunInfo, RunColumn, Column], Cell]


def _text(info: RunInfo, record: RunColumn, column: Column, look: str = "") -> Cell:
    value = record.value(info, column.measure)
    text = "" if value is None else display(str(value), column.width)
    return Cell(text, look, right=record.right)


def _note(info: RunInfo, record: RunColumn, column: Column) -> Cell:
    value = record.value(info, column.measure)
    return Cell(display(first_line(value or ""), column.width), "faint")


def _state(info: RunInfo, record: RunColumn, column: Column) -> Cell:
    return Cell(state_text(info.state, column.width), LOOKS[info.state])


def _name(info: RunInfo, record: RunColumn, column: Column) -> Cell:
    name = record.value(info, column.measure)
    if name:
        short = short_name(name, column.width) if record.kind is Kind.FLOW else name
        return Cell(display(short, column.width))
    number = record.number(info)
    return Cell("" if number is None else display(f"#{number}", column.width), "faint")


def _time(info: RunInfo, record: RunColumn, column: Column) -> Cell:
    value = record.value(info, column.measure)
    return Cell(display(value or "", 19)[: column.width].rstrip(), "faint")


def _error(info: RunInfo, record: RunColumn, column: Column) -> Cell:
    return Cell(error_line(record.value(info, column.measure) or "", column.width), "error")


def _score(info: RunInfo, record: RunColumn, column: Column) -> Cell:
    value = record.value(info, column.measure)
    if value is None:
        return Cell("", "score", right=True)
    room = column.width - column.naming
    text = display(number(value), room)
    if column.naming and info.facts is not None and info.facts.measure:
        name = name_of(info.facts.measure, column.naming - 1)
        text = f"{name:<{column.naming}}{text:>{room}}"
    return Cell(text, "score", right=True)


def _spread(info: RunInfo, record: RunColumn, column: Column) -> Cell:
    spread = info.scores.spread(info.row.run_id, column.measure, info.facts)
    if spread is None:
        return Cell("", "faint", right=True)
    words = "1 fold" if spread.deviation is None else f"\u00b1{number(spread.deviation)}"
    return Cell(display(words, column.width), "faint", right=True)


_DRAWN: dict[Kind, Draw] = {
    Kind.ID: _text,
    Kind.TEXT: _text,
    Kind.NOTE: _note,
    Kind.NAME: _name,
    Kind.FLOW: _name,
    Kind.STATE: _state,
    Kind.ERROR: _error,
    Kind.TIME: _time,
    Kind.SCORE: _score,
    Kind.SPREAD: _spread,
}
