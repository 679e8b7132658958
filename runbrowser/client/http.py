"""Sends calls: the only code of the client that speaks to a server.

HTTPClient and AsyncHTTPClient share everything but the sending itself: what goes into a request
and what a reply means is decided by :class:`Sender` and the call, what is sent again by ``retry``,
what is kept by ``cache``.
"""

from __future__ import annotations

import asyncio
import contextlib
import copy
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Self, TypeVar

import httpx

from runbrowser.client.call import Answer, Call
from runbrowser.client.connections import DEFAULT_TIMEOUT, async_client, blocking_client
from runbrowser.client.intake import Receiver, Sink
from runbrowser.client.remarks import OnNotice, remarks
from runbrowser.client.retry import OnRetry, RetryPolicy, attempts, policy_of
from runbrowser.client.sender import (
    FAILURES,
    MAX_REDIRECTS,
    Documents,
    Sealed,
    Sender,
)
from runbrowser.errors import OpenMLServerError, UsageError
from runbrowser.secret import ApiKey
from runbrowser.text import display

if TYPE_CHECKING:
    from runbrowser.client.cache import ReplyCache

__all__ = ["DEFAULT_TIMEOUT", "AsyncHTTPClient", "HTTPClient", "Sender"]

T = TypeVar("T")

_LARGE = 20_000
"""Replies above so many bytes are read in a thread, so that the event loop goes on: a description
of that size takes about 8 ms."""


def _portable(sender: Sender, left: tuple[str, ...]) -> dict[str, Any]:
    """A client's state without the attributes in ``left``."""
    state = sender.__dict__ | dict.fromkeys(left)
    if sender.api_key is not None:
        state["key_advice"] = "A client is pickled without its key: give it again."
    return state


def received(receiver: Documents) -> Answer:
    """The answer of a reply that has come."""
    if receiver.answer is None:
        raise AssertionError("a reply that came is an answer or an exception")
    return receiver.answer


async def _received(response: httpx.Response, sink: Sink) -> OpenMLServerError | None:
    with contextlib.closing(sink):
        async for piece in response.aiter_raw():
            if sink.takes_long(piece):
                await asyncio.to_thread(sink.take, piece)
            else:
                sink.take(piece)
            sink.progress()
            if sink.full:
                break
        if sink.takes_long(b""):
            return await asyncio.to_thread(sink.end)
        return sink.end()


