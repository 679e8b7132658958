"""The requests of a sync, at most four at once, and whether a failure means "too deep"."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TypeVar

from runbrowser.client.calls import v1
from runbrowser.client.http import HTTPClient
from runbrowser.errors import OpenMLConnectionError, OpenMLServerError, OpenMLServerException
from runbrowser.mirror.work import BLOCK, Piece
from runbrowser.models import EvaluationRow, RunFilter, RunPage, TaskInfo
from runbrowser.openml.totals import total_in

AT_ONCE = 4
"""Requests under way at once; the server is shared."""

_TOO_LATE = frozenset({500, 502, 503, 504})

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Block:
    """What a piece brought. ``received`` counts the rows that the server sent."""

    rows: RunPage | list[EvaluationRow]
    received: int

    @property
    def is_full(self) -> bool:
        """Whether more may follow."""
        return self.received >= BLOCK


class Server:
    """What a sync asks of a server; it counts the requests."""

    def __init__(self, http: HTTPClient) -> None:
        self._http = http
        self.requests = 0

    def fetch(self, piece: Piece) -> Block:
        """One block of a list."""
        self.requests += 1
        if piece.measure is None:
            page = self._http.send(v1.list_runs(piece.filter, BLOCK, piece.offset))
            return Block(page, page.received)
        rows = self._http.send(
            v1.list_evaluations(piece.filter, piece.measure, limit=BLOCK, offset=piece.offset)
        )
        return Block(rows, len(rows) + len(getattr(rows, "unread", ())))

    def look_up(self, filter: RunFilter) -> RunPage:
        """The runs with the ids of a filter."""
        self.requests += 1
        return self._http.send(v1.list_runs(filter, BLOCK))

    def total(self, filter: RunFilter) -> int | None:
        """How many rows the list of a filter has; None when the server does not tell.

        A list without a limit is refused above 10,000 rows, with the number in words.
        """
        self.requests += 1
        try:
            return self._http.send(v1.list_runs(filter, None)).received
        except OpenMLServerException as error:
            return total_in(error)

    def all_tasks(self) -> dict[int, TaskInfo]:
        """Type, data set and measure of every task."""
        found: dict[int, TaskInfo] = {}
        while True:
            self.requests += 1
            page = self._http.send(v1.list_all_tasks(BLOCK, len(found)))
            found |= page
            if len(page) < BLOCK:
                return found

    def ask(self, what: Callable[[], R]) -> R:
        """Any other question."""
        self.requests += 1
        return what()


def is_too_deep(error: BaseException) -> bool:
    """Whether a server gave up on a block after all repetitions: it took too long."""
    if isinstance(error, OpenMLServerException):
        return False
    if isinstance(error, OpenMLConnectionError):
        return error.sent
    return isinstance(error, OpenMLServerError) and error.status in _TOO_LATE


def side_by_side(
    function: Callable[[T], R],
    first: Iterable[T],
    take: Callable[[T, Future[R]], Iterable[T]],
) -> None:
    """Works on things at most four at once; ``take`` is given each with its result as soon as it
    is there, in this thread, and says what is to be done besides, which comes next.
    """
    waiting = deque(first)
    pool = ThreadPoolExecutor(AT_ONCE, "runbrowser-sync")
    under_way: dict[Future[R], T] = {}
    try:
        while waiting or under_way:
            while waiting and len(under_way) < AT_ONCE:
                thing = waiting.popleft()
                under_way[pool.submit(function, thing)] = thing
            done, _ = wait(under_way, return_when=FIRST_COMPLETED)
            for future in done:
                waiting.extendleft(take(under_way.pop(future), future))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
