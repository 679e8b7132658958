"""Lists and tables that know what of them could not be read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Generic, TypeVar

T = TypeVar("T")
K = TypeVar("K")


class Rows(list[T], Generic[T]):
    """A list as the server sent it: ``unread`` holds the text of rows that could not be read,
    ``notices`` what the server wrote beside them, in words.
    """

    def __init__(
        self,
        rows: Iterable[T] = (),
        *,
        unread: tuple[str, ...] = (),
        notices: tuple[str, ...] = (),
    ) -> None:
        super().__init__(rows)
        self.unread = unread
        self.notices = notices


class Table(dict[K, T], Generic[K, T]):
    """As :class:`Rows`, for what the server tells by id."""

    def __init__(
        self,
        rows: Mapping[K, T] | Iterable[tuple[K, T]] = (),
        *,
        unread: tuple[str, ...] = (),
        notices: tuple[str, ...] = (),
    ) -> None:
        super().__init__(rows)
        self.unread = unread
        self.notices = notices
