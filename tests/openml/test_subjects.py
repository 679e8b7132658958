"""Pages about a flow, a task, a data set ...: what they tell is true, and what they cost."""

from collections.abc import AsyncIterator

import pytest

from runbrowser.client.calls.descriptions import tasks_of_data
from runbrowser.client.http import AsyncHTTPClient
from runbrowser.errors import ExitCode, RunbrowserError, exit_code
from runbrowser.fields.filters import parse
from runbrowser.fields.subjects import Subject, read_subject
from runbrowser.models import RunState
from runbrowser.openml.live import LiveSource
from runbrowser.openml.subjects import About, read_about
from runbrowser.pages.subject import subject_markdown, subject_object, subject_page
from tests.tui.counting import Counting

MOST_REQUESTS = 6
SUBJECTS = ("flow:9201", "task:9101", "data:9001", "setup:90001", "uploader:2", "study:9302",
            "tag:baseline")  # fmt: skip


@pytest.fixture
async def source(counted: Counting) -> AsyncIterator[LiveSource]:
    opened = LiveSource(AsyncHTTPClient(counted.v1, retry="none"))
    yield opened
    await opened.close()


async def _about(source: LiveSource, subject: Subject) -> About:
    return [about async for about in read_about(source, subject)][-1]


@pytest.mark.parametrize("text", SUBJECTS)
async def test_a_page_takes_six_requests_at_the_most_and_tells_of_all_runs(
    text: str, source: LiveSource, counted: Counting
) -> None:
    before = len(counted.asked)
    about = await _about(source, read_subject(text))
    assert len(counted.asked) - before <= MOST_REQUESTS, counted.asked[before:]
    assert about.done and about.failures == []
    assert about.total == about.read == sum(about.states.values())
    assert about.filter is not None
    rows = source.whole(about.filter)
    assert rows is not None and about.states[RunState.FAILED] == sum(
        bool(row.error_message) for row in rows
    )
    assert [row.run_id for row in about.latest] == [row.run_id for row in rows[:5]]
    for width in (40, 76, 130):
        page = subject_page(about, source.names, width)
        assert about.subject.title in page.plain
    assert subject_object(about, source.names, "")["runs"] == about.total
    assert subject_markdown(about, source.names, "").startswith(f"# {about.subject.title}")


async def test_the_best_of_a_flow_are_those_of_the_task_it_was_met_on(source: LiveSource) -> None:
    everywhere = await _about(source, Subject("flow", 9201))
    assert everywhere.best == [] and len(everywhere.tasks) > 1
    met = await _about(source, Subject("flow", 9201, task=9102))
    found = [row async for part in source.walk(parse("flow:9201 task:9102")) for row in part]
    scores = await source.scores([row.run_id for row in found], met.measure)
    values = sorted((row.value or 0.0 for row in scores), reverse=True)
    assert [row.value for row in met.best] == values[:10]
    assert {row.task_id for row in met.best} == {9102}


async def test_the_runs_of_a_data_set_are_those_of_its_tasks(source: LiveSource) -> None:
    about = await _about(source, Subject("data", 9001))
    assert about.filter is not None
    tasks = await source.http.send(tasks_of_data(9001))
    assert set(about.filter.task) == set(tasks)


async def test_a_study_of_tasks_has_no_runs_of_its_own(source: LiveSource) -> None:
    about = await _about(source, Subject("study", 9304))
    assert about.name and about.filter is None and about.done
    assert "cannot be listed" in subject_page(about, source.names, 80).plain


@pytest.mark.parametrize(
    "text",
    ["flow:99999", "task:99999", "data:99999", "setup:99999", "uploader:99999", "study:99999"],
)
async def test_what_nobody_knows_is_not_found(text: str, source: LiveSource) -> None:
    with pytest.raises(RunbrowserError) as raised:
        await _about(source, read_subject(text))
    assert exit_code(raised.value) is ExitCode.NOT_FOUND
    assert "Check" in str(raised.value) or "check" in str(raised.value)


async def test_a_legacy_study_says_that_its_runs_are_found_by_a_tag(source: LiveSource) -> None:
    about = await _about(source, Subject("study", 1))
    assert about.name and about.done and "tag:study_N" in about.failures[0]
