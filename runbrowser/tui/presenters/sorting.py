"""Orders the rows at hand. V1 promises no order, so this is the only one there is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from runbrowser.models import RunRow, RunState
from runbrowser.sources.base import Facts, NameBook
from runbrowser.triage.flow_names import short_name
from runbrowser.triage.measures import direction
from runbrowser.tui.presenters.rows import state_of

KEYS = {
    "run_id": "run",
    "state": "state",
    "flow": "flow",
    "task": "task",
    "data": "data set",
    "score": "score",
    "uploader": "uploader",
    "uploaded": "uploaded",
    "error": "error",
}
"""What rows can be ordered by: column to word."""

_STATES = [
    RunState.FAILED,
    RunState.EVALUATION_FAILED,
    RunState.NOT_EVALUATED,
    RunState.OK,
    RunState.UNKNOWN,
]


def sort_rows(
    rows: Sequence[RunRow],
    key: str,
    facts: Mapping[int, Facts],
    names: NameBook,
    *,
    reverse: bool = False,
) -> list[RunRow]:
    """The rows in order; those that lack the value come last, whichever way round.

    Scores: the best first, by the direction of their measure; different measures stay apart.
    States: what needs attention first. Times: the newest first.
    """

    def value(row: RunRow) -> Any:
        fact = facts.get(row.run_id)
        if key == "run_id":
            return row.run_id
        if key == "state":
            return _STATES.index(state_of(row, fact))
        if key == "flow":
            full = names.flows.get(row.flow_id or 0)
            return short_name(full).casefold() if full else None
        if key == "task":
            return row.task_id
        if key == "data":
            task = names.tasks.get(row.task_id or 0)
            return task.dataset_name.casefold() if task else None
        if key == "uploader":
            return (names.users.get(row.uploader or 0) or "").casefold() or None
        if key == "error":
            return row.error_message
        if fact is None or fact.score is None or fact.score != fact.score:
            return None
        better_high = direction(fact.measure or "") != "lower"
        return (fact.measure or "", -fact.score if better_high else fact.score)

    if key == "uploaded":
        dated = [row for row in rows if row.upload_time]
        rest = [row for row in rows if not row.upload_time]
        return sorted(dated, key=lambda r: r.upload_time or "", reverse=not reverse) + rest
    known = [(value(row), row) for row in rows]
    ordered = sorted(
        (pair for pair in known if pair[0] is not None), key=lambda p: p[0], reverse=reverse
    )
    return [row for _, row in ordered] + [row for found, row in known if found is None]
