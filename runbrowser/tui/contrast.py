"""Whether colours can be told apart, as WCAG 2 computes it, and themes mended so that they can."""

from __future__ import annotations

from dataclasses import replace

from rich.color import Color as RichColor
from rich.color import ColorSystem
from textual.color import Color
from textual.theme import Theme

TEXT = 4.5
"""The least contrast of text and what it stands on (WCAG 2, 1.4.3)."""
MARK = 3.0
"""The least contrast of marks, such as the frame of what has the focus (WCAG 2, 1.4.11)."""

GROUNDS = ("background", "surface", "panel", "block-cursor-background",
           "block-cursor-blurred-background")  # fmt: skip
"""What text stands on: the page, panes, dialogs, the row under the cursor."""
TEXTS = ("foreground", "text-muted", "text-success", "text-warning", "text-error",
         "text-primary", "text-secondary", "text-accent")  # fmt: skip
"""The colours of text."""

_STEP = 0.04  # share of white or black that is mixed into a colour at a time
_FAINT = 0.4  # share of the ground in faint text
_CURSOR = 7.0  # contrast of the plain text of a row under the cursor, to leave room for colours


def _luminance(color: Color) -> float:
    def part(value: int) -> float:
        share = value / 255
        return share / 12.92 if share <= 0.03928 else ((share + 0.055) / 1.055) ** 2.4

    return 0.2126 * part(color.r) + 0.7152 * part(color.g) + 0.0722 * part(color.b)


def contrast(one: Color, other: Color) -> float:
    """From 1 (the same) to 21 (black and white)."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def shown(color: Color, colors: str | None) -> Color:
    """A colour as a terminal shows it that has so many: Rich's name for them, such as '256'."""
    if colors != "256":
        return color
    nearest = RichColor.from_rgb(color.r, color.g, color.b).downgrade(ColorSystem.EIGHT_BIT)
    return Color(*nearest.get_truecolor())


def variables(theme: Theme) -> dict[str, str]:
    """The colours of a theme as they are put on the screen: its own variables hold."""
    return {**theme.to_color_system().generate(), **theme.variables}


def readable(theme: Theme, colors: str | None) -> Theme:
    """The theme with texts that can be read on all its grounds, also in the row under the cursor;
    the colours that can be read stay. A theme of the terminal's own colours stays as it is.
    """
    if theme.ansi or theme.name.startswith("ansi"):
        return theme
    known = {
        name: Color.parse(value)
        for name, value in variables(theme).items()
        if name in (*TEXTS, *GROUNDS) and not value.startswith(("auto", "ansi"))
    }
    far = Color(255, 255, 255) if theme.dark else Color(0, 0, 0)
    changed: dict[str, str] = {}
    foreground = Color(*known["foreground"].rgb)
    for name in GROUNDS[3:]:
        first = ground = known[name] = _over(known[name], known["background"])
        for step in range(1, round(1 / _STEP) + 1):
            if contrast(shown(foreground, colors), shown(ground, colors)) >= _CURSOR:
                break
            ground = _whole(first.blend(known["background"], _STEP * step))
        if ground != known[name]:
            known[name], changed[name] = ground, ground.hex
            changed[name.replace("background", "foreground")] = foreground.hex
    grounds = [shown(known[name], colors) for name in GROUNDS]
    for name in TEXTS:
        # "auto" is black or white, whichever can be read, and a share of the ground for faint text
        color = known.get(name, foreground.blend(known["background"], _FAINT))
        color = lighter = _over(color, known["background"])
        for step in range(1, round(1 / _STEP) + 1):
            if min(contrast(shown(lighter, colors), ground) for ground in grounds) >= TEXT:
                break
            lighter = _whole(color.blend(far, _STEP * step))
        if lighter != color or name not in known:
            changed[name] = lighter.hex
    if not changed:
        return theme
    return replace(theme, variables={**theme.variables, **changed})


class ReadableThemes:
    """Themes with texts that can be read, and by their names the grounds of the cells of a
    confusion matrix; each is reckoned out when it is first used.
    """

    def __init__(self) -> None:
        self.grounds: dict[str, dict[str, str]] = {}
        self.themes: dict[str, Theme] = {}

    def of(self, theme: Theme, colors: str | None) -> Theme:
        """A theme as it is to be shown in a terminal of so many colours."""
        if theme.name not in self.themes:
            self.themes[theme.name] = readable(theme, colors)
            self.grounds[theme.name] = cells(theme, colors)
        return self.themes[theme.name]


def _over(color: Color, ground: Color) -> Color:
    """A colour that lets some of the ground through, as it looks there."""
    return _whole(ground.blend(Color(*color.rgb), color.a))


def _whole(color: Color) -> Color:
    return Color(*color.rgb)


STEPS = range(10, 61, 10)
"""Percent of a colour behind a cell of a table that tells much by its ground."""

_BLACK, _WHITE = Color(0, 0, 0), Color(255, 255, 255)
_LEAST = 0.19  # lightness of the darkest colours that a terminal of 256 colours has


def cells(theme: Theme, colors: str | None) -> dict[str, str]:
    """Grounds of cells that hold much or little of what is right or wrong, as variables
    ``cell-right-10`` to ``cell-wrong-60``, and their texts, ``cell-right-10-text`` and so on.

    Of 256 colours the nearest to a dark one is often grey: there they are as saturated as can be.
    """
    known = variables(theme)
    found = {}
    for kind, name in (("right", "success"), ("wrong", "error")):
        if "ansi" in known[name] or "ansi" in known["surface"]:
            for step in STEPS:
                found[f"cell-{kind}-{step}"] = known[name]
                found[f"cell-{kind}-{step}-text"] = known["foreground"]
            continue
        ground, color = Color.parse(known["surface"]), Color.parse(known[name])
        for step in STEPS:
            cell = _whole(ground.blend(_whole(color), step / 100))
            if colors == "256":
                cell = shown(_saturated(cell, color), colors)
            found[f"cell-{kind}-{step}"] = cell.hex
            light = contrast(_WHITE, cell) > contrast(_BLACK, cell)
            found[f"cell-{kind}-{step}-text"] = (_WHITE if light else _BLACK).hex
    return found


def _saturated(color: Color, hue: Color) -> Color:
    """As light as the one colour, in the purest form of the other."""
    lightness = max(color.hsl.l, _LEAST)
    return Color.from_hsl(hue.hsl.h, 1.0, lightness)
