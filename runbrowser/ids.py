"""The one strict reader of ids: what a person or a program gives, as plain whole numbers.

An id is a whole number of any integer type (Python's, NumPy's), an enum's member with such a value,
or its digits as text. ``True``, 1.5, 1.0, -3, "1,2" and a list where one id is meant are refused
before anything is sent: a delete must not hit run 1 because somebody passed a flag.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any, SupportsIndex

from runbrowser.errors import UsageError, UsageTypeError
from runbrowser.text import display

Id = SupportsIndex | str | Enum
"""What stands for one id."""
Ids = Id | Iterable[Id] | None
"""What stands for ids: one, several, or None for no restriction; an empty list matches nothing."""

MOST_DIGITS = 18
"""More do not fit into a server's whole numbers."""


def one_id(value: Id, what: str = "an id") -> int:
    """The whole number that a value stands for.

    ``what`` names it in messages, such as "a run id". Raises UsageTypeError (a TypeError) for a
    value of another kind, UsageError (a ValueError) for a negative number, one with more than 18
    digits, and a text that is not digits alone.
    """
    if isinstance(value, Enum) and not isinstance(value, int):
        value = value.value
    if isinstance(value, str):
        if not (value.isascii() and value.isdecimal()):
            raise _wrong(UsageError, what, value)
        number = int(value) if len(value.lstrip("0")) <= MOST_DIGITS else -1
    else:
        if isinstance(value, bool) or type(value).__name__ in ("bool_", "bool"):
            raise _wrong(UsageTypeError, what, value)
        try:
            number = operator.index(value)  # type: ignore[arg-type]
        except TypeError:
            raise _wrong(UsageTypeError, what, value) from None
    if not 0 <= number < 10**MOST_DIGITS:
        raise _wrong(UsageError, what, value)
    return int(number)


def many_ids(value: Ids, what: str = "an id") -> tuple[int, ...] | None:
    """The whole numbers that one, several or no ids stand for, in their order; None for None.

    Any iterable of ids will do: a list, set, range, generator, an array or a DataFrame's column.
    Raises as :func:`one_id`, naming the first value that is no id.
    """
    if value is None:
        return None
    if isinstance(value, (bytes, bytearray, memoryview, Mapping)):
        raise _wrong(UsageTypeError, f"{what} or a list of them", value)
    if isinstance(value, (str, Enum)) or not isinstance(value, Iterable):
        return (one_id(value, what),)
    if getattr(value, "ndim", 1) != 1:  # NumPy's scalars and tables
        return tuple(one_id(member, what) for member in _flat(value, what))
    return tuple(one_id(member, what) for member in value)


def _flat(value: Any, what: str) -> Iterable[Any]:
    if value.ndim == 0:
        return (value[()],)
    raise _wrong(UsageTypeError, f"{what} or a list of them", value)


def _wrong(kind: type[UsageError], what: str, value: object) -> UsageError:
    shown = display(repr(value), 60)
    return kind(f"{what[:1].upper()}{what[1:]} is a whole number without sign, not {shown}.")
