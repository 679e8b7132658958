"""What both clients share: requests from calls, results from replies. No I/O."""

from __future__ import annotations

import email.utils
import re
import time
from typing import Any, Generic, TypeVar
from urllib.parse import urlsplit

import httpx

from runbrowser.client.call import Answer, Call
from runbrowser.client.intake import LARGEST_DOCUMENT, LARGEST_REFUSAL, Intake
from runbrowser.client.loggers import keep_keys_out
from runbrowser.client.routes import (
    ProxyFailedError,
    UnusableProxyError,
)
from runbrowser.client.wire.errors import NO_KEY, failure, key_unseen
from runbrowser.errors import (
    AnswerError,
    OpenMLAuthenticationError,
    OpenMLConnectionError,
    OpenMLNotAuthorizedError,
    OpenMLProxyError,
    OpenMLServerError,
    UsageError,
)
from runbrowser.secret import ApiKey
from runbrowser.text import display

T = TypeVar("T")

FAILURES = (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError)
"""What httpx raises when a request gets no usable reply."""

MAX_REDIRECTS = 5
_NO_POST = (301, 302, 303, 307, 308, 405, 501)

SET_A_KEY = "Set OPENML_APIKEY, or apikey in OpenML's config file."
"""What to do without an API key, for a client that was made from settings."""


class Sealed(Generic[T]):
    """A value that holds the key, and shows itself to no traceback that renders its variables."""

    __slots__ = ("value",)

    def __init__(self, value: T) -> None:
        self.value = value

    def __repr__(self) -> str:
        return "Sealed(****)"


class Documents:
    """Receives the reply to a call into memory."""

    def __init__(self, sender: Sender, call: Call[Any]) -> None:
        self._sender = sender
        self._call = call
        self.answer: Answer | None = None

    def headers(self) -> dict[str, str]:
        """The usual ones alone."""
        return {}

    def begin(self, response: httpx.Response) -> Document:
        """See Receiver.begin."""
        return Document(self, self._sender, self._call, response)


class Document(Intake):
    """One reply on its way into memory; of a refusal no more than its beginning is looked at."""

    def __init__(
        self, receiver: Documents, sender: Sender, call: Call[Any], response: httpx.Response
    ) -> None:
        refusal = response.status_code >= 400
        most = LARGEST_REFUSAL if refusal else call.largest or LARGEST_DOCUMENT
        super().__init__(call, response, most, cut=refusal)
        self._receiver = receiver
        self._sender = sender
        self._call = call
        self._response = response

    def end(self) -> None:
        """Makes the answer."""
        self._receiver.answer = self._sender.answer(self._call, self._response, self.body)