class HTTPClient(Sender):
    """Sends calls to one server, blocking.

    ``server`` is a base such as ``https://www.openml.org/api/v1/xml/``; ``timeout`` is in seconds
    or an ``httpx.Timeout``; ``retry`` is 'human' (the default), 'robot', 'none' or a RetryPolicy,
    and ``on_retry(call, attempt, wait_seconds, error)`` is told before each repetition;
    ``on_notice(call, sentence)`` is told what was odd about a reply that was read; ``cache`` is a
    ReplyCache, or None to keep nothing. It may be shared by threads.
    """

    def __init__(
        self,
        server: str,
        api_key: str | ApiKey | None = None,
        *,
        timeout: httpx.Timeout | float | None = None,
        retry: RetryPolicy | str | None = None,
        cache: ReplyCache | None = None,
        on_retry: OnRetry | None = None,
        on_notice: OnNotice | None = None,
    ) -> None:
        super().__init__(server, api_key)
        self.policy = policy_of(retry)
        self.on_retry = on_retry
        self.on_notice = on_notice
        self.cache = cache
        self._timeout = timeout
        self._client = blocking_client(timeout)
        self._writer: httpx.Client | None = None

    def send(self, call: Call[T], *, reset_cache: bool = False) -> T:
        """The call's result.

        A kept reply is used unless ``reset_cache``; one that is too old is used only if the server
        cannot be reached. Raises OpenMLServerError and its kinds, in words for a person.
        """
        result, answer = self._found(call, reset_cache)
        if self.on_notice is not None:
            for sentence in remarks(call, result, answer.notices if answer is not None else ()):
                self.on_notice(call, sentence)
        return result

    def _found(self, call: Call[T], reset_cache: bool) -> tuple[T, Answer | None]:
        """The result, and the reply that it was read from unless that was kept."""
        if self.cache is None:
            return self._ask(call)
        kept = self.cache.find(self, call) if call.keep and not reset_cache else None
        if kept is not None and kept.fresh:
            return kept.result, None
        asked_at = self.cache.mark()
        try:
            result, answer = self._ask(call)
        except OpenMLServerError as error:
            self.cache.after_failure(self, call, error)
            if kept is None or not kept.stands_in_for(error):
                raise
            return kept.result, None
        except BaseException:  # broken off: a write may have been done
            self.cache.forget(self, call)
            raise
        self.cache.after_answer(self, call, answer, asked_at)
        return result, answer

    def _ask(self, call: Call[T]) -> tuple[T, Answer]:
        asked = self.as_owner(call)
        try:
            return self._repeat(asked)
        except OpenMLServerError as error:
            if asked is call or not self.without_owner(error):
                raise
        return self._repeat(call)

    def _repeat(self, call: Call[T]) -> tuple[T, Answer]:
        for attempt in attempts(self.policy, call, self.on_retry):
            with attempt:
                receiver = Documents(self, call)
                error = self.receive(call, receiver)
                if error is not None:
                    raise error
                answer = received(receiver)
                return self.conclude(call, answer), answer
        raise AssertionError("the last attempt returns or raises")

    def receive(self, call: Call[Any], receiver: Receiver) -> OpenMLServerError | None:
        """Sends a call once and gives its reply to a receiver; the exception to raise if there is
        none or it is not what was asked for: raised from here, it would carry the frames of httpx
        with it, in whose variables the key stands.
        """
        arguments = Sealed(self.request(call))
        client = self._client if call.repeatable else self._writing_client()
        try:
            for _ in range(MAX_REDIRECTS):
                request = client.build_request(**arguments.value, headers=receiver.headers())
                with contextlib.closing(client.send(request, stream=True)) as response:
                    target = Sealed(self.redirected(call, response))
                    if target.value is not None:
                        arguments.value["url"] = target.value
                        continue
                    with contextlib.closing(receiver.begin(response)) as sink:
                        for piece in response.iter_raw():
                            sink.take(piece)
                            sink.progress()
                            if sink.full:
                                break
                        return sink.end()
        except FAILURES as error:
            return self.broken(call, error)
        except OpenMLServerError as error:
            return error.with_traceback(None)
        except RuntimeError:  # httpx's word for a client that was closed
            if not client.is_closed:
                raise
            return self.closed(call)
        return self.circles(call)

    def _writing_client(self) -> httpx.Client:
        if self._writer is None:
            self._writer = blocking_client(self._timeout, keep_alive=False)
        return self._writer

    def __getstate__(self) -> dict[str, Any]:
        """What is pickled: neither connections nor the key nor who is told of repetitions. The
        twin can read; a key has to be given to it where it is unpickled.
        """
        return _portable(self, ("_client", "_writer", "api_key", "on_retry", "on_notice"))

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._client = blocking_client(self._timeout)

    @contextlib.contextmanager
    def at_hand(self) -> Iterator[HTTPClient]:
        """This client, or one like it for the length of the block if this one was closed."""
        if not self.is_closed:
            yield self
            return
        with copy.copy(self) as twin:
            yield twin

    @property
    def is_closed(self) -> bool:
        """Whether it was closed: nothing can be sent any more."""
        return self._client.is_closed

    def close(self) -> None:
        """Closes all connections."""
        self._client.close()
        if self._writer is not None:
            self._writer.close()

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
        retry: RetryPolicy | str | None = None,
        cache: ReplyCache | None = None,
        on_retry: OnRetry | None = None,
        on_notice: OnNotice | None = None,
    ) -> None:
        super().__init__(server, api_key)
        self.policy = policy_of(retry)
        self.on_retry = on_retry
        self.on_notice = on_notice
        self.cache = cache
        self._timeout = timeout
        self._client = async_client(timeout)
        self._writer: httpx.AsyncClient | None = None
        self._loop: asyncio.AbstractEventLoop | None = None  # whose connections these are

    async def send(self, call: Call[T], *, reset_cache: bool = False) -> T:
        """See HTTPClient.send."""
        result, answer = await self._found(call, reset_cache)
        if self.on_notice is not None:
            for sentence in remarks(call, result, answer.notices if answer is not None else ()):
                self.on_notice(call, sentence)
        return result

    async def _found(self, call: Call[T], reset_cache: bool) -> tuple[T, Answer | None]:
        """See HTTPClient._found."""
        if self.cache is None:
            return await self._ask(call)
        kept = None
        if call.keep and not reset_cache:
            kept = await asyncio.to_thread(self.cache.find, self, call)
        if kept is not None and kept.fresh:
            return kept.result, None
        asked_at = self.cache.mark()
        try:
            result, answer = await self._ask(call)
        except OpenMLServerError as error:
            await asyncio.to_thread(self.cache.after_failure, self, call, error)
            if kept is None or not kept.stands_in_for(error):
                raise
            return kept.result, None
        except BaseException:  # cancelled: a write may have been done
            self.cache.forget(self, call)
            raise
        await asyncio.to_thread(self.cache.after_answer, self, call, answer, asked_at)
        return result, answer

    async def _ask(self, call: Call[T]) -> tuple[T, Answer]:
        asked = self.as_owner(call)
        try:
            return await self._repeat(asked)
        except OpenMLServerError as error:
            if asked is call or not self.without_owner(error):
                raise
        return await self._repeat(call)

    async def _repeat(self, call: Call[T]) -> tuple[T, Answer]:
        async for attempt in attempts(self.policy, call, self.on_retry):
            with attempt:
                receiver = Documents(self, call)
                error = await self.receive(call, receiver)
                if error is not None:
                    raise error
                answer = received(receiver)
                if len(answer.body) > _LARGE:
                    return await asyncio.to_thread(self.conclude, call, answer), answer
                return self.conclude(call, answer), answer
        raise AssertionError("the last attempt returns or raises")

    async def receive(self, call: Call[Any], receiver: Receiver) -> OpenMLServerError | None:
        """See HTTPClient.receive; what may take long is done in a thread."""
        loop = asyncio.get_running_loop()
        if self._loop not in (None, loop):
            raise UsageError(
                f"Could not {display(call.purpose, 200)}: this client belongs to another event "
                "loop, as of an earlier asyncio.run. Make a client in each."
            )
        self._loop = loop
        arguments = Sealed(self.request(call))
        client = self._client if call.repeatable else self._writing_client()
        try:
            for _ in range(MAX_REDIRECTS):
                request = client.build_request(**arguments.value, headers=receiver.headers())
                response = await client.send(request, stream=True)
                try:
                    target = Sealed(self.redirected(call, response))
                    if target.value is not None:
                        arguments.value["url"] = target.value
                        continue
                    return await _received(response, receiver.begin(response))
                finally:
                    await response.aclose()
        except FAILURES as error:
            return self.broken(call, error)
        except OpenMLServerError as error:
            return error.with_traceback(None)
        except RuntimeError:  # httpx's word for a client that was closed
            if not client.is_closed:
                raise
            return self.closed(call)
        return self.circles(call)

    def _writing_client(self) -> httpx.AsyncClient:
        if self._writer is None:
            self._writer = async_client(self._timeout, keep_alive=False)
        return self._writer

    def __getstate__(self) -> dict[str, Any]:
        """See HTTPClient.__getstate__."""
        left = ("_client", "_writer", "_loop", "api_key", "on_retry", "on_notice")
        return _portable(self, left)

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._client = async_client(self._timeout)

    @property
    def is_closed(self) -> bool:
        """Whether it was closed: nothing can be sent any more."""
        return self._client.is_closed

    async def close(self) -> None:
        """Closes all connections."""
        await self._client.aclose()
        if self._writer is not None:
            await self._writer.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
