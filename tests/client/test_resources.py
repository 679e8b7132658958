"""The APIs: RunV1API, RunV2API, both as one, names and evaluations, blocking and async."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

import runbrowser
from runbrowser.client.resources import runs as resources
from runbrowser.client.resources.evaluations import AsyncEvaluationV1API, EvaluationV1API
from runbrowser.client.resources.fallback import AsyncFallbackRunAPI, FallbackRunAPI
from runbrowser.client.resources.names import AsyncNameV1API, NameV1API, in_parts
from runbrowser.client.resources.runs import (
    AsyncRunV1API,
    AsyncRunV2API,
    RunV1API,
    RunV2API,
)
from runbrowser.errors import (
    OpenMLNotAuthorizedError,
    OpenMLNotSupportedError,
    OpenMLServerError,
    OpenMLServerException,
)
from runbrowser.models import RunFilter, TaskType

from .recorded import v1, v2
from .servers import KEY, Blocking, Driver, Reply, Request, serving
from .test_http import recording

Connect = Callable[..., Driver]

COLUMNS = [
    "run_id",
    "task_id",
    "setup_id",
    "flow_id",
    "uploader",
    "task_type",
    "upload_time",
    "error_message",
]


def of_v1(driver: Driver) -> Any:
    return (RunV1API if isinstance(driver, Blocking) else AsyncRunV1API)(driver.client)  # type: ignore[arg-type]


def of_v2(driver: Driver) -> Any:
    return (RunV2API if isinstance(driver, Blocking) else AsyncRunV2API)(driver.client)  # type: ignore[arg-type]


def test_a_list_is_a_frame_with_upstreams_columns(connect: Connect) -> None:
    with serving(recording("run_list_s45")) as server:
        driver = connect(server.base)
        frame = driver.run(of_v1(driver).list(2, 0, ids=[900045]))
    assert list(frame.columns) == COLUMNS
    assert frame.index.name is None
    assert list(frame.index) == [900045]
    row = frame.loc[900045]
    assert row["task_type"] is TaskType.SUPERVISED_CLASSIFICATION
    assert isinstance(row["error_message"], str)


def test_an_empty_list_is_an_empty_frame_with_the_same_columns(connect: Connect) -> None:
    with serving(recording("run_list_no_result")) as server:
        driver = connect(server.base)
        frame = driver.run(of_v1(driver).list(10, 0, task=999999))
    assert isinstance(frame, pd.DataFrame)
    assert frame.empty
    assert list(frame.columns) == COLUMNS
    assert frame.index.name is None


def test_a_missing_uploader_is_missing_in_the_frame(connect: Connect) -> None:
    with serving(recording("run_list_s38")) as server:
        driver = connect(server.base)
        frame = driver.run(of_v1(driver).list(10, 0))
    assert str(frame["uploader"].dtype) == "Int64"
    assert frame["uploader"].isna().all()


def test_the_arguments_of_list_become_the_path_in_upstreams_order(connect: Connect) -> None:
    with serving(recording("run_list_f_limit")) as server:
        driver = connect(server.base)
        driver.run(
            of_v1(driver).list(
                10,
                20,
                ids=[1, 2],
                task=[3],
                setup=4,
                flow=(5, 6),
                uploader=7,
                study=8,
                tag="a b",
                display_errors=True,
                task_type=TaskType.CLUSTERING,
            )
        )
        driver.run(of_v1(driver).list(10, 0))
    assert [request.target.partition("/run/list/")[2] for request in server.requests] == [
        "limit/10/offset/20/run/1,2/task/3/setup/4/flow/5,6/uploader/7/study/8/show_errors/true/"
        "tag/a%20b/task_type/5",
        "limit/10",
    ]


def test_an_answer_that_is_no_list_is_a_value_error(connect: Connect) -> None:
    with serving(recording("run_get_s18")) as server, pytest.raises(ValueError, match="not a list"):
        driver = connect(server.base)
        driver.run(of_v1(driver).list(10, 0))


def test_get_trace_tag_untag_delete_and_publish_work(connect: Connect) -> None:
    replies = {
        "/run/900019": "run_get_s19",
        "/run/tag": "w_tag_ok_second",
        "/run/untag": "w_untag_ok",
        "/run": "w_upload_ok",
        "/run/trace/900018": "trace_none",
    }

    def handler(request: Request) -> Reply:
        if request.method == "DELETE":
            return recording("w_delete_ok")
        return recording(replies[request.path.removeprefix("/api/v1/xml")])

    with serving(handler) as server:
        driver = connect(server.base, KEY)
        api = of_v1(driver)
        assert driver.run(api.get(900019)).run_id == 900019
        assert driver.run(api.tag(900052, "x")) == ["another.tag-2", "mytag"]
        assert len(driver.run(api.untag(900052, "x"))) == 3
        assert driver.run(api.delete(900060)) is True
        assert driver.run(api.publish("run", {"description": b"<oml:run/>"})) == 10500408
        with pytest.raises(OpenMLServerException) as caught:
            driver.run(api.trace(900018))
    assert caught.value.code == 572


@pytest.mark.parametrize(
    ("case", "kind", "code"),
    [
        ("w_delete_notowned", OpenMLNotAuthorizedError, 393),
        ("w_delete_notfound", OpenMLServerException, 392),
    ],
)
def test_a_refused_delete_has_its_own_exception(
    connect: Connect, case: str, kind: type[OpenMLServerException], code: int
) -> None:
    with serving(recording(case)) as server, pytest.raises(kind) as caught:
        driver = connect(server.base, KEY)
        driver.run(of_v1(driver).delete(1))
    assert type(caught.value) is kind
    assert caught.value.code == code


def test_v2_reads_runs_and_traces(connect: Connect) -> None:
    def handler(request: Request) -> Reply:
        case = v2("trace_none" if "trace" in request.path else "run_get_s19")
        return Reply(case.status, case.body, {"content-type": case.content_type})

    with serving(handler) as server:
        driver = connect(f"{server.origin}/v2/")
        assert driver.run(of_v2(driver).get(900019)).api == "v2"
        with pytest.raises(OpenMLServerException) as caught:
            driver.run(of_v2(driver).trace(900018))
    assert caught.value.code == 572
    assert [request.path for request in server.requests] == [
        "/v2/run/900019",
        "/v2/run/trace/900018",
    ]


CALLS: dict[str, tuple[Any, ...]] = {
    "list": (10, 0),
    "page": (RunFilter(), 10),
    "publish": ("run", None),
    "tag": (1, "x"),
    "untag": (1, "x"),
    "delete": (1,),
}


@pytest.mark.parametrize("method", CALLS)
def test_what_v2_does_not_have_is_refused_without_a_request(connect: Connect, method: str) -> None:
    with serving(Reply()) as server:
        driver = connect(f"{server.origin}/v2/", KEY)
        with pytest.raises(OpenMLNotSupportedError) as caught:
            driver.run(getattr(of_v2(driver), method)(*CALLS[method]))
    assert server.connections == 0
    name = "RunV2API" if isinstance(driver, Blocking) else "AsyncRunV2API"
    verb = "list" if method == "page" else method
    assert str(caught.value) == f"{name}: v2 API does not support `{verb}` for resource `run`"


def test_the_async_apis_have_the_same_methods_as_coroutines() -> None:
    for blocking, twin in (
        (RunV1API, AsyncRunV1API),
        (RunV2API, AsyncRunV2API),
        (FallbackRunAPI, AsyncFallbackRunAPI),
        (NameV1API, AsyncNameV1API),
        (EvaluationV1API, AsyncEvaluationV1API),
    ):
        names = {name for name in dir(blocking) if not name.startswith("_")}
        assert names == {name for name in dir(twin) if not name.startswith("_")}
        for name in names:
            one, other = getattr(blocking, name), getattr(twin, name)
            if not callable(one) or name in ("pages", "file_id_to_url"):  # nothing to await
                continue
            assert inspect.iscoroutinefunction(other), (twin, name)
            told = inspect.signature(one).parameters
            assert list(told) == list(inspect.signature(other).parameters)


def both(driver: Driver, *apis: Any) -> Any:
    return (FallbackRunAPI if isinstance(driver, Blocking) else AsyncFallbackRunAPI)(*apis)


def test_the_next_api_is_asked_only_for_what_the_first_does_not_have(connect: Connect) -> None:
    def handler(request: Request) -> Reply:
        if request.path.startswith("/v2/"):
            case = v2("run_get_s19")
            return Reply(case.status, case.body, {"content-type": case.content_type})
        return recording("run_list_f_limit")

    with serving(handler) as server:
        old, new = connect(server.base, KEY), connect(f"{server.origin}/v2/")
        api = both(old, of_v2(new), of_v1(old))
        assert old.run(api.get(900019)).api == "v2"
        assert len(old.run(api.page(RunFilter(), 10))) == 10
        assert api.api_version == "v2"
    assert [request.path.split("/")[1] for request in server.requests] == ["v2", "api"]


def test_every_other_error_of_the_first_api_is_the_answer(connect: Connect) -> None:
    def handler(request: Request) -> Reply:
        return Reply(500, "Internal Server Error", {"content-type": "text/plain"})

    with serving(handler) as server:
        driver = connect(server.base)
        api = both(driver, of_v2(driver), of_v1(driver))
        with pytest.raises(OpenMLServerError):
            driver.run(api.get(900038))
    assert len(server.requests) == 1


def test_without_any_api_that_can_the_operation_is_not_supported(connect: Connect) -> None:
    driver = connect("http://127.0.0.1:9/")
    with pytest.raises(
        OpenMLNotSupportedError, match="Could not fallback to any API for method: tag"
    ):
        driver.run(both(driver, of_v2(driver), of_v2(driver)).tag(1, "x"))
    with pytest.raises(ValueError, match="at least one"):
        both(driver)


def test_names_are_read_by_id_and_unknown_ids_are_absent(connect: Connect) -> None:
    def handler(request: Request) -> Reply:
        path = request.path.removeprefix("/api/v1/xml/")
        if path.startswith("user"):
            return recording("x_user_list_ids")
        if path.startswith("task"):
            return recording("x_task_list")
        return recording(
            {"flow/668": "x_flow", "flow/866": "x_flow_nasty"}.get(path, "x_flow_missing")
        )

    with serving(handler) as server:
        driver = connect(server.base)
        names: Any = (NameV1API if isinstance(driver, Blocking) else AsyncNameV1API)(driver.client)  # type: ignore[arg-type]
        assert set(driver.run(names.users([1, 2, 10, 18, 999999, 1]))) == {1, 2, 10, 18}
        assert driver.run(names.tasks([1]))[1].dataset_name == "anneal"
        flows = driver.run(names.flows([668, 866, 99999]))
        assert driver.run(names.users([])) == driver.run(names.flows([])) == {}
    assert flows[866] == "weird.Flow(T,co)[bold]x(1)"
    assert 125 in flows
    assert 99999 not in flows
    assert server.requests[0].path.endswith("/user/list/user_id/1,2,10,18,999999")


def test_evaluations_are_rows_frames_or_scores(connect: Connect) -> None:
    def handler(request: Request) -> Reply:
        return recording(
            "eval_pa_runs" if "/function/predictive" in request.path else "eval_limit_10001"
        )

    with serving(handler) as server:
        driver = connect(server.base)
        api: Any = (EvaluationV1API if isinstance(driver, Blocking) else AsyncEvaluationV1API)(
            driver.client
        )  # type: ignore[arg-type]
        rows = driver.run(api.rows("predictive_accuracy", RunFilter(ids=(900018,)), 10))
        frame = driver.run(api.list("predictive_accuracy", 10, ids=[900018, 900019]))
        scores = driver.run(api.scores("predictive_accuracy", range(900000, 901000)))
        with pytest.raises(OpenMLServerException) as caught:
            driver.run(api.rows("f_measure", RunFilter(), 10_001))
    assert [row.run_id for row in rows] == [900019, 900020, 900021]
    assert list(frame["run_id"]) == [900019, 900020, 900021]
    assert frame["value"].dtype == "float64"
    assert scores[900019].value == 0.967042
    assert caught.value.code == 546
    assert all(len(request.target) < 4000 for request in server.requests)
    assert len(server.requests) == 2 + 2 + 1


def test_parts_of_ids_are_short_and_whole() -> None:
    parts = list(in_parts(range(100_000), 1000))
    assert [n for part in parts for n in part] == list(range(100_000))
    assert all(len(",".join(map(str, part))) <= 1000 for part in parts)


def test_every_public_name_is_at_home_where_the_package_says() -> None:
    for name in runbrowser.__all__:
        assert getattr(runbrowser, name) is not None
    assert runbrowser.RunV1API is resources.RunV1API
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        runbrowser.nothing  # noqa: B018
    assert v1("run_list_s45").status == 200
