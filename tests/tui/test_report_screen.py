"""The report of an action: copied, exported, failures tried again; copying from the table."""

from __future__ import annotations

import csv
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from runbrowser.demo.launch import DemoProcess
from runbrowser.fields.filters import parse
from runbrowser.tui.dialogs.choose import ChooseDialog
from runbrowser.tui.dialogs.save import SaveDialog
from runbrowser.tui.screens.report import ReportScreen
from runbrowser.tui.widgets.page_view import PageView
from tests.bulk.faulty import Asked, Fault, Proxy, proxy_before, refused

from .deeds import FAILED, acting_on, agree, is_main, page_ids, sees, tagged, top, type_into
from .harness import browsing, current_id, main_screen, note, press, screen_lines, settle, workspace

SIZES = [(60, 20), (80, 24), (140, 40)]
RUNS = 6


@asynccontextmanager
async def part_failed(
    demo: DemoProcess, size: tuple[int, int] = (140, 40)
) -> AsyncIterator[tuple[Pilot[int], Proxy, list[int], int]]:
    """The report is open on a tag that one run of six was refused."""
    with proxy_before(demo.v1) as proxy:
        source = acting_on(proxy.v1, demo.api_key)
        async with browsing(source, parse(FAILED), page_size=RUNS, size=size) as pilot:
            wanted = page_ids(pilot)
            bad = wanted[2]

            def fault(asked: Asked) -> Fault | None:
                is_it = asked.path == "run/tag" and asked.form["run_id"] == [str(bad)]
                return refused(472, "Entity not found") if is_it else None

            proxy.fault = fault
            await press(pilot, "asterisk", "t")
            await type_into(pilot, "some")
            await press(pilot, "enter")  # the job is waited for
            await press(pilot, "exclamation_mark")
            assert isinstance(top(pilot), ReportScreen)
            yield pilot, proxy, wanted, bad


@pytest.mark.parametrize("size", SIZES)
async def test_what_failed_comes_first_with_its_reason_and_the_foot_says_what_to_do(
    size: tuple[int, int], fresh_demo: DemoProcess
) -> None:
    async with part_failed(fresh_demo, size) as (pilot, _, wanted, bad):
        page = top(pilot).query_one(PageView).text
        runs = [int(line.split()[0]) for line in page.splitlines() if line[:6].isdigit()]
        assert runs[0] == bad and sorted(runs) == sorted(wanted)
        assert "Entity not found" in page
        sees(
            pilot, "tagged 5 of 6 runs (some); 1 failed", "r try the 1 again", "y copy", "x export"
        )
        assert all(len(line) <= size[0] for line in screen_lines(pilot))
        await press(pilot, "enter")
        assert is_main(pilot)


async def test_r_tries_only_the_failures_again_and_the_report_holds_all(
    fresh_demo: DemoProcess,
) -> None:
    async with part_failed(fresh_demo) as (pilot, proxy, wanted, bad):
        assert tagged(fresh_demo.v1, "some") == set(wanted) - {bad}
        proxy.fault = lambda asked: None
        before = len([a for a in proxy.asked if a.path == "run/tag"])
        await press(pilot, "r")
        sent = [a.form["run_id"] for a in proxy.asked if a.path == "run/tag"][before:]
        assert sent == [[str(bad)]]
        assert tagged(fresh_demo.v1, "some") == set(wanted)
        await press(pilot, "exclamation_mark")
        sees(pilot, "tagged 6 runs (some)")
        assert "again" not in str(top(pilot).query_one("#report-foot").render())
        await press(pilot, "r")  # nothing is left to be tried again
        assert isinstance(top(pilot), ReportScreen)


async def test_y_copies_a_line_for_each_run(fresh_demo: DemoProcess) -> None:
    async with part_failed(fresh_demo) as (pilot, _, wanted, bad):
        await press(pilot, "y")
        copied = pilot.app.clipboard
        lines = {line.split()[0]: line for line in copied.splitlines()[2:]}
        assert set(lines) == set(map(str, wanted))
        assert "failed" in lines[str(bad)] and "Entity not found" in lines[str(bad)]
        sees(pilot, "report sent to the terminal's clipboard")


