"""The way in for Python: one call that gives the API of runs that the settings ask for.

The settings are those of the command line: arguments, the environment, openml-python's file,
``config.toml``, and the same cache. An HTTPClient made by hand knows none of them.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from runbrowser import config
from runbrowser.client.resources.fallback import AsyncFallbackRunAPI, FallbackRunAPI
from runbrowser.client.resources.runs import AsyncRunV1API, AsyncRunV2API, RunV1API, RunV2API
from runbrowser.errors import UsageError
from runbrowser.openml.access import Access
from runbrowser.secret import ApiKey

if TYPE_CHECKING:
    from runbrowser.client.cache import ReplyCache
    from runbrowser.client.remarks import OnNotice
    from runbrowser.client.retry import OnRetry, RetryPolicy

ARGUMENT = "argument"
"""Where settings come from that were given to :func:`connect`."""


def connect(
    server: str | None = None,
    *,
    server_v2: str | None = None,
    api_version: str | None = None,
    api_key: str | ApiKey | None = None,
    fallback: bool | None = None,
    timeout: float | None = None,
    retry: RetryPolicy | str | None = None,
    cache: ReplyCache | bool | None = True,
    on_retry: OnRetry | None = None,
    on_notice: OnNotice | None = None,
) -> RunV1API | RunV2API | FallbackRunAPI:
    """The API of runs, blocking; to be closed, or used in a ``with`` block.

    What is not given is taken from where the command line takes it: the environment
    (OPENML_APIKEY, RUNBROWSER_SERVER, ...), the file of openml-python, ``config.toml``, the
    defaults; ``runbrowser config show`` prints it. ``server`` is V1's address, or 'production',
    'test' or 'local'; a key from a file goes to its own server alone. ``api_version`` is 'v1' or
    'v2': V2 has single runs and traces only, so V1 does the rest unless ``fallback`` is False, and
    tells what V2 does not. ``timeout`` is in seconds; ``cache`` is a ReplyCache, True for the one
    of the settings or False for none; ``retry``, ``on_retry`` and ``on_notice`` are HTTPClient's.

    Raises UsageError for settings that cannot be used; what is odd about them is a UserWarning.
    """
    settings = _settings(server, server_v2, api_version, api_key, fallback, timeout)
    access = _access(settings, retry, cache, on_retry, on_notice)
    v1 = RunV1API(access.client(), access.store)
    http = access.client_v2() if access.prefer_v2 else None
    if http is None:
        return v1
    return FallbackRunAPI(RunV2API(http), v1) if settings.fallback else RunV2API(http)


def connect_async(
    server: str | None = None,
    *,
    server_v2: str | None = None,
    api_version: str | None = None,
    api_key: str | ApiKey | None = None,
    fallback: bool | None = None,
    timeout: float | None = None,
    retry: RetryPolicy | str | None = None,
    cache: ReplyCache | bool | None = True,
    on_retry: OnRetry | None = None,
    on_notice: OnNotice | None = None,
) -> AsyncRunV1API | AsyncRunV2API | AsyncFallbackRunAPI:
    """As :func:`connect`; the API's methods are coroutines, all of one event loop."""
    settings = _settings(server, server_v2, api_version, api_key, fallback, timeout)
    access = _access(settings, retry, cache, on_retry, on_notice)
    v1 = AsyncRunV1API(access.async_client(), access.store)
    http = access.async_client_v2() if access.prefer_v2 else None
    if http is None:
        return v1
    return (
        AsyncFallbackRunAPI(AsyncRunV2API(http), v1) if settings.fallback else AsyncRunV2API(http)
    )


def _settings(
    server: str | None,
    server_v2: str | None,
    api_version: str | None,
    api_key: str | ApiKey | None,
    fallback: bool | None,
    timeout: float | None,
) -> config.Settings:
    given: dict[str, object | None] = {
        "server": server,
        "server_v2": server_v2,
        "api_version": api_version,
        "api_key": api_key.reveal() if isinstance(api_key, ApiKey) else api_key,
        "fallback": fallback,
        "timeout": timeout,
    }
    settings = config.load(given, given_as=ARGUMENT)
    for warning in settings.warnings:
        warnings.warn(warning, UserWarning, stacklevel=3)
    if settings.api_version == "v2" and not settings.server_v2:
        raise UsageError(
            "V2 is asked for, but there is no V2 server: give server_v2, or set it in config.toml."
        )
    return settings


def _access(
    settings: config.Settings,
    retry: RetryPolicy | str | None,
    cache: ReplyCache | bool | None,
    on_retry: OnRetry | None,
    on_notice: OnNotice | None,
) -> Access:
    """The access of the settings, with what was given in their place."""
    options: dict[str, Any] = {"on_retry": on_retry, "on_notice": on_notice}
    if retry is not None:
        options["retry"] = retry
    if not isinstance(cache, bool):
        options["cache"] = cache
    return Access(settings, keep=cache is True, options=options)
