"""Values per class, as the server writes them: ``[0.98,0.91]`` or ``[[48,2],[1,49]]`` as text."""

from __future__ import annotations

import json
import re

__all__ = ["read_array", "read_matrix"]

Value = float | None

_MOST = 1_000_000  # characters; more was never recorded and is not worth reading
# What engines write for a value that is missing, and JSON does not know. Java's DecimalFormat
# writes NaN as U+FFFD and infinity as a sign of its own.
_MISSING = re.compile(
    r"(?<=[\[,\s])[-+]?(?:\?|\ufffd|nan|na|infinity|\u221e|inf|null|none)(?=[\],\s])",
    re.IGNORECASE,
)


def _loaded(text: str | None) -> object:
    if not text or len(text) > _MOST or not text.lstrip().startswith("["):
        return None
    try:
        return json.loads(_MISSING.sub("null", text))
    except (ValueError, RecursionError):
        return None


def _values(found: object) -> list[Value] | None:
    if not isinstance(found, list) or not found:
        return None
    values: list[Value] = []
    for value in found:
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            return None
        try:
            values.append(None if value is None else float(value))
        except OverflowError:
            return None
    return values


def read_array(text: str | None) -> list[Value] | None:
    """One value a class; None for a value that is missing, and for a text that is no such list."""
    return _values(_loaded(text))


def read_matrix(text: str | None) -> list[list[int]] | None:
    """Row counts [k][k], true classes down and predicted ones across; None for any other text."""
    found = _loaded(text)
    if not isinstance(found, list) or not found:
        return None
    rows = []
    for row in found:
        values = _values(row)
        if values is None or len(values) != len(found):
            return None
        counts = [int(value) for value in values if value is not None and value == value // 1]
        if len(counts) != len(values) or min(counts) < 0:
            return None
        rows.append(counts)
    return rows
