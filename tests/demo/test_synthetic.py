"""Synthetic catalogues: as large as asked for, the same for the same seed, and whole."""

import contextlib
import re
import sqlite3
from itertools import pairwise
from pathlib import Path

import httpx
import pytest

from runbrowser.demo.synthetic import Scale, make
from tests.support.demos import start

SMALL = Scale(runs=3000, flows=40, tasks=30, users=12)


def _dump(path: Path) -> list[str]:
    with contextlib.closing(sqlite3.connect(path)) as database:
        return list(database.iterdump())


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("synthetic") / "small.db"
    make(path, SMALL)
    return path


def test_the_same_seed_makes_the_same_rows_and_another_seed_others(
    small: Path, tmp_path: Path
) -> None:
    make(tmp_path / "again.db", SMALL)
    assert _dump(tmp_path / "again.db") == _dump(small)
    make(tmp_path / "other.db", Scale(3000, 40, 30, 12, seed=1))
    assert _dump(tmp_path / "other.db") != _dump(small)


def test_it_has_as_many_rows_as_asked_for_in_every_state_and_gaps_between_ids(small: Path) -> None:
    with contextlib.closing(sqlite3.connect(small)) as database:

        def count(query: str) -> int:
            return int(database.execute(f"SELECT count(*) FROM {query}").fetchone()[0])

        assert [count(table) for table in ("run", "flow", "task", "user")] == [3000, 40, 30, 12]
        assert 100 < count("run WHERE error_message IS NOT NULL") < 200
        assert count("run_evaluated WHERE error IS NOT NULL") > 10
        assert count("run WHERE id NOT IN (SELECT run_id FROM run_evaluated)") > 30
        assert count("(SELECT DISTINCT run_id FROM run_tag)") > 700
        assert count("(SELECT DISTINCT run_id FROM evaluation)") > 2500
        ids = [number for (number,) in database.execute("SELECT id FROM run ORDER BY id")]
        steps = [after - before for before, after in pairwise(ids)]
        assert min(steps) == 1
        assert max(steps) > 300
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []


def test_all_flows_tasks_and_users_of_its_runs_are_there(small: Path) -> None:
    with start(database=small) as demo, httpx.Client(timeout=60) as http:
        text = http.get(demo.v1 + "run/list/limit/10000/show_errors/true").text
        ids = re.findall(r"<oml:run_id>(\d+)<", text)
        assert len(ids) == SMALL.runs
        flows = http.get(demo.v1 + "flow/list").text
        assert flows.count("<oml:flow>") == SMALL.flows
        tasks = http.get(demo.v1 + "task/list").text
        assert tasks.count("<oml:task>") == SMALL.tasks
        mine = http.get(f"{demo.v1}run/list/uploader/{demo.user_id}/limit/100").text
        run = re.findall(r"<oml:run_id>(\d+)<", mine)[0]
        assert http.get(f"{demo.v1}run/{run}").status_code == 200
        assert http.delete(f"{demo.v1}run/{run}?api_key={demo.api_key}").status_code == 200


def test_the_launcher_takes_a_scale_and_says_what_is_wrong_with_one() -> None:
    with start(synthetic="runs=50,flows=3,tasks=2,users=2,seed=7") as demo:
        text = httpx.get(demo.v1 + "run/list/limit/100/show_errors/true").text
        assert text.count("<oml:run>") == 50
    for wrong in ("runs=many", "rows=3", "flows=0", "1.5", "runs="):
        with pytest.raises(ValueError, match=r"not one of|needs a run"):
            start(synthetic=wrong)


def test_past_an_offset_lists_are_answered_with_the_gateway_s_504(small: Path) -> None:
    with start(database=small, timeout_past=200) as demo, httpx.Client(timeout=60) as http:
        for listed in ("run/list", "evaluation/list/function/predictive_accuracy"):
            for offset, status in ((0, 200), (200, 200), (201, 504), (10**20, 504)):
                reply = http.get(f"{demo.v1}{listed}/limit/10/offset/{offset}")
                assert reply.status_code == status
                assert reply.headers["content-type"].startswith("text/")
            assert "504 Gateway Time-out" in reply.text
        # A page of the same size without an offset is quick, and so are look-ups by id.
        assert http.get(demo.v1 + "run/list/run/1,2,3,4,5").status_code == 200
