"""One record is all that a column needs: everything that shows, orders and writes follows it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from runbrowser.demo.launch import DemoProcess
from runbrowser.fields.columns import COLUMNS, Need, RunColumn, in_rows
from runbrowser.fields.filters import parse
from runbrowser.models import RunRow
from runbrowser.openml.base import NameBook
from runbrowser.pages import chooser
from runbrowser.pages.columns import layout
from runbrowser.pages.rows import _DRAWN, cells
from runbrowser.pages.sorting import _ORDERS, keys
from runbrowser.views.arrangement import Arrangement, is_column
from tests.openml.truth import get
from tests.tui.harness import browsing, cell, live, main_screen, press, shown_ids

DAY = """
from runbrowser.fields.columns import COLUMNS, Kind, RunColumn

COLUMNS["day"] = RunColumn(
    "day", "day", "day of upload", "the day of the month",
    lambda info, _: int(info.row.upload_time[8:10]) if info.row.upload_time else None, int,
    Kind.ID, 5, 5,
)
"""


@pytest.fixture
def day() -> Iterator[RunColumn]:
    """A column that is told by rows, as long as the test lasts."""
    before = dict(COLUMNS)
    exec(DAY, {})
    yield COLUMNS["day"]
    COLUMNS.clear()
    COLUMNS.update(before)


def test_a_new_column_is_known_to_views_chooser_and_order(day: RunColumn) -> None:
    assert is_column("day")
    arrangement = Arrangement(columns=("run_id", "day"), sort="day")
    assert chooser.Line("day", False) in chooser.lines_of(Arrangement())
    assert keys(arrangement)["day"] == ("day of upload", "")
    row = RunRow(1, 59, 1, 37, 8353, 16, "2021-05-01 12:00:00", None, None)
    drawn = cells(row, layout(80, arrangement), None, NameBook())
    assert [one.text for one in drawn] == ["1", "1"]


async def test_a_new_column_is_chosen_drawn_and_ordered_by_in_the_browser(
    day: RunColumn, demo: DemoProcess
) -> None:
    told = get(demo.v1, "run/list/task/9101/limit/10000/show_errors/true")
    row = r"<oml:run_id>(\d+)<.*?<oml:upload_time>....-..-(..)"
    days = {int(run_id): int(day) for run_id, day in re.findall(row, told, re.DOTALL)}
    assert len(set(days.values())) > 1
    async with browsing(live(demo.v1), parse("task:9101")) as pilot:
        await press(pilot, "c")
        lines = chooser.lines_of(main_screen(pilot).selection.arrangement)
        place = [line.column for line in lines].index("day")
        await press(pilot, *["j"] * (place - 1), "space", *["K"] * (place - 1), "enter")
        assert main_screen(pilot).selection.arrangement.wanted[1] == "day"
        shown = shown_ids(pilot)
        assert {i: int(cell(pilot, i, "day")) for i in shown} == {i: days[i] for i in shown}
        await press(pilot, "s")
        order = [value for value, _, _ in pilot.app.screen._choices]  # type: ignore[attr-defined]
        await press(pilot, *["j"] * order.index("day"), "enter")
        first = [days[i] for i in shown_ids(pilot)]
        assert first == sorted(days.values())[: len(first)]
        await press(pilot, "S")
        last = [days[i] for i in shown_ids(pilot)]
        assert last == sorted(days.values(), reverse=True)[: len(last)]


def test_a_new_column_is_listed_and_ordered_by_on_the_command_line(demo: DemoProcess) -> None:
    program = DAY + "from runbrowser.cli.main import run\nraise SystemExit(run())"

    def runs(*words: str) -> list[dict[str, Any]]:
        command = [sys.executable, "-c", program, "list", "--server", demo.v1, "--format", "json"]
        done = subprocess.run([*command, *words], capture_output=True, text=True, check=True)
        found: list[dict[str, Any]] = json.loads(done.stdout)
        return found

    every = runs("--task", "9101", "--all")
    truth = {one["run_id"]: int(one["upload_time"][8:10]) for one in every}
    listed = runs("--task", "9101", "--all", "--columns", "day,run_id", "--sort", "-day")
    assert {one["run_id"]: one["day"] for one in listed} == truth
    days = [one["day"] for one in listed]
    assert days == sorted(days, reverse=True)
    assert len(set(days)) > 1


# -- no column can be forgotten --------------------------------------------------------------------


def test_every_kind_is_drawn_and_ordered() -> None:
    kinds = {record.kind for record in COLUMNS.values()}
    assert kinds <= _DRAWN.keys()
    assert kinds <= _ORDERS.keys()


def test_every_attribute_of_a_row_is_a_column_under_its_own_name() -> None:
    assert [record.name for record in in_rows()] == list(RunRow._fields)


def test_names_in_files_are_of_one_column_each() -> None:
    names = [record.name for record in COLUMNS.values()]
    assert len(set(names)) == len(names)
    for record in COLUMNS.values():
        assert record.docs
        assert record.row == "" or record.need is Need.NOTHING
        assert record.number_of == "" or record.number_of in COLUMNS
