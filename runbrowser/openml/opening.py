"""Makes the source that the settings ask for."""

from __future__ import annotations

import atexit
from dataclasses import replace

from runbrowser.client.connections import warm_up
from runbrowser.config import Settings
from runbrowser.errors import RunbrowserError
from runbrowser.openml.access import Access, Tell, silent
from runbrowser.openml.live import LiveSource
from runbrowser.openml.memory import NewestMemory
from runbrowser.openml.names import store_for
from runbrowser.paths import newest_file
from runbrowser.secret import ApiKey


def live_source(settings: Settings, tell: Tell = silent, *, keep: bool = True) -> LiveSource:
    """A source over the servers of the settings; ``keep``: runs read are kept on disk.

    ``tell`` hears of requests that are sent again, and of what is odd about replies.
    """
    return source_of(Access(settings, keep, tell, tell))


def source_of(access: Access) -> LiveSource:
    """A source over the servers that are accessed so."""
    settings = access.settings
    http = access.async_client()
    warm_up(settings.server)
    return LiveSource(
        http,
        access.async_client_v2(),
        prefer_v2=access.prefer_v2,
        fallback=settings.fallback,
        user_id=settings.user_id,
        why_read_only=access.why_read_only,
        key_origin=access.key_origin,
        minio=access.store,
        names_on_disk=store_for(settings.cache_dir, settings.server) if access.keep else None,
        memory=NewestMemory(settings.server, newest_file() if access.keep else None),
    )


def demo_source(settings: Settings, tell: Tell = silent) -> LiveSource:
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
