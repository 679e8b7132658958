"""The filters of V1's lists: pairs of path segments, checked as V1 checks them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from ..store import LARGEST_INTEGER, Store
from .errors import ApiError
from .xmlout import is_numeric, truthy

_IDS = re.compile(r"[0-9]+(,[0-9]+)*\Z")
_UNSAFE = re.compile(r"[^a-zA-Z0-9\s.,-_()]", re.ASCII)  # `,-_` is a range, as in the server


@dataclass(frozen=True)
class Codes:
    """The error codes of one list for an illegal filter and an illegal value."""

    illegal_filter: int
    illegal_value: int


def parse(
    segments: Sequence[str], legal: Sequence[str], strings: Sequence[str], codes: Codes
) -> dict[str, str]:
    """Filters by name, from `name/value/name/value`; a last name without a value is dropped.

    strings: the filters whose value is a text; all others are one or more numbers with commas.
    Raises ApiError for a name that is not legal and for a value that is not safe.
    """
    values: dict[str, str] = {}
    illegal = []
    for position in range(0, len(segments), 2):
        name = segments[position]
        if name not in legal:
            illegal.append(name)
        elif position + 1 < len(segments):
            raw = segments[position + 1].replace("+", " ")
            values[name] = unquote_to_bytes(raw).decode("utf-8", "surrogateescape")
    if illegal:
        raise ApiError(
            codes.illegal_filter,
            f"Legal filter operators: {','.join(legal)}. "
            f"Found illegal filter(s): {', '.join(illegal)}",
        )
    unsafe = [
        name
        for name in legal
        if name in values
        and (_UNSAFE.search(values[name]) if name in strings else not _IDS.match(values[name]))
    ]
    if unsafe:
        raise ApiError(codes.illegal_value, f"Filters with illegal values: {','.join(unsafe)}")
    return values


def ids(value: str) -> list[int]:
    """The numbers of a comma list."""
    return [int(part) for part in value.split(",")]


def above(value: str | None, maximum: int) -> bool:
    """Whether a limit is over its maximum, as PHP 8 compares: as numbers, else as texts."""
    if value is None or not truthy(value):
        return False
    return float(value) > maximum if is_numeric(value) else value > str(maximum)


@dataclass(frozen=True)
class Page:
    """Which rows of a result: limit None means all."""

    limit: int | None
    offset: int


def page(values: dict[str, str], no_results: int) -> Page:
    """LIMIT and OFFSET as V1 writes them into its SQL.

    Two numbers in `limit` are offset and limit. What the database refuses ends with `no_results`.
    """
    limit, offset = values.get("limit"), values.get("offset")
    if limit is None:
        return Page(None, 0)
    numbers = ids(limit)
    if truthy(limit) and truthy(offset):
        numbers = [*ids(offset or ""), *numbers]
    if len(numbers) > 2 or max(numbers) > LARGEST_INTEGER:
        raise ApiError(no_results)
    return Page(numbers[0], 0) if len(numbers) == 1 else Page(numbers[1], numbers[0])


def check_study(store: Store, study: str | None, code: int) -> None:
    """Raise ApiError(code) unless the study exists, is made of runs and is not a legacy one."""
    if not truthy(study):
        return
    number = ids(study or "")[0]
    legal = number <= LARGEST_INTEGER and store.value(
        "SELECT 1 FROM study WHERE id = ? AND legacy = 0 AND main_entity_type = 'run'", (number,)
    )
    if not legal:
        raise ApiError(code)
