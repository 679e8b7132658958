"""RunV1API and RunV2API, blocking and async: thin methods over calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn, Self

from runbrowser.client.calls import v1, v2
from runbrowser.client.http import AsyncHTTPClient, HTTPClient
from runbrowser.errors import OpenMLNotSupportedError
from runbrowser.models import Run, RunFilter, RunPage, Trace, as_ids

if TYPE_CHECKING:
    import pandas as pd

Ids = int | Sequence[int] | None
Tags = list[str]


def list_filter(
    *,
    ids: Ids = None,
    task: Ids = None,
    setup: Ids = None,
    flow: Ids = None,
    uploader: Ids = None,
    study: int | None = None,
    tag: str | None = None,
    display_errors: bool = False,
    task_type: Ids = None,
) -> RunFilter:
    """A RunFilter from upstream's arguments of ``list`` (FIELD 3.3)."""
    return RunFilter(
        ids=as_ids(ids),
        task=as_ids(task),
        setup=as_ids(setup),
        flow=as_ids(flow),
        uploader=as_ids(uploader),
        study=study,
        tag=tag,
        task_type=as_ids(task_type),
        show_errors=display_errors,
    )


def _frame(page: RunPage) -> pd.DataFrame:
    from runbrowser.client.frames import run_frame

    return run_frame(page)


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


class RunV1API(Closing):
    """Runs over V1 (XML), blocking. ``minio`` fetches objects of runs kept in object storage."""

    api_version = "v1"
    resource_type = "run"

    def __init__(self, http: HTTPClient, minio: Any = None) -> None:
        self._http = http
        self._minio = minio

    def get(self, run_id: int, *, reset_cache: bool = False) -> Run:
        """One run with everything it has.

        ``reset_cache`` asks the server even if a kept reply is at hand. Raises
        OpenMLServerException when there is no such run (code 236) or the server fails.
        """
        return self._http.send(v1.get_run(run_id), reset_cache=reset_cache)

    def list(self, limit: int, offset: int, **filters: Any) -> pd.DataFrame:
        """One page of runs as a DataFrame, index run_id (FIELD 3.3).

        Filters: ids, task, setup, flow, uploader (an id or several), study, tag,
        display_errors=False, task_type. An empty frame with the same columns when nothing
        matches; ValueError when the answer is not a run list.
        """
        return _frame(self.page(list_filter(**filters), limit, offset))

    def page(self, filter: RunFilter, limit: int | None, offset: int = 0) -> RunPage:
        """One page of runs as light rows, without pandas."""
        return self._http.send(v1.list_runs(filter, limit, offset))

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


class AsyncRunV1API(AsyncClosing):
    """As RunV1API, with coroutines."""

    api_version = "v1"
    resource_type = "run"

    def __init__(self, http: AsyncHTTPClient, minio: Any = None) -> None:
        self._http = http
        self._minio = minio

    async def get(self, run_id: int, *, reset_cache: bool = False) -> Run:
        """See RunV1API.get."""
        return await self._http.send(v1.get_run(run_id), reset_cache=reset_cache)

    async def list(self, limit: int, offset: int, **filters: Any) -> pd.DataFrame:
        """See RunV1API.list."""
        return _frame(await self.page(list_filter(**filters), limit, offset))

    async def page(self, filter: RunFilter, limit: int | None, offset: int = 0) -> RunPage:
        """See RunV1API.page."""
        return await self._http.send(v1.list_runs(filter, limit, offset))

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


class RunV2API(Closing):
    """Runs over V2 (JSON), blocking: get and trace, which is all that V2 has (PROTOCOL 7)."""

    api_version = "v2"
    resource_type = "run"

    def __init__(self, http: HTTPClient, minio: Any = None) -> None:
        self._http = http
        self._minio = minio

    def get(self, run_id: int, *, reset_cache: bool = False) -> Run:
        """One run; OpenMLServerException (236) when there is none."""
        return self._http.send(v2.get_run(run_id), reset_cache=reset_cache)

    def trace(self, run_id: int) -> Trace:
        """The configurations that the run's search tried (571 no run, 572 no trace)."""
        return self._http.send(v2.get_trace(run_id))

    def list(self, limit: int, offset: int, **filters: Any) -> NoReturn:
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


class AsyncRunV2API(AsyncClosing):
    """As RunV2API, with coroutines."""

    api_version = "v2"
    resource_type = "run"

    def __init__(self, http: AsyncHTTPClient, minio: Any = None) -> None:
        self._http = http
        self._minio = minio

    async def get(self, run_id: int, *, reset_cache: bool = False) -> Run:
        """See RunV2API.get."""
        return await self._http.send(v2.get_run(run_id), reset_cache=reset_cache)

    async def trace(self, run_id: int) -> Trace:
        """See RunV2API.trace."""
        return await self._http.send(v2.get_trace(run_id))

    async def list(self, limit: int, offset: int, **filters: Any) -> NoReturn:
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