@pytest.mark.parametrize("name", ["told.csv", "told.json"])
async def test_x_writes_all_rows_to_a_file(
    name: str, fresh_demo: DemoProcess, tmp_path: Path
) -> None:
    path = tmp_path / name
    async with part_failed(fresh_demo) as (pilot, _, wanted, bad):
        await press(pilot, "x")
        assert isinstance(top(pilot), SaveDialog)
        await press(pilot, "ctrl+u")
        await type_into(pilot, str(path))
        await press(pilot, "enter")
        assert isinstance(top(pilot), ReportScreen)
        sees(pilot, "written to")
        text = path.read_text("utf-8")
        rows = (
            json.loads(text)["runs"]
            if name.endswith("json")
            else list(csv.DictReader(text.splitlines()))
        )
        states = {int(row["run_id"]): row["state"] for row in rows}
        assert set(states) == set(wanted)
        assert [run_id for run_id, state in states.items() if state == "failed"] == [bad]


async def test_a_file_that_is_there_is_replaced_only_when_asked_twice(
    fresh_demo: DemoProcess, tmp_path: Path
) -> None:
    path = tmp_path / "told.csv"
    path.write_text("mine")
    async with part_failed(fresh_demo) as (pilot, *_):
        await press(pilot, "x", "ctrl+u")
        await type_into(pilot, str(path))
        await press(pilot, "enter")
        sees(pilot, "is there already; enter again replaces it")
        assert path.read_text() == "mine"
        await press(pilot, "escape")
        assert path.read_text() == "mine"
        await press(pilot, "x", "ctrl+u")
        await type_into(pilot, str(path))
        await press(pilot, "enter")
        await agree(pilot)
        await settle(pilot)
        assert path.read_text().startswith("run_id,state")


async def test_before_any_action_there_is_no_report(demo: DemoProcess) -> None:
    async with browsing(acting_on(demo.v1, demo.api_key)) as pilot:
        await press(pilot, "exclamation_mark")
        assert is_main(pilot)
        assert note(pilot) == "there is no report yet"


async def test_y_copies_the_id_of_the_run_or_of_all_marked_ones(demo: DemoProcess) -> None:
    async with browsing(acting_on(demo.v1, None), parse(FAILED)) as pilot:
        run_id = current_id(pilot)
        await press(pilot, "y")
        assert pilot.app.clipboard == str(run_id)
        assert note(pilot) == f"run id {run_id} sent to the terminal's clipboard"
        await press(pilot, "space", "space", "y")
        assert pilot.app.clipboard.split() == [str(i) for i in workspace(pilot).marks.ids]
        assert note(pilot).startswith("2 run ids")


async def test_the_copy_menu_offers_address_error_row_and_python_and_copies_what_it_says(
    demo: DemoProcess,
) -> None:
    async with browsing(acting_on(demo.v1, None), parse(FAILED), size=(80, 24)) as pilot:
        row = main_screen(pilot).table.current
        assert row is not None and row.error_message
        copied = []
        for steps in range(5):
            await press(pilot, "Y")
            assert isinstance(top(pilot), ChooseDialog)
            sees(pilot, "run id", "address of its page", "error message", "row as JSON", "Python")
            await press(pilot, *["j"] * steps, "enter")
            copied.append(pilot.app.clipboard)
        run_id, address, error, told, python = copied
        assert run_id == str(row.run_id)
        assert address.startswith("http") and address.endswith(str(row.run_id))
        assert error == row.error_message
        assert json.loads(told)[0]["run_id"] == row.run_id
        compile(python, "copied", "exec")
        assert f"get({row.run_id})" in python
        await press(pilot, "Y", "escape")
        assert pilot.app.clipboard == python
