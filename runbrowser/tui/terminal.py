"""Cells between Textual and the terminal: only what differs from the screen is sent.

Textual sends every cell of every region that it draws, with a whole style for each piece of text.
A terminal keeps what it shows, so most of that is sent in vain. :class:`CellBuffer` remembers what
the terminal shows, takes in what is to be shown, and gives the shortest bytes that turn the one
into the other. It knows nothing of widgets, of runs, or of how bytes reach the terminal.

What is compared are cells as the terminal gets them: colours are reduced to what it can show
(256, 16, none) before two cells are held to be different.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from rich.cells import cell_len
from rich.color import ColorSystem
from rich.style import Style
from textual.strip import Strip

from runbrowser.tui.pens import SEEN_ON_BLANKS, Pen, change, pen_of

_ERASE_TO_END = "\x1b[K"
_WORTH_ERASING = 9  # blanks in a line from which on erasing them, and moving on, is shorter
_WORTH_MOVING = 4  # cells that are shorter to send again than to move over
_NEVER = -1  # the pen of a cell of which nobody knows what it shows


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a terminal can do beyond moving its cursor. ``fills``: what it erases gets the
    background of the pen; ``erases``: it can erase some cells of a line without moving.
    """

    colors: ColorSystem | None = ColorSystem.TRUECOLOR
    fills: bool = False
    erases: bool = False


def abilities(colors: ColorSystem | None, term: str | None = None) -> Abilities:
    """What terminfo says of the terminal at hand (``TERM``); little where it says nothing."""
    try:
        import curses

        curses.setupterm(term or os.environ.get("TERM") or "dumb", 1)
        fills = curses.tigetflag("bce") == 1 and bool(curses.tigetstr("el"))
        return Abilities(colors, fills, fills and bool(curses.tigetstr("ech")))
    except Exception:  # noqa: BLE001 - no terminfo, no curses: the plainest terminal will do
        return Abilities(colors)


class Row:
    """One line of cells. A wide character stands in its first cell; its second one is ''."""

    __slots__ = ("pens", "strips", "texts")

    def __init__(self, width: int, text: str = " ", pen: int = _NEVER) -> None:
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