class Sender:
    """Requests from calls, results or exceptions from replies.

    ``key_advice`` is what to do without an API key; ``why_read_only`` is why nothing may be
    written, '' where writing is allowed.
    """

    key_advice = (
        "Give the client an api_key, or take runbrowser.connect(), which reads OPENML_APIKEY and "
        "OpenML's config file as the command line does."
    )
    why_read_only = ""

    def __init__(self, server: str, api_key: str | ApiKey | None = None) -> None:
        try:
            parts = urlsplit(server)
            usable = parts.scheme in ("http", "https") and bool(parts.hostname)
            usable = usable and not parts.query and not parts.fragment
            usable = usable and (parts.port is None or parts.port > 0)
            httpx.URL(server)
        except (ValueError, httpx.InvalidURL):
            usable = False
        if not usable:
            shown = display(server.partition("?")[0].rpartition("@")[2], 100)
            raise UsageError(
                f"{shown!r} is no server URL; give one such as https://www.openml.org/api/v1/xml/"
            )
        self.server = server if server.endswith("/") else server + "/"
        keep_keys_out()
        self._reads_without_key = False  # an unknown key, or that of an account that only reads
        self.api_key = ApiKey(api_key) if isinstance(api_key, str) and api_key else api_key or None

    @property
    def host(self) -> str:
        """Where requests go, for messages: host and port."""
        return urlsplit(self.server).netloc.rpartition("@")[2]

    @property
    def origin(self) -> str:
        """The server's address for people: without user name and password."""
        return display(str(httpx.URL(self.server).copy_with(userinfo=b"")), 200)

    def __repr__(self) -> str:
        key = "an API key" if self.api_key is not None else "no API key"
        return f"<{type(self).__name__} of {self.origin} with {key}>"

    def as_owner(self, call: Call[T]) -> Call[T]:
        """A list that holds more for a known key, asked for with the key; every other call as it
        is, and so is a list once the server took this key for none that may ask by POST.
        """
        asks = call.own and self.api_key is not None and not self._reads_without_key
        return call.with_key() if asks else call

    def without_owner(self, error: OpenMLServerError) -> bool:
        """Whether a list that was refused with the key is to be asked for without it."""
        refused = isinstance(error, (OpenMLAuthenticationError, OpenMLNotAuthorizedError))
        elsewhere = error.status in _NO_POST  # where a GET is sent on, or nothing but GET passes
        self._reads_without_key = self._reads_without_key or refused or elsewhere
        return refused or elsewhere

    def url(self, call: Call[Any]) -> httpx.URL:
        """The call's URL, without the key."""
        if not call.path.startswith(("http://", "https://")):
            return httpx.URL(self.server + call.path)
        try:
            return httpx.URL(call.path).copy_remove_param("api_key")
        except httpx.InvalidURL:
            raise OpenMLServerError(
                f"Could not {display(call.purpose, 200)}: the server names an address that cannot "
                f"be used ({display(call.path, 100)}). Report it to OpenML."
            ) from None

    def shown_url(self, call: Call[Any]) -> str:
        """The call's URL for messages and files: without the key, user name and password."""
        return str(self.url(call).copy_with(userinfo=b""))

    def request(self, call: Call[Any]) -> dict[str, Any]:
        """Keyword arguments of httpx's ``build_request``: the key only where the call says so."""
        if self.why_read_only and not call.repeatable:
            raise UsageError(f"Could not {display(call.purpose, 200)}: {self.why_read_only}.")
        url, form = self.url(call), dict(call.form)
        if call.key != "none":
            if self.api_key is not None:
                self._check_host(call, url)
                if call.key == "query":
                    url = url.copy_merge_params({"api_key": self.api_key.reveal()})
                else:
                    form["api_key"] = self.api_key.reveal()
            elif call.key_needed:
                raise OpenMLAuthenticationError(
                    f"Could not {display(call.purpose, 200)}: there is no API key. "
                    f"{self.key_advice}",
                    102,
                )
        arguments: dict[str, Any] = {"method": call.method, "url": url}
        if call.method == "POST":
            arguments |= {"data": form, "files": call.files}
        return arguments

    def _check_host(self, call: Call[Any], url: httpx.URL) -> None:
        server = httpx.URL(self.server)
        if (url.scheme, url.host, url.port) != (server.scheme, server.host, server.port):
            raise UsageError(
                f"Could not {display(call.purpose, 200)}: the API key is for {self.host}, "
                f"not for {display(url.host, 100)}."
            )

    def redirected(self, call: Call[Any], response: httpx.Response) -> httpx.URL | None:
        """Where a reply sends us, without the key if that is another host; None if nowhere.

        Raises OpenMLServerError for a write: it is not sent on, since it would be sent twice, or
        its key would reach another host.
        """
        if response.status_code not in (301, 302, 303, 307, 308):
            return None
        source = response.request.url
        target = source.join(response.headers.get("location", ""))
        if call.method != "GET":
            raise OpenMLServerError(
                f"Could not {display(call.purpose, 200)}: the server sends requests on to "
                f"{_origin(target)}. Give that address with --server.",
                url=self.shown_url(call),
                status=response.status_code,
            )
        weaker = source.scheme == "https" and target.scheme != "https"
        if target.netloc != source.netloc or weaker:
            target = target.copy_remove_param("api_key").copy_with(userinfo=b"")
        return target

    def circles(self, call: Call[Any]) -> OpenMLServerError:
        """The exception for a server that sends a request on and on."""
        return OpenMLServerError(
            f"Could not {display(call.purpose, 200)}: the server sends us in circles. "
            "Check the server URL: V1 ends in /api/v1/xml/.",
            url=self.shown_url(call),
        )

    def closed(self, call: Call[Any]) -> OpenMLConnectionError:
        """The exception for a request of a client that is closed: it was not sent."""
        return OpenMLConnectionError(
            f"Could not {display(call.purpose, 200)}: the connection to {self.host} was closed "
            "here. Open another client.",
            url=self.shown_url(call),
            sent=False,
        )

    def answer(self, call: Call[Any], response: httpx.Response, body: bytes) -> Answer:
        """A reply without what the readers need not know: no key, should the server quote it."""
        if self.api_key is not None:
            body = body.replace(self.api_key.reveal().encode(), b"****")
        return Answer(
            status=response.status_code,
            content_type=response.headers.get("content-type", "").lower(),
            body=body,
            url=self.shown_url(call),
            retry_after=_seconds(response.headers.get("retry-after")),
            uploaded=_length(response.request),
        )

    def conclude(self, call: Call[T], answer: Answer) -> T:
        """The call's result, or the exception that the reply stands for."""
        error = failure(answer, display(call.purpose, 200), file=call.largest is not None)
        if error is None:
            try:
                return call.read(answer)
            except AnswerError as unread:
                message = f"Could not {display(call.purpose, 200)}: {unread}"
                message = self.without_key(message)
                raise AnswerError(message, url=answer.url, status=answer.status) from None
        code = getattr(error, "code", None) or 0
        result = call.on_code.get(code)
        if result is not None:
            return result()
        if code == NO_KEY and call.key != "none" and self.api_key is not None:
            error = key_unseen(error, answer, display(call.purpose, 200))
        error.retry_after = answer.retry_after
        error.message = self.without_key(error.message)
        error.args = (self.without_key(str(error)), *error.args[1:])
        raise error

    def broken(self, call: Call[Any], error: Exception) -> OpenMLConnectionError:
        """The exception for a request that got no reply, in words; no URL with a key in it."""
        never_left = (
            httpx.ConnectError,
            httpx.ConnectTimeout,
            httpx.PoolTimeout,
            httpx.UnsupportedProtocol,
            httpx.ProxyError,
            httpx.InvalidURL,
        )
        if isinstance(error, UnusableProxyError):
            sentence = f"Could not {display(call.purpose, 200)}: {self.without_key(str(error))}"
            return OpenMLProxyError(sentence, url=self.shown_url(call), sent=False)
        sent = not isinstance(error, never_left)
        where = _origin(self.url(call))
        reason = self._reason(error)
        network = "Check the address and your network."
        if isinstance(error, httpx.ConnectTimeout):
            why, step = f"{where} does not answer", network
        elif isinstance(error, httpx.PoolTimeout):
            why, step = "too many requests are under way", "Try again in a moment."
        elif isinstance(error, httpx.TimeoutException):
            why, step = f"{where} took too long", "Try again, or ask for less at once."
        elif isinstance(error, ProxyFailedError):
            why = f"{where} cannot be reached ({reason})"
            step = "Check the proxy, or unset the variable."
        elif isinstance(error, (httpx.ConnectError, httpx.ProxyError)):
            why, step = f"{where} cannot be reached ({reason})", network
        elif isinstance(error, httpx.DecodingError):
            why, step = f"{where} sent what cannot be unpacked ({reason})", "Try again."
        elif not sent:
            why, step = f"{where} leads to an address that cannot be used ({reason})", network
        else:
            why, step = f"{where} cut the connection ({reason})", "Try again."
        if sent and not call.repeatable:
            step = "It may have been done all the same; look at the run before trying again."
        message = f"Could not {display(call.purpose, 200)}: {why}. {step}"
        return OpenMLConnectionError(message, url=self.shown_url(call), sent=sent)

    def without_key(self, text: str) -> str:
        """A text with the key struck out, should a server or a proxy have quoted it."""
        if self.api_key is None:
            return text
        return re.sub(re.escape(self.api_key.reveal()), "****", text, flags=re.IGNORECASE)

    def _reason(self, error: Exception) -> str:
        words = display(str(error) or type(error).__name__, 200)
        return self.without_key(words).rstrip(".")


def _origin(url: httpx.URL) -> str:
    """Scheme, host and port of a URL, for messages."""
    port = f":{url.port}" if url.port else ""
    return display(f"{url.scheme}://{url.host}{port}", 200)


def _length(request: httpx.Request) -> int:
    length = request.headers.get("content-length", "")
    return int(length) if length.isdecimal() else 0


def _seconds(retry_after: str | None) -> float | None:
    """Retry-After in seconds, from a number or a date."""
    if not retry_after:
        return None
    try:
        number = float(retry_after)
    except ValueError:
        pass
    else:
        return min(max(0.0, number), 1e9) if number == number else None
    try:
        when = email.utils.parsedate_to_datetime(retry_after)
        return max(0.0, when.timestamp() - time.time())
    except (ValueError, OverflowError, TypeError):
        return None
