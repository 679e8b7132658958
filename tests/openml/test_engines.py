"""A run that two engines evaluated: the same value everywhere, and the engine is named."""

import json
import re
from collections.abc import AsyncIterator, Iterator

import pytest

from runbrowser.client.http import AsyncHTTPClient, HTTPClient
from runbrowser.client.resources.evaluations import EvaluationV1API
from runbrowser.demo.launch import DemoProcess
from runbrowser.models import Facts, RunFilter, RunState
from runbrowser.openml.live import LiveSource
from tests.cli.conftest import Cli, cli  # noqa: F401
from tests.tui.counting import Counting, Reply, counting

from .truth import get

TASK, MEASURE = 9101, "predictive_accuracy"
_EVALUATION = re.compile(r"  <oml:evaluation>.*?</oml:evaluation>\s*", re.DOTALL)


def _worse(evaluation: str) -> str:
    """What engine 2 says: half the value."""
    halved = re.sub(
        r"<oml:value>([^<]*)<", lambda m: f"<oml:value>{float(m[1]) / 2:.6f}<", evaluation
    )
    return halved.replace("engine_id>1<", "engine_id>2<")


@pytest.fixture(params=[(1, 2), (2, 1)], ids=["first-engine-first", "first-engine-last"])
def two_engines(
    request: pytest.FixtureRequest, demo: DemoProcess
) -> Iterator[tuple[Counting, int, float]]:
    """A server, a run that two engines evaluated, and its value by engine 1."""
    first_last = request.param == (2, 1)
    best = get(demo.v1, f"evaluation/list/function/{MEASURE}/task/{TASK}/limit/1/sort_order/desc")
    run_id = int(re.findall(r"<oml:run_id>(\d+)<", best)[0])

    def doubled(text: str) -> bytes:
        def both(match: re.Match[str]) -> str:
            pair = [match[0], _worse(match[0])]
            return "".join(reversed(pair) if first_last else pair)

        return _EVALUATION.sub(both, text).encode()

    with counting(demo.v1) as server:
        for pattern, path in (
            (rf"run/{run_id}$", f"run/{run_id}"),
            (
                rf"evaluation/list/(?!.*(limit|function)).*run/{run_id}\b",
                f"evaluation/list/run/{run_id}",
            ),
            (
                rf"evaluation/list/(?!.*(limit)).*function/{MEASURE}",
                f"evaluation/list/function/{MEASURE}/run/{run_id}",
            ),
            (
                rf"evaluation/list/.*function/{MEASURE}.*(limit|sort_order)",
                f"evaluation/list/function/{MEASURE}/task/{TASK}/limit/200/sort_order/desc",
            ),
        ):
            server.answer(pattern, Reply(200, "text/xml", doubled(get(demo.v1, path))))
        yield server, run_id, float(re.findall(r"<oml:value>([^<]*)<", best)[0])


@pytest.fixture
async def source(two_engines: tuple[Counting, int, float]) -> AsyncIterator[LiveSource]:
    opened = LiveSource(AsyncHTTPClient(two_engines[0].v1, retry="none"))
    yield opened
    await opened.close()


async def test_every_door_gives_the_value_of_the_first_engine(
    two_engines: tuple[Counting, int, float], source: LiveSource
) -> None:
    server, run_id, value = two_engines
    rows = (await source.page(RunFilter(ids=(run_id,)), 0, 10)).rows
    facts: dict[int, Facts] = {}
    await source.learn(rows, facts.update)
    assert facts[run_id] == Facts(RunState.OK, MEASURE, value, 1)
    (scored,) = await source.scores((run_id,), MEASURE)
    (best, *_) = await source.best(TASK, MEASURE, highest_first=True, limit=10)
    assert [(row.run_id, row.value, row.evaluation_engine_id) for row in (scored, best)] == [
        (run_id, value, 1)
    ] * 2
    run = await source.run(run_id)
    assert run.evaluations[MEASURE] == value
    assert run.notices[-1].startswith("2 engines evaluated this run; shown is what engine 1 says")
    assert f"{MEASURE} {value / 2:.6g}" in run.notices[-1]
    whole = [e.name for e in run.evaluation_list if e.fold is None]
    assert len(whole) == len(set(whole)) > 1
    with HTTPClient(server.v1, retry="none") as http:
        assert EvaluationV1API(http).scores(MEASURE, (run_id,))[run_id].value == value


async def test_where_the_engines_are_not_told_the_first_value_is_taken_and_it_is_said(
    two_engines: tuple[Counting, int, float], source: LiveSource
) -> None:
    server, run_id, _ = two_engines
    server.answer(
        rf"evaluation/list/(?!.*(limit|function)).*run/{run_id}\b",
        Reply(500, "text/plain", b"Internal Server Error"),
    )
    run = await source.run(run_id)
    assert run.notices[-1].startswith("Several engines evaluated this run")


def test_get_says_which_engine(cli: Cli, two_engines: tuple[Counting, int, float]) -> None:  # noqa: F811
    server, run_id, value = two_engines
    done = cli("get", str(run_id), "--server", server.v1, "--format", "json")
    assert json.loads(done.out)["evaluations"][MEASURE] == value
    assert "shown is what engine 1 says" in done.err
