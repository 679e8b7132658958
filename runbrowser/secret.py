"""The API key as a value that shows itself to nobody."""

from __future__ import annotations

import re
import weakref
from typing import Any

_SHORTEST = 8  # characters: a shorter one would be struck out of words that are no keys
_known: weakref.WeakSet[ApiKey] = weakref.WeakSet()


class ApiKey:
    """A key that shows itself to nobody: only :meth:`reveal` tells it."""

    __slots__ = ("__weakref__", "_value")

    def __init__(self, value: str) -> None:
        self._value = value
        _known.add(self)

    def reveal(self) -> str:
        """The key itself, for the one request that needs it."""
        return self._value

    def __repr__(self) -> str:
        return "ApiKey(****)"

    __str__ = __repr__

    def __reduce__(self) -> str | tuple[Any, ...]:
        raise TypeError("an API key is not pickled")


def without_keys(text: str) -> str:
    """A text with every key struck out that this process holds, in whatever case it stands."""
    for key in tuple(_known):
        value = key.reveal()
        if len(value) >= _SHORTEST and value.lower() in text.lower():
            text = re.sub(re.escape(value), "****", text, flags=re.IGNORECASE)
    return text
