"""Work on many things at once, its results in their order; never more than a few under way."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def in_turn(
    function: Callable[[T], R], items: Iterable[T], at_once: int
) -> Iterator[tuple[T, Future[R]]]:
    """Each item with the future of its result, which is there, in the order of the items.

    At most ``at_once`` items are begun and not yet given, so that results do not pile up either.
    The threads end with the program: one that waits for a server does not keep it from stopping.
    """
    waiting: deque[tuple[T, Future[R]]] = deque()
    for item in items:
        waiting.append((item, _started(function, item)))
        if len(waiting) == at_once:
            yield _oldest(waiting)
    while waiting:
        yield _oldest(waiting)


def _oldest(waiting: deque[tuple[T, Future[R]]]) -> tuple[T, Future[R]]:
    item, future = waiting.popleft()
    future.exception()  # waits
    return item, future


def _started(function: Callable[[T], R], item: T) -> Future[R]:
    future: Future[R] = Future()

    def work() -> None:
        try:
            future.set_result(function(item))
        except BaseException as error:  # noqa: BLE001 - it is raised where the result is asked for
            future.set_exception(error)

    threading.Thread(target=work, name="runbrowser-runs", daemon=True).start()
    return future
