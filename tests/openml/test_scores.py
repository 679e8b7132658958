"""Scores beyond the usual one: what is asked, how often, and that the values are the server's."""

import asyncio
import re
import statistics
from collections.abc import AsyncIterator, Callable

import pytest

from runbrowser.client.http import AsyncHTTPClient
from runbrowser.demo.launch import DemoProcess
from runbrowser.models import RunFilter, RunState
from runbrowser.openml.live import LiveSource
from runbrowser.openml.pager import Pager
from runbrowser.openml.scores import Wish
from tests.tui.counting import Counting, recorded

from .truth import get

ON_ONE_TASK = RunFilter(task=(9101,))


@pytest.fixture
async def source(counted: Counting) -> AsyncIterator[LiveSource]:
    opened = LiveSource(AsyncHTTPClient(counted.v1, retry="none"))
    yield opened
    await opened.close()


async def _until(happened: Callable[[], object]) -> None:
    for _ in range(3_000):
        if happened():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come to pass")


async def _settled(pager: Pager, number: int = 0) -> None:
    pager.learn(await pager.page(number))
    await _until(lambda: not pager.busy)


def _values(v1: str, measure: str) -> dict[int, float]:
    told = get(v1, f"evaluation/list/function/{measure}/task/9101/limit/10000")
    found = re.findall(r"<oml:run_id>(\d+)<.*?<oml:value>([^<]*)<", told, re.DOTALL)
    return {int(run_id): float(value) for run_id, value in found}


def _folds(v1: str, measure: str, run_id: int) -> list[float]:
    path = f"evaluation/list/function/{measure}/run/{run_id}/per_fold/true"
    told = re.search(r"<oml:values>\[([^]]*)\]", get(v1, path))
    return [float(part) for part in told[1].split(",")] if told else []


async def test_another_measure_is_that_of_the_server(
    demo: DemoProcess, counted: Counting, source: LiveSource
) -> None:
    pager = Pager(source, ON_ONE_TASK, 100)
    pager.wish([Wish("kappa")])
    await _settled(pager)
    truth = _values(demo.v1, "kappa")
    shown = {row.run_id: row for row in (await pager.page(0)).rows}
    told = {
        run_id: value
        for run_id in shown
        if (value := pager.scores.value(run_id, "kappa", pager.facts[run_id])) is not None
    }
    assert told == {run_id: value for run_id, value in truth.items() if run_id in told}
    evaluated = [i for i in shown if pager.facts[i].state is RunState.OK and i in truth]
    assert set(told) == set(evaluated)
    assert counted.count("evaluation/list/function/kappa/") == 1


async def test_the_measure_that_is_known_anyway_is_not_asked_for_again(
    counted: Counting, source: LiveSource
) -> None:
    pager = Pager(source, ON_ONE_TASK, 50)
    pager.wish([Wish("predictive_accuracy")])
    await _settled(pager)
    assert counted.count("evaluation/list/function/predictive_accuracy/") == 1
    run_id = next(i for i, fact in pager.facts.items() if fact.score is not None)
    fact = pager.facts[run_id]
    assert pager.scores.value(run_id, "predictive_accuracy", fact) == fact.score
    assert pager.scores.value(run_id, "", fact) == fact.score


async def test_the_spread_is_asked_for_only_when_it_is_wanted_and_then_once(
    demo: DemoProcess, counted: Counting, source: LiveSource
) -> None:
    pager = Pager(source, ON_ONE_TASK, 50)
    await _settled(pager)
    assert not counted.count(".*per_fold")
    pager.wish([Wish("", per_fold=True)])
    await _settled(pager)
    await _settled(pager)
    assert counted.count(".*per_fold") == 1
    run_id = next(i for i, fact in pager.facts.items() if fact.score is not None)
    spread = pager.scores.spread(run_id, "", pager.facts[run_id])
    folds = _folds(demo.v1, "predictive_accuracy", run_id)
    assert spread is not None
    assert spread.folds == len(folds) > 1
    assert spread.deviation == pytest.approx(statistics.stdev(folds), rel=1e-9)


async def test_a_wish_made_while_the_page_is_being_learned_is_granted(
    counted: Counting, source: LiveSource
) -> None:
    pager = Pager(source, ON_ONE_TASK, 50)
    gate = counted.hold("evaluation/list/function/predictive_accuracy")
    page = await pager.page(0)
    pager.learn(page)
    pager.wish([Wish("kappa")])
    pager.learn(page)
    assert not pager.settled(0)
    gate.set()
    await _until(lambda: pager.settled(0))
    assert counted.count("evaluation/list/function/kappa/") == 1


async def test_a_measure_that_nobody_has_is_an_empty_column_and_no_error(
    source: LiveSource,
) -> None:
    told: list[str] = []
    pager = Pager(source, ON_ONE_TASK, 50)
    pager.trouble = told.append
    pager.wish([Wish("no_such_measure"), Wish("no_such_measure", per_fold=True)])
    await _settled(pager)
    assert pager.settled(0)
    assert told == []
    for run_id, fact in pager.facts.items():
        assert pager.scores.value(run_id, "no_such_measure", fact) is None
        assert pager.scores.spread(run_id, "no_such_measure", fact) is None


async def test_scores_that_failed_are_told_and_asked_for_when_the_page_is_shown_again(
    counted: Counting, source: LiveSource
) -> None:
    told: list[str] = []
    pager = Pager(source, ON_ONE_TASK, 50)
    pager.trouble = told.append
    pager.wish([Wish("kappa")])
    counted.answer("evaluation/list/function/kappa", recorded("w_db_down_list"))
    await _settled(pager)
    assert len(told) == 1
    assert not pager.settled(0)
    counted.answer("evaluation/list/function/kappa", None)
    await _settled(pager)
    assert pager.settled(0)


async def test_the_measures_of_a_server_are_those_it_lists(
    demo: DemoProcess, source: LiveSource
) -> None:
    listed = re.findall(r"<oml:measure>([^<]*)<", get(demo.v1, "evaluationmeasure/list"))
    assert await source.measures() == listed
