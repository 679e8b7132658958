"""The terminal shows through the buffer of cells what it would show without it, cell by cell."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random

import pyte
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.color import ColorSystem
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from runbrowser.tui.pens import Pen, change, pen_of
from runbrowser.tui.terminal import Abilities, CellBuffer, abilities

WIDTH, HEIGHT = 24, 4
SYSTEMS = {
    ColorSystem.TRUECOLOR: "truecolor",
    ColorSystem.EIGHT_BIT: "256",
    ColorSystem.STANDARD: "standard",
}

COLORS = (None, "#d9dee7", "#12161d", "#e6c07b", "red", "color(214)", "default")
CHARACTERS = "ab z 0 \u2502\u2713\u2026\u2588\u6f22\u5b57\u00e9"


class Drawing:
    """Updates at random, cut where two widgets meet."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.cut = self.random.randrange(1, WIDTH)

    def style(self) -> Style:
        on = [self.random.random() < 0.3 for _ in range(6)]
        return Style(
            color=self.random.choice(COLORS),
            bgcolor=self.random.choice(COLORS),
            bold=on[0],
            dim=on[1],
            italic=on[2],
            underline=on[3],
            reverse=on[4],
            strike=on[5],
        )

    def strip(self, width: int) -> Strip:
        """A strip that is exactly so many cells wide."""
        pieces = []
        for _ in range(self.random.randrange(1, 5)):
            text = "".join(self.random.choices(CHARACTERS, k=self.random.randrange(WIDTH)))
            pieces.append(Segment(text, self.style()))
        return Strip(pieces).adjust_cell_length(width, self.style())

    def line(self) -> list[Strip]:
        return [self.strip(self.cut), self.strip(WIDTH - self.cut)]

    def whole(self) -> LayoutUpdate:
        """All lines."""
        lines: list[Iterable[Strip]] = [self.line() for _ in range(HEIGHT)]
        return LayoutUpdate(lines, Region(0, 0, WIDTH, HEIGHT))

    def some(self) -> ChopsUpdate:
        """Pieces of some lines."""
        chops: list[dict[int, Strip | None]] = [
            dict(zip((0, self.cut), self.line(), strict=True)) for _ in range(HEIGHT)
        ]
        spans = []
        for y in range(HEIGHT):
            first = self.random.choice([0, self.cut])
            last = self.random.choice([first + 1, self.cut, WIDTH])
            if first < last and self.random.random() < 0.6:
                spans.append((y, first, last))
        return ChopsUpdate(chops, spans or [(0, 0, self.cut)], [[self.cut, WIDTH]] * HEIGHT)

    def update(self) -> LayoutUpdate | ChopsUpdate:
        """What Textual's compositor hands over."""
        return self.whole() if self.random.random() < 0.3 else self.some()


class Screen(pyte.Screen):
    """With half of a wide character its other half goes, as on real terminals."""

    def draw(self, data: str) -> None:
        for character in data:
            row, x = self.buffer[self.cursor.y], self.cursor.x
            if 0 < x < self.columns and row[x].data == "":
                row[x - 1] = row[x - 1]._replace(data=" ")
            super().draw(character)
            x = self.cursor.x
            if 0 < x < self.columns and row[x].data == "":
                row[x] = row[x]._replace(data=" ")


class Emulator:
    """A terminal that does not wrap, as Textual asks of it."""

    def __init__(self) -> None:
        self.screen = Screen(WIDTH, HEIGHT)
        self.screen.reset_mode(pyte.modes.DECAWM)
        self.stream = pyte.Stream(self.screen)

    def cells(self) -> list[list[tuple[object, ...]]]:
        """Every cell: its text, colours and attributes, as they are seen."""
        return [[seen(self.screen.buffer[y][x]) for x in range(WIDTH)] for y in range(HEIGHT)]


def seen(cell: pyte.screens.Char) -> tuple[object, ...]:
    """What is to be seen of a cell: of a blank without lines only the background."""
    if cell.data == " " and not (cell.underscore or cell.strikethrough or cell.reverse):
        return (" ", cell.bg)
    return tuple(cell)


def lay(buffer: CellBuffer, update: LayoutUpdate | ChopsUpdate) -> None:
    if isinstance(update, LayoutUpdate):
        buffer.lay_layout(update.strips, *update.region.offset)
    else:
        buffer.lay_chops(update.chops, update.spans, update.chop_ends)


