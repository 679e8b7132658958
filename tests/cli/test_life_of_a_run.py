"""One run from its upload to its end, from the shell, with the exit codes that are promised."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from runbrowser.demo import DEMO_USER_ID
from runbrowser.demo.launch import DemoProcess

from .conftest import Cli, Done

DONE, FAILED, USAGE, NOT_FOUND, NOT_ALLOWED, PART_FAILED = range(6)

READER_KEY = "0ead0000000000000000000000000e08"
MODEL = 900113  # a decision tree on iris, evaluated, with predictions


@pytest.fixture
def shell(cli: Cli, fresh_demo: DemoProcess) -> Cli:
    """The command line, told of server and key by the environment alone."""
    told = {"OPENML_APIKEY": fresh_demo.api_key, "OPENML_SERVER": fresh_demo.v1}
    return Cli(cli.home, cli.environ | told)


def said(done: Done) -> str:
    return f"exit {done.code}\n{done.out}\n{done.err}"


def get(shell: Cli, run_id: int) -> dict[str, Any]:
    done = shell("get", str(run_id), "--format", "json")
    assert done.code == DONE, said(done)
    told: dict[str, Any] = json.loads(done.out)
    return told


def listed(shell: Cli, tag: str) -> list[int]:
    done = shell("list", "--tag", tag, "--format", "json")
    assert done.code == DONE, said(done)
    return [row["run_id"] for row in json.loads(done.out)]


def publishing(folder: Path) -> list[str]:
    """The words that publish what was downloaded to a folder."""
    predictions = folder / "predictions.arff"
    return ["publish", str(folder / "description.xml"), "--file", f"predictions={predictions}"]


def publish(shell: Cli, folder: Path) -> int:
    done = shell(*publishing(folder))
    assert done.code == DONE, said(done)
    return int(done.out)


def strangers_run(catalogue: sqlite3.Connection) -> int:
    (run_id,) = catalogue.execute("SELECT min(id) FROM run WHERE uploader = 3").fetchone()
    return int(run_id)


def test_a_run_is_published_tagged_listed_untagged_and_deleted(shell: Cli, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    done = shell("download", str(MODEL), "-d", str(folder))
    assert done.code == DONE, said(done)
    assert {Path(line).name for line in done.out.splitlines()} == {
        "description.xml",
        "predictions.arff",
    }

    run_id = publish(shell, folder)
    run, model = get(shell, run_id), get(shell, MODEL)
    assert run["run_id"] == run_id != MODEL
    assert run["uploader"] == DEMO_USER_ID
    for what in ("task_id", "flow_id", "setup_id", "parameter_settings"):
        assert run[what] == model[what] is not None

    tag = "life_of_a_run"
    assert listed(shell, tag) == []
    done = shell("tag", tag, str(run_id))
    assert done.code == DONE, said(done)
    assert done.out.startswith(f"{run_id} ") and tag in done.out
    assert tag in get(shell, run_id)["tags"]
    assert listed(shell, tag) == [run_id]

    done = shell("untag", tag, str(run_id))
    assert done.code == DONE, said(done)
    assert tag not in get(shell, run_id)["tags"]
    assert listed(shell, tag) == []

    done = shell("delete", str(run_id), "--yes")
    assert done.code == DONE, said(done)
    assert done.out.split()[:2] == [str(run_id), "done"]
    for format in ("text", "json", "xml"):
        done = shell("get", str(run_id), "--format", format)
        assert done.code == NOT_FOUND, said(done)
        assert done.out == ""
        assert "[code 236]" in done.err and len(done.err.splitlines()) == 1
    assert shell("trace", str(run_id)).code == NOT_FOUND
    assert shell("download", str(run_id), "-d", str(tmp_path / "none")).code == NOT_FOUND
    assert shell("tag", tag, str(run_id)).code == NOT_FOUND
    done = shell("delete", str(run_id), "--yes")  # it is as it was wanted
    assert done.code == DONE and "deleted before; a copy is in the trash" in done.out, said(done)
    assert shell("delete", "9999999", "--yes").code == NOT_FOUND
    assert listed(shell, tag) == []
    assert get(shell, MODEL) == model


def test_a_strangers_run_may_be_tagged_but_not_deleted(
    shell: Cli, catalogue: sqlite3.Connection
) -> None:
    theirs = strangers_run(catalogue)
    done = shell("tag", "seen", str(theirs))
    assert done.code == DONE, said(done)
    assert listed(shell, "seen") == [theirs]
    done = shell("delete", str(theirs), "--yes")
    assert done.code == NOT_ALLOWED, said(done)
    (line,) = done.out.splitlines()
    assert line.startswith(f"{theirs} ")
    assert get(shell, theirs)["run_id"] == theirs


def test_where_some_fail_each_run_has_its_line_and_the_exit_code_is_5(
    shell: Cli, catalogue: sqlite3.Connection, tmp_path: Path
) -> None:
    folder = tmp_path / "model"
    assert shell("download", str(MODEL), "-d", str(folder)).code == DONE
    mine, theirs, nobodys = publish(shell, folder), strangers_run(catalogue), 9_999_999
    ids = [str(run_id) for run_id in (mine, theirs, nobodys)]

    done = shell("tag", "mixed", *ids)
    assert done.code == PART_FAILED, said(done)
    assert [line.split()[0] for line in done.out.splitlines()] == ids[:2]
    assert ids[2] in done.err
    assert sorted(listed(shell, "mixed")) == sorted((mine, theirs))

    done = shell("delete", *ids, "--yes")
    assert done.code == PART_FAILED, said(done)
    assert sorted(line.split()[0] for line in done.out.splitlines()) == sorted(ids)
    states = {line.split()[0]: line for line in done.out.splitlines()}
    assert " done" in states[ids[0]]
    assert " done" not in states[ids[1]]
    assert shell("get", ids[0]).code == NOT_FOUND
    assert shell("get", ids[1]).code == DONE

    done = shell("delete", *ids, "--yes", "--format", "json")
    assert done.code == PART_FAILED, said(done)
    assert {row["run_id"] for row in json.loads(done.out)["runs"]} == {mine, theirs, nobodys}


@pytest.mark.parametrize(
    ("key", "words"),
    [("", "no API key"), ("f" * 32, "[code 103]"), (READER_KEY, "read-only account")],
    ids=["no key", "wrong key", "read-only account"],
)
def test_without_a_right_key_every_write_is_not_allowed_and_every_read_goes_on(
    shell: Cli, tmp_path: Path, key: str, words: str
) -> None:
    folder = tmp_path / "model"
    without = {"OPENML_APIKEY": key}
    done = shell("download", str(MODEL), "-d", str(folder), env=without)
    assert done.code == DONE, said(done)
    writes = (
        ("tag", "x", str(MODEL)),
        ("untag", "x", str(MODEL)),
        ("delete", str(MODEL), "--yes"),
        publishing(folder),
    )
    for write in writes:
        done = shell(*write, env=without)
        assert done.code == NOT_ALLOWED, said(done)
        assert words in done.err, said(done)
        assert not key or key not in done.out + done.err
    assert shell("get", str(MODEL), env=without).code == DONE
    assert shell("list", "--task", "9101", "--limit", "3", env=without).code == DONE


def test_a_server_that_is_gone_is_exit_code_1_in_every_step(
    shell: Cli, fresh_demo: DemoProcess, tmp_path: Path
) -> None:
    folder = tmp_path / "model"
    assert shell("download", str(MODEL), "-d", str(folder)).code == DONE
    fresh_demo.stop()
    steps = (
        ("get", "900110"),
        ("list", "--task", "9101"),
        ("tag", "x", str(MODEL)),
        ("untag", "x", str(MODEL)),
        publishing(folder),
        ("delete", str(MODEL), "--yes"),
    )
    for step in steps:
        done = shell(*step)
        assert done.code == FAILED, said(done)
        assert "Traceback" not in done.err
        assert "cannot be reached" in done.out + done.err
