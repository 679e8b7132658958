"""The filter line takes what things are called: data sets, parts of flows, users."""

from __future__ import annotations

import pytest
from textual.widgets import Input

from runbrowser.demo.launch import DemoProcess
from runbrowser.fields.filters import parse

from .counting import counting
from .harness import browsing, main_screen, note, press, shown_ids, workspace, write


async def test_words_become_the_ids_of_what_is_called_so_by_a_request_each(
    demo: DemoProcess,
) -> None:
    with counting(demo.v1) as server:
        async with browsing(server.v1) as pilot:
            before = len(server.asked)
            await pilot.press("slash")
            await write(pilot, "iris mlp state:failed")
            await press(pilot, "enter")
            filter = workspace(pilot).filter
            assert set(filter.task) == {9101, 9106}
            names = workspace(pilot).names
            assert filter.flow and all("MLP" in names.flows[flow] for flow in filter.flow)
            assert filter.state is not None
            asked = [path for path in server.asked[before:] if not path.startswith("run/")]
            assert sum(path.startswith(("flow/", "task/list/data_name")) for path in asked) == 3
            assert note(pilot).startswith("iris: 2 tasks on it, mlp: ")
            rows = [workspace(pilot).find_row(run_id) for run_id in shown_ids(pilot)]
            assert all(row is not None and row.flow_id in filter.flow for row in rows)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("frobnicate", "Nothing is called"),
        ("flow:frobnicate", "No flow is called"),
        ("data:frobnicate", "No data set of a task is called"),
        ("uploader:nobody", "tells names by id alone"),
    ],
)
async def test_what_nothing_is_called_is_said_and_up_brings_it_back(
    text: str, words: str, demo: DemoProcess
) -> None:
    async with browsing(demo.v1, parse("task:9101")) as pilot:
        await pilot.press("slash", "ctrl+u")
        await write(pilot, text)
        await press(pilot, "enter")
        assert words in note(pilot)
        assert workspace(pilot).filter == parse("task:9101")
        await press(pilot, "slash")
        await press(pilot, "up")
        line = main_screen(pilot).line
        assert line.query_one(Input).value == text
        await press(pilot, "down")
        assert line.query_one(Input).value == ""
