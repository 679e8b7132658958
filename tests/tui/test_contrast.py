"""Whether the browser's own colours can be read: contrast as WCAG 2 computes it."""

from __future__ import annotations

import pytest
from textual.color import Color
from textual.theme import Theme

from runbrowser.tui import themes

TEXT = 4.5  # the least contrast of text
PLACES = ("background", "surface", "panel")
CURSORS = ("block-cursor-background", "block-cursor-blurred-background")
COLOURS = ("foreground", "text-muted", "text-success", "text-warning", "text-error",
           "text-primary", "text-secondary", "text-accent")  # fmt: skip


def _luminance(colour: Color) -> float:
    def part(value: int) -> float:
        share = value / 255
        return share / 12.92 if share <= 0.03928 else ((share + 0.055) / 1.055) ** 2.4

    return 0.2126 * part(colour.r) + 0.7152 * part(colour.g) + 0.0722 * part(colour.b)


def contrast(one: Color, other: Color) -> float:
    """From 1 (the same) to 21 (black and white)."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _themes() -> list[tuple[str, Theme]]:
    return [
        (colours, theme) for colours in ("truecolor", "256") for theme in themes.own_themes(colours)
    ]


def _worst(theme: Theme, grounds: tuple[str, ...]) -> list[str]:
    known = theme.to_color_system().generate()
    wrong = []
    for ground in grounds:
        for name in COLOURS:
            found = contrast(Color.parse(known[name]), Color.parse(known[ground]))
            if found < TEXT:
                wrong.append(f"{name} on {ground}: {found:.2f}")
    return wrong


@pytest.mark.parametrize("colours, theme", _themes())
def test_every_text_can_be_read_wherever_it_stands(colours: str, theme: Theme) -> None:
    assert _worst(theme, PLACES) == []


@pytest.mark.parametrize("colours", ["truecolor", "256"])
def test_by_day_the_row_under_the_cursor_can_be_read_in_every_state(colours: str) -> None:
    day = next(theme for theme in themes.own_themes(colours) if not theme.dark)
    assert _worst(day, CURSORS) == []
