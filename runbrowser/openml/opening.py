"""Makes the source that the settings ask for."""

from __future__ import annotations

import atexit
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from runbrowser.client.cache import ReplyCache
from runbrowser.client.call import Call
from runbrowser.client.connect import store_of
from runbrowser.client.connections import warm_up
from runbrowser.client.http import AsyncHTTPClient
from runbrowser.client.remarks import retrying
from runbrowser.client.retry import policy_of
from runbrowser.client.sender import SET_A_KEY
from runbrowser.config import Settings
from runbrowser.errors import OpenMLServerError, RunbrowserError
from runbrowser.openml.live import LiveSource
from runbrowser.openml.memory import NewestMemory
from runbrowser.openml.names import store_for
from runbrowser.paths import newest_file, openml_cache_dir
from runbrowser.secret import ApiKey

Tell = Callable[[str], None]
"""Hears in words what is going on before an answer is there."""


def _silent(words: str) -> None:
    return


def live_source(settings: Settings, tell: Tell = _silent, *, keep: bool = True) -> LiveSource:
    """A source over the servers of the settings; ``keep``: runs read are kept on disk.

    ``tell`` hears of requests that are sent again, and of what is odd about replies.
    """

    def on_retry(call: Call[Any], attempt: int, wait: float, error: OpenMLServerError) -> None:
        tell(retrying(call, wait, error))

    said: set[str] = set()

    def tell_once(sentence: str) -> None:
        if sentence not in said:
            said.add(sentence)
            tell(sentence)

    def on_notice(call: Call[Any], sentence: str) -> None:
        tell_once(sentence)

    options: dict[str, Any] = {
        "timeout": settings.timeout,
        "retry": policy_of(settings.retry_policy, settings.retries),
        "on_retry": on_retry,
        "on_notice": on_notice,
    }
    if keep:
        options["cache"] = ReplyCache(settings.cache_dir, also_read=(openml_cache_dir(),))
    http = AsyncHTTPClient(settings.server, settings.api_key, **options)
    http.key_advice = SET_A_KEY
    http_v2 = AsyncHTTPClient(settings.server_v2, **options) if settings.server_v2 else None
    warm_up(settings.server)
    return LiveSource(
        http,
        http_v2,
        prefer_v2=settings.api_version == "v2",
        fallback=settings.fallback,
        user_id=settings.user_id,
        why_read_only=_why_read_only(settings),
        key_origin=settings.origin("api_key"),
        minio=store_of(settings),
        names_on_disk=store_for(settings.cache_dir, settings.server) if keep else None,
        memory=NewestMemory(settings.server, newest_file() if keep else None),
        tell=tell_once,
    )


def _why_read_only(settings: Settings) -> str:
    if settings.read_only:
        return f"This session only reads ({settings.origin('read_only')})."
    return ""  # a missing key is the source's own to tell


def demo_source(settings: Settings, tell: Tell = _silent) -> LiveSource:
    """Starts the embedded server, which ends with this process, and connects to it."""
    from runbrowser.demo import DEMO_USER_ID
    from runbrowser.demo.launch import start

    try:
        server = start()
    except RuntimeError as error:
        raise RunbrowserError(f"The demo server did not start: {error}") from None
    atexit.register(server.stop)
    source = live_source(
        replace(
            settings,
            server=server.v1,
            server_v2=server.v2,
            api_key=ApiKey(server.api_key),
            user_id=DEMO_USER_ID,
        ),
        tell,
        keep=False,  # the next demo has other runs at the same address
    )
    source.label = f"demo, {source.label}"
    return source
