"""No filter is ever ignored: it reaches the server, is looked for in the rows, or is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from runbrowser.client.calls import v1 as calls
from runbrowser.client.resources.evaluations import AsyncEvaluationV1API, EvaluationV1API
from runbrowser.client.resources.paging import pages, pages_async
from runbrowser.errors import UsageError
from runbrowser.models import RunFilter, RunPage, RunState, TaskType

from .pages import page_of
from .pages import run_row as row
from .servers import Blocking, Reply, serving
from .test_http import recording
from .test_resources import Connect, of_v1

ROWS = page_of(
    [
        row(1, error="MemoryError: no room"),
        row(2),
        row(3, error="ValueError: wrong"),
        row(4, error="out of memory"),
    ]
)


def _all(driver: Any, api: Any, filter: RunFilter) -> list[int]:
    if isinstance(driver, Blocking):
        return [one.run_id for page in pages(api, filter) for one in page]

    async def walk() -> list[int]:
        return [one.run_id async for page in pages_async(api, filter) for one in page]

    found: list[int] = driver.run(walk())
    return found


@pytest.mark.parametrize(
    ("filter", "found"),
    [
        (RunFilter(state=RunState.FAILED), [1, 3, 4]),
        (RunFilter(error="MEMORY"), [1, 4]),
        (RunFilter(error="memory", state=RunState.FAILED), [1, 4]),
        (RunFilter(error="nothing like it"), []),
        (RunFilter(), [1, 2, 3, 4]),
    ],
)
def test_states_and_errors_that_rows_tell_are_looked_for_in_them(
    connect: Connect, filter: RunFilter, found: list[int]
) -> None:
    with serving(lambda request: Reply(body=ROWS)) as server:
        driver = connect(server.base)
        api = of_v1(driver)
        page: RunPage = driver.run(api.page(filter, 100))
        assert [one.run_id for one in page] == found
        assert page.received == 4, "offsets count what the server sent"
        assert _all(driver, api, filter) == found
    assert {request.path.partition("/run/list/")[2] for request in server.requests} == {
        "limit/100/show_errors/true",
        "limit/1000/show_errors/true",
    }


@pytest.mark.parametrize(
    "filter",
    [
        RunFilter(state=RunState.OK),
        RunFilter(state=RunState.EVALUATION_FAILED),
        RunFilter(state=RunState.NOT_EVALUATED),
        RunFilter(mine=True),
    ],
    ids=repr,
)
def test_what_no_list_tells_is_refused_before_anything_is_sent(
    connect: Connect, filter: RunFilter
) -> None:
    with serving(lambda request: Reply(body=ROWS)) as server:
        driver = connect(server.base)
        api = of_v1(driver)
        with pytest.raises(UsageError):
            driver.run(api.page(filter, 100))
        with pytest.raises(UsageError):
            _all(driver, api, filter)
        evaluations: Any = (
            EvaluationV1API if isinstance(driver, Blocking) else AsyncEvaluationV1API
        )(driver.client)  # type: ignore[arg-type]
        with pytest.raises(UsageError):
            driver.run(evaluations.rows("kappa", filter, 10))
        with pytest.raises(UsageError, match="task type"):
            driver.run(evaluations.list("kappa", 10, task_type=TaskType.CLUSTERING))
    assert server.requests == []


@pytest.mark.parametrize("local", [{"state": RunState.FAILED}, {"error": "x"}, {"mine": True}])
def test_a_call_is_not_made_from_half_a_filter(local: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        calls.list_runs(RunFilter(**local), 10)
    with pytest.raises(UsageError):
        calls.list_evaluations(RunFilter(**local), "kappa")


@pytest.mark.parametrize("name", ["ids", "task", "setup", "flow", "uploader", "task_type"])
def test_an_empty_list_of_ids_matches_nothing(connect: Connect, name: str) -> None:
    with serving(lambda request: Reply(body=ROWS)) as server:
        driver = connect(server.base)
        api = of_v1(driver)
        assert driver.run(api.list(10, 0, **{name: []})).empty
        assert driver.run(api.list_all(**{name: np.array([], dtype=int)})).empty
        assert driver.run(api.get_many([])) == []
        assert len(driver.run(api.list(10, 0, **{name: None}))) == 4
    assert len(server.requests) == 1


def test_ids_are_read_strictly_wherever_they_are_given(connect: Connect) -> None:
    with serving(recording("run_list_f_limit")) as server:
        driver = connect(server.base, "c" * 32)
        api = of_v1(driver)
        driver.run(
            api.list(10, 0, task="9101", ids=np.array([1, 2]), task_type=TaskType.CLUSTERING)
        )
        (asked,) = server.requests
        assert asked.path.endswith("/limit/10/run/1,2/task/9101/task_type/5")
        for wrong in (900102.9, True, -1, "1,2", [1], None):
            for method in (api.get, api.delete, api.trace):
                with pytest.raises((TypeError, ValueError)):
                    driver.run(method(wrong))
            for method in (api.tag, api.untag):
                with pytest.raises((TypeError, ValueError)):
                    driver.run(method(wrong, "x"))
        for slip in ({"task": True}, {"flow": [1.5]}, {"study": [1]}, {"uploader": "me"}):
            with pytest.raises((TypeError, ValueError)):
                driver.run(api.list(10, 0, **slip))
        with pytest.raises(TypeError, match=r"\.list\(\) got an unexpected keyword argument 'tsk'"):
            driver.run(api.list(10, 0, tsk=1))
    assert len(server.requests) == 1


def test_a_list_by_a_thousand_ids_splits_by_itself(connect: Connect) -> None:
    def handler(request: Any) -> Reply:
        numbers = request.path.partition("/run/")[2].partition("/run/")[2].partition("/")[0]
        return Reply(body=page_of([row(int(number)) for number in numbers.split(",")]))

    wanted = [10_000_000 + number for number in range(1000)]
    with serving(handler) as server:
        driver = connect(server.base)
        api = of_v1(driver)
        everything = driver.run(api.list(1000, 0, ids=wanted))
        part = driver.run(api.list(100, 450, ids=wanted))
    assert everything["run_id"].tolist() == wanted
    assert part["run_id"].tolist() == wanted[450:550]
    assert all(len(request.path) < 4000 for request in server.requests)


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ({"state": "failed"}, {"state": RunState.FAILED}),
        ({"state": "eval-failed"}, {"state": RunState.EVALUATION_FAILED}),
        ({"state": "not evaluated"}, {"state": RunState.NOT_EVALUATED}),
        ({"ids": 5}, {"ids": (5,)}),
        ({"task": "9101"}, {"task": (9101,)}),
        ({"flow": [np.int64(3), "4"]}, {"flow": (3, 4)}),
        ({"uploader": range(2)}, {"uploader": (0, 1)}),
        ({"task_type": TaskType.CLUSTERING}, {"task_type": (TaskType.CLUSTERING,)}),
        ({"ids": None}, {}),
    ],
    ids=repr,
)
def test_a_filter_takes_what_people_give_it(given: dict[str, Any], meant: dict[str, Any]) -> None:
    assert RunFilter(**given) == RunFilter(**meant)


@pytest.mark.parametrize(
    "given",
    [{"state": "bogus"}, {"state": 1}, {"tag": 5}, {"error": b"x"}, {"ids": 1.5}, {"ids": (True,)},
     {"task": "1,2"}, {"flow": ("a",)}, {"task_type": {}}],
    ids=repr,
)  # fmt: skip
def test_a_filter_refuses_at_once_what_it_cannot_mean(given: dict[str, Any]) -> None:
    with pytest.raises(UsageError) as refused:
        RunFilter(**given)
    assert repr(next(iter(given.values()))).strip("(),{}") in str(refused.value)


def test_a_limit_in_the_place_of_a_filter_is_told(connect: Connect) -> None:
    with serving(lambda request: Reply(body=ROWS)) as server:
        driver = connect(server.base)
        api = of_v1(driver)
        for slip in (lambda: driver.run(api.page(100, 0)), lambda: _all(driver, api, 100)):
            with pytest.raises(TypeError, match=r"A filter comes first.*not 100\."):
                slip()
        with pytest.raises(TypeError, match="tag is a text, not 5"):
            driver.run(api.list(5, 0, tag=5))
    assert not server.requests
