"""Scores of many runs at once, with the names of flow and data set."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from runbrowser.client.calls import v1
from runbrowser.client.http import AsyncHTTPClient, HTTPClient
from runbrowser.client.resources.engines import first_engine
from runbrowser.client.resources.listing import list_filter, say_unread
from runbrowser.client.resources.names import in_parts
from runbrowser.client.resources.runs import AsyncClosing, Closing
from runbrowser.frames import table
from runbrowser.ids import Id, Ids
from runbrowser.models import EvaluationRow, RunFilter

if TYPE_CHECKING:
    import pandas as pd

_ROOM = 400  # bytes of a path for all but the run ids


_DTYPES = dict.fromkeys(EvaluationRow._fields, "object") | {
    "run_id": "Int64",
    "task_id": "Int64",
    "setup_id": "Int64",
    "flow_id": "Int64",
    "uploader": "Int64",
    "data_id": "Int64",
    "value": "float64",
    "evaluation_engine_id": "Int64",
}


def _frame(rows: Sequence[EvaluationRow]) -> pd.DataFrame:
    say_unread(getattr(rows, "unread", ()))
    return table(rows, _DTYPES)


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
        self,
        function: str | None,
        limit: int | None,
        offset: int = 0,
        *,
        ids: Ids = None,
        task: Ids = None,
        setup: Ids = None,
        flow: Ids = None,
        uploader: Ids = None,
        study: Id | None = None,
        tag: str | None = None,
        display_errors: bool = False,
        task_type: Ids = None,
    ) -> pd.DataFrame:
        """One page of one measure as a DataFrame: a row an evaluation, columns as EvaluationRow's
        fields, ids as Int64, value as float64, with the same dtypes on every page.

        Parameters are those of RunV1API.list; UsageError for a task_type, which the server's list
        of evaluations does not know. Runs whose evaluation failed have no evaluations.
        """
        filter = list_filter(
            ids=ids,
            task=task,
            setup=setup,
            flow=flow,
            uploader=uploader,
            study=study,
            tag=tag,
            display_errors=display_errors,
            task_type=task_type,
        )
        return _frame([] if filter is None else self.rows(function, filter, limit, offset))

    def scores(self, function: str, run_ids: Iterable[int]) -> dict[int, EvaluationRow]:
        """One measure of any number of runs by run id, of the engine with the lowest number;
        runs without it are absent.
        """
        found: dict[int, EvaluationRow] = {}
        for part in in_parts(run_ids, v1.MAX_PATH - _ROOM):
            rows = self.rows(function, RunFilter(ids=tuple(part)), None)
            found |= first_engine(rows)
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
        self,
        function: str | None,
        limit: int | None,
        offset: int = 0,
        *,
        ids: Ids = None,
        task: Ids = None,
        setup: Ids = None,
        flow: Ids = None,
        uploader: Ids = None,
        study: Id | None = None,
        tag: str | None = None,
        display_errors: bool = False,
        task_type: Ids = None,
    ) -> pd.DataFrame:
        """See EvaluationV1API.list."""
        filter = list_filter(
            ids=ids,
            task=task,
            setup=setup,
            flow=flow,
            uploader=uploader,
            study=study,
            tag=tag,
            display_errors=display_errors,
            task_type=task_type,
        )
        return _frame([] if filter is None else await self.rows(function, filter, limit, offset))

    async def scores(self, function: str, run_ids: Iterable[int]) -> dict[int, EvaluationRow]:
        """See EvaluationV1API.scores."""
        found: dict[int, EvaluationRow] = {}
        for part in in_parts(run_ids, v1.MAX_PATH - _ROOM):
            rows = await self.rows(function, RunFilter(ids=tuple(part)), None)
            found |= first_engine(rows)
        return found