class CellBuffer:
    """What a terminal shows and what it is to show.

    ``lay`` takes strips in, ``flush`` gives the bytes that bring the terminal up to date.
    ``forget`` says that nobody knows any more what the terminal shows.
    """

    def __init__(self, width: int, height: int, abilities: Abilities | None = None) -> None:
        self.width, self.height = width, height
        self.abilities = abilities or Abilities()
        self._pens: list[Pen] = []
        self._numbers: dict[Pen, int] = {}
        self._pen_of_style: dict[Style | None, int] = {}
        self._wanted = [Row(width) for _ in range(height)]
        self._shown = [Row(width, "") for _ in range(height)]
        self._touched: set[int] = set()
        self._x: int | None = None  # where the terminal's cursor is; None: nobody knows
        self._y: int | None = None
        self._pen: Pen | None = None

    def forget(self) -> None:
        """Something else may have written to the terminal: all is to be sent anew."""
        self._shown = [Row(self.width, "") for _ in range(self.height)]
        self._touched = set(range(self.height))
        self._x = self._y = self._pen = None

    @property
    def pending(self) -> bool:
        """Whether something was laid since the last flush."""
        return bool(self._touched)

    # -- what is to be shown -------------------------------------------------------------------

    def lay(self, y: int, x: int, strip: Strip, end: int) -> None:
        """Lays a strip into a line from a column on, up to the column ``end``, exclusively."""
        end = min(end, self.width)
        if not 0 <= y < self.height or end <= x:
            return
        row = self._wanted[y]
        before = row.strips.get(x)
        if before is not None and before[1] == end and (before[0] is strip or before[0] == strip):
            return
        for start in [start for start, (_, stop) in row.strips.items() if start < end and stop > x]:
            del row.strips[start]
        row.strips[x] = (strip, end)
        texts, pens = self._cells(strip, end - x)
        stop = x + len(texts)
        if row.texts[x:stop] == texts and row.pens[x:stop] == pens:
            return
        if row.texts[x] == "" and x:  # half of a wide character goes: so does its other half
            row.texts[x - 1] = " "
        if stop < self.width and row.texts[stop] == "":
            row.texts[stop] = " "
        row.texts[x:stop] = texts
        row.pens[x:stop] = pens
        self._touched.add(y)

    def lay_layout(self, lines: Sequence[Iterable[Strip]], x: int, y: int) -> None:
        """Lays whole lines, each made of strips one behind the other, from a corner on."""
        for number, line in enumerate(lines, y):
            column = x
            for strip in line:
                self.lay(number, column, strip, column + strip.cell_length)
                column += strip.cell_length

    def lay_chops(
        self,
        chops: Sequence[Mapping[int, Strip | None]],
        spans: Iterable[tuple[int, int, int]],
        ends: Sequence[Sequence[int]],
    ) -> None:
        """Lays those pieces of lines that overlap spans of (line, first column, end)."""
        for y, first, last in spans:
            for end, (x, strip) in zip(ends[y], chops[y].items(), strict=False):
                if strip is not None and x < last and end > first:
                    self.lay(y, x, strip, end if end <= last else last)

    def _number(self, style: Style | None) -> int:
        number = self._pen_of_style.get(style)
        if number is None:
            if len(self._pen_of_style) > 8192:
                self._pen_of_style.clear()
            pen = pen_of(style, self.abilities.colors)
            number = self._numbers.get(pen)
            if number is None:
                number = self._numbers[pen] = len(self._pens)
                self._pens.append(pen)
            self._pen_of_style[style] = number
        return number

    def _cells(self, strip: Strip, room: int) -> tuple[list[str], list[int]]:
        """The cells of a strip, as many as there is room for."""
        texts: list[str] = []
        pens: list[int] = []
        for text, style, control in strip:
            if control or not text:
                continue
            number = self._number(style)
            if text.isascii():
                texts.extend(text)
            else:
                for character in text:
                    width = cell_len(character)
                    if width == 1:
                        texts.append(character)
                    elif width == 2:
                        texts += (character, "")
                    elif texts:  # combining: it belongs to the cell before it
                        at = -2 if texts[-1] == "" and len(texts) > 1 else -1
                        texts[at] += character
            pens.extend([number] * (len(texts) - len(pens)))
        if len(texts) > room:
            del texts[room:], pens[room:]
            if texts and cell_len(texts[-1]) == 2:  # cut in the middle of a wide character
                texts[-1] = " "
        return texts, pens

    # -- what is sent --------------------------------------------------------------------------

    def flush(self) -> str:
        """The bytes that make the terminal show what is wanted; '' when it does already."""
        pieces: list[Piece] = []
        whole: list[Piece] = []
        for y in sorted(self._touched):
            wanted, shown = self._wanted[y], self._shown[y]
            if wanted.texts == shown.texts and wanted.pens == shown.pens:
                continue
            if _is_odd(wanted) or _is_odd(shown):
                whole += self._pieces(y, [(0, self.width)])
            else:
                pieces += self._pieces(y, _joined(_spans(wanted, shown), wanted))
        self._touched.clear()
        # Another colour is 19 bytes, a move is 8: what has one pen is sent together.
        if self.abilities.colors in (ColorSystem.TRUECOLOR, ColorSystem.EIGHT_BIT):
            order = {pen: place for place, pen in enumerate(dict.fromkeys(p.pen for p in pieces))}
            pieces.sort(key=lambda piece: order[piece.pen])
        out: list[str] = []
        for piece in [*pieces, *whole]:
            self._send(piece, out)
        for y in {piece.y for piece in [*pieces, *whole]}:
            self._shown[y].copy_from(self._wanted[y])
        return "".join(out)

    def _pieces(self, y: int, spans: Iterable[tuple[int, int]]) -> Iterator[Piece]:
        """Spans of a line cut where the pen changes; the blanks at its end in one."""
        pens, blank_from = self._wanted[y].pens, self._blank_from(self._wanted[y])
        for start, stop in spans:
            while start < stop:
                pen = pens[start]
                if start >= blank_from and self.width - start > len(_ERASE_TO_END):
                    yield Piece(y, start, self.width, pen, to_end=True)
                    return
                end = start + 1
                limit = min(stop, blank_from) if start < blank_from else stop
                while end < limit and pens[end] == pen:
                    end += 1
                if pen != _NEVER:
                    yield Piece(y, start, end, pen)
                start = end

    def move_to(self, x: int, y: int) -> str:
        """The bytes that bring the terminal's cursor to a cell; '' when it is there."""
        x, y = min(max(x, 0), self.width - 1), min(max(y, 0), self.height - 1)
        out: list[str] = []
        self._move(x, y, out)
        return "".join(out)

    def _blank_from(self, row: Row) -> int:
        """The column from which on a line can be had by erasing it to its end."""
        pen, x = row.pens[-1], self.width
        if not self.abilities.fills or pen == _NEVER or not self._is_erasable(pen):
            return x
        while x and row.texts[x - 1] == " " and row.pens[x - 1] == pen:
            x -= 1
        return x

    def _is_erasable(self, pen: int) -> bool:
        return not self._pens[pen].attributes & SEEN_ON_BLANKS and not self._pens[pen].link[0]

    def _send(self, piece: Piece, out: list[str]) -> None:
        """Sends some cells of a line that have one pen."""
        texts = self._wanted[piece.y].texts
        pen = self._pens[piece.pen]
        x = piece.start
        self._move(x, piece.y, out)
        if pen != self._pen:
            out.append(change(self._pen, pen))
            self._pen = pen
        if piece.to_end:
            out.append(_ERASE_TO_END)
            return
        while x < piece.stop:
            self._move(x, piece.y, out)
            blanks = self._blanks(piece, x)
            if blanks > _WORTH_ERASING:
                out.append(f"\x1b[{blanks}X")
                x += blanks
                continue
            text = texts[x]
            out.append(text)
            x += 2 if x + 1 < self.width and texts[x + 1] == "" else 1
            # at the edge a cursor stays or hangs over
            self._x = x if x < self.width and (text.isascii() or _is_plain(text)) else None

    def _blanks(self, piece: Piece, x: int) -> int:
        """How many cells from a column on can be erased instead of sent."""
        texts = self._wanted[piece.y].texts
        if texts[x] != " " or not self.abilities.erases or not self._is_erasable(piece.pen):
            return 0
        end = x
        while end < piece.stop and texts[end] == " ":
            end += 1
        return end - x

    def _move(self, x: int, y: int, out: list[str]) -> None:
        """Moves the terminal's cursor by the shortest of its ways."""
        if (self._x, self._y) == (x, y):
            return
        ways = [f"\x1b[{y + 1};{x + 1}H" if x else (f"\x1b[{y + 1}H" if y else "\x1b[H")]
        if self._x is not None and self._y is not None:
            rows = "" if y == self._y else _steps(y - self._y, "B", "A")
            columns = "" if x == self._x else _steps(x - self._x, "C", "D")
            ways += [columns + rows, *(["\r" + rows] if x == 0 else [])]
        out.append(min(ways, key=len))
        self._x, self._y = x, y


