"""Lines of cells: what stands in them, where two of them differ, which have to be sent whole."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from textual.strip import Strip

NEVER = -1
"""The pen of a cell of which nobody knows what it shows."""


class Row:
    """One line of cells. A wide character stands in its first cell; its second one is ''."""

    __slots__ = ("pens", "strips", "texts")

    def __init__(self, width: int, text: str = " ", pen: int = NEVER) -> None:
        self.texts = [text] * width
        self.pens = [pen] * width
        self.strips: dict[int, tuple[Strip, int]] = {}  # what was laid where last, and its end

    def copy_from(self, other: Row) -> None:
        """Takes over the cells of another row."""
        self.texts[:] = other.texts
        self.pens[:] = other.pens


class Piece(NamedTuple):
    """Cells of a line that are sent together: they have one pen."""

    y: int
    start: int
    stop: int
    pen: int
    to_end: bool = False  # all blank, to the end of the line: erased


def spans(wanted: Row, shown: Row) -> list[tuple[int, int]]:
    """Where two lines differ: first columns and ends. A wide character is sent whole, and what
    nobody ever drew is left as it is.
    """
    texts, pens, width = wanted.texts, wanted.pens, len(wanted.texts)
    found: list[tuple[int, int]] = []
    for x in range(width):
        if pens[x] == NEVER or (texts[x] == shown.texts[x] and pens[x] == shown.pens[x]):
            continue
        start = x - 1 if texts[x] == "" and x else x
        stop = x + 2 if x + 1 < width and texts[x + 1] == "" else x + 1
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(stop, found[-1][1]))
        else:
            found.append((start, stop))
    return found


def is_odd(row: Row) -> bool:
    """Whether a line holds characters to which terminals give different widths. It is sent whole,
    from left to right, so that whatever they do is put right by what follows.
    """
    text = "".join(row.texts)
    return not text.isascii() and not all(t.isascii() or is_plain(t) for t in row.texts)


@lru_cache(4096)
def is_plain(text: str) -> bool:
    """Whether every terminal gives a character the same width: single, neither emoji nor
    combining.
    """
    if len(text) != 1:
        return False
    code = ord(text)
    return (
        0xA0 <= code < 0x300  # Latin
        or 0x370 <= code < 0x530  # Greek, Cyrillic
        or (0x2010 <= code < 0x2060 and code not in (0x203C, 0x2049))
        or 0x2190 <= code < 0x231A  # arrows, signs of mathematics
        or 0x2400 <= code < 0x2440  # pictures of control characters
        or 0x2500 <= code < 0x25FD  # lines, blocks, shapes
        or code in (0x2605, 0x2606, 0x2713, 0x2715, 0x2717, 0x2718)  # stars, ticks, crosses
        or 0x2800 <= code < 0x2900  # braille
        or 0x3041 <= code < 0x3100  # kana
        or 0x4E00 <= code < 0xA000  # CJK
        or 0xAC00 <= code < 0xD7A4  # Hangul
    )
