"""Orders the rows at hand. V1 promises no order, so this is the only one there is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from runbrowser.fields.values import type_name
from runbrowser.models import RunRow, RunState
from runbrowser.openml.base import Facts, NameBook
from runbrowser.openml.scores import ScoreBook
from runbrowser.pages.rows import state_of
from runbrowser.triage.flow_names import short_name
from runbrowser.triage.measures import direction
from runbrowser.views.arrangement import DEFAULT, Arrangement, split

_WORDS = {"data": "data set", "run_id": "run", "type": "task type", "setup": "setup",
          "details": "run details", "tags": "tags", "spread": "spread over the folds"}  # fmt: skip

_STATES = [
    RunState.FAILED,
    RunState.EVALUATION_FAILED,
    RunState.NOT_EVALUATED,
    RunState.OK,
    RunState.UNKNOWN,
]


def words(column: str, arrangement: Arrangement) -> str:
    """What the rows are ordered by, for a person."""
    kind, _ = split(column)
    measure = arrangement.measure_of(column)
    if measure:
        return f"{'spread of ' if kind == 'spread' else ''}{measure}"
    return _WORDS.get(column, column)


def keys(arrangement: Arrangement) -> dict[str, tuple[str, str]]:
    """What rows can be ordered by: column to words and remark; the usual ones, then all that are
    shown beside them.
    """
    told: dict[str, tuple[str, str]] = {}
    for column in dict.fromkeys((*DEFAULT, *arrangement.wanted)):
        measure = arrangement.measure_of(column)
        way = direction(measure) if measure else None
        remark = f"{way} is better" if way and split(column)[0] == "score" else ""
        told[column] = (words(column, arrangement), remark)
    return told


def sort_rows(
    rows: Sequence[RunRow],
    key: str,
    facts: Mapping[int, Facts],
    names: NameBook,
    *,
    reverse: bool = False,
    scores: ScoreBook | None = None,
    tags: Mapping[int, Sequence[str]] = MappingProxyType({}),
    measure: str = "",
) -> list[RunRow]:
    """The rows in order; those that lack the value come last, whichever way round.

    Scores: the best first, by the direction of their measure; different measures stay apart.
    Spreads: the smallest first. States: what needs attention first. Times: the newest first.
    ``measure`` is the one that the score column was given, '' for the task's own.
    """
    kind, own = split(key)
    measure = own or measure
    book = scores or ScoreBook()

    def score(row: RunRow, fact: Facts | None) -> Any:
        name = measure or (fact.measure if fact is not None else None) or ""
        found = book.value(row.run_id, measure, fact)
        if found is None or found != found:
            return None
        return (name, found if direction(name) == "lower" else -found)

    def spread(row: RunRow, fact: Facts | None) -> Any:
        found = book.spread(row.run_id, measure, fact)
        return None if found is None else found.deviation

    readers: dict[str, Callable[[RunRow, Facts | None], Any]] = {
        "run_id": lambda row, fact: row.run_id,
        "state": lambda row, fact: _STATES.index(state_of(row, fact)),
        "flow": lambda row, fact: _fold(short_name(names.flows.get(row.flow_id or 0) or "")),
        "task": lambda row, fact: row.task_id,
        "data": lambda row, fact: _data(row, names),
        "uploader": lambda row, fact: _fold(names.users.get(row.uploader or 0) or ""),
        "error": lambda row, fact: row.error_message or None,
        "type": lambda row, fact: type_name(row.task_type_id) if row.task_type_id else None,
        "setup": lambda row, fact: row.setup_id,
        "details": lambda row, fact: row.run_details or None,
        "tags": lambda row, fact: _fold(", ".join(tags.get(row.run_id, ()))),
        "uploaded": lambda row, fact: row.upload_time or None,
        "score": score,
        "spread": spread,
    }
    read = readers[kind]
    known = [(read(row, facts.get(row.run_id)), row) for row in rows]
    backwards = reverse != (kind == "uploaded")
    ordered = sorted(
        (pair for pair in known if pair[0] is not None), key=lambda p: p[0], reverse=backwards
    )
    return [row for _, row in ordered] + [row for found, row in known if found is None]


def _fold(text: str) -> str | None:
    return text.casefold() or None


def _data(row: RunRow, names: NameBook) -> str | None:
    task = names.tasks.get(row.task_id or 0)
    return task.dataset_name.casefold() if task else None


def told(arrangement: Arrangement, count: int) -> str:
    """The order in force in words, and that it is one of the rows at hand."""
    if not arrangement.sort:
        return "the server's own order, which it does not promise"
    way = ", turned round" if arrangement.reverse else ""
    by = words(arrangement.sort, arrangement)
    return f"by {by}{way}, within the {count:,} runs of this page"
