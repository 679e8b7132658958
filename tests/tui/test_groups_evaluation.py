"""The errors by group under a filter on runs whose evaluation failed: what each run's page says."""

from __future__ import annotations

import html
import re

import pytest

from runbrowser.demo.launch import DemoProcess
from runbrowser.fields.filters import parse
from runbrowser.models import RunState
from runbrowser.openml import evaluation_errors
from runbrowser.openml.evaluation_errors import EvaluationErrors
from runbrowser.triage.signatures import essence, signature
from runbrowser.tui.screens.groups import ErrorGroupsScreen
from tests.openml.truth import get

from .counting import Counting, Reply
from .deeds import acting_on, is_main, sees, top
from .harness import browsing, main_screen, press, settle, until, workspace

FILTER = "state:eval-failed"
PAGE = r"run/\d+$"
GONE = Reply(
    412,
    "text/xml",
    b'<oml:error xmlns:oml="http://openml.org/openml"><oml:code>220</oml:code>'
    b"<oml:message>Unknown run</oml:message></oml:error>",
)


def _groups(screen: object) -> ErrorGroupsScreen:
    assert isinstance(screen, ErrorGroupsScreen)
    return screen


def _said(v1: str, run_id: int) -> str:
    """What the evaluation said of a run, read past the browser."""
    found = re.search(r"<oml:error>(.*?)</oml:error>", get(v1, f"run/{run_id}"), re.DOTALL)
    return html.unescape(found[1]).strip() if found else ""


async def test_evaluation_errors_are_grouped_and_enter_shows_the_runs_of_the_group(
    counted: Counting, demo: DemoProcess, states: dict[RunState, list[int]]
) -> None:
    failed = set(states[RunState.EVALUATION_FAILED])
    source = acting_on(counted.v1, demo.api_key)
    async with browsing(source, parse(FILTER), page_size=100) as pilot:
        before = counted.count(PAGE)
        await press(pilot, "E")
        lines = _groups(top(pilot)).lines
        assert {run_id for group in lines for run_id in group.run_ids} == failed
        assert counted.count(PAGE) - before <= len(failed)  # one read before is not read again
        sees(pilot, f"{len(lines)} kinds in {len(failed)} runs whose evaluation failed")
        first = lines[0]
        assert first.count > 1
        said = [_said(demo.v1, run_id) for run_id in first.run_ids]
        assert all(said) and len({essence(signature(text)) for text in said}) == 1
        sees(pilot, first.signature[:20], f"for example run {first.example.run_id}")

        await press(pilot, "s")
        sees(pilot, "evaluation errors have no rate")
        await press(pilot, "space")
        marks = workspace(pilot).marks
        assert set(marks.ids) == set(first.run_ids)
        assert not any(row.error_message for row in marks)  # rows stay what the list tells

        await press(pilot, "g", "enter")
        assert is_main(pilot)
        assert {row.run_id for row in main_screen(pilot).table.runs} == set(first.run_ids)


async def test_by_flow_enter_shows_the_runs_that_were_grouped(demo: DemoProcess) -> None:
    async with browsing(acting_on(demo.v1, None), parse(FILTER), page_size=100) as pilot:
        await press(pilot, "E", "b")
        first = _groups(top(pilot)).lines[0]
        assert first.by == "flow" and first.count > 1
        await press(pilot, "enter")
        assert {row.run_id for row in main_screen(pilot).table.runs} == set(first.run_ids)


async def test_no_more_runs_are_read_than_is_said(
    counted: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluation_errors, "MOST", 10)
    async with browsing(acting_on(counted.v1, None), parse(FILTER)) as pilot:
        before = counted.count(PAGE)
        await press(pilot, "E")
        assert counted.count(PAGE) - before <= 10
        assert sum(group.count for group in _groups(top(pilot)).lines) == 10
        sees(pilot, "in 10 runs whose evaluation failed, the first 10 alone")


async def test_four_runs_are_read_at_once_and_esc_ends_the_reading(counted: Counting) -> None:
    async with browsing(acting_on(counted.v1, None), parse(FILTER), page_size=100) as pilot:
        before = counted.count(PAGE)
        gate = counted.hold(PAGE)
        await pilot.press("E")
        await until(pilot, lambda: counted.count(PAGE) - before >= 4)
        await pilot.pause(0.1)
        assert counted.count(PAGE) - before == 4
        await pilot.press("escape")
        await until(pilot, lambda: is_main(pilot))
        gate.set()
        await settle(pilot)
        assert counted.count(PAGE) - before == 4


async def test_the_head_says_how_far_the_reading_is(
    counted: Counting, states: dict[RunState, list[int]]
) -> None:
    failed = states[RunState.EVALUATION_FAILED]
    async with browsing(acting_on(counted.v1, None), parse(FILTER), page_size=100) as pilot:
        gate = counted.hold(rf"run/{failed[3]}$")
        await pilot.press("E")
        words = f"reading evaluation errors: {len(failed) - 1} of {len(failed)} runs"
        await until(pilot, lambda: words in str(top(pilot).query_one("#list-head").render()))
        gate.set()
        await settle(pilot)
        sees(pilot, f"in {len(failed)} runs whose evaluation failed")


async def test_runs_that_cannot_be_read_are_said_and_end_the_reading_when_they_are_several(
    counted: Counting, states: dict[RunState, list[int]]
) -> None:
    failed = states[RunState.EVALUATION_FAILED]
    source = acting_on(counted.v1, None)
    async with browsing(source, parse(FILTER), page_size=100) as pilot:
        counted.answer(rf"run/{failed[5]}$", GONE)
        await press(pilot, "E")
        lines = _groups(top(pilot)).lines
        assert {i for group in lines for i in group.run_ids} == {*failed} - {failed[5]}
        sees(pilot, f"in {len(failed)} runs whose evaluation failed; 1 not read (")
        await press(pilot, "escape")
        counted.answer(PAGE, GONE)
        before = counted.count(PAGE)
        await press(pilot, "E")
        assert _groups(top(pilot)).lines == []
        assert counted.count(PAGE) - before <= 8
        sees(pilot, f"{len(failed)} not read (")


async def test_a_run_that_tells_no_error_is_counted(demo: DemoProcess) -> None:
    source = acting_on(demo.v1, None)(lambda *_: None)
    rows = [row async for rows in source.walk(parse("state:failed"), most=3) for row in rows]
    errors = EvaluationErrors(source)
    told: list[str] = []
    await errors.read(rows, told.append)
    assert errors.with_errors(rows) == []
    words = errors.words([row.run_id for row in rows])
    assert words == "3 runs whose evaluation failed; 3 tell no error"
    assert errors.words([rows[0].run_id]) == "1 run whose evaluation failed; 1 tell no error"
    assert told[-1] == "reading evaluation errors: 3 of 3 runs"
    await source.close()
