"""Themes: chosen with a preview and kept; and what a terminal of few colours, or none, is sent."""

import json
import re
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest
from rich.color import Color as RichColor
from rich.color import ColorSystem
from textual.color import Color

from runbrowser import config
from runbrowser.demo.launch import DemoProcess
from runbrowser.fields.filters import parse
from runbrowser.tui import themes
from runbrowser.tui.app import RunBrowser
from runbrowser.tui.commands import ActionCommands
from runbrowser.tui.looks import Looks, looks_of

from .deeds import command, is_main, sees, top
from .harness import browsing, live, main_screen, note, press, screen_text, settle
from .pty_harness import Terminal, plain_environ, terminal

TASK = parse("task:9101")

# How colours look without one of the three kinds of cones: Machado, Oliveira and Fernandes, "A
# physiologically-based model for simulation of color vision deficiency" (2009), severity 1.
CONES = {
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216),
                   (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413),
                     (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602),
                   (0.004733, 0.691367, 0.303900)),
}  # fmt: skip


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _lab(color: str, cones: str) -> tuple[float, float, float]:
    """A colour in CIE L*a*b*, as it is seen without one kind of cones."""
    there = [_linear(part / 255) for part in Color.parse(color).rgb]
    seen = [min(1, max(0, sum(m * c for m, c in zip(row, there, strict=True))))
            for row in CONES[cones]]  # fmt: skip
    r, g, b = seen
    xyz = ((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505, 0.2126 * r + 0.7152 * g + 0.0722 * b,
           (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089)  # fmt: skip
    x, y, z = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


@pytest.mark.parametrize("cones", CONES)
def test_states_are_told_apart_by_colour_blind_eyes(cones: str) -> None:
    names = ("text-success", "text-error", "text-warning", "text-secondary")
    seen = {name: _lab(themes.CLEAR.variables[name], cones) for name in names}
    for one, other in combinations(names, 2):
        distance = sum((a - b) ** 2 for a, b in zip(seen[one], seen[other], strict=True)) ** 0.5
        assert distance > 20, (one, other)  # about 2 is the least that anybody sees


def _light(color: str) -> float:
    r, g, b = (_linear(part / 255) for part in Color.parse(color).rgb)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


@pytest.mark.parametrize("theme", [themes.NIGHT, themes.CLEAR], ids=lambda theme: theme.name)
def test_words_in_colour_are_readable_on_every_background(theme: themes.Theme) -> None:
    backs = [theme.background, theme.surface, theme.panel]
    for name, color in theme.variables.items():
        if name.startswith("text-"):
            for back in backs:
                assert back is not None
                contrast = (_light(color) + 0.05) / (_light(back) + 0.05)
                assert contrast >= 4.5, (name, back)


@pytest.mark.parametrize("theme", [themes.NIGHT, themes.CLEAR], ids=lambda theme: theme.name)
def test_panes_and_cursors_are_told_apart_in_256_colours(theme: themes.Theme) -> None:
    (few,) = [own for own in themes.own_themes("256") if own.name == theme.name]
    names = ("block-cursor-background", "block-cursor-blurred-background")
    shades = [few.background, few.surface, few.panel, *map(few.variables.__getitem__, names)]
    sent = [RichColor.parse(str(shade)).downgrade(ColorSystem.EIGHT_BIT) for shade in shades]
    assert len({color.number for color in sent}) == len(shades)


@pytest.fixture
def every_theme(demo: DemoProcess) -> Iterator[list[str]]:
    app = RunBrowser(live(demo.v1))
    yield list(app.available_themes)


async def test_every_theme_draws_every_kind_of_screen(
    demo: DemoProcess, every_theme: list[str]
) -> None:
    assert {"nord", "ansi-dark", themes.CLEAR.name} <= set(every_theme)
    async with browsing(demo.v1, TASK, size=(140, 30)) as pilot:
        await press(pilot, "enter")
        plain = screen_text(pilot)
        for name in every_theme:
            pilot.app.theme = name
            await settle(pilot)
            assert screen_text(pilot) == plain, name
        await press(pilot, "escape", "L")
        for name in ("ansi-dark", "ansi-light", "nord"):
            pilot.app.theme = name
            await settle(pilot)
            assert "Task 9101" in screen_text(pilot)


async def test_a_theme_is_shown_while_the_cursor_is_on_it_and_esc_brings_the_old_one_back(
    demo: DemoProcess, own_folders: Path
) -> None:
    async with browsing(demo.v1, TASK) as pilot:
        await command(pilot, "theme")
        sees(pilot, "Theme", themes.CLEAR.name, "colour-blind")
        await press(pilot, "j", "j")
        assert pilot.app.theme == themes.CLEAR.name
        await press(pilot, "escape")
        assert is_main(pilot)
        assert pilot.app.theme == themes.NIGHT.name
    assert not (own_folders / "theme.json").exists()


async def test_enter_keeps_a_theme_for_the_next_start(demo: DemoProcess, own_folders: Path) -> None:
    async with browsing(demo.v1, TASK) as pilot:
        await command(pilot, "theme")
        await press(pilot, "j", "enter")
        assert note(pilot) == "theme runbrowser-day, also from the next start on"
    assert (own_folders / "theme.json").stat().st_mode & 0o777 == 0o600
    looks = looks_of(config.load())
    assert looks.theme == "runbrowser-day"
    async with RunBrowser(live(demo.v1), looks=looks).run_test() as pilot:
        assert pilot.app.theme == "runbrowser-day"


async def test_the_palette_finds_a_theme_by_name(demo: DemoProcess) -> None:
    async with browsing(demo.v1, TASK) as pilot:
        provider = ActionCommands(main_screen(pilot))
        hits = {str(hit.text): hit async for hit in provider.search("theme nord")}
        hits["Theme nord"].command()  # type: ignore[operator]
        await settle(pilot)
        assert pilot.app.theme == "nord"
        assert "theme nord" in note(pilot)


def write_config(text: str) -> None:
    from runbrowser import paths

    paths.write_private(paths.config_file(), text.encode())


def test_the_environment_goes_before_what_was_chosen_and_that_before_the_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write_config('theme = "nord"\n')
    assert looks_of(config.load()).theme == "nord"
    themes.remember("dracula", "nord")
    assert looks_of(config.load()).theme == "dracula"
    monkeypatch.setenv("RUNBROWSER_THEME", "gruvbox")
    assert looks_of(config.load()).theme == "gruvbox"


def test_another_theme_written_into_the_file_later_holds() -> None:
    themes.remember("dracula", "nord")
    write_config('theme = "gruvbox"\n')
    assert looks_of(config.load()).theme == "gruvbox"


@pytest.mark.parametrize("kept", ["", "[]", "{", '{"theme": 1}', "\xff"])
def test_a_damaged_choice_is_passed_over(kept: str, own_folders: Path) -> None:
    own_folders.mkdir(exist_ok=True)
    (own_folders / "theme.json").write_text(kept)
    assert looks_of(config.load()).theme == ""


async def test_an_unknown_theme_is_told_and_the_browser_takes_its_own(demo: DemoProcess) -> None:
    app = RunBrowser(live(demo.v1), TASK, looks=Looks(theme="nrod"))
    async with app.run_test(size=(140, 40)) as pilot:
        await settle(pilot)
        assert app.theme == themes.NIGHT.name
        assert "there is no theme 'nrod'" in note(pilot)


async def test_with_no_color_there_is_nothing_to_choose(
    demo: DemoProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with RunBrowser(live(demo.v1), looks=Looks(theme="nord")).run_test() as pilot:
        await settle(pilot)
        await command(pilot, "theme")
        assert is_main(pilot)
        assert "NO_COLOR is set" in note(pilot)
        assert top(pilot).app.theme == "ansi-dark"


# -- what is really sent ---------------------------------------------------------------------------


def _walk(screen: Terminal) -> set[str]:
    """Goes through screens and dialogs; the kinds of colour codes that were sent by the way."""
    screen.wait(lambda text: "page 1" in text and "✓ ok" in text)
    places = [("\r", "Evaluations"), ("?", "Leave runbrowser|Next page of runs"),
              ("x", "Export runs"), ("L", "Task 9101"), ("E", "kinds in"), (":", "Search"),
              ("Y", "Copy"), ("/", "enter applies")]  # fmt: skip
    for key, words in places:
        screen.press(key)
        screen.wait(lambda text, words=words: re.search(words, text))  # type: ignore[misc]
        screen.press("\x1b")
        screen.rest()
    screen.press("q")
    assert screen.end() == 0
    kinds = set()
    for code in re.findall(rb"\x1b\[([0-9;:]*)m", screen.raw):
        numbers = [int(part or 0) for part in re.split(rb"[;:]", code)]
        kinds |= _kinds(numbers)
    return kinds


def _kinds(numbers: list[int]) -> set[str]:
    """Of which kinds the colours of one escape sequence are."""
    found, at = set(), 0
    while at < len(numbers):
        number = numbers[at]
        if number in (38, 48, 58):
            found.add({2: "16 million", 5: "256"}[numbers[at + 1]])
            at += {2: 5, 5: 3}[numbers[at + 1]]
            continue
        if number in {*range(30, 38), *range(40, 48), *range(90, 98), *range(100, 108)}:
            found.add("16")
        at += 1
    return found


@pytest.mark.parametrize(
    ("environ", "kinds"),
    [
        ({"COLORTERM": "truecolor"}, {"16 million"}),
        ({"COLORTERM": ""}, {"256"}),
        ({"COLORTERM": "", "TERM": "xterm"}, {"16"}),
        ({"NO_COLOR": "1"}, set()),
        ({"NO_COLOR": "1", "COLORTERM": "", "RUNBROWSER_THEME": "nord"}, set()),
        ({"NO_COLOR": ""}, {"16 million"}),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_only_colours_that_the_terminal_has_are_sent(
    environ: dict[str, str], kinds: set[str], demo: DemoProcess, tmp_path: Path
) -> None:
    arguments = ["--server", demo.v1, "task:9101"]
    with terminal(arguments, plain_environ(tmp_path, **environ), columns=120, lines=36) as screen:
        assert _walk(screen) == kinds


def test_an_empty_no_color_asks_for_nothing(demo: DemoProcess, tmp_path: Path) -> None:
    environ = plain_environ(tmp_path, NO_COLOR="")
    with terminal(["--server", demo.v1], environ) as screen:
        screen.wait(lambda text: "✗ failed" in text)
        looks = {look for _, line in screen.looks() for look in line}
        screen.press("q")
        screen.end()
    colors = {Color.parse(f"#{look.split()[0]}") for look in looks if "default" not in look}
    assert any(max(color.rgb) - min(color.rgb) > 60 for color in colors)


def test_the_choice_is_kept_as_it_can_be_read(own_folders: Path) -> None:
    themes.remember("nord", "")
    assert json.loads((own_folders / "theme.json").read_text()) == {
        "theme": "nord",
        "configured": "",
    }
