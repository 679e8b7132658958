"""Makes the source that the settings ask for."""

from __future__ import annotations

import atexit
from dataclasses import replace

from runbrowser.client.http import AsyncHTTPClient
from runbrowser.config import Settings
from runbrowser.errors import RunbrowserError
from runbrowser.secret import ApiKey
from runbrowser.sources.live import LiveSource


def live_source(settings: Settings) -> LiveSource:
    """A source over the servers of the settings."""
    http = AsyncHTTPClient(settings.server, settings.api_key, timeout=settings.timeout)
    http_v2 = None
    if settings.server_v2:
        http_v2 = AsyncHTTPClient(settings.server_v2, timeout=settings.timeout)
    return LiveSource(
        http,
        http_v2,
        prefer_v2=settings.api_version == "v2",
        fallback=settings.fallback,
        user_id=settings.user_id,
        writes=settings.api_key is not None and not settings.read_only,
    )


def demo_source(settings: Settings) -> LiveSource:
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
        )
    )
    source.label = f"demo, {source.label}"
    return source
