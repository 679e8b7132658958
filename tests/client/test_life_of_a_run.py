"""One run from its upload to its end, from Python: published, read, tagged, listed, deleted.

What is uploaded are the files of another run, downloaded from the same server.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runbrowser.client.cache import ReplyCache
from runbrowser.client.download import download, download_async
from runbrowser.client.resources import settle
from runbrowser.demo import DEMO_USER_ID
from runbrowser.demo.launch import DemoProcess
from runbrowser.errors import OpenMLServerException, exit_code
from runbrowser.models import Run, RunState

from .chaos import before
from .servers import Blocking, Driver
from .test_resources import of_v1, of_v2

Connect = Callable[..., Driver]

MODEL = 900113  # a decision tree on iris, evaluated, with predictions


def files_of(driver: Driver, run: Run, folder: Path) -> dict[str, Any]:
    """A run's files, downloaded, as publish takes them."""
    files = {}
    for file in run.files:
        assert file.url is not None
        path = folder / file.url.rpartition("/")[2]
        if isinstance(driver, Blocking):
            download(driver.client, file.url, path)  # type: ignore[arg-type]
        else:
            driver.run(download_async(driver.client, file.url, path))  # type: ignore[arg-type]
        files[file.name] = (path.name, path.read_bytes(), "application/octet-stream")
    return files


@pytest.mark.parametrize("kept", [False, True], ids=["nothing kept", "with a cache"])
def test_a_run_is_published_tagged_listed_untagged_and_deleted(
    connect: Connect, fresh_demo: DemoProcess, tmp_path: Path, kept: bool
) -> None:
    cache = ReplyCache(tmp_path / "cache") if kept else None
    driver = connect(fresh_demo.v1, fresh_demo.api_key, cache=cache)
    api = of_v1(driver)
    model = driver.run(api.get(MODEL))
    files = files_of(driver, model, tmp_path)
    assert set(files) == {"description", "predictions"}

    run_id = driver.run(api.publish("run", files))
    run = driver.run(api.get(run_id))
    assert run.run_id == run_id != MODEL
    assert run.uploader == DEMO_USER_ID
    assert (run.task_id, run.flow_id, run.setup_id) == (
        model.task_id, model.flow_id, model.setup_id
    )  # fmt: skip
    assert run.parameter_settings == model.parameter_settings
    assert run.state is RunState.NOT_EVALUATED
    uploaded = files_of(driver, run, tmp_path / "again")
    assert uploaded == files

    tag = "life_of_a_run"
    assert driver.run(api.tag(run_id, tag)) == sorted([*run.tags, tag])
    assert tag in driver.run(api.get(run_id)).tags
    frame = driver.run(api.list(10, 0, tag=tag))
    assert frame[["run_id", "task_id", "uploader"]].to_numpy().tolist() == [
        [run_id, model.task_id, DEMO_USER_ID]
    ]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", frame.loc[run_id, "upload_time"])
    with pytest.raises(OpenMLServerException) as again:
        driver.run(api.tag(run_id, tag))
    assert again.value.code == 473

    assert driver.run(api.untag(run_id, tag)) == list(run.tags)
    assert driver.run(api.list(10, 0, tag=tag)).empty
    assert driver.run(api.get(run_id)) == run
    with pytest.raises(OpenMLServerException) as again:
        driver.run(api.untag(run_id, tag))
    assert again.value.code == 475

    assert driver.run(api.delete(run_id)) is True
    with pytest.raises(OpenMLServerException) as gone:
        driver.run(api.get(run_id))
    assert (gone.value.code, exit_code(gone.value)) == (236, 3)
    with pytest.raises(OpenMLServerException) as again:
        driver.run(api.delete(run_id))
    assert (again.value.code, exit_code(again.value)) == (392, 3)
    assert driver.run(api.get(MODEL)) == model


def test_every_step_of_a_life_is_one_request(
    connect: Connect, fresh_demo: DemoProcess, tmp_path: Path
) -> None:
    """Settled writes read the run again only after a doubt, and here there is none."""
    with before(fresh_demo.v1) as proxy:
        driver = connect(proxy.base(fresh_demo.v1), fresh_demo.api_key)
        api = of_v1(driver)
        suffix = "" if isinstance(driver, Blocking) else "_async"

        def settled(what: str, *arguments: Any) -> Any:
            return driver.run(getattr(settle, what + suffix)(api, *arguments))

        files = files_of(driver, driver.run(of_v1(connect(fresh_demo.v1)).get(MODEL)), tmp_path)
        proxy.forget()
        run_id = driver.run(api.publish("run", files))
        driver.run(api.get(run_id))
        assert "life" in settled("tag", run_id, "life")
        driver.run(api.list(10, 0, tag="life"))
        assert "life" not in settled("untag", run_id, "life")
        assert settled("delete", run_id) is True
        with pytest.raises(OpenMLServerException):
            driver.run(api.get(run_id))
        told = [f"{asked.method} {asked.path}".replace(str(run_id), "N") for asked in proxy.asked]
    assert told == [
        "POST run",
        "GET run/N",
        "POST run/tag",
        "GET run/list/limit/10/tag/life",
        "POST run/untag",
        "DELETE run/N",
        "GET run/N",
    ]


def test_v2_sees_the_same_life(connect: Connect, fresh_demo: DemoProcess, tmp_path: Path) -> None:
    driver, new = connect(fresh_demo.v1, fresh_demo.api_key), connect(fresh_demo.v2)
    api, v2 = of_v1(driver), of_v2(new)
    files = files_of(driver, driver.run(api.get(MODEL)), tmp_path)
    run_id = driver.run(api.publish("run", files))
    driver.run(api.tag(run_id, "life"))
    found = new.run(v2.get(run_id))
    assert (found.run_id, found.uploader, found.task_id) == (run_id, DEMO_USER_ID, 9101)
    assert "life" in found.tags
    driver.run(api.delete(run_id))
    with pytest.raises(OpenMLServerException) as gone:
        new.run(v2.get(run_id))
    assert (gone.value.code, gone.value.status) == (236, 404)


def test_a_run_that_failed_has_a_life_too(connect: Connect, fresh_demo: DemoProcess) -> None:
    """Its error, with characters that the server does not escape, comes back as it was."""
    error = "TypeError: <class 'int'> & 1 < 2, [bold]"
    description = (
        '<oml:run xmlns:oml="http://openml.org/openml"><oml:task_id>9101</oml:task_id>'
        "<oml:flow_id>9201</oml:flow_id><oml:error_message>"
        f"{re.sub('<', '&lt;', error.replace('&', '&amp;'))}</oml:error_message></oml:run>"
    )
    driver = connect(fresh_demo.v1, fresh_demo.api_key)
    api = of_v1(driver)
    files = {"description": ("description.xml", description.encode(), "text/xml")}
    run_id = driver.run(api.publish("run", files))
    assert (driver.run(api.get(run_id)).state, driver.run(api.get(run_id)).error_message) == (
        RunState.FAILED, error
    )  # fmt: skip
    driver.run(api.tag(run_id, "failed-life"))
    frame = driver.run(api.list(10, 0, tag="failed-life"))
    assert frame["error_message"].to_dict() == {run_id: error}
    assert driver.run(api.delete(run_id)) is True
    assert driver.run(api.list(10, 0, ids=[run_id])).empty
