"""What the sections of the page are built from: titles, hanging values, blocks for numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import isfinite
from textwrap import wrap

from textual.content import Content

from runbrowser.pages.rows import number
from runbrowser.triage.folds import fold_spread

FAINT = "$text-muted"
BLOCKS = "\u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588"
MISSING = "\u00b7"


def finite(values: Iterable[float | None]) -> list[float]:
    """The values that are numbers."""
    return [value for value in values if value is not None and isfinite(value)]


def share(value: float, low: float, high: float) -> float:
    """Where a value stands between two others, 0 to 1; they may be as far apart as floats go."""
    span = high / 2 - low / 2  # halves: their difference is always a number
    return min(1.0, max(0.0, (value / 2 - low / 2) / span)) if span > 0 else 0.5


def blocks(
    values: Sequence[float | None],
    *,
    among: Sequence[float | None] | None = None,
    highest: str = BLOCKS[7],
) -> str:
    """One block a value, the lowest value lowest; a middle dot for a missing or infinite one.

    ``among`` are the values that the lowest and the highest are taken from, where these are only
    some of them; ``highest`` is the block of the highest: a lower one keeps lines apart.
    """
    known = finite(values if among is None else among)
    if not known:
        return ""
    low, high, steps = min(known), max(known), BLOCKS.index(highest)
    flat = high / 2 - low / 2 <= 0
    return "".join(
        MISSING
        if value is None or not isfinite(value)
        else BLOCKS[3]
        if flat
        else BLOCKS[round(share(value, low, high) * steps)]
        for value in values
    )


def bar(part: float, width: int) -> str:
    """A bar for a part of 1, to half a cell; half as high as a line, so that bars stay apart."""
    full, half = divmod(round(max(0.0, min(1.0, part)) * width * 2), 2)
    return "\u2584" * full + "\u2596" * half


def deviation(values: Sequence[float]) -> str:
    """The sample deviation of folds, as it is shown; '' where there is none, or none that is a
    number.
    """
    found = fold_spread(values)
    return "" if found is None or found.deviation is None else f"\u00b1 {number(found.deviation)}"


def title(text: str, after: str = "") -> list[Content]:
    """An empty line and a title; ``after`` is said faintly beside it."""
    return [Content(""), Content.assemble((text, "bold $text-primary"), (after, FAINT))]


def hang(name: str, value: str, width: int, indent: int, style: str = "") -> list[Content]:
    """A name and its value, the value's further lines standing under its first."""
    room = max(12, width - indent)
    pieces = wrap(value, room, break_on_hyphens=False, replace_whitespace=False) or [""]
    first = Content.assemble((f"{name:<{indent}}", FAINT), (pieces[0], style))
    return [first, *(Content.styled(" " * indent + piece, style) for piece in pieces[1:])]


def told(text: str, width: int, style: str = FAINT) -> list[Content]:
    """A sentence of ours, broken between words."""
    return [Content.styled(line, style) for line in wrap(text, max(12, width))]
