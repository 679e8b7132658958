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

from rich.cells import cell_len
from rich.color import ColorSystem
from rich.style import Style
from textual.strip import Strip

from runbrowser.tui.cells import NEVER, Piece, Row, is_odd, is_plain, spans
from runbrowser.tui.pens import Pen, change, pen_of

_ERASE_TO_END = "\x1b[K"
_WORTH_ERASING = 9  # blanks in a line from which on erasing them, and moving on, is shorter
_WORTH_MOVING = 4  # cells that are shorter to send again than to move over


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


class CellBuffer:
    """What a terminal shows and what it is to show.

    ``lay`` takes strips in, ``flush`` gives the bytes that bring the terminal up to date.
    ``forget`` says that nobody knows any more what the terminal shows.
    """

    def __init__(self, width: int, height: int, abilities: Abilities | None = None) -> None:
        self.width, self.height = width, height
        self.abilities = abilities or Abilities()
        self._pens: list[Pen] = []
        self._blanks: list[int] = []  # for each pen the one that its blanks are said to have
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
            row.texts[x - 1], row.pens[x - 1] = " ", self._blanks[row.pens[x - 1]]
        if stop < self.width and row.texts[stop] == "":
            row.texts[stop], row.pens[stop] = " ", self._blanks[row.pens[stop]]
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
            number = self._pen_of_style[style] = self._note(pen_of(style, self.abilities.colors))
        return number

    def _note(self, pen: Pen) -> int:
        """The number of a pen. Of the pen of a blank nothing is seen but its background: blanks
        that look alike are held to be alike, and go along with the text beside them.
        """
        number = self._numbers.get(pen)
        if number is None:
            number = self._numbers[pen] = len(self._pens)
            self._pens.append(pen)
            self._blanks.append(number)
            if pen.is_blank_unseen:
                self._blanks[number] = self._note(Pen(background=pen.background))
        return number

    def _cells(self, strip: Strip, room: int) -> tuple[list[str], list[int]]:
        """The cells of a strip, as many as there is room for."""
        texts: list[str] = []
        pens: list[int] = []
        for text, style, control in strip:
            if control or not text:
                continue
            number = self._number(style)
            blank = self._blanks[number]
            if text.isascii():
                texts.extend(text)
                if blank == number or " " not in text:
                    pens.extend([number] * len(text))
                elif text.isspace():
                    pens.extend([blank] * len(text))
                else:
                    pens.extend([blank if char == " " else number for char in text])
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
                new = texts[len(pens) :]
                pens.extend([blank if char == " " else number for char in new])
        if len(texts) > room:
            del texts[room:], pens[room:]
            if texts and cell_len(texts[-1]) == 2:  # cut in the middle of a wide character
                texts[-1], pens[-1] = " ", self._blanks[pens[-1]]
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
            if is_odd(wanted) or is_odd(shown):
                whole += self._pieces(y, [(0, self.width)])
            else:
                pieces += self._pieces(y, self._joined(spans(wanted, shown), wanted))
        self._touched.clear()
        # Another colour is 19 bytes, a move is 8: what has one pen is sent together.
        if self.abilities.colors in (ColorSystem.TRUECOLOR, ColorSystem.EIGHT_BIT):
            pieces = self._by_pen(pieces)
        out: list[str] = []
        for piece in [*pieces, *whole]:
            self._send(piece, out)
        for y in {piece.y for piece in [*pieces, *whole]}:
            self._shown[y].copy_from(self._wanted[y])
        return "".join(out)

    def _by_pen(self, pieces: list[Piece]) -> list[Piece]:
        """Pieces of one pen together, those on one background one after the other; what is blank
        goes along with any of them.
        """
        groups: dict[int, dict[int, list[Piece]]] = {}
        for piece in pieces:
            ground = groups.setdefault(self._blanks[piece.pen], {})
            ground.setdefault(piece.pen, []).append(piece)
        ordered: list[Piece] = []
        for blank, ground in groups.items():
            for pen in sorted(ground, key=lambda pen: pen != blank):
                ordered += ground[pen]
        return ordered

    def _pieces(self, y: int, spans: Iterable[tuple[int, int]]) -> Iterator[Piece]:
        """Spans of a line cut where the pen changes; the blanks at its end in one."""
        row = self._wanted[y]
        blank_from = self._blank_from(row)
        for start, stop in spans:
            while start < stop:
                if start >= blank_from and self.width - start > len(_ERASE_TO_END):
                    yield Piece(y, start, self.width, row.pens[start], to_end=True)
                    return
                end, pen = self._reach(row, start, min(stop, blank_from) or stop)
                if pen != NEVER:
                    yield Piece(y, start, end, pen)
                start = end

    def _joined(self, spans: list[tuple[int, int]], row: Row) -> list[tuple[int, int]]:
        """Spans with those made one that so little lies between that to send it again is shorter
        than to move over it.
        """
        joined: list[tuple[int, int]] = []
        for start, stop in spans:
            if joined:
                first, last = joined[-1]
                if (
                    start - last <= _WORTH_MOVING
                    and all(text.isascii() and text for text in row.texts[last:start])
                    and self._reach(row, last - 1, start + 1)[0] > start
                ):
                    joined[-1] = (first, stop)
                    continue
            joined.append((start, stop))
        return joined

    def _reach(self, row: Row, start: int, stop: int) -> tuple[int, int]:
        """How far one pen will do from a column on, and which."""
        texts, pens, blanks = row.texts, row.pens, self._blanks
        pen = pens[start]
        if pen == NEVER:
            return start + 1, pen
        has_text = texts[start] != " "
        for x in range(start + 1, max(stop, start + 1)):
            other = pens[x]
            is_blank = texts[x] == " "
            if other == pen:
                has_text = has_text or not is_blank
            elif other == NEVER:
                return x, pen
            elif is_blank and blanks[pen] == other:
                continue
            elif not has_text and blanks[other] == pen:
                pen, has_text = other, True
            else:
                return x, pen
        return max(stop, start + 1), pen

    def move_to(self, x: int, y: int) -> str:
        """The bytes that bring the terminal's cursor to a cell; '' when it is there."""
        x, y = min(max(x, 0), self.width - 1), min(max(y, 0), self.height - 1)
        out: list[str] = []
        self._move(x, y, out)
        return "".join(out)

    def _blank_from(self, row: Row) -> int:
        """The column from which on a line can be had by erasing it to its end."""
        pen, x = row.pens[-1], self.width
        if not self.abilities.fills or pen == NEVER or not self._is_erasable(pen):
            return x
        while x and row.texts[x - 1] == " " and row.pens[x - 1] == pen:
            x -= 1
        return x

    def _is_erasable(self, pen: int) -> bool:
        return self._pens[pen].is_blank_unseen

    def _send(self, piece: Piece, out: list[str]) -> None:
        """Sends some cells of a line that have one pen."""
        texts = self._wanted[piece.y].texts
        x = piece.start
        self._move(x, piece.y, out)
        self._take(piece, out)
        if piece.to_end:
            out.append(_ERASE_TO_END)
            return
        while x < piece.stop:
            self._move(x, piece.y, out)
            blanks = self._erasable(piece, x)
            if blanks > _WORTH_ERASING:
                out.append(f"\x1b[{blanks}X")
                x += blanks
                continue
            text = texts[x]
            out.append(text)
            x += 2 if x + 1 < self.width and texts[x + 1] == "" else 1
            # at the edge a cursor stays or hangs over
            self._x = x if x < self.width and (text.isascii() or is_plain(text)) else None

    def _take(self, piece: Piece, out: list[str]) -> None:
        """Takes the pen of a piece; for blanks any pen will do that has their background."""
        pen = self._pens[piece.pen]
        held = self._pen
        if pen == held:
            return
        if held is not None and pen == Pen(background=held.background) and held.is_blank_unseen:
            texts = self._wanted[piece.y].texts[piece.start : piece.stop]
            if all(text == " " for text in texts):
                return
        out.append(change(held, pen))
        self._pen = pen

    def _erasable(self, piece: Piece, x: int) -> int:
        """How many blanks from a column on can be erased instead of sent."""
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
