"""Whether all that is shown can be read: contrast as WCAG 2 computes it, in every theme offered,
state of a row and depth of colour; and that nothing is told by colour alone.
"""

from __future__ import annotations

import re

import pytest
from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme

from runbrowser.demo.launch import DemoProcess
from runbrowser.fields.filters import parse
from runbrowser.models import RunState
from runbrowser.pages.rows import MARK
from runbrowser.tui import themes
from runbrowser.tui.content import STYLES
from runbrowser.tui.contrast import (
    GROUNDS,
    STEPS,
    TEXT,
    TEXTS,
    cells,
    contrast,
    readable,
    shown,
    variables,
)
from runbrowser.tui.contrast import (
    MARK as LEAST_OF_MARKS,
)

from .harness import browsing, press, screen_text
from .pty_harness import plain_environ, terminal

DEPTHS = ("truecolor", "256")
MARKS = ("primary", "accent", "success", "warning", "error")


def offered(colors: str) -> list[Theme]:
    """The themes that can be chosen, as they are put on the screen; those of the terminal's own
    colours cannot be computed.
    """
    ours = themes.own_themes(colors)
    others = [theme for name, theme in BUILTIN_THEMES.items() if not name.startswith("ansi")]
    return [readable(theme, colors) for theme in (*ours, *others)]


ALL = [(colors, theme) for colors in DEPTHS for theme in offered(colors)]
IDS = [f"{theme.name}-{colors}" for colors, theme in ALL]
OWN = [(colors, theme) for colors in DEPTHS for theme in themes.own_themes(colors)]


def seen(theme: Theme, name: str, colors: str) -> Color:
    """A colour of a theme as the terminal shows it; what lets the page through lies on it."""
    known = variables(theme)
    page, color = Color.parse(known["background"]), Color.parse(known[name])
    return shown(Color(*page.blend(Color(*color.rgb), color.a).rgb), colors)


@pytest.mark.parametrize(("colors", "theme"), ALL, ids=IDS)
def test_every_text_can_be_read_wherever_it_stands(colors: str, theme: Theme) -> None:
    """On the page, panes, dialogs and the row under the cursor, with and without the keys: the
    states of a row, its marks and errors are all drawn in these colours.
    """
    found = {
        f"{text} on {ground}": contrast(seen(theme, text, colors), seen(theme, ground, colors))
        for text in TEXTS
        for ground in GROUNDS
    }
    assert {place: round(value, 2) for place, value in found.items() if value < TEXT} == {}


def test_every_colour_that_a_look_names_is_among_those_computed() -> None:
    named = {name for style in STYLES.values() for name in re.findall(r"\$([\w-]+)", style)}
    own = {f"cell-{kind}-{n}{part}" for kind in ("right", "wrong") for n in STEPS
           for part in ("", "-text")}  # fmt: skip
    assert named <= {*TEXTS, *GROUNDS, *own, "block-cursor-foreground"}


@pytest.mark.parametrize(("colors", "theme"), OWN, ids=lambda value: getattr(value, "name", value))
def test_own_themes_need_no_mending_and_their_marks_stand_out(colors: str, theme: Theme) -> None:
    assert readable(theme, colors) == theme
    for mark in MARKS:
        for ground in ("background", "surface", "panel"):
            found = contrast(seen(theme, mark, colors), seen(theme, ground, colors))
            assert found >= LEAST_OF_MARKS, (mark, ground, found)


@pytest.mark.parametrize(("colors", "theme"), ALL, ids=IDS)
def test_every_cell_of_a_confusion_matrix_is_coloured_and_can_be_read(
    colors: str, theme: Theme
) -> None:
    found = cells(theme, colors)
    for kind in ("right", "wrong"):
        for step in STEPS:
            ground = shown(Color.parse(found[f"cell-{kind}-{step}"]), colors)
            text = shown(Color.parse(found[f"cell-{kind}-{step}-text"]), colors)
            assert contrast(text, ground) >= TEXT
            assert len(set(ground.rgb)) > 1 or colors == "truecolor", (kind, step, ground.hex)


async def test_without_colours_states_marks_and_the_cursor_are_told_by_signs(
    demo: DemoProcess,
) -> None:
    signs = {state.glyph for state in RunState}
    assert len(signs) == len(RunState)
    async with browsing(demo.v1, parse("task:9101")) as pilot:
        await press(pilot, "space")
        text = screen_text(pilot)
        assert MARK in text
        assert RunState.OK.glyph in text and RunState.FAILED.glyph in text


@pytest.mark.parametrize("environ", [{"TERM": "xterm", "COLORTERM": ""}, {"NO_COLOR": "1"}],
                         ids=["16", "none"])  # fmt: skip
def test_with_16_colours_or_none_the_row_under_the_cursor_stands_out(
    environ: dict[str, str], demo: DemoProcess, tmp_path: object
) -> None:
    from pathlib import Path

    settings = {**plain_environ(Path(str(tmp_path))), **environ}
    with terminal(["--server", demo.v1, "task:9101"], settings) as screen:
        screen.wait(lambda text: "page 1" in text)
        screen.rest()
        rows = [looks for text, looks in screen.looks() if re.search(r" 90\d{4} ", text)]
        first, second = set(rows[0]) - set(rows[1]), set(rows[1]) - set(rows[2])
        assert first
        assert any("reverse" in look or "bold" in look for look in rows[0]), rows[0]
        assert len(first) >= len(second)
        screen.press("q")
        assert screen.end() == 0
