"""Scores of many runs at once, with the names of flow and data set (PROTOCOL 6)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from runbrowser.client.calls import v1
from runbrowser.client.http import AsyncHTTPClient, HTTPClient
from runbrowser.client.resources.names import in_parts
from runbrowser.client.resources.runs import AsyncClosing, Closing, list_filter
from runbrowser.models import EvaluationRow, RunFilter

if TYPE_CHECKING:
    import pandas as pd

_ROOM = 400  # bytes of a path for all but the run ids


def _frame(rows: Sequence[EvaluationRow]) -> pd.DataFrame:
    """One row an evaluation, columns as EvaluationRow's fields; ids are Int64."""
    import pandas as pd

    frame = pd.DataFrame(rows, columns=list(EvaluationRow._fields))
    ids = ("run_id", "task_id", "setup_id", "flow_id", "uploader", "data_id")
    return frame.astype(dict.fromkeys(ids, "Int64") | {"value": "float64"})


class EvaluationV1API(Closing):
    """Evaluations over V1, blocking."""

    def __init__(self, http: HTTPClient) -> None:
        self._http = http

    def rows(
        self,
        function: str | None,
        filter: RunFilter,
        limit: int | None,
        offset: int = 0,
        *,
        per_fold: bool = False,
        sort_order: str | None = None,
    ) -> list[EvaluationRow]:
        """One page of one measure; all measures if ``function`` is None, when ``limit`` counts
        measures and not runs. Runs without it are left out; empty when there are none.

        ``sort_order`` is 'asc' or 'desc' by value, which is slow on the server.
        """
        call = v1.list_evaluations(
            filter, function, limit=limit, offset=offset, per_fold=per_fold, sort_order=sort_order
        )
        return self._http.send(call)

    def list(
        self, function: str | None, limit: int | None, offset: int = 0, **filters: Any
    ) -> pd.DataFrame:
        """As :meth:`rows`, as a DataFrame.

        Filters: ids, task, setup, flow, uploader, study, tag.
        """
        return _frame(self.rows(function, list_filter(**filters), limit, offset))

    def scores(self, function: str, run_ids: Iterable[int]) -> dict[int, EvaluationRow]:
        """One measure of any number of runs by run id; runs without it are absent."""
        found: dict[int, EvaluationRow] = {}
        for part in in_parts(run_ids, v1.MAX_PATH - _ROOM):
            rows = self.rows(function, RunFilter(ids=tuple(part)), None)
            found |= {row.run_id: row for row in rows}
        return found


class AsyncEvaluationV1API(AsyncClosing):
    """As EvaluationV1API, with coroutines."""

    def __init__(self, http: AsyncHTTPClient) -> None:
        self._http = http

    async def rows(
        self,
        function: str | None,
        filter: RunFilter,
        limit: int | None,
        offset: int = 0,
        *,
        per_fold: bool = False,
        sort_order: str | None = None,
    ) -> list[EvaluationRow]:
        """See EvaluationV1API.rows."""
        call = v1.list_evaluations(
            filter, function, limit=limit, offset=offset, per_fold=per_fold, sort_order=sort_order
        )
        return await self._http.send(call)

    async def list(
        self, function: str | None, limit: int | None, offset: int = 0, **filters: Any
    ) -> pd.DataFrame:
        """See EvaluationV1API.list."""
        return _frame(await self.rows(function, list_filter(**filters), limit, offset))

    async def scores(self, function: str, run_ids: Iterable[int]) -> dict[int, EvaluationRow]:
        """See EvaluationV1API.scores."""
        found: dict[int, EvaluationRow] = {}
        for part in in_parts(run_ids, v1.MAX_PATH - _ROOM):
            rows = await self.rows(function, RunFilter(ids=tuple(part)), None)
            found |= {row.run_id: row for row in rows}
        return found