def _steps(number: int, forward: str, back: str) -> str:
    """Moves by so many rows or columns from where the cursor is."""
    return f"\x1b[{abs(number) if abs(number) > 1 else ''}{forward if number > 0 else back}"


def _spans(wanted: Row, shown: Row) -> list[tuple[int, int]]:
    """Where two lines differ: first columns and ends. A wide character is sent whole, and what
    nobody ever drew is left as it is.
    """
    texts, pens, width = wanted.texts, wanted.pens, len(wanted.texts)
    spans: list[tuple[int, int]] = []
    for x in range(width):
        if pens[x] == _NEVER or (texts[x] == shown.texts[x] and pens[x] == shown.pens[x]):
            continue
        start = x - 1 if texts[x] == "" and x else x
        stop = x + 2 if x + 1 < width and texts[x + 1] == "" else x + 1
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(stop, spans[-1][1]))
        else:
            spans.append((start, stop))
    return spans


def _joined(spans: list[tuple[int, int]], row: Row) -> list[tuple[int, int]]:
    """Spans with those made one that so little lies between that to send it again is shorter than
    to move over it.
    """
    joined: list[tuple[int, int]] = []
    for start, stop in spans:
        if joined:
            last = joined[-1][1]
            if (
                start - last <= _WORTH_MOVING
                and len(set(row.pens[last - 1 : start + 1])) == 1
                and all(text.isascii() and text for text in row.texts[last:start])
            ):
                joined[-1] = (joined[-1][0], stop)
                continue
        joined.append((start, stop))
    return joined


def _is_odd(row: Row) -> bool:
    """Whether a line holds characters to which terminals give different widths. It is sent whole,
    from left to right, so that whatever they do is put right by what follows.
    """
    text = "".join(row.texts)
    return not text.isascii() and not all(t.isascii() or _is_plain(t) for t in row.texts)


@lru_cache(4096)
def _is_plain(text: str) -> bool:
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
