"""Copying any value of a run: what can be chosen, and that it is the server's own text."""

import pytest
from textual.widgets import OptionList

from runbrowser.demo.launch import DemoProcess
from runbrowser.fields.filters import parse
from runbrowser.models import Evaluation, ParameterSetting, RunState
from runbrowser.openml.base import NameBook
from runbrowser.pages.detail.values import values
from runbrowser.tui.dialogs.filter_list import FilterList

from ..harness import browsing, main_screen, note, press, screen_text, workspace, write
from .runs import a_run, folded

SEARCH = 900131


def test_every_value_is_there_raw_and_with_all_its_digits() -> None:
    run = a_run(
        error_message="it [/] broke\x1b[31m",
        tags=("one", "two"),
        parameter_settings=(ParameterSetting("C", "0.29155554023680896", 9201),),
        evaluation_list=(
            Evaluation("kappa", 0.123456789012, "[1,2]"),
            *folded({"kappa": [0.1, None]}, 1, 2),
        ),
    )
    found = values(run, None, NameBook())
    assert found[0] == ("error", "it [/] broke\x1b[31m")
    for pair in (("kappa", "0.123456789012"), ("kappa per class", "[1,2]"), ("tag", "two"),
                 ("C", "0.29155554023680896"), ("kappa, repeat 0 fold 0", "0.1"),
                 ("run id", "900101")):  # fmt: skip
        assert pair in found
    assert all(value for _, value in found)


@pytest.mark.parametrize("size", [(140, 40), (80, 24), (60, 20)])
async def test_typing_narrows_the_list_and_enter_copies(
    demo: DemoProcess, size: tuple[int, int]
) -> None:
    async with browsing(demo.v1, parse(f"run:{SEARCH}"), size=size) as pilot:
        copied: list[str] = []
        pilot.app.copy_to_clipboard = copied.append  # type: ignore[method-assign]
        await press(pilot, "enter")
        await press(pilot, "C")
        assert isinstance(pilot.app.screen, FilterList)
        assert "Copy a value of run" in screen_text(pilot)
        before = pilot.app.screen.query_one(OptionList).option_count
        await write(pilot, "fold 3 kappa")
        picks = pilot.app.screen.query_one(OptionList)
        assert 0 < picks.option_count < before
        await press(pilot, "enter")
        assert pilot.app.screen is main_screen(pilot)
        run = workspace(pilot).runs.get(SEARCH)
        assert run is not None
        assert copied == [str(run.fold_evaluations["kappa"][0][3])]
        assert note(pilot).startswith("kappa, repeat 0 fold 3 ")


async def test_down_and_esc_work_while_the_keys_go_into_the_field(demo: DemoProcess) -> None:
    async with browsing(demo.v1, parse(f"run:{SEARCH}")) as pilot:
        await press(pilot, "enter")
        await press(pilot, "C", "down", "down")
        assert pilot.app.screen.query_one(OptionList).highlighted == 2
        await write(pilot, "no such value")
        assert pilot.app.screen.query_one(OptionList).option_count == 0
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, FilterList)
        await press(pilot, "escape")
        assert pilot.app.screen is main_screen(pilot)


async def test_the_error_is_the_first_value_of_a_failed_run(
    demo: DemoProcess, states: dict[RunState, list[int]]
) -> None:
    async with browsing(demo.v1, parse(f"run:{states[RunState.FAILED][0]}")) as pilot:
        await press(pilot, "C")
        assert note(pilot) == "enter reads the run first"
        await press(pilot, "enter")
        await press(pilot, "C")
        option = pilot.app.screen.query_one(OptionList).get_option_at_index(0)
        assert str(option.prompt).startswith("error ")
