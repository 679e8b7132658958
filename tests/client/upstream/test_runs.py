"""openml-python's tests of runs."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from runbrowser.client.cache import ReplyCache
from runbrowser.demo.launch import DemoProcess
from runbrowser.errors import (
    OpenMLServerException,
)
from runbrowser.models import TaskType

from ..chaos import Proxy
from ..test_resources import COLUMNS, of_v1
from .common import Connect, description, ids


def test_a_run_has_its_data_set_scores_folds_tags_and_files(
    connect: Connect, demo: DemoProcess, catalogue: sqlite3.Connection
) -> None:
    run_id, f_measure = catalogue.execute(
        "SELECT e.run_id, e.value FROM evaluation e JOIN measure m ON m.id = e.measure_id"
        " JOIN run_tag t ON t.run_id = e.run_id WHERE m.name = 'f_measure' AND"
        " (SELECT count(*) FROM evaluation_fold f WHERE f.run_id = e.run_id"
        "  AND f.measure_id = e.measure_id) = 10 ORDER BY e.run_id LIMIT 1"
    ).fetchone()
    (dataset,) = catalogue.execute(
        "SELECT dataset_id FROM task JOIN run ON run.task_id = task.id WHERE run.id = ?", (run_id,)
    ).fetchone()
    folds = catalogue.execute(
        "SELECT fold, value FROM evaluation_fold f JOIN measure m ON m.id = f.measure_id"
        " WHERE run_id = ? AND m.name = 'f_measure' AND repeat = 0",
        (run_id,),
    ).fetchall()
    tags = catalogue.execute("SELECT tag FROM run_tag WHERE run_id = ?", (run_id,)).fetchall()
    driver = connect(demo.v1)
    run = driver.run(of_v1(driver).get(run_id))
    assert run.dataset_id == dataset
    assert run.evaluations["f_measure"] == pytest.approx(f_measure, abs=1e-6)
    assert len(folds) == 10
    assert run.fold_evaluations["f_measure"][0] == pytest.approx(dict(folds), abs=1e-6)
    assert set(run.tags) == {tag for (tag,) in tags} != set()
    file_id = run.output_files["predictions"]
    assert run.predictions_url.endswith(f"/data/download/{file_id}/predictions.arff")


def test_a_list_by_id_is_one_row_of_eight_fields(
    connect: Connect, demo: DemoProcess, catalogue: sqlite3.Connection
) -> None:
    """Failed on the server, so that without display_errors it is hidden."""
    condition = (
        "SELECT run_id FROM run_evaluated GROUP BY run_id HAVING min(ifnull(error, '')) <> ''"
    )
    failed = ids(catalogue, f"id IN ({condition})")[0]
    row = catalogue.execute(
        "SELECT r.task_id, r.setup_id, s.flow_id, r.uploader, r.upload_time, t.task_type_id"
        " FROM run r JOIN setup s ON s.id = r.setup_id JOIN task t ON t.id = r.task_id"
        " WHERE r.id = ?",
        (failed,),
    ).fetchone()
    driver = connect(demo.v1)
    frame = driver.run(of_v1(driver).list(10, 0, ids=[failed], display_errors=True))
    assert frame.shape == (1, 8)
    found = frame.loc[failed]
    assert tuple(found[["task_id", "setup_id", "flow_id", "uploader", "upload_time"]]) == row[:5]
    assert found["task_type"] is TaskType(row[5])
    assert found["error_message"] == ""
    assert driver.run(of_v1(driver).list(10, 0, ids=[failed])).empty


def test_a_task_without_runs_is_an_empty_frame(connect: Connect, demo: DemoProcess) -> None:
    driver = connect(demo.v1)
    frame = driver.run(of_v1(driver).list(10, 0, task=[0]))
    assert frame.shape == (0, 8)
    assert list(frame.columns) == COLUMNS


_IN_FLOW = "setup_id IN (SELECT id FROM setup WHERE flow_id IN ({}))"
FILTERS: dict[str, tuple[dict[str, Any], str]] = {
    "task": ({"task": [9101]}, "task_id = 9101"),
    "tasks": ({"task": [9101, 9102]}, "task_id IN (9101, 9102)"),
    "uploader": ({"uploader": [3]}, "uploader = 3"),
    "uploaders": ({"uploader": [2, 3]}, "uploader IN (2, 3)"),
    "flow": ({"flow": [9201]}, _IN_FLOW.format(9201)),
    "combined": (
        {"flow": [9201, 9202], "task": [9101], "uploader": [2, 3, 4]},
        f"task_id = 9101 AND uploader IN (2, 3, 4) AND {_IN_FLOW.format('9201, 9202')}",
    ),
    "tag": (
        {"tag": "openml-python", "task": [9101]},
        "task_id = 9101 AND id IN (SELECT run_id FROM run_tag WHERE tag = 'openml-python')",
    ),
}


@pytest.mark.parametrize("name", FILTERS)
def test_lists_by_filter_are_those_of_the_catalogue(
    connect: Connect, demo: DemoProcess, catalogue: sqlite3.Connection, name: str
) -> None:
    filters, condition = FILTERS[name]
    expected = ids(catalogue, condition)
    driver = connect(demo.v1)
    frame = driver.run(of_v1(driver).list(10_000, 0, display_errors=True, **filters))
    assert sorted(frame["run_id"]) == expected != []
    assert frame.index.tolist() == frame["run_id"].tolist()


def test_no_page_is_larger_than_asked_for(
    connect: Connect, demo: DemoProcess, catalogue: sqlite3.Connection
) -> None:
    size, listed = 40, []
    driver = connect(demo.v1)
    expected = ids(catalogue, "uploader = 2")
    for offset in range(0, 10_000, size):
        frame = driver.run(of_v1(driver).list(size, offset, uploader=[2], display_errors=True))
        assert len(frame) <= size
        if frame.empty:
            break
        listed += frame["run_id"].tolist()
    assert sorted(listed) == expected
    assert len(expected) > 5 * size


def test_a_kept_run_makes_no_request(
    connect: Connect, demo: DemoProcess, proxy: Proxy, tmp_path: Path
) -> None:
    first = connect(proxy.base(demo.v1), cache=ReplyCache(tmp_path))
    fetched = first.run(of_v1(first).get(900113))
    assert len(proxy.asked) == 1
    second = connect(proxy.base(demo.v1), cache=ReplyCache(tmp_path))
    kept = second.run(of_v1(second).get(900113))
    assert len(proxy.asked) == 1
    assert kept == fetched
    second.run(of_v1(second).get(900110))
    assert [asked.path for asked in proxy.asked] == ["run/900113", "run/900110"]


def test_a_tag_is_listed_and_gone_when_taken_off(
    connect: Connect, writable: DemoProcess, catalogue: sqlite3.Connection
) -> None:
    driver = connect(writable.v1, writable.api_key)
    api = of_v1(driver)
    run_id = ids(catalogue, "uploader = 4")[0]
    tag = f"test_tag_{type(api).__name__}"
    assert driver.run(api.list(10, 0, tag=tag)).empty
    assert tag in driver.run(api.tag(run_id, tag))
    assert driver.run(api.list(10, 0, tag=tag, display_errors=True))["run_id"].tolist() == [run_id]
    assert tag not in driver.run(api.untag(run_id, tag))
    assert driver.run(api.list(10, 0, tag=tag, display_errors=True)).empty


def test_a_setup_string_travels_there_and_back(connect: Connect, writable: DemoProcess) -> None:
    setup_string = "Python_3.11.7. Sklearn_1.9.1. DecisionTreeClassifier(max_depth=3 < 5, a='b')"
    more = (
        "  <oml:setup_string>Python_3.11.7. Sklearn_1.9.1. DecisionTreeClassifier(max_depth=3"
        " &lt; 5, a='b')</oml:setup_string>\n  <oml:parameter_setting>\n"
        "    <oml:name>max_depth</oml:name>\n    <oml:value>31</oml:value>\n"
        "    <oml:component>9201</oml:component>\n  </oml:parameter_setting>\n"
    )
    driver = connect(writable.v1, writable.api_key)
    files = {"description": ("description.xml", description(more=more), "text/xml")}
    run_id = driver.run(of_v1(driver).publish("run", files))
    run = driver.run(of_v1(driver).get(run_id, description=True))
    assert "<oml:setup_string>" in run.description_text
    assert run.setup_string == setup_string
    assert [(p.name, p.value, p.component) for p in run.parameter_settings] == [
        ("max_depth", "31", 9201)
    ]
    assert (run.task_id, run.flow_id) == (9101, 9201)


def test_a_run_of_a_flow_that_is_not_there_is_refused(
    connect: Connect, writable: DemoProcess
) -> None:
    driver = connect(writable.v1, writable.api_key)
    files = {"description": ("description.xml", description(flow=999_999), "text/xml")}
    with pytest.raises(OpenMLServerException) as caught:
        driver.run(of_v1(driver).publish("run", files))
    assert caught.value.code == 205
    assert "flow" in str(caught.value)
