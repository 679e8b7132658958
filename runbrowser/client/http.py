"""Sends calls: the only code of the client that does I/O.

HTTPClient and AsyncHTTPClient share everything but the sending itself: what goes into a request is
decided by :class:`Sender`, what a reply means by the call and by ``wire.errors``.
"""

from __future__ import annotations

import email.utils
import http.cookiejar
import time
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

import httpx

from runbrowser.client.call import Answer, Call
from runbrowser.client.wire.errors import failure
from runbrowser.errors import (
    AnswerError,
    OpenMLAuthenticationError,
    OpenMLConnectionError,
    OpenMLServerError,
    UsageError,
)
from runbrowser.secret import ApiKey
from runbrowser.text import display

T = TypeVar("T")

DEFAULT_TIMEOUT = httpx.Timeout(30.0, connect=5.0, pool=5.0)
"""Seconds: to connect, to wait for a free connection, and between two pieces of a reply."""

_KEEP_ALIVE = 4.0  # V1 closes idle connections after 5 s (PROTOCOL 1); ours are gone before
_MAX_REDIRECTS = 5


class Sender:
    """What both clients share: requests from calls, results or exceptions from replies."""

    def __init__(self, server: str, api_key: str | ApiKey | None = None) -> None:
        parts = urlsplit(server)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise UsageError(
                f"{display(server, 100)!r} is no server URL; give one such as "
                "https://www.openml.org/api/v1/xml/"
            )
        self.server = server if server.endswith("/") else server + "/"
        self.api_key = ApiKey(api_key) if isinstance(api_key, str) and api_key else api_key or None

    @property
    def host(self) -> str:
        """Where requests go, for messages: host and port."""
        return urlsplit(self.server).netloc.rpartition("@")[2]

    def url(self, call: Call[Any]) -> httpx.URL:
        """The call's URL, without the key."""
        if call.path.startswith(("http://", "https://")):
            return httpx.URL(call.path)
        return httpx.URL(self.server + call.path)

    def request(self, call: Call[Any]) -> dict[str, Any]:
        """Keyword arguments of httpx's ``build_request``: the key only where the call says so."""
        url, form = self.url(call), dict(call.form)
        if call.key != "none":
            if self.api_key is not None:
                if call.key == "query":
                    url = url.copy_merge_params({"api_key": self.api_key.reveal()})
                else:
                    form["api_key"] = self.api_key.reveal()
            elif call.key_needed:
                raise OpenMLAuthenticationError(
                    f"Could not {display(call.purpose, 200)}: there is no API key. "
                    "Set OPENML_APIKEY, or apikey in OpenML's config file.",
                    102,
                )
        arguments: dict[str, Any] = {"method": call.method, "url": url}
        if call.method == "POST":
            arguments |= {"data": form, "files": call.files}
        return arguments

    def redirected(self, call: Call[Any], response: httpx.Response) -> httpx.URL | None:
        """Where a reply sends us, without the key if that is another host; None if nowhere.

        A write is not sent on: it would be sent twice, or its key would reach another host.
        """
        if response.status_code not in (301, 302, 303, 307, 308):
            return None
        target = response.request.url.join(response.headers.get("location", ""))
        if not call.repeatable:
            raise OpenMLServerError(
                f"Could not {display(call.purpose, 200)}: the server sends requests on to "
                f"{target.scheme}://{target.netloc.decode()}. Give that address with --server.",
                status=response.status_code,
            )
        if target.netloc != response.request.url.netloc or target.scheme == "http":
            target = target.copy_remove_param("api_key")
        return target

    def answer(self, call: Call[Any], response: httpx.Response) -> Answer:
        """A reply without what the readers need not know; its URL holds no key."""
        return Answer(
            status=response.status_code,
            content_type=response.headers.get("content-type", "").lower(),
            body=response.content,
            url=str(self.url(call)),
            retry_after=_seconds(response.headers.get("retry-after")),
        )

    def conclude(self, call: Call[T], answer: Answer) -> T:
        """The call's result, or the exception that the reply stands for."""
        error = failure(answer, display(call.purpose, 200))
        if error is None:
            try:
                return call.read(answer)
            except AnswerError as unread:
                message = f"Could not {display(call.purpose, 200)}: {unread.message}"
                raise AnswerError(message, url=answer.url, status=answer.status) from None
        result = call.on_code.get(getattr(error, "code", None) or 0)
        if result is not None:
            return result()
        raise error

    def broken(self, call: Call[Any], error: httpx.HTTPError) -> OpenMLConnectionError:
        """The exception for a request that got no reply, in words; no URL with a key in it."""
        sent = not isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout))
        where = f"{self.url(call).scheme}://{self.host}"
        if isinstance(error, httpx.ConnectTimeout):
            why, step = f"{where} does not answer", "Check the address and your network."
        elif isinstance(error, httpx.TimeoutException):
            why, step = f"{where} took too long", "Try again, or ask for less at once."
        elif isinstance(error, httpx.ConnectError):
            reason = display(str(error) or "connection failed", 200)
            why, step = (
                f"{where} cannot be reached ({reason})",
                "Check the address and your network.",
            )
        else:
            reason = display(str(error) or type(error).__name__, 200)
            why, step = f"{where} cut the connection ({reason})", "Try again."
        if sent and not call.repeatable:
            step = "It may have been done all the same; look at the run before trying again."
        message = f"Could not {display(call.purpose, 200)}: {why}. {step}"
        return OpenMLConnectionError(message, url=str(self.url(call)), sent=sent)


