"""Values of hyper-parameters, which OpenML keeps as text, as columns of one type each."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from typing import Any

_INT64 = 1 << 63


def literal(text: str) -> bool | int | float | str | None:
    """What a value's text stands for: a JSON literal is undone, so that ``0.5`` is a number,
    ``"auto"`` a text and ``null`` nothing; lists, objects and what is no JSON stay as they are.
    """
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return text
    if isinstance(found, (list, dict)):
        return text
    if isinstance(found, int) and not isinstance(found, bool) and abs(found) >= _INT64:
        return text
    return found if found is None or isinstance(found, (bool, int, float)) else str(found)


def column(texts: Sequence[str | None]) -> tuple[type, list[Any]]:
    """The type of a column and its values: bool, int or float where all are, else text. None is
    for what a run does not have.
    """
    values = [None if text is None else literal(text) for text in texts]
    kinds = {type(value) for value in values if value is not None}
    if kinds == {int, float} and _exact(values):
        return float, [None if value is None else float(value) for value in values]
    if len(kinds) == 1:
        return kinds.pop(), values
    return str, [
        None if value is None else value if isinstance(value, str) else text
        for value, text in zip(values, texts, strict=True)
    ]


def _exact(values: Iterable[Any]) -> bool:
    """Whether whole numbers among fractions stay what they are."""
    return all(
        float(value) == value
        for value in values
        if isinstance(value, int) or (isinstance(value, float) and not math.isnan(value))
    )
