"""The way in for Python: one call that gives the API of runs that the arguments ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runbrowser.client.http import AsyncHTTPClient, HTTPClient
from runbrowser.client.resources.fallback import AsyncFallbackRunAPI, FallbackRunAPI
from runbrowser.client.resources.runs import AsyncRunV1API, AsyncRunV2API, RunV1API, RunV2API
from runbrowser.errors import UsageError

if TYPE_CHECKING:
    from runbrowser.secret import ApiKey

SERVER = "https://www.openml.org/api/v1/xml/"
"""OpenML's own V1; V2 has no public server yet (FIELD 3.9)."""


def _check(api_version: str, server_v2: str | None) -> None:
    if api_version not in ("v1", "v2"):
        raise UsageError(f"api_version is 'v1' or 'v2', not {api_version!r}.")
    if api_version == "v2" and not server_v2:
        raise UsageError("V2 is asked for, but there is no V2 server: give server_v2.")


def connect(
    server: str = SERVER,
    *,
    server_v2: str | None = None,
    api_version: str = "v1",
    api_key: str | ApiKey | None = None,
    fallback: bool = True,
    **options: Any,
) -> RunV1API | RunV2API | FallbackRunAPI:
    """The API of runs, blocking; to be closed, or used in a ``with`` block.

    ``api_version`` is 'v1' or 'v2'. V2 has single runs and traces only, so V1 does the rest unless
    ``fallback`` is False. The key goes to V1 alone. ``options`` are HTTPClient's: timeout, retry,
    cache, on_retry. Raises UsageError for arguments that do not fit.
    """
    _check(api_version, server_v2)
    if api_version == "v1":
        return RunV1API(HTTPClient(server, api_key, **options))
    v2 = RunV2API(HTTPClient(server_v2 or "", **options))
    if not fallback:
        return v2
    return FallbackRunAPI(v2, RunV1API(HTTPClient(server, api_key, **options)))


def connect_async(
    server: str = SERVER,
    *,
    server_v2: str | None = None,
    api_version: str = "v1",
    api_key: str | ApiKey | None = None,
    fallback: bool = True,
    **options: Any,
) -> AsyncRunV1API | AsyncRunV2API | AsyncFallbackRunAPI:
    """As :func:`connect`; the API's methods are coroutines."""
    _check(api_version, server_v2)
    if api_version == "v1":
        return AsyncRunV1API(AsyncHTTPClient(server, api_key, **options))
    v2 = AsyncRunV2API(AsyncHTTPClient(server_v2 or "", **options))
    if not fallback:
        return v2
    return AsyncFallbackRunAPI(v2, AsyncRunV1API(AsyncHTTPClient(server, api_key, **options)))
