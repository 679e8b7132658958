"""All scores of a task, for a leaderboard of setups or flows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runbrowser.client.calls import v1
from runbrowser.client.resources.engines import first_engine
from runbrowser.models import EvaluationRow, RunFilter

if TYPE_CHECKING:
    from runbrowser.client.http import AsyncHTTPClient


async def task_scores(http: AsyncHTTPClient, task_id: int, measure: str) -> list[EvaluationRow]:
    """One evaluation of every run of a task that has the measure: a request for every 10,000.
    Raises OpenMLServerError and its kinds.
    """
    found: list[EvaluationRow] = []
    offset = 0
    while True:
        call = v1.list_evaluations(
            RunFilter(task=(task_id,)), measure, limit=v1.MAX_LIMIT, offset=offset
        )
        rows = await http.send(call)
        found += rows
        offset += v1.MAX_LIMIT
        if len(rows) + len(getattr(rows, "unread", ())) < v1.MAX_LIMIT:
            return list(first_engine(row for row in found if row.value is not None).values())
