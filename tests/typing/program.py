"""A user's program, held to mypy --strict and pyright in strict mode: nothing of it is run."""

from __future__ import annotations

from pathlib import Path
from typing import assert_type

import pandas as pd

import runbrowser
from runbrowser import (
    APIVersion,
    AsyncFallbackRunAPI,
    AsyncHTTPClient,
    AsyncRunV1API,
    AsyncRunV2API,
    EvaluationV1API,
    FallbackRunAPI,
    HTTPClient,
    MinIOClient,
    OpenMLServerError,
    OpenMLServerException,
    ReplyCache,
    ResourceType,
    Run,
    RunFilter,
    RunState,
    RunV1API,
    RunV2API,
    TaskType,
    Trace,
    connect,
    connect_async,
)


def failed_runs(task: int) -> pd.DataFrame:
    with RunV1API(HTTPClient("https://www.openml.org/api/v1/xml/", timeout=10.0)) as runs:
        page = runs.list(
            100,
            0,
            ids=None,
            task=[task, "59"],
            setup=None,
            flow=8353,
            uploader=(1, 2),
            study=100,
            tag="study_14",
            display_errors=True,
            task_type=TaskType.SUPERVISED_CLASSIFICATION,
        )
        everything = runs.list_all(task=task, progress=lambda walk: print(walk.runs))
        assert_type(page, pd.DataFrame)
        for piece in runs.pages(RunFilter(task=(task,), state=RunState.FAILED)):
            for row in piece:
                print(row.run_id, row.error_message)
        return pd.concat([page, everything])


def one_run(runs: RunV1API, run_id: int) -> None:
    run = runs.get(run_id, reset_cache=True)
    assert_type(run, Run)
    assert_type(run.uploader, int | None)
    assert_type(run.evaluations, dict[str, float | str | None])
    assert_type(run.predictions(), pd.DataFrame)
    assert_type(runs.trace(run_id), Trace)
    assert_type(runs.trace(run_id).frame(), pd.DataFrame)
    assert_type(runs.tag(run_id, "good"), list[str])
    assert_type(runs.delete(run_id), bool)
    files = {"description": Path("run.xml"), "predictions": b"", "trace": "text"}
    assert_type(runs.publish("run", files), int)
    assert_type(runs.get_many([1, 2], progress=lambda done, total: None), list[Run])


def a_failure(runs: RunV1API) -> str:
    try:
        runs.get(1)
    except OpenMLServerException as error:
        assert_type(error.code, int | None)
        return f"{error.code}: {error.message} {error.url}"
    except OpenMLServerError as error:
        return error.message
    return ""


def by_settings() -> APIVersion:
    with connect() as runs:
        runs.list(5, 0)
        assert_type(runs.resource_type, ResourceType)
        return runs.api_version


def both(cache: Path) -> FallbackRunAPI:
    new = RunV2API(HTTPClient("http://127.0.0.1:8001/", cache=ReplyCache(cache)))
    old = RunV1API(HTTPClient("http://127.0.0.1:8000/api/v1/xml/", "key"), MinIOClient("http://s3"))
    return FallbackRunAPI(new, old)


def scores(http: HTTPClient) -> pd.DataFrame:
    return EvaluationV1API(http).list("predictive_accuracy", 100, task=59, flow=[1, 2])


async def later(http: AsyncHTTPClient) -> list[Run]:
    runs = AsyncRunV1API(http)
    frame = await runs.list(10, 0, task=59)
    assert_type(frame, pd.DataFrame)
    async for page in runs.pages():
        assert_type(page.frame(), pd.DataFrame)
    api = AsyncFallbackRunAPI(AsyncRunV2API(http), runs)
    assert_type(await api.get(1), Run)
    async with connect_async() as some:
        await some.list_all(task=59)
    return await api.get_many([1, 2])


print(runbrowser.__version__, failed_runs, one_run, a_failure, by_settings, both, scores, later)
