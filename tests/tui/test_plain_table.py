"""Cells that are drawn without a console look as a console would have drawn them."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from rich.padding import Padding
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.renderables.styled import Styled

from runbrowser.demo.launch import DemoProcess
from runbrowser.tui.widgets.plain_table import PlainTable, is_plain, plain_line

from .harness import browsing, main_screen, press

CONSOLE = Console(width=80, color_system="truecolor", force_terminal=True)
STYLES = st.sampled_from(
    [Style(), Style(color="red"), Style(bgcolor="#102030", bold=True), Style(dim=True)]
)
TEXTS = st.builds(
    Text,
    st.text("ab  é漢字\u0301…\t\n\x1b\u200b", max_size=30) | st.text(max_size=20),
    style=STYLES | st.sampled_from(["", "green", "#e6c07b"]),
    justify=st.sampled_from([None, "default", "left", "right", "center"]),
    overflow=st.sampled_from([None, "fold", "crop", "ellipsis", "ignore"]),
    end=st.sampled_from(["", "\n"]),
    no_wrap=st.sampled_from([None, True]),
)


def simplified(line: list[Segment]) -> list[Segment]:
    styled = [Segment(text, style or Style()) for text, style, _ in line]
    return [segment for segment in Segment.simplify(styled) if segment.text]


@settings(max_examples=500, deadline=None)
@given(TEXTS, st.integers(1, 24), st.integers(0, 2), STYLES, STYLES)
def test_a_plain_line_is_what_a_console_makes(
    text: Text, room: int, padding: int, before: Style, after: Style
) -> None:
    if not is_plain(text):
        return
    width = room + 2 * padding
    options = CONSOLE.options.update_dimensions(width, 1).update(no_wrap=True)
    styled = Styled(Padding(text.copy() or "", (0, padding)), before, after)
    (wanted,) = CONSOLE.render_lines(styled, options)
    drawn = plain_line(text, width, padding, before, after)
    assert simplified(drawn) == simplified(wanted)


async def test_the_cells_of_runs_are_plain(demo: DemoProcess) -> None:
    async with browsing(demo.v1) as pilot:
        table = main_screen(pilot).table
        assert isinstance(table, PlainTable)
        cells = [cell for place in range(table.row_count) for cell in table.get_row_at(place)]
        assert cells
        assert all(is_plain(cell) for cell in cells)
        await press(pilot, "E")
        listed = pilot.app.screen.query_one(PlainTable)
        assert listed.row_count
        assert all(is_plain(cell) for cell in listed.get_row_at(0))
