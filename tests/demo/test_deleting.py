"""A run that a study lists cannot be deleted; runs of one's own on embargoed tasks are listed."""

import re
import shutil
import sqlite3
from pathlib import Path

import httpx
import pytest

from runbrowser.demo.launch import DemoProcess
from runbrowser.demo.synthetic import Scale, make
from tests.support.demos import start


def _ids(text: str, name: str = "run_id") -> list[int]:
    return [int(number) for number in re.findall(rf"<oml:{name}>(\d+)<", text)]


@pytest.fixture(scope="module")
def studied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("studied") / "studied.db"
    make(path, Scale(runs=300, flows=5, tasks=4, users=3))
    return path


def test_a_run_in_a_study_is_refused_with_394_and_nothing_is_changed(studied: Path) -> None:
    with start(database=studied) as demo, httpx.Client(timeout=60) as http:
        listed = set(_ids(http.get(demo.v1 + "study/1001").text))
        mine = _ids(http.get(f"{demo.v1}run/list/uploader/{demo.user_id}/limit/300").text)
        inside = next(run for run in mine if run in listed)
        outside = next(run for run in mine if run not in listed)
        before = http.get(f"{demo.v1}run/{inside}").text
        reply = http.delete(f"{demo.v1}run/{inside}?api_key={demo.api_key}")
        assert (reply.status_code, _ids(reply.text, "code")) == (412, [394])
        assert http.get(f"{demo.v1}run/{inside}").text == before
        assert inside in _ids(http.get(demo.v1 + "study/1001").text)
        assert http.delete(f"{demo.v1}run/{outside}?api_key={demo.api_key}").status_code == 200


def test_a_legacy_study_is_a_tag_and_holds_no_run_back(fresh_demo: DemoProcess) -> None:
    with httpx.Client(timeout=60) as http:
        url = f"{fresh_demo.v1}run/list/uploader/{fresh_demo.user_id}/limit/10000"
        mine = _ids(http.get(url).text)
        studies = _ids(http.get(f"{fresh_demo.v1}study/list").text, "id")
        held: set[int] = set()
        for study in studies:
            held.update(_ids(http.get(f"{fresh_demo.v1}study/{study}/runs").text))
        free = next(run for run in mine if run not in held)
        deleted = http.delete(f"{fresh_demo.v1}run/{free}?api_key={fresh_demo.api_key}")
        assert deleted.status_code == 200


def test_embargoed_runs_of_one_s_own_are_listed_with_the_key_in_a_form(
    studied: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "embargo.db"
    shutil.copyfile(studied, copy)
    database = sqlite3.connect(copy)
    database.execute("UPDATE task SET embargo_end_date = '2999-01-01 00:00:00' WHERE id = 10001")
    database.commit()
    wanted = "SELECT count(*) FROM run WHERE task_id = 10001 AND uploader = 2"
    (own,) = database.execute(wanted).fetchone()
    database.close()
    assert own > 0
    with start(database=copy) as demo, httpx.Client(timeout=60) as http:
        runs = f"{demo.v1}run/list/task/10001/limit/1000/show_errors/true"
        scores = f"{demo.v1}evaluation/list/function/predictive_accuracy/task/10001/limit/1000"
        for url in (runs, scores):
            assert http.get(url).status_code == 412
            reply = http.post(url, data={"api_key": demo.api_key})
            assert reply.status_code == 200
            assert set(_ids(reply.text, "uploader")) == {demo.user_id}
        assert len(_ids(http.post(runs, data={"api_key": demo.api_key}).text)) == own
        assert len(_ids(http.get(f"{runs}?api_key={demo.api_key}").text)) == own
