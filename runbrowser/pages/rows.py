"""A run as the cells of one row of the table."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from runbrowser.fields.values import type_name
from runbrowser.models import RunRow, RunState
from runbrowser.openml.base import Facts, NameBook
from runbrowser.openml.scores import ScoreBook
from runbrowser.pages.columns import Column
from runbrowser.pages.numbers import number
from runbrowser.text import display, first_line
from runbrowser.triage.flow_names import short_name
from runbrowser.views.arrangement import OF_A_MEASURE, split


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
    drawn = []
    for column in columns:
        draw = _CELLS.get(column.key)
        if draw is not None and not column.measure:
            drawn.append(draw(row, facts, names, column.width))
        elif column.key == "tags":
            drawn.append(Cell(display(", ".join(tags.get(row.run_id, ())), column.width), "faint"))
        else:
            drawn.append(_of_a_measure(row, facts, scores or ScoreBook(), column))
    if marked or sign:
        drawn = [
            Cell(f"{MARK if marked else sign}{cell.text}", "mark", right=True)
            if column.key == "run_id"
            else cell
            for column, cell in zip(columns, drawn, strict=True)
        ]
    return drawn


def _run_id(row: RunRow, facts: Facts | None, names: NameBook, width: int) -> Cell:
    return Cell(str(row.run_id), "", right=True)


def _state(row: RunRow, facts: Facts | None, names: NameBook, width: int) -> Cell:
    state = state_of(row, facts)
    return Cell(state_text(state, width), LOOKS[state])


def _named(number: int | None, name: str | None, width: int) -> Cell:
    if name:
        return Cell(display(name, width))
    return Cell("" if number is None else display(f"#{number}", width), "faint")


def _flow(row: RunRow, facts: Facts | None, names: NameBook, width: int) -> Cell:
    full = names.flows.get(row.flow_id or 0)
    return _named(row.flow_id, short_name(full, width) if full else None, width)


def _task(row: RunRow, facts: Facts | None, names: NameBook, width: int) -> Cell:
    return Cell("" if row.task_id is None else display(str(row.task_id), width), right=True)


def _data(row: RunRow, facts: Facts | None, names: NameBook, width: int) -> Cell:
    task = names.tasks.get(row.task_id or 0)
    return Cell(display(task.dataset_name, width)) if task else Cell("", "faint")


def _score(row: RunRow, facts: Facts | None, names: NameBook, width: int) -> Cell:
    if facts is None or facts.score is None:
        return Cell("")
    return Cell(display(number(facts.score), width), "score", right=True)


def _of_a_measure(row: RunRow, facts: Facts | None, scores: ScoreBook, column: Column) -> Cell:
    if split(column.key)[0] == OF_A_MEASURE[0]:
        value = scores.value(row.run_id, column.measure, facts)
        return Cell("" if value is None else display(number(value), column.width), "score", True)
    spread = scores.spread(row.run_id, column.measure, facts)
    if spread is None:
        return Cell("", "faint", right=True)
    words = "1 fold" if spread.deviation is None else f"\u00b1{number(spread.deviation)}"
    return Cell(display(words, column.width), "faint", right=True)


def _uploader(row: RunRow, facts: Facts | None, names: NameBook, width: int) -> Cell:
    return _named(row.uploader, names.users.get(row.uploader or 0), width)


def _uploaded(row: RunRow, facts: Facts | None, names: NameBook, width: int) -> Cell:
    return Cell(display(row.upload_time or "", 19)[:width].rstrip(), "faint")


def _type(row: RunRow, facts: Facts | None, names: NameBook, width: int) -> Cell:
    kind = row.task_type_id
    return Cell("" if kind is None else display(type_name(kind), width))


def _setup(row: RunRow, facts: Facts | None, names: NameBook, width: int) -> Cell:
    return Cell("" if row.setup_id is None else display(str(row.setup_id), width), right=True)


def _details(row: RunRow, facts: Facts | None, names: NameBook, width: int) -> Cell:
    return Cell(display(first_line(row.run_details or ""), width), "faint")


def _error(row: RunRow, facts: Facts | None, names: NameBook, width: int) -> Cell:
    return Cell(error_line(row.error_message or "", width), "error")


_CELLS = {
    "run_id": _run_id,
    "state": _state,
    "flow": _flow,
    "task": _task,
    "data": _data,
    "score": _score,
    "uploader": _uploader,
    "uploaded": _uploaded,
    "type": _type,
    "setup": _setup,
    "error": _error,
    "details": _details,
}
