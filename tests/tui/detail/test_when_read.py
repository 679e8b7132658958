"""Keys about a run that is still on its way: remembered until it is there, no longer."""

import pytest

from runbrowser.demo.launch import DemoProcess
from runbrowser.fields.filters import parse
from runbrowser.tui.dialogs.filter_list import FilterList
from runbrowser.tui.screens.predictions import PredictionsScreen
from runbrowser.tui.screens.trace import TraceScreen
from tests.bulk.faulty import proxy_before

from ..deeds import Gate, is_main, top, waits
from ..harness import browsing, main_screen, note, settle

SEARCHED = 900162  # it has predictions and a trace
KEYS = {"C": FilterList, "i": PredictionsScreen, "a": TraceScreen}


@pytest.mark.parametrize("key", KEYS)
async def test_a_key_pressed_before_the_run_is_there_is_done_once_it_is(
    key: str, demo: DemoProcess
) -> None:
    with proxy_before(demo.v1) as proxy:
        async with browsing(proxy.v1, parse(f"run:{SEARCHED}")) as pilot:
            gate = proxy.fault = Gate("GET", path=f"run/{SEARCHED}")
            await pilot.press("enter", key)
            await waits(pilot, lambda: gate.held and "still being read; then" in note(pilot))
            assert is_main(pilot)
            gate.open()
            await settle(pilot)
            assert isinstance(top(pilot), KEYS[key])


@pytest.mark.parametrize("others", [["j"], ["tab"], ["escape"], ["question_mark"]])
async def test_another_key_in_between_means_something_else(
    others: list[str], demo: DemoProcess
) -> None:
    with proxy_before(demo.v1) as proxy:
        async with browsing(proxy.v1, parse(f"run:{SEARCHED}")) as pilot:
            gate = proxy.fault = Gate("GET", path=f"run/{SEARCHED}")
            await pilot.press("enter", "C")
            await waits(pilot, lambda: gate.held and "still being read; then" in note(pilot))
            await pilot.press(*others)
            gate.open()
            await settle(pilot)
            assert not isinstance(top(pilot), FilterList)
            if others != ["question_mark"]:
                assert is_main(pilot)
            assert "still being read" not in note(pilot)
            assert main_screen(pilot).pane.run_id == SEARCHED
