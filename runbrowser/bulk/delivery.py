"""Sends the requests of an action: what is a refusal, what a doubt, and what ends the whole.

Every write is sent once. Code 107, told before anything is done, and 429 pause the action and let
it go on; a refused key or a server that is gone end it. See "Writes" in docs/protocol.md.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from runbrowser.bulk.permission import READ_ONLY_ACCOUNT, key_words
from runbrowser.bulk.remarks import Reason, Remark, remark
from runbrowser.client.call import Call
from runbrowser.client.calls import v1
from runbrowser.client.http import AsyncHTTPClient
from runbrowser.client.resources.settle import doubtful
from runbrowser.client.retry import DATABASE_UNREACHABLE, OVERLOADED
from runbrowser.errors import (
    OpenMLAuthenticationError,
    OpenMLConnectionError,
    OpenMLServerError,
    OpenMLServerException,
    RunbrowserError,
)
from runbrowser.models import Run

T = TypeVar("T")

NO_SUCH_RUN = frozenset({235, 236})
_TOO_MANY_REQUESTS = 429


@dataclass(frozen=True, slots=True)
class Patience:
    """How long an action waits, in seconds.

    ``pauses``: before it goes on after each refusal in a row for want of a database; then it ends.
    ``looks``: before each look at a run whose write is in doubt. ``upload``: how long a lost
    upload may still be under way on the server. ``grace``: for requests that have left, when the
    action is cancelled.
    """

    pauses: tuple[float, ...] = (5.0, 10.0, 20.0, 40.0)
    looks: tuple[float, ...] = (0.0, 1.0, 3.0)
    upload: float = 60.0
    grace: float = 0.3


class HaltError(RunbrowserError):
    """The action cannot go on for any run; the words say why, once. ``code`` is the server's."""

    @property
    def code(self) -> int | None:
        """The code of the refusal that it was raised from, if it was one."""
        return getattr(self.__cause__, "code", None)


class DoubtError(RunbrowserError):
    """A write was sent, and its reply does not tell whether it was done.

    ``code`` is 105 where the server says that only its search index failed, else None.
    """

    def __init__(self, message: str, code: int | None = None) -> None:
        super().__init__(message)
        self.code = code


class UnknownError(HaltError):
    """A write is in doubt, and the run cannot be looked at: nobody knows."""


class Delivery:
    """Requests of one action over one client. ``said`` hears of pauses."""

    def __init__(
        self,
        http: AsyncHTTPClient,
        *,
        stop: asyncio.Event | None = None,
        said: Callable[[Remark], None] | None = None,
        key_origin: str = "",
        patience: Patience | None = None,
    ) -> None:
        self.http = http
        self.stop = stop or asyncio.Event()
        self.patience = patience or Patience()
        self.say = said or (lambda remark: None)
        self._key_origin = key_origin
        self._paused = 0  # pauses so far, to see whether another request has just waited
        self._in_a_row = 0
        self._pausing = asyncio.Lock()

    async def read(self, call: Call[T]) -> T:
        """A read's result, never a kept one. HaltError: server gone, or key refused."""
        while True:
            before = self._paused
            try:
                result = await self.http.send(call, reset_cache=True)
            except OpenMLConnectionError as error:
                raise HaltError(str(error)) from error
            except OpenMLAuthenticationError as error:
                raise HaltError(key_words(error, self._key_origin)) from error
            except OpenMLServerError as error:
                if getattr(error, "code", None) == READ_ONLY_ACCOUNT:
                    raise HaltError(key_words(error, self._key_origin)) from error
                if not (_told_before(error) or error.status in OVERLOADED):
                    raise
                await self.pause(error, before)
            else:
                self._in_a_row = 0
                return result

    async def write(self, call: Call[T]) -> T:
        """A write's result; it is sent once.

        OpenMLServerException: the server refused, nothing was done. DoubtError: it may have been
        done. HaltError: it was not done, and no other would be.
        """
        while True:
            before = self._paused
            try:
                result = await self.http.send(call)
            except OpenMLAuthenticationError as error:
                raise HaltError(key_words(error, self._key_origin)) from error
            except OpenMLServerError as error:
                if _told_before(error):
                    await self.pause(error, before)
                    continue
                if doubtful(error):
                    raise DoubtError(
                        _first_sentence(error), getattr(error, "code", None)
                    ) from error
                if isinstance(error, OpenMLServerException):
                    if error.code == READ_ONLY_ACCOUNT:
                        raise HaltError(key_words(error, self._key_origin)) from error
                    raise
                raise HaltError(str(error)) from error
            self._in_a_row = 0
            return result

    async def pause(self, error: OpenMLServerError, before: int) -> None:
        """Waits before going on, unless another request has since ``before``. HaltError when that
        was done often enough, or when the user stops meanwhile.
        """
        async with self._pausing:
            if self._paused != before:
                return
            if self._in_a_row >= len(self.patience.pauses):
                raise HaltError(str(error)) from error
            seconds = max(self.patience.pauses[self._in_a_row], error.retry_after or 0.0)
            self._in_a_row += 1
            self.say(remark(Reason.PAUSING, _first_sentence(error), seconds))
            if await self.stopped_within(seconds):
                raise HaltError("Stopped.")
            self._paused += 1

    async def stopped_within(self, seconds: float) -> bool:
        """Waits so long, or until the user stops: whether that happened."""
        if seconds <= 0:
            return self.stop.is_set()
        try:
            await asyncio.wait_for(self.stop.wait(), seconds)
        except TimeoutError:
            return False
        return True

    async def look(self, run_id: int) -> Run | None:
        """A run as it is now; None when there is none. Raises as :meth:`read`."""
        try:
            return await self.read(v1.get_run(run_id))
        except OpenMLServerException as error:
            if error.code in NO_SUCH_RUN:
                return None
            raise

    async def settle(self, run_id: int, done: Callable[[Run | None], bool]) -> bool:
        """Whether a write in doubt was done, by looking at its run until it shows.

        False after the last look: it was not done, as far as can be seen. UnknownError when the
        run cannot be looked at.
        """
        failure: Exception | None = None
        for wait in self.patience.looks:
            await asyncio.sleep(wait)
            try:
                run = await self.http.send(v1.get_run(run_id), reset_cache=True)
                failure = None
            except OpenMLServerException as error:
                if error.code not in NO_SUCH_RUN:
                    failure = error
                    continue
                run, failure = None, None
            except OpenMLServerError as error:
                failure = error
                if self.http.is_closed:  # the browser is left: the next start looks
                    break
                continue
            if done(run):
                return True
        if failure is not None:
            raise UnknownError(str(failure)) from failure
        return False


def _told_before(error: OpenMLServerError) -> bool:
    """Whether the server says that it has not begun, and may later."""
    code = getattr(error, "code", None)
    return code == DATABASE_UNREACHABLE or (code is None and error.status == _TOO_MANY_REQUESTS)


def _first_sentence(error: OpenMLServerError) -> str:
    """What went wrong, without the advice, which here is not the user's to follow."""
    return str(error).partition(". ")[0].rstrip(".")
