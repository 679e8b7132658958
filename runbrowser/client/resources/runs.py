"""RunV1API and RunV2API, blocking and async: thin methods over calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn, Self

from runbrowser.client.calls import v1, v2
from runbrowser.client.http import AsyncHTTPClient, HTTPClient
from runbrowser.client.resources import uploads
from runbrowser.client.resources.files import AsyncRunFiles, RunFiles
from runbrowser.client.resources.listing import list_filter, matching, server_part
from runbrowser.client.resources.many import AsyncManyRuns, ManyRuns
from runbrowser.errors import OpenMLNotSupportedError
from runbrowser.ids import Id, Ids
from runbrowser.models import APIVersion, ResourceType, Run, RunFilter, RunPage, RunSource, Trace

if TYPE_CHECKING:
    import pandas as pd

    from runbrowser.client.minio import MinIOClient

Tags = list[str]


def read_with(run: Run, source: RunSource | None, description: bool) -> Run:
    """A run as the library gives it: it knows what fetches its files, and holds the server's whole
    reply only if that is wanted.
    """
    text = run.description_text if description else ""
    return replace(run, source=source, description_text=text)


class Closing:
    """Closes its HTTP client, by hand or at the end of a ``with`` block."""

    _http: HTTPClient

    @property
    def http(self) -> HTTPClient:
        """The client that its calls go through."""
        return self._http

    def close(self) -> None:
        """Closes the HTTP client's connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._http.origin}>"


class AsyncClosing:
    """As Closing, with coroutines."""

    _http: AsyncHTTPClient

    @property
    def http(self) -> AsyncHTTPClient:
        """The client that its calls go through."""
        return self._http

    async def close(self) -> None:
        """Closes the HTTP client's connections."""
        await self._http.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._http.origin}>"


class RunV1API(ManyRuns, RunFiles, Closing):
    """Runs over V1 (XML), blocking.

    ``minio`` fetches the files whose addresses lie in its object storage; it is V1 that names
    files, so that with RunV2API nothing does.
    """

    api_version = APIVersion.V1
    resource_type = ResourceType.RUN

    def __init__(self, http: HTTPClient, minio: MinIOClient | None = None) -> None:
        self._http = http
        self._minio = minio

    def get(self, run_id: Id, *, reset_cache: bool = False, description: bool = False) -> Run:
        """One run with everything it has.

        ``reset_cache`` asks the server even if a kept reply is at hand; ``description`` gives the
        server's whole reply along, as ``description_text``. Raises OpenMLServerException when
        there is no such run (code 236) or the server fails.
        """
        run = self._http.send(v1.get_run(run_id), reset_cache=reset_cache)
        return read_with(run, self, description)

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

    def publish(self, path: str, files: Mapping[str, object] | None) -> int:
        """Uploads files to ``path`` ("run"); the new run's id.

        ``files`` by name (description, predictions, trace, ...): each a path, bytes, a text, or an
        open file. Sent once, whatever happens. Raises ValueError when no id comes back, UsageError
        for a file that cannot be read, OpenMLServerException (201 to 218) when it is refused.
        """
        with uploads.opened(files) as content:
            return self._http.send(v1.publish(path, content))

    def tag(self, resource_id: Id, tag: str) -> Tags:
        """Adds a tag; the run's tags afterwards. Codes 471-474 and 477 as exceptions."""
        return self._http.send(v1.tag(resource_id, tag))

    def untag(self, resource_id: Id, tag: str) -> Tags:
        """Removes a tag; the run's tags afterwards. Codes 471, 472, 475, 476 as exceptions."""
        return self._http.send(v1.untag(resource_id, tag))

    def delete(self, resource_id: Id) -> bool:
        """Deletes a run. OpenMLNotAuthorizedError when it is not yours (393),
        OpenMLServerException for all other refusals (392: there is none).
        """
        return self._http.send(v1.delete(resource_id))

    def trace(self, run_id: Id) -> Trace:
        """The configurations that the run's search tried (571 no run, 572 no trace)."""
        return self._http.send(v1.get_trace(run_id))


