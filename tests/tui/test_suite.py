"""Flows over tasks in the browser: from marked runs, from the filter, over a suite, into files."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from runbrowser.demo.launch import DemoProcess
from runbrowser.fields.filters import parse
from runbrowser.tui.screens.suite import SuiteScreen
from runbrowser.tui.widgets.page_view import PageView

from .counting import Counting
from .deeds import is_main, sees, top
from .harness import browsing, note, press, status_line, until, write


def suite(pilot: Pilot[int]) -> SuiteScreen:
    screen = top(pilot)
    assert isinstance(screen, SuiteScreen)
    return screen


async def compared(pilot: Pilot[int]) -> str:
    """The page, once the scores are there."""
    await until(pilot, lambda: suite(pilot).comparison is not None)
    return suite(pilot).query_one(PageView).text


def foot(pilot: Pilot[int]) -> str:
    return str(suite(pilot).query_one("#suite-foot", Static).render())


async def test_five_keys_write_two_flows_over_their_tasks_as_latex(
    demo: DemoProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with browsing(demo.v1) as pilot:
        await press(pilot, "space", "space", "F")
        await compared(pilot)
        await press(pilot, "x", "enter")
        await until(pilot, lambda: foot(pilot).startswith("written to flows-over-tasks.tex"))
    text = (tmp_path / "flows-over-tasks.tex").read_text("utf-8")
    assert r"\begin{tabular}{lrr}" in text and r"\textbf{" in text


async def test_flows_of_the_filter_over_a_suite_by_its_number(
    demo: DemoProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TMUX", raising=False)
    async with browsing(demo.v1, parse("flow:9201,9208,9216")) as pilot:
        await press(pilot, "F")
        assert "Friedman over" in await compared(pilot)
        first = suite(pilot).comparison
        await press(pilot, "number_sign")
        sees(pilot, "Compare over a suite")
        await write(pilot, "9304")
        await press(pilot, "enter")
        await until(pilot, lambda: suite(pilot).comparison is not first)
        text = await compared(pilot)
        assert "Friedman over 6 tasks" in text and "critical difference" in text
        sees(pilot, "3 flows over suite 9304 (Tasks of the demo): best predictive_accuracy")
        await press(pilot, "u")
        await until(pilot, lambda: "mean predictive_accuracy" in str(suite(pilot)._head.render()))
        await press(pilot, "y")
        await until(pilot, lambda: pilot.app.clipboard.startswith("# 3 flows over suite 9304"))
        await press(pilot, "escape")
        assert is_main(pilot)


async def test_a_study_in_the_filter_is_compared_in_few_requests(counted: Counting) -> None:
    async with browsing(counted.v1, parse("study:9302")) as pilot:
        before = len(counted.asked)
        await press(pilot, "F")
        text = await compared(pilot)
        asked = counted.asked[before:]
        assert len([path for path in asked if path.startswith(("study/", "evaluation/"))]) == 2
        assert len(asked) <= 3, asked
        assert "RandomForest" in text and "2 flows of the study without any" in text


async def test_only_runs_count_that_the_filters_uploader_let_through(demo: DemoProcess) -> None:
    async with browsing(demo.v1, parse("flow:9201,9208 uploader:2")) as pilot:
        await press(pilot, "F")
        await compared(pilot)
        sees(pilot, "all tasks they share, uploader:2")


async def test_what_cannot_be_compared_is_said(demo: DemoProcess) -> None:
    async with browsing(demo.v1) as pilot:
        await press(pilot, "F")
        assert is_main(pilot)
        assert "F compares their flows over all tasks" in status_line(pilot) + note(pilot)
    async with browsing(demo.v1, parse("flow:9201,9240"), size=(80, 24)) as pilot:
        await press(pilot, "F")
        assert "None of these flows has a score on any task" in await compared(pilot)
        await press(pilot, "number_sign")
        await write(pilot, "77")
        await press(pilot, "enter")
        await until(pilot, lambda: "no suite or study 77" in suite(pilot).query_one(PageView).text)
        await press(pilot, "x")
        assert "nothing to write yet" in foot(pilot)
