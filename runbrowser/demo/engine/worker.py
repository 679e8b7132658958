"""The engine at work: a thread that takes up each new run after a while."""

from __future__ import annotations

import contextlib
import heapq
import sqlite3
import threading
import time

from ..faults import Faults
from ..store import Store

__all__ = ["Engine"]


class Engine:
    """Evaluates the runs that it is told of, one after the other, each after the same delay.

    faults: `no_evaluation` leaves every run as it is, `evaluation_delay` is the time in seconds
    between a run's arrival and its evaluation, `evaluation_error` what each evaluation fails with.
    """

    def __init__(self, store: Store, faults: Faults) -> None:
        self._store = store
        self._faults = faults
        self._due: list[tuple[float, int]] = []
        self._changed = threading.Condition()
        self._closed = False
        self._thread: threading.Thread | None = None

    def add(self, run_id: int) -> None:
        """Evaluate a run, once its time has come."""
        if self._faults.no_evaluation:
            return
        with self._changed:
            if self._closed:
                return
            heapq.heappush(self._due, (time.monotonic() + self._faults.evaluation_delay, run_id))
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="engine", daemon=True)
                self._thread.start()
            self._changed.notify()

    def close(self) -> None:
        """Begin no further evaluation, and wait for one that is under way."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()

    def _work(self) -> None:
        while (run_id := self._next()) is not None:
            from .evaluation import evaluate  # numpy is loaded with the first run, not before

            # The database may be removed under a server that is ending.
            with contextlib.suppress(sqlite3.Error):
                try:
                    evaluate(self._store, run_id, self._faults.evaluation_error)
                except (ArithmeticError, LookupError, ValueError) as error:
                    # What no check foresaw is this run's error and not the end of the engine.
                    evaluate(self._store, run_id, f"The evaluation broke off: {error!r}")

    def _next(self) -> int | None:
        """Wait for the next run that is due; None when the engine is closed."""
        with self._changed:
            while not self._closed:
                wait = self._due[0][0] - time.monotonic() if self._due else None
                if wait is not None and wait <= 0:
                    return heapq.heappop(self._due)[1]
                self._changed.wait(wait)
        return None
