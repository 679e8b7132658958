"""RunV1API and RunV2API, blocking and async: thin methods over calls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NoReturn, Self

from runbrowser.client.calls import v1, v2
from runbrowser.client.http import AsyncHTTPClient, HTTPClient
from runbrowser.client.resources.listing import list_filter, matching, server_part
from runbrowser.client.resources.many import AsyncManyRuns, ManyRuns
from runbrowser.errors import OpenMLNotSupportedError
from runbrowser.ids import Id, Ids
from runbrowser.models import APIVersion, ResourceType, Run, RunFilter, RunPage, Trace

if TYPE_CHECKING:
    import pandas as pd

Tags = list[str]


class Closing:
    """Closes its HTTP client, by hand or at the end of a ``with`` block."""

    _http: HTTPClient

    def close(self) -> None:
        """Closes the HTTP client's connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncClosing:
    """As Closing, with coroutines."""

    _http: AsyncHTTPClient

    async def close(self) -> None:
        """Closes the HTTP client's connections."""
        await self._http.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


class RunV1API(ManyRuns, Closing):
    """Runs over V1 (XML), blocking. ``minio`` fetches objects of runs kept in object storage."""

    api_version = APIVersion.V1
    resource_type = ResourceType.RUN

    def __init__(self, http: HTTPClient, minio: Any = None) -> None:
        self._http = http
        self._minio = minio

    def get(self, run_id: int, *, reset_cache: bool = False) -> Run:
        """One run with everything it has.

        ``reset_cache`` asks the server even if a kept reply is at hand. Raises
        OpenMLServerException when there is no such run (code 236) or the server fails.
        """
        return self._http.send(v1.get_run(run_id), reset_cache=reset_cache)

    def list(
        self,
        limit: int,
        offset: int,
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
        """One page of runs as a DataFrame, labelled by run id on an index without a name.

        limit: runs to ask for, 1 to 10,000; offset: the server's rows to pass over.
        ids, task, setup, flow, uploader: an id or several (any iterable), None for all; an empty
        list matches nothing. study: the id of a study of runs. tag: one tag, whole.
        display_errors: whether runs are listed whose evaluation on the server failed.
        task_type: TaskType, a number, or several. All must hold. More ids than one request takes
        are asked for in parts; limit and offset then count the runs of all parts.

        Columns, with the same dtypes on every page: run_id (int64), task_id, setup_id, flow_id,
        uploader (Int64), task_type (TaskType), upload_time ('YYYY-MM-DD HH:MM:SS', the server's
        local time, or None), error_message ('' for none). An empty frame with those columns when
        nothing matches. Raises ValueError when the answer is no run list, TypeError or ValueError
        for what is no id, OpenMLServerError and its kinds when the server fails.
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
        return self._listed(filter, limit, offset)

    def page(self, filter: RunFilter, limit: int | None, offset: int = 0) -> RunPage:
        """One page of runs as light rows, without pandas.

        A state of FAILED and an error text are looked for in the page's rows. Raises UsageError
        for the other states and for ``mine``, which no list tells.
        """
        asked = v1.list_runs(server_part(filter), limit, offset)
        return matching(self._http.send(asked), filter)

    def publish(self, path: str, files: Mapping[str, Any] | None) -> int:
        """Uploads files to ``path`` ("run"); the new run's id. ValueError when none comes back."""
        return self._http.send(v1.publish(path, files))

    def tag(self, resource_id: int, tag: str) -> Tags:
        """Adds a tag; the run's tags afterwards. Codes 471-474 and 477 as exceptions."""
        return self._http.send(v1.tag(resource_id, tag))

    def untag(self, resource_id: int, tag: str) -> Tags:
        """Removes a tag; the run's tags afterwards. Codes 471, 472, 475, 476 as exceptions."""
        return self._http.send(v1.untag(resource_id, tag))

    def delete(self, resource_id: int) -> bool:
        """Deletes a run. OpenMLNotAuthorizedError when it is not yours (393),
        OpenMLServerException for all other refusals (392: there is none).
        """
        return self._http.send(v1.delete(resource_id))

    def trace(self, run_id: int) -> Trace:
        """The configurations that the run's search tried (571 no run, 572 no trace)."""
        return self._http.send(v1.get_trace(run_id))


class AsyncRunV1API(AsyncManyRuns, AsyncClosing):
    """As RunV1API, with coroutines."""

    api_version = APIVersion.V1
    resource_type = ResourceType.RUN

    def __init__(self, http: AsyncHTTPClient, minio: Any = None) -> None:
        self._http = http
        self._minio = minio

    async def get(self, run_id: int, *, reset_cache: bool = False) -> Run:
        """See RunV1API.get."""
        return await self._http.send(v1.get_run(run_id), reset_cache=reset_cache)

    async def list(
        self,
        limit: int,
        offset: int,
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
        """See RunV1API.list."""
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
        return await self._listed(filter, limit, offset)

    async def page(self, filter: RunFilter, limit: int | None, offset: int = 0) -> RunPage:
        """See RunV1API.page."""
        asked = v1.list_runs(server_part(filter), limit, offset)
        return matching(await self._http.send(asked), filter)

    async def publish(self, path: str, files: Mapping[str, Any] | None) -> int:
        """See RunV1API.publish."""
        return await self._http.send(v1.publish(path, files))

    async def tag(self, resource_id: int, tag: str) -> Tags:
        """See RunV1API.tag."""
        return await self._http.send(v1.tag(resource_id, tag))

    async def untag(self, resource_id: int, tag: str) -> Tags:
        """See RunV1API.untag."""
        return await self._http.send(v1.untag(resource_id, tag))

    async def delete(self, resource_id: int) -> bool:
        """See RunV1API.delete."""
        return await self._http.send(v1.delete(resource_id))

    async def trace(self, run_id: int) -> Trace:
        """See RunV1API.trace."""
        return await self._http.send(v1.get_trace(run_id))


def _unsupported(api: object, method: str) -> OpenMLNotSupportedError:
    name = type(api).__name__
    return OpenMLNotSupportedError(f"{name}: v2 API does not support `{method}` for resource `run`")


class RunV2API(ManyRuns, Closing):
    """Runs over V2 (JSON), blocking: get and trace, which is all that V2 has (PROTOCOL 7)."""

    api_version = APIVersion.V2
    resource_type = ResourceType.RUN

    def __init__(self, http: HTTPClient, minio: Any = None) -> None:
        self._http = http
        self._minio = minio

    def get(self, run_id: int, *, reset_cache: bool = False) -> Run:
        """One run; OpenMLServerException (236) when there is none."""
        return self._http.send(v2.get_run(run_id), reset_cache=reset_cache)

    def trace(self, run_id: int) -> Trace:
        """The configurations that the run's search tried (571 no run, 572 no trace)."""
        return self._http.send(v2.get_trace(run_id))

    def list(
        self,
        limit: int,
        offset: int,
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
    ) -> NoReturn:
        """Not in V2: OpenMLNotSupportedError, nothing is sent."""
        raise _unsupported(self, "list")

    def page(self, filter: RunFilter, limit: int | None, offset: int = 0) -> NoReturn:
        """Not in V2: OpenMLNotSupportedError, nothing is sent."""
        raise _unsupported(self, "list")

    def publish(self, path: str, files: Mapping[str, Any] | None) -> NoReturn:
        """Not in V2: OpenMLNotSupportedError, nothing is sent."""
        raise _unsupported(self, "publish")

    def tag(self, resource_id: int, tag: str) -> NoReturn:
        """Not in V2: OpenMLNotSupportedError, nothing is sent."""
        raise _unsupported(self, "tag")

    def untag(self, resource_id: int, tag: str) -> NoReturn:
        """Not in V2: OpenMLNotSupportedError, nothing is sent."""
        raise _unsupported(self, "untag")

    def delete(self, resource_id: int) -> NoReturn:
        """Not in V2: OpenMLNotSupportedError, nothing is sent."""
        raise _unsupported(self, "delete")


class AsyncRunV2API(AsyncManyRuns, AsyncClosing):
    """As RunV2API, with coroutines."""

    api_version = APIVersion.V2
    resource_type = ResourceType.RUN

    def __init__(self, http: AsyncHTTPClient, minio: Any = None) -> None:
        self._http = http
        self._minio = minio

    async def get(self, run_id: int, *, reset_cache: bool = False) -> Run:
        """See RunV2API.get."""
        return await self._http.send(v2.get_run(run_id), reset_cache=reset_cache)

    async def trace(self, run_id: int) -> Trace:
        """See RunV2API.trace."""
        return await self._http.send(v2.get_trace(run_id))

    async def list(
        self,
        limit: int,
        offset: int,
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
    ) -> NoReturn:
        """Not in V2: OpenMLNotSupportedError, nothing is sent."""
        raise _unsupported(self, "list")

    async def page(self, filter: RunFilter, limit: int | None, offset: int = 0) -> NoReturn:
        """Not in V2: OpenMLNotSupportedError, nothing is sent."""
        raise _unsupported(self, "list")

    async def publish(self, path: str, files: Mapping[str, Any] | None) -> NoReturn:
        """Not in V2: OpenMLNotSupportedError, nothing is sent."""
        raise _unsupported(self, "publish")

    async def tag(self, resource_id: int, tag: str) -> NoReturn:
        """Not in V2: OpenMLNotSupportedError, nothing is sent."""
        raise _unsupported(self, "tag")

    async def untag(self, resource_id: int, tag: str) -> NoReturn:
        """Not in V2: OpenMLNotSupportedError, nothing is sent."""
        raise _unsupported(self, "untag")

    async def delete(self, resource_id: int) -> NoReturn:
        """Not in V2: OpenMLNotSupportedError, nothing is sent."""
        raise _unsupported(self, "delete")
