"""A critical-difference diagram (Demsar 2006) in text: mean ranks on an axis, and under it a line
through those that do not differ significantly.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from runbrowser.pages.lines import FAINT, Line, spans
from runbrowser.pages.suite.words import letter
from runbrowser.text import fit
from runbrowser.triage.suite.model import SuiteComparison

_POINT, _LINE, _START, _END, _MORE = "\u25cf", "\u2501", "\u251c", "\u2524", "\u2026"
_LONGEST_AXIS = 72


def diagram(found: SuiteComparison, names: Sequence[str], width: int) -> list[Line]:
    """The diagram for ``width`` cells, the best flow first; [] where there was no such test."""
    if found.difference is None or not found.ranks:
        return []
    count = len(found.ranks)
    longest = max(len(name) for name in names)
    axis = max(2 * count, min(_LONGEST_AXIS, width - 12 - min(longest, width // 3)))
    room = max(8, width - axis - 12)

    def at(rank: float) -> int:
        return round((rank - 1) / (count - 1) * (axis - 1))

    length = round(min(found.difference / (count - 1), 1.0) * (axis - 1))
    beyond = found.difference > count - 1
    lines = [
        spans(
            (f"{_START}{_LINE * max(0, length - 1)}{_MORE if beyond else _END}", "accent"),
            (f" critical difference {found.difference:.3f}", FAINT),
        ),
        _numbers(count, axis, at),
        spans((_scale(count, axis, at), FAINT)),
    ]
    for place in sorted(range(count), key=lambda place: (found.ranks[place], place)):
        rank = found.ranks[place]
        drawn = " " * at(rank) + _POINT
        lines.append(
            spans(
                (f"{drawn:<{axis}}", "accent"),
                (f" {rank:6.3f} ", "strong"),
                f" {letter(place)} {fit(names[place], room)}",
            )
        )
    for group in found.groups:
        start, end = at(found.ranks[group[0]]), at(found.ranks[group[-1]])
        members = " ".join(letter(place) for place in group)
        drawn = " " * start + _LINE * (end - start + 1)
        lines.append(spans((f"{drawn:<{axis}}", "second"), (f" alike: {members}", FAINT)))
    return lines


def _numbers(count: int, axis: int, at: Callable[[float], int]) -> Line:
    row = [" "] * (axis + 2)
    every = max(1, -(-4 * count // axis))
    for rank in range(1, count + 1, every):
        for offset, digit in enumerate(str(rank)):
            row[at(rank) + offset] = digit
    return spans(("".join(row).rstrip(), FAINT))


def _scale(count: int, axis: int, at: Callable[[float], int]) -> str:
    row = ["\u2500"] * axis
    for rank in range(1, count + 1):
        row[at(rank)] = "\u253c"
    return "".join(row)