class AsyncRunV1API(AsyncManyRuns, AsyncRunFiles, AsyncClosing):
    """As RunV1API, with coroutines."""

    api_version = APIVersion.V1
    resource_type = ResourceType.RUN

    def __init__(self, http: AsyncHTTPClient, minio: MinIOClient | None = None) -> None:
        self._http = http
        self._minio = minio

    async def get(self, run_id: Id, *, reset_cache: bool = False, description: bool = False) -> Run:
        """See RunV1API.get."""
        run = await self._http.send(v1.get_run(run_id), reset_cache=reset_cache)
        return read_with(run, None, description)

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

    async def publish(self, path: str, files: Mapping[str, object] | None) -> int:
        """See RunV1API.publish."""
        with uploads.opened(files) as content:
            return await self._http.send(v1.publish(path, content))

    async def tag(self, resource_id: Id, tag: str) -> Tags:
        """See RunV1API.tag."""
        return await self._http.send(v1.tag(resource_id, tag))

    async def untag(self, resource_id: Id, tag: str) -> Tags:
        """See RunV1API.untag."""
        return await self._http.send(v1.untag(resource_id, tag))

    async def delete(self, resource_id: Id) -> bool:
        """See RunV1API.delete."""
        return await self._http.send(v1.delete(resource_id))

    async def trace(self, run_id: Id) -> Trace:
        """See RunV1API.trace."""
        return await self._http.send(v1.get_trace(run_id))


def _unsupported(api: object, method: str) -> OpenMLNotSupportedError:
    name = type(api).__name__
    return OpenMLNotSupportedError(f"{name}: v2 API does not support `{method}` for resource `run`")


class RunV2API(ManyRuns, Closing):
    """Runs over V2 (JSON), blocking: get and trace, which is all that V2 has."""

    api_version = APIVersion.V2
    resource_type = ResourceType.RUN

    def __init__(self, http: HTTPClient, minio: MinIOClient | None = None) -> None:
        self._http = http
        self._minio = minio

    def get(self, run_id: Id, *, reset_cache: bool = False, description: bool = False) -> Run:
        """One run; OpenMLServerException (236) when there is none. See RunV1API.get.

        V2 does not tell: evaluation errors, run_details, the addresses of files.
        """
        run = self._http.send(v2.get_run(run_id), reset_cache=reset_cache)
        return read_with(run, self, description)

    def predictions(self, run: Run | Id) -> NoReturn:
        """V2 does not tell where files are: OpenMLNotSupportedError, nothing is sent."""
        raise _unsupported(self, "predictions")

    def trace(self, run_id: Id) -> Trace:
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

    def publish(self, path: str, files: Mapping[str, object] | None) -> NoReturn:
        """Not in V2: OpenMLNotSupportedError, nothing is sent."""
        raise _unsupported(self, "publish")

    def tag(self, resource_id: Id, tag: str) -> NoReturn:
        """Not in V2: OpenMLNotSupportedError, nothing is sent."""
        raise _unsupported(self, "tag")

    def untag(self, resource_id: Id, tag: str) -> NoReturn:
        """Not in V2: OpenMLNotSupportedError, nothing is sent."""
        raise _unsupported(self, "untag")

    def delete(self, resource_id: Id) -> NoReturn:
        """Not in V2: OpenMLNotSupportedError, nothing is sent."""
        raise _unsupported(self, "delete")


class AsyncRunV2API(AsyncManyRuns, AsyncClosing):
    """As RunV2API, with coroutines."""

    api_version = APIVersion.V2
    resource_type = ResourceType.RUN

    def __init__(self, http: AsyncHTTPClient, minio: MinIOClient | None = None) -> None:
        self._http = http
        self._minio = minio

    async def get(self, run_id: Id, *, reset_cache: bool = False, description: bool = False) -> Run:
        """See RunV2API.get."""
        run = await self._http.send(v2.get_run(run_id), reset_cache=reset_cache)
        return read_with(run, None, description)

    async def predictions(self, run: Run | Id) -> NoReturn:
        """See RunV2API.predictions."""
        raise _unsupported(self, "predictions")

    async def trace(self, run_id: Id) -> Trace:
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

    async def publish(self, path: str, files: Mapping[str, object] | None) -> NoReturn:
        """Not in V2: OpenMLNotSupportedError, nothing is sent."""
        raise _unsupported(self, "publish")

    async def tag(self, resource_id: Id, tag: str) -> NoReturn:
        """Not in V2: OpenMLNotSupportedError, nothing is sent."""
        raise _unsupported(self, "tag")

    async def untag(self, resource_id: Id, tag: str) -> NoReturn:
        """Not in V2: OpenMLNotSupportedError, nothing is sent."""
        raise _unsupported(self, "untag")

    async def delete(self, resource_id: Id) -> NoReturn:
        """Not in V2: OpenMLNotSupportedError, nothing is sent."""
        raise _unsupported(self, "delete")