def _seconds(retry_after: str | None) -> float | None:
    """Retry-After in seconds, from a number or a date."""
    if not retry_after:
        return None
    try:
        return max(0.0, float(retry_after))
    except ValueError:
        pass
    try:
        when = email.utils.parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    return max(0.0, when.timestamp() - time.time())


def _no_cookies() -> httpx.Cookies:
    """A jar that keeps nothing: V1 serves one request at a time to each cookie (PROTOCOL 1)."""
    policy = http.cookiejar.DefaultCookiePolicy(allowed_domains=[])
    return httpx.Cookies(http.cookiejar.CookieJar(policy))


def _options(timeout: httpx.Timeout | float | None) -> dict[str, Any]:
    from runbrowser import __version__

    return {
        "timeout": DEFAULT_TIMEOUT if timeout is None else timeout,
        "cookies": _no_cookies(),
        "follow_redirects": False,
        "limits": httpx.Limits(max_connections=8, keepalive_expiry=_KEEP_ALIVE),
        "headers": {"user-agent": f"runbrowser/{__version__}", "accept-encoding": "gzip"},
    }


class HTTPClient(Sender):
    """Sends calls to one server, blocking. ``server`` is a base such as
    ``https://www.openml.org/api/v1/xml/``; ``timeout`` is in seconds or an ``httpx.Timeout``.
    """

    def __init__(
        self,
        server: str,
        api_key: str | ApiKey | None = None,
        *,
        timeout: httpx.Timeout | float | None = None,
        retry: Any = None,
        cache: Any = None,
    ) -> None:
        super().__init__(server, api_key)
        self._client = httpx.Client(**_options(timeout))

    def send(self, call: Call[T], *, reset_cache: bool = False) -> T:
        """The call's result. Raises OpenMLServerError and its kinds, in words for a person."""
        return self.conclude(call, self._exchange(call))

    def _exchange(self, call: Call[Any]) -> Answer:
        arguments = self.request(call)
        try:
            for _ in range(_MAX_REDIRECTS):
                response = self._client.send(self._client.build_request(**arguments))
                target = self.redirected(call, response)
                if target is None:
                    return self.answer(call, response)
                arguments["url"] = target
        except httpx.HTTPError as error:
            raise self.broken(call, error) from None
        raise OpenMLServerError(f"Could not {call.purpose}: the server sends us in circles.")

    def close(self) -> None:
        """Closes all connections."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncHTTPClient(Sender):
    """As HTTPClient, with coroutines: cancelling one closes its connection at once."""

    def __init__(
        self,
        server: str,
        api_key: str | ApiKey | None = None,
        *,
        timeout: httpx.Timeout | float | None = None,
        retry: Any = None,
        cache: Any = None,
    ) -> None:
        super().__init__(server, api_key)
        self._client = httpx.AsyncClient(**_options(timeout))

    async def send(self, call: Call[T], *, reset_cache: bool = False) -> T:
        """The call's result. Raises OpenMLServerError and its kinds, in words for a person."""
        return self.conclude(call, await self._exchange(call))

    async def _exchange(self, call: Call[Any]) -> Answer:
        arguments = self.request(call)
        try:
            for _ in range(_MAX_REDIRECTS):
                response = await self._client.send(self._client.build_request(**arguments))
                target = self.redirected(call, response)
                if target is None:
                    return self.answer(call, response)
                arguments["url"] = target
        except httpx.HTTPError as error:
            raise self.broken(call, error) from None
        raise OpenMLServerError(f"Could not {call.purpose}: the server sends us in circles.")

    async def close(self) -> None:
        """Closes all connections."""
        await self._client.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
