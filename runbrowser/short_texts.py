"""A cache for functions of foreign texts that cannot be filled with long ones."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Concatenate, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

LONGEST = 1_000
"""Characters of a text whose result is remembered; what people write is shorter."""


def cached_for_short_texts(
    most: int,
) -> Callable[[Callable[Concatenate[str, P], T]], Callable[Concatenate[str, P], T]]:
    """As ``lru_cache(most)`` for a function of a text, and of what can be hashed besides. What a
    longer text gives is worked out each time: a cache of a fixed number of texts holds gigabytes
    when each is a megabyte.
    """

    def decorate(function: Callable[Concatenate[str, P], T]) -> Callable[Concatenate[str, P], T]:
        cached = lru_cache(most)(function)

        @wraps(function)
        def look_up(text: str, /, *more: P.args, **options: P.kwargs) -> T:
            if len(text) > LONGEST:
                return function(text, *more, **options)
            return cached(text, *more, **options)  # type: ignore[arg-type]

        return look_up

    return decorate
