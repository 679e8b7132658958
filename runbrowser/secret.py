"""The API key as a value that shows itself to nobody."""

from __future__ import annotations

from typing import Any


class ApiKey:
    """A key that shows itself to nobody: only :meth:`reveal` tells it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The key itself, for the one request that needs it."""
        return self._value

    def __repr__(self) -> str:
        return "ApiKey(****)"

    __str__ = __repr__

    def __reduce__(self) -> str | tuple[Any, ...]:
        raise TypeError("an API key is not pickled")