@pytest.mark.parametrize("system", SYSTEMS, ids=SYSTEMS.get)
@pytest.mark.parametrize("plain", [False, True], ids=["fills", "plain"])
@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_the_terminal_shows_what_textual_would_have_drawn(
    system: ColorSystem, plain: bool, seed: int
) -> None:
    Segment._split_cells.cache_clear()  # its styles have codes for the colours of another test
    drawing = Drawing(seed)
    console = Console(color_system=SYSTEMS[system], force_terminal=True)  # type: ignore[arg-type]
    able = Abilities(system) if plain else Abilities(system, fills=True, erases=True)
    buffer, ours, textual = CellBuffer(WIDTH, HEIGHT, able), Emulator(), Emulator()
    for number in range(drawing.random.randrange(1, 6)):
        update = drawing.update() if number else drawing.whole()
        lay(buffer, update)
        textual.stream.feed(update.render_segments(console))
        if drawing.random.random() < 0.5:  # else it waits for the next frame
            ours.stream.feed(buffer.flush())
            assert ours.cells() == textual.cells()
    ours.stream.feed(buffer.flush())
    assert ours.cells() == textual.cells()


def whole(*texts: str, style: Style | None = None) -> LayoutUpdate:
    lines = [[Strip([Segment(text.ljust(WIDTH), style)])] for text in texts]
    return LayoutUpdate(lines, Region(0, 0, WIDTH, len(texts)))  # type: ignore[arg-type]


def test_what_the_terminal_shows_already_is_not_sent_again() -> None:
    buffer = CellBuffer(WIDTH, 2)
    lay(buffer, whole("one", "two"))
    assert "one" in buffer.flush()
    lay(buffer, whole("one", "two"))
    assert buffer.flush() == ""
    lay(buffer, whole("one", "twenty"))
    assert buffer.flush() == "\x1b[2;3Henty"


def test_what_was_forgotten_is_sent_whole() -> None:
    buffer = CellBuffer(WIDTH, 2)
    lay(buffer, whole("one", "two"))
    first = buffer.flush()
    buffer.forget()
    assert buffer.flush() == first


def test_a_frame_that_was_not_sent_goes_into_the_next() -> None:
    buffer = CellBuffer(WIDTH, 1)
    lay(buffer, whole("one"))
    buffer.flush()
    lay(buffer, whole("never seen"))
    lay(buffer, whole("two"))
    assert buffer.flush() == "\x1b[Htwo"


def test_a_character_of_which_terminals_differ_in_width_has_its_line_sent_whole() -> None:
    buffer = CellBuffer(WIDTH, 1)
    lay(buffer, whole("a\u26a0\ufe0f b c"))
    buffer.flush()
    lay(buffer, whole("a\u26a0\ufe0f b d"))
    sent = buffer.flush()
    assert "a\u26a0\ufe0f" in sent and "b d" in sent


@pytest.mark.parametrize(
    ("before", "after", "sent"),
    [
        (Pen(), Pen("31"), "\x1b[31m"),
        (Pen("31"), Pen(), "\x1b[m"),
        (Pen("31", "42", 1), Pen("31", "42"), "\x1b[22m"),
        (Pen("31", "", 3), Pen("31", "", 2), "\x1b[22;2m"),
        (Pen("31"), Pen("31"), ""),
        (None, Pen("31"), "\x1b[0;31m"),
    ],
)
def test_a_pen_is_changed_by_what_differs(before: Pen | None, after: Pen, sent: str) -> None:
    assert change(before, after) == sent


def test_colours_are_reduced_before_they_are_compared() -> None:
    near, same = Style(color="#d9dee7"), Style(color="#d9dee6")
    assert pen_of(near, ColorSystem.TRUECOLOR) != pen_of(same, ColorSystem.TRUECOLOR)
    assert pen_of(near, ColorSystem.EIGHT_BIT) == pen_of(same, ColorSystem.EIGHT_BIT)
    assert pen_of(near, None) == pen_of(Style(color="red"), None) == Pen()


def test_a_terminal_of_which_nothing_is_known_is_the_plainest() -> None:
    assert abilities(None, "no-such-terminal-at-all") == Abilities(None)
    assert abilities(ColorSystem.TRUECOLOR, "xterm-256color").fills
