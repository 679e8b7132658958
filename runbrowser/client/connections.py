"""Connections as both clients have them: without cookies, few at once, by the right way."""

from __future__ import annotations

import contextlib
import http.cookiejar
import ssl
from typing import Any

import httpx

from runbrowser.client.certificates import certificates
from runbrowser.client.routes import AsyncRoutedTransport, RoutedTransport

DEFAULT_TIMEOUT = httpx.Timeout(30.0, connect=5.0, pool=5.0)
"""Seconds: to connect, to wait for a free connection, and between two pieces of a reply."""

_KEEP_ALIVE = 4.0  # V1 closes idle connections after 5 s; ours are gone before


def _no_cookies() -> http.cookiejar.CookieJar:
    """A jar that keeps nothing: V1 serves one request at a time to each cookie.

    It is given to httpx as it is: from an ``httpx.Cookies`` the client would copy the cookies into
    a jar without this policy.
    """
    return http.cookiejar.CookieJar(http.cookiejar.DefaultCookiePolicy(allowed_domains=[]))


def warm_up(server: str) -> None:
    """Does ahead what the first request to a server would wait for; to be called in a thread."""
    import anyio._backends._asyncio  # noqa: F401 - what httpx imports with its first connection
    import httpcore  # noqa: F401

    if server.startswith("https:"):
        with contextlib.suppress(ssl.SSLError):  # the first request tells it
            _ = certificates().real


def blocking_client(
    timeout: httpx.Timeout | float | None, *, keep_alive: bool = True
) -> httpx.Client:
    """httpx's blocking client as all of ours are.

    Without ``keep_alive`` every request has a connection of its own: one that lay idle may be
    closed by the server just as a request leaves on it, and nobody knows whether it arrived.
    """
    return httpx.Client(transport=RoutedTransport(**_transport(keep_alive)), **_options(timeout))


def async_client(
    timeout: httpx.Timeout | float | None, *, keep_alive: bool = True
) -> httpx.AsyncClient:
    """As :func:`blocking_client`, with coroutines."""
    transport = AsyncRoutedTransport(**_transport(keep_alive))
    return httpx.AsyncClient(transport=transport, **_options(timeout))


def _options(timeout: httpx.Timeout | float | None) -> dict[str, Any]:
    from runbrowser import __version__

    return {
        "timeout": DEFAULT_TIMEOUT if timeout is None else timeout,
        "cookies": _no_cookies(),
        "follow_redirects": False,
        "trust_env": False,  # proxies and certificates are looked for where they are needed
        "headers": {"user-agent": f"runbrowser/{__version__}", "accept-encoding": "gzip"},
    }


def _transport(keep_alive: bool) -> dict[str, Any]:
    return {
        "verify": certificates(),
        "trust_env": False,
        "limits": httpx.Limits(
            max_connections=8,
            max_keepalive_connections=8 if keep_alive else 0,
            keepalive_expiry=_KEEP_ALIVE,
        ),
    }
