"""Several APIs as one: the first that has an operation answers."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

from runbrowser.client.resources.many import AsyncManyRuns, ManyRuns
from runbrowser.client.resources.runs import (
    AsyncRunV1API,
    AsyncRunV2API,
    RunV1API,
    RunV2API,
    Tags,
)
from runbrowser.errors import OpenMLNotSupportedError, OpenMLServerError
from runbrowser.ids import Id, Ids
from runbrowser.models import APIVersion, ResourceType, Run, RunFilter, RunPage, RunState, Trace

if TYPE_CHECKING:
    import pandas as pd


def _nobody(method: str) -> OpenMLNotSupportedError:
    return OpenMLNotSupportedError(f"Could not fallback to any API for method: {method}")


def _addressed(run: Run, api: RunV1API | AsyncRunV1API) -> Run:
    """The run with addresses for its files where it has none, as V1 would give them."""
    if all(file.url for file in run.files):
        return run
    files = (
        file if file.url else replace(file, url=api.file_id_to_url(file.file_id))
        for file in run.files
    )
    return replace(run, files=tuple(files))


class FallbackRunAPI(ManyRuns):
    """Asks ``primary``, and each of ``fallbacks`` in turn while the one before has no such
    operation (OpenMLNotSupportedError). Every other error is the answer. ValueError without APIs.

    What the API that answers does not tell of a run is not lost: addresses of files are made, a
    state that is unknown is asked of the next API, and ``Run.untold`` names what stays unknown.
    """

    resource_type = ResourceType.RUN

    def __init__(self, *apis: RunV1API | RunV2API) -> None:
        if not apis:
            raise ValueError("FallbackRunAPI wants at least one API.")
        self.apis = apis

    @property
    def api_version(self) -> APIVersion:
        """The version that is asked first."""
        return self.apis[0].api_version

    def _first(self, method: str, *args: Any, **options: Any) -> Any:
        for api in self.apis:
            try:
                return getattr(api, method)(*args, **options)
            except OpenMLNotSupportedError:
                continue
        raise _nobody(method)

    def get(self, run_id: Id, *, reset_cache: bool = False, description: bool = False) -> Run:
        """See RunV1API.get."""
        for place, api in enumerate(self.apis):
            try:
                run = api.get(run_id, reset_cache=reset_cache, description=description)
            except OpenMLNotSupportedError:
                continue
            for other in self.apis[place + 1 :]:
                if run.untold and run.state is RunState.UNKNOWN:
                    with suppress(OpenMLServerError, OpenMLNotSupportedError):
                        run = other.get(run_id, reset_cache=reset_cache, description=description)
                if isinstance(other, RunV1API):
                    run = _addressed(run, other)
            return replace(run, source=self)
        raise _nobody("get")

    def predictions(self, run: Run | Id) -> pd.DataFrame:
        """See RunV1API.predictions."""
        frame: pd.DataFrame = self._first("predictions", run)
        return frame

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
        """See RunV1API.list."""
        frame: pd.DataFrame = self._first(
            "list",
            limit,
            offset,
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
        return frame

    def page(self, filter: RunFilter, limit: int | None, offset: int = 0) -> RunPage:
        """See RunV1API.page."""
        found: RunPage = self._first("page", filter, limit, offset)
        return found

    def publish(self, path: str, files: Mapping[str, object] | None) -> int:
        """See RunV1API.publish."""
        return int(self._first("publish", path, files))

    def tag(self, resource_id: Id, tag: str) -> Tags:
        """See RunV1API.tag."""
        tags: Tags = self._first("tag", resource_id, tag)
        return tags

    def untag(self, resource_id: Id, tag: str) -> Tags:
        """See RunV1API.untag."""
        tags: Tags = self._first("untag", resource_id, tag)
        return tags

    def delete(self, resource_id: Id) -> bool:
        """See RunV1API.delete."""
        return bool(self._first("delete", resource_id))

    def trace(self, run_id: Id) -> Trace:
        """See RunV1API.trace."""
        found: Trace = self._first("trace", run_id)
        return found

    def close(self) -> None:
        """Closes the connections of all APIs."""
        for api in self.apis:
            api.close()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {', then '.join(map(repr, self.apis))}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncFallbackRunAPI(AsyncManyRuns):
    """As FallbackRunAPI, with coroutines."""

    resource_type = ResourceType.RUN

    def __init__(self, *apis: AsyncRunV1API | AsyncRunV2API) -> None:
        if not apis:
            raise ValueError("AsyncFallbackRunAPI wants at least one API.")
        self.apis = apis

    @property
    def api_version(self) -> APIVersion:
        """The version that is asked first."""
        return self.apis[0].api_version

    async def _first(self, method: str, *args: Any, **options: Any) -> Any:
        for api in self.apis:
            try:
                return await getattr(api, method)(*args, **options)
            except OpenMLNotSupportedError:
                continue
        raise _nobody(method)

    async def get(self, run_id: Id, *, reset_cache: bool = False, description: bool = False) -> Run:
        """See RunV1API.get."""
        for place, api in enumerate(self.apis):
            try:
                run = await api.get(run_id, reset_cache=reset_cache, description=description)
            except OpenMLNotSupportedError:
                continue
            for other in self.apis[place + 1 :]:
                if run.untold and run.state is RunState.UNKNOWN:
                    with suppress(OpenMLServerError, OpenMLNotSupportedError):
                        run = await other.get(
                            run_id, reset_cache=reset_cache, description=description
                        )
                if isinstance(other, AsyncRunV1API):
                    run = _addressed(run, other)
            return run
        raise _nobody("get")

    async def predictions(self, run: Run | Id) -> pd.DataFrame:
        """See RunV1API.predictions."""
        frame: pd.DataFrame = await self._first("predictions", run)
        return frame

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
        frame: pd.DataFrame = await self._first(
            "list",
            limit,
            offset,
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
        return frame

    async def page(self, filter: RunFilter, limit: int | None, offset: int = 0) -> RunPage:
        """See RunV1API.page."""
        found: RunPage = await self._first("page", filter, limit, offset)
        return found

    async def publish(self, path: str, files: Mapping[str, object] | None) -> int:
        """See RunV1API.publish."""
        return int(await self._first("publish", path, files))

    async def tag(self, resource_id: Id, tag: str) -> Tags:
        """See RunV1API.tag."""
        tags: Tags = await self._first("tag", resource_id, tag)
        return tags

    async def untag(self, resource_id: Id, tag: str) -> Tags:
        """See RunV1API.untag."""
        tags: Tags = await self._first("untag", resource_id, tag)
        return tags

    async def delete(self, resource_id: Id) -> bool:
        """See RunV1API.delete."""
        return bool(await self._first("delete", resource_id))

    async def trace(self, run_id: Id) -> Trace:
        """See RunV1API.trace."""
        found: Trace = await self._first("trace", run_id)
        return found

    async def close(self) -> None:
        """Closes the connections of all APIs."""
        for api in self.apis:
            await api.close()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {', then '.join(map(repr, self.apis))}>"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
