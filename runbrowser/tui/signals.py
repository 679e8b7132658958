"""Signals between parts of the browser that need to know nothing of each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Signal(Generic[T]):
    """Tells whoever subscribed of a value, in the order of subscription; needs no widget."""

    def __init__(self) -> None:
        self._subscribers: list[Callable[[T], None]] = []

    def subscribe(self, subscriber: Callable[[T], None]) -> Callable[[], None]:
        """Calls ``subscriber`` with every value from now on; the result ends that."""
        self._subscribers.append(subscriber)

        def unsubscribe() -> None:
            if subscriber in self._subscribers:
                self._subscribers.remove(subscriber)

        return unsubscribe

    def emit(self, value: T) -> None:
        """Tells all; who subscribes or leaves meanwhile counts from the next value on."""
        for subscriber in tuple(self._subscribers):
            subscriber(value)
