"""What the source finds out beside the rows, held against the runs' own descriptions."""

from itertools import chain

import pytest

from runbrowser.client.http import AsyncHTTPClient
from runbrowser.demo.launch import DemoProcess
from runbrowser.errors import OpenMLServerException
from runbrowser.models import RunFilter, RunState
from runbrowser.openml.base import Facts
from runbrowser.openml.live import LiveSource
from tests.tui.counting import Counting, recorded

from .truth import get, listed_ids, state


def _source(v1: str) -> LiveSource:
    return LiveSource(AsyncHTTPClient(v1, retry="none"))


async def _learned(source: LiveSource, filter: RunFilter, size: int = 100) -> dict[int, Facts]:
    page = await source.page(filter, 0, size)
    known: dict[int, Facts] = {}
    await source.learn(page.rows, known.update)
    assert set(known) == {row.run_id for row in page.rows}
    return known


@pytest.mark.parametrize("wanted", [s for s in RunState if s is not RunState.UNKNOWN])
async def test_states_are_those_of_the_runs_own_descriptions(
    wanted: RunState, demo: DemoProcess, states: dict[RunState, list[int]]
) -> None:
    ids = tuple(states[wanted][:30])
    assert ids
    source = _source(demo.v1)
    known = await _learned(source, RunFilter(ids=ids))
    assert {run_id: fact.state for run_id, fact in known.items()} == dict.fromkeys(ids, wanted)
    assert {state(demo.v1, run_id) for run_id in ids} == {wanted}
    await source.close()


async def test_a_mixed_page_has_every_state_right(
    demo: DemoProcess, states: dict[RunState, list[int]]
) -> None:
    ids = tuple(chain.from_iterable(runs[:5] for runs in states.values()))
    source = _source(demo.v1)
    known = await _learned(source, RunFilter(ids=ids))
    truth = {run_id: wanted for wanted, runs in states.items() for run_id in runs[:5]}
    assert {run_id: fact.state for run_id, fact in known.items()} == truth
    await source.close()


async def test_the_score_is_the_one_in_the_runs_description(demo: DemoProcess) -> None:
    source = _source(demo.v1)
    ids = listed_ids(demo.v1, "limit/20")
    known = await _learned(source, RunFilter(ids=tuple(ids)))
    scored = {run_id: fact for run_id, fact in known.items() if fact.score is not None}
    assert scored
    for run_id, fact in scored.items():
        own = get(demo.v1, f"run/{run_id}").split("<oml:evaluation repeat")[0]
        value = own.partition(f"<oml:name>{fact.measure}</oml:name>")[2]
        value = value.partition("<oml:value>")[2].partition("</oml:value>")[0]
        assert fact.score == float(value)
    await source.close()


async def test_regressions_are_scored_by_a_measure_of_regressions(demo: DemoProcess) -> None:
    source = _source(demo.v1)
    known = await _learned(source, RunFilter(task_type=(2,)), 20)
    measures = {fact.measure for fact in known.values() if fact.score is not None}
    assert measures
    assert "predictive_accuracy" not in measures
    await source.close()


async def test_a_page_of_a_hundred_costs_few_requests(counted: Counting) -> None:
    source = _source(counted.v1)
    page = await source.page(RunFilter(), 0, 100)
    assert len(page.rows) > 90
    await source.learn(page.rows, lambda news: None)
    assert counted.count("flow/") <= 1  # one for all flows, however many there are
    assert len(counted.asked) <= 9
    assert len(counted.asked) == len(set(counted.asked))
    before = len(counted.asked)
    await source.learn(page.rows, lambda news: None)
    again = counted.asked[before:]
    assert all(path.startswith(("evaluation/list", "run/list")) for path in again)
    await source.close()


async def test_names_of_data_sets_users_and_flows_are_noted(demo: DemoProcess) -> None:
    source = _source(demo.v1)
    page = await source.page(RunFilter(), 0, 100)
    heard: list[int] = []
    await source.learn(page.rows, lambda news: heard.append(len(source.names.flows)))
    names = source.names
    for row in page.rows:
        assert row.task_id in names.tasks
        assert row.uploader in names.users
        assert row.flow_id in names.flows
    assert heard[-1] == len(names.flows)
    await source.close()


async def test_a_flow_that_cannot_be_read_keeps_its_number_and_costs_nothing_else(
    counted: Counting, states: dict[RunState, list[int]]
) -> None:
    counted.answer("flow/", recorded("w_db_down_list"))
    source = _source(counted.v1)
    ids = tuple(states[RunState.FAILED][:5])
    known = await _learned(source, RunFilter(ids=ids))
    assert {fact.state for fact in known.values()} == {RunState.FAILED}
    assert counted.count("flow/") > 0
    await source.name_flow(counted.count("flow/"))
    await source.close()


async def test_an_evaluation_list_that_fails_is_an_error_in_words(counted: Counting) -> None:
    counted.answer("evaluation/list", recorded("w_db_down_list"))
    source = _source(counted.v1)
    page = await source.page(RunFilter(), 0, 100)
    with pytest.raises(OpenMLServerException, match="database"):
        await source.learn(page.rows, lambda news: None)
    await source.close()


async def test_no_rows_ask_for_nothing(counted: Counting) -> None:
    source = _source(counted.v1)
    await source.learn((), lambda news: None)
    await source.learn((), lambda news: None, names=False)
    assert counted.asked == []
    await source.close()


async def test_more_ids_than_a_path_can_hold_are_asked_for_in_parts(counted: Counting) -> None:
    source = _source(counted.v1)
    page = await source.page(RunFilter(), 0, 1000)
    await source.learn(page.rows, lambda news: None)
    assert counted.count("evaluation/list/function/.*run/") > 2
    assert max(map(len, counted.asked)) < 4000
    await source.close()
