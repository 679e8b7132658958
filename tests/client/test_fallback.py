"""From V2 to V1 nothing is lost without a word: made, asked of V1, or told as unknown."""

from __future__ import annotations

import json
from typing import Any

import pytest

from runbrowser.client.resources.fallback import AsyncFallbackRunAPI, FallbackRunAPI
from runbrowser.models import RunState

from .servers import Blocking, Reply, Request, serving
from .test_http import recording
from .test_resources import Connect, of_v1, of_v2


def evaluation_failed() -> Reply:
    """A run that V1's evaluation engine gave up."""
    reply = recording("run_get_s19")
    body = reply.body.decode() if isinstance(reply.body, bytes) else reply.body
    return Reply(body=body.replace("<oml:error></oml:error>", "<oml:error>no class</oml:error>"))


def v2_of(run_id: int, **more: Any) -> Reply:
    told = {
        "run_id": run_id,
        "uploader": 2,
        "uploader_name": "Ada",
        "task_id": 59,
        "task_type": "Supervised Classification",
        "flow_id": 668,
        "flow_name": "f(1)",
        "setup_id": 37,
        "parameter_setting": [],
        "error": [],
        "tag": [],
        "input_data": [],
        "output_data": {"file": [{"file_id": 5, "name": "predictions"}], "evaluation": []},
    }
    body = json.dumps(told | more)
    return Reply(body=body, headers={"content-type": "application/json"})


EVALUATED = {"output_data": {"file": [{"file_id": 5, "name": "predictions"}],
                             "evaluation": [{"name": "kappa", "value": 0.5}]}}  # fmt: skip


def both(driver: Any, *apis: Any) -> Any:
    return (FallbackRunAPI if isinstance(driver, Blocking) else AsyncFallbackRunAPI)(*apis)


@pytest.mark.parametrize(
    ("told", "answer", "state", "asked_v1", "api"),
    [
        ({}, evaluation_failed(), RunState.EVALUATION_FAILED, True, "v1"),
        ({}, recording("run_get_notfound"), RunState.UNKNOWN, True, "v2"),
        ({}, Reply(status=503, body="busy"), RunState.UNKNOWN, True, "v2"),
        (EVALUATED, evaluation_failed(), RunState.OK, False, "v2"),
        ({"error": ["boom"]}, evaluation_failed(), RunState.FAILED, False, "v2"),
    ],
    ids=["eval failed", "V1 knows nothing", "V1 is down", "evaluated", "failed"],
)
def test_a_state_that_v2_cannot_know_is_asked_of_v1(
    connect: Connect, told: dict[str, Any], answer: Reply, state: RunState, asked_v1: bool, api: str
) -> None:
    def old_server(request: Request) -> Reply:
        return answer

    with serving(lambda request: v2_of(900016, **told)) as new, serving(old_server) as old:
        driver = connect(new.origin + "/")
        second = connect(old.base)
        run = driver.run(both(driver, of_v2(driver), of_v1(second)).get(900016))
        assert run.state is state
        assert bool(old.requests) is asked_v1
        assert run.api == api
        if api == "v2":
            assert run.untold == {"evaluation_error", "run_details"}
            assert run.files[0].url == f"{old.origin}/data/download/5"
            assert run.predictions_url == run.files[0].url
        else:
            assert run.evaluation_error
            assert not run.untold


def test_a_v2_alone_says_what_it_does_not_know(connect: Connect) -> None:
    with serving(lambda request: v2_of(900016)) as new:
        driver = connect(new.origin + "/")
        run = driver.run(both(driver, of_v2(driver)).get(900016))
    assert run.state is RunState.UNKNOWN
    assert run.untold == {"evaluation_error", "run_details"}
    assert run.predictions_url is None


def test_predictions_of_a_run_of_v2_come_from_v1(connect: Connect) -> None:
    arff = b"@relation p\n@attribute row_id numeric\n@data\n7\n"
    with (
        serving(lambda request: v2_of(1, **EVALUATED)) as new,
        serving(lambda request: Reply(body=arff, headers={"content-type": "text/plain"})) as old,
    ):
        driver = connect(new.origin + "/")
        second = connect(old.base)
        api = both(driver, of_v2(driver), of_v1(second))
        run = driver.run(api.get(1))
        frame = driver.run(api.predictions(run))
        if isinstance(driver, Blocking):
            assert run.predictions().equals(frame)
    assert frame["row_id"].tolist() == [7]
    assert {request.path for request in old.requests} == {"/data/download/5"}
