"""Keys and what they do, as lines at the foot of a screen."""

from __future__ import annotations

from collections.abc import Sequence

from runbrowser.pages.lines import FAINT, Line, line_width, spans


def hints(pairs: Sequence[tuple[str, str]], width: int, most: int | None = None) -> list[Line]:
    """Keys and what they do, in as many lines as they take, or as many as there may be."""
    lines: list[Line] = [[]]
    for key, label in pairs:
        pair = spans((key, "strong-accent"), (f" {label}", FAINT))
        if lines[-1] and line_width(lines[-1]) + 3 + line_width(pair) > width:
            lines.append([])
        lines[-1] += [*spans("   " if lines[-1] else ""), *pair]
    return lines[:most]
