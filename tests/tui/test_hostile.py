"""Texts by strangers: whatever they hold, nothing of it acts on the terminal or on the browser."""

import re
import unicodedata

import pytest
from textual.pilot import Pilot

from runbrowser.demo.launch import DemoProcess
from runbrowser.fields.filters import parse
from runbrowser.models import RunFilter
from tests.openml.truth import get

from .harness import (
    browsing,
    current_id,
    detail_text,
    main_screen,
    press,
    raw_text,
    screen_lines,
    settle,
    shown_ids,
    until,
    workspace,
)

SPECIAL = range(900_001, 900_080)
_TURNS_OR_HIDES = set(
    "\u00ad\u061c\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e"
    "\u2060\u2066\u2067\u2068\u2069\ufeff"
)


def _harmful(text: str) -> list[str]:
    """Characters that no widget may draw."""
    return [
        f"U+{ord(char):04X}"
        for char in text
        if unicodedata.category(char) in ("Cc", "Cs", "Co") or char in _TURNS_OR_HIDES
    ]


async def _read(pilot: Pilot[int], run_id: int) -> None:
    """Opens a run and waits for its page."""
    workspace(pilot).want_run(run_id)
    await until(pilot, lambda: detail_text(pilot).startswith(f"Run {run_id}  "))
    await until(pilot, lambda: "reading…" not in detail_text(pilot))
    await pilot.pause()


def _special(v1: str) -> list[int]:
    return [run_id for run_id in SPECIAL if get(v1, f"run/{run_id}")]


@pytest.mark.parametrize("size", [(200, 60), (80, 24)])
async def test_every_special_run_is_a_row_and_no_row_is_harmful(
    size: tuple[int, int], hostile: DemoProcess
) -> None:
    listing = get(hostile.v1, f"run/list/run/{','.join(map(str, SPECIAL))}/show_errors/true")
    listed = {int(run) for run in re.findall(r"<oml:run_id>(\d+)</oml:run_id>", listing)}
    assert len(listed) > 60
    async with browsing(hostile.v1, RunFilter(ids=tuple(SPECIAL)), size=size) as pilot:
        shown = set(shown_ids(pilot))
        drawn = raw_text(pilot)
        while workspace(pilot).page is not None and not workspace(pilot).page.last:
            await press(pilot, "n")
            shown |= set(shown_ids(pilot))
            drawn += raw_text(pilot)
        await press(pilot, "G")
        drawn += raw_text(pilot)
    assert shown == listed
    assert _harmful(drawn) == []


@pytest.mark.parametrize("size", [(200, 60), (60, 20)])
async def test_every_special_run_can_be_read_and_nothing_of_it_is_harmful(
    size: tuple[int, int], hostile: DemoProcess
) -> None:
    special = _special(hostile.v1)
    assert len(special) > 40
    if size[0] < 100:  # the same texts in less room
        special = special[::4]
    async with browsing(hostile.v1, RunFilter(ids=tuple(SPECIAL)), size=size) as pilot:
        for run_id in special:
            await _read(pilot, run_id)
            page = detail_text(pilot)
            assert page.startswith(f"Run {run_id}  ")
            assert "reading…" not in page
            assert "Could not" not in page, run_id
            assert _harmful(page.replace("\n", "")) == [], run_id
            assert _harmful(raw_text(pilot)) == [], run_id
            assert len(screen_lines(pilot)) == size[1]
        assert pilot.app.is_running


async def test_errors_with_markup_are_shown_as_they_were_written(hostile: DemoProcess) -> None:
    seen = 0
    async with browsing(hostile.v1, RunFilter(ids=tuple(SPECIAL)), size=(200, 60)) as pilot:
        for run_id in _special(hostile.v1):
            told = get(hostile.v1, f"run/{run_id}")
            error = re.search(r"<oml:error_message>(.*?)</oml:error_message>", told, re.DOTALL)
            marks = re.findall(r"\[/?[a-z@#][^\]\n]*\]|\[/\]", error[1]) if error else []
            if not marks:
                continue
            await _read(pilot, run_id)
            for mark in marks:
                assert mark in detail_text(pilot)
                seen += 1
    assert seen >= 3


async def test_clicking_on_written_actions_does_nothing(hostile: DemoProcess) -> None:
    acting = [r for r in _special(hostile.v1) if "@click" in get(hostile.v1, f"run/{r}")]
    assert acting
    filter = parse(f"run:{','.join(map(str, acting))}")
    async with browsing(hostile.v1, filter, size=(200, 50)) as pilot:
        for run_id in acting:
            await _read(pilot, run_id)
            for y, line in enumerate(screen_lines(pilot)):
                for found in re.finditer("@click", line):
                    await pilot.click(offset=(found.start(), y))
                    await pilot.click(offset=(min(found.end() + 18, 199), y))
            await settle(pilot)
            assert pilot.app.is_running
            assert not pilot.app._exit
            assert pilot.app.screen is main_screen(pilot)


async def test_a_click_chooses_a_row_and_a_second_one_opens_it(demo: DemoProcess) -> None:
    async with browsing(demo.v1) as pilot:
        wanted = shown_ids(pilot)[4]
        y = next(i for i, line in enumerate(screen_lines(pilot)) if str(wanted) in line)
        await pilot.click(offset=(60, y))
        await settle(pilot)
        assert current_id(pilot) == wanted
        assert not main_screen(pilot).pane.display
        await pilot.click(offset=(60, y))
        await settle(pilot)
        assert detail_text(pilot).startswith(f"Run {wanted}  ")


async def test_names_by_strangers_are_as_harmless_as_errors(hostile: DemoProcess) -> None:
    async with browsing(hostile.v1, RunFilter(ids=tuple(SPECIAL)), size=(240, 60)) as pilot:
        source = workspace(pilot).source
        assert source is not None
        nasty = "\x1b]52;c;QUFB\x07[bold]x[/] \u202eevil\u200b\x9b5m[/nope]"
        names = source.names
        for book in (names.flows, names.users):
            for number in tuple(book):
                book[number] = nasty
        for number, task in tuple(names.tasks.items()):
            names.tasks[number] = task._replace(dataset_name=nasty)
        main_screen(pilot).table.update_rows()
        await pilot.pause()
        drawn = raw_text(pilot)
        assert "[bold]x[/]" in drawn
        assert _harmful(drawn) == []
        await press(pilot, "enter")
        assert _harmful(raw_text(pilot)) == []
        assert _harmful(detail_text(pilot).replace("\n", "")) == []
