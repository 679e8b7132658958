"""``runbrowser get`` and ``trace`` as processes."""

from __future__ import annotations

import json
import sqlite3

import pytest

from runbrowser.demo.launch import DemoProcess

from .conftest import Asked, Cli, Replay, recorded


@pytest.mark.parametrize(
    "case", ["run_get_ordinary0", "run_get_s01", "run_get_s09", "run_get_s18", "run_get_s33"]
)
def test_xml_is_the_description_byte_for_byte(cli: Cli, replay: Replay, case: str) -> None:
    replay.answer = lambda asked: recorded(case)
    done = cli("get", "2", "--server", replay.v1, "--format", "xml")
    assert done.code == 0
    assert done.raw == recorded(case)[2]


def test_xml_is_valid_utf8_whatever_came(cli: Cli, replay: Replay) -> None:
    status, kind, body = recorded("run_get_s01")
    broken = body.replace(b"AT&T", b"\xff\xfe")
    assert broken != body
    replay.answer = lambda asked: (status, kind, broken)
    written = cli("get", "1", "--server", replay.v1, "--format", "xml").raw
    assert written == body.replace(b"AT&T", "\ufffd\ufffd".encode())


def test_json_has_the_attributes_under_upstreams_names(cli: Cli, replay: Replay) -> None:
    replay.answer = lambda asked: recorded("run_get_s36")
    run = json.loads(cli("get", "900036", "--server", replay.v1, "--format", "json").out)
    assert run["run_id"] == 900036
    assert run["state"] == "ok"
    assert isinstance(run["evaluations"]["predictive_accuracy"], float)
    folds = run["fold_evaluations"]["predictive_accuracy"]
    assert (len(folds), len(folds["0"])) == (5, 10)
    assert {"uploader_name", "setup_string", "tags", "output_files", "error_message"} <= set(run)


def test_json_of_a_run_with_nothing_is_complete(cli: Cli, replay: Replay) -> None:
    replay.answer = lambda asked: recorded("run_get_s18")
    run = json.loads(cli("get", "900018", "--server", replay.v1, "--format", "json").out)
    assert run["state"] == "not evaluated"
    assert run["evaluations"] == run["fold_evaluations"] == run["output_files"] == {}
    assert run["dataset_id"] is None


def test_the_page_tells_the_error_before_anything_else(cli: Cli, replay: Replay) -> None:
    done = cli("get", "900001", "--server", replay.v1)
    assert done.code == 0
    error = done.out.index("Error: x & y failed; a && b; AT&T")
    assert done.out.index("Run 900001") < error < done.out.index("flow")


def test_the_page_tells_parameters_under_the_names_of_components(
    cli: Cli, demo: DemoProcess, catalogue: sqlite3.Connection
) -> None:
    (run_id,) = catalogue.execute(
        "SELECT run.id FROM run JOIN setup ON setup.id = setup_id"
        " JOIN flow_component ON parent = flow_id JOIN trace ON trace.run_id = run.id"
        " JOIN run_tag ON run_tag.run_id = run.id LIMIT 1"
    ).fetchone()
    text = cli("get", str(run_id), "--server", demo.v1).out
    for heading in ("Evaluations", "Per fold", "Parameters", "Tags", "Files"):
        assert f"\n{heading}" in text, heading
    assert "flow #" not in text, "components are named, not numbered"


@pytest.mark.parametrize("case", ["run_get_s09", "run_get_s29", "run_get_s31", "run_get_s28"])
@pytest.mark.parametrize("format", ["text", "json"])
def test_nothing_a_terminal_obeys_comes_out(
    cli: Cli, replay: Replay, case: str, format: str
) -> None:
    replay.answer = lambda asked: recorded(case)
    done = cli("get", "1", "--server", replay.v1, "--format", format)
    assert done.code == 0
    assert not any(ord(c) < 32 and c != "\n" for c in done.out)


def test_a_run_that_does_not_exist_is_exit_3(cli: Cli, replay: Replay) -> None:
    done = cli("get", "999999999", "--server", replay.v1)
    assert (done.code, done.out) == (3, "")
    assert "236" in done.err


@pytest.mark.parametrize("text", ["x", "-1", "1,2", "1.5", "9" * 30, ""])
def test_what_is_no_run_id_is_wrong_use(cli: Cli, replay: Replay, text: str) -> None:
    done = cli("get", "--server", replay.v1, "--", text)
    assert done.code == 2
    assert replay.asked == []


def test_v2_is_asked_for_the_run_when_it_is_wanted(cli: Cli, demo: DemoProcess) -> None:
    every = json.loads(cli("list", "--server", demo.v1, "--limit", "1", "--format", "json").out)
    run_id = every[0]["run_id"]
    words = ("get", str(run_id), "--server", demo.v1, "--server-v2", demo.v2, "--format", "json")
    old = json.loads(cli(*words).out)
    new = json.loads(cli(*words, "--api-version", "v2").out)
    assert (old["api"], new["api"]) == ("v1", "v2")
    for name in ("run_id", "task_id", "flow_name", "evaluations", "fold_evaluations", "tags"):
        assert old[name] == new[name], name


def test_a_v2_that_fails_inside_is_passed_over_for_v1_unless_refused(
    cli: Cli, replay: Replay
) -> None:
    def answer(asked: Asked) -> tuple[int, str, bytes]:
        if asked.path.startswith("/api/v1"):
            return recorded("run_get_s18")
        return 500, "text/plain; charset=utf-8", b"Internal Server Error"

    replay.answer = answer
    words = ("get", "900018", "--server", replay.v1, "--server-v2", replay.url,
             "--api-version", "v2", "--format", "json")  # fmt: skip
    assert json.loads(cli(*words).out)["api"] == "v1"
    refused = cli(*words, "--no-fallback")
    assert (refused.code, refused.out) == (1, "")


def test_v2_without_a_server_is_wrong_use(cli: Cli) -> None:
    done = cli("get", "1", "--api-version", "v2")
    assert done.code == 2
    assert "--server-v2" in done.err


def test_xml_over_v2_is_wrong_use(cli: Cli, replay: Replay) -> None:
    done = cli("get", "1", "--api-version", "v2", "--server-v2", replay.url, "--format", "xml")
    assert (done.code, replay.asked) == (2, [])


def test_a_trace_is_told_by_repeat_fold_and_iteration(
    cli: Cli, demo: DemoProcess, catalogue: sqlite3.Connection
) -> None:
    (run_id,) = catalogue.execute("SELECT run_id FROM trace LIMIT 1").fetchone()
    done = cli("trace", str(run_id), "--server", demo.v1, "--format", "json")
    steps = json.loads(done.out)
    places = [(s["repeat"], s["fold"], s["iteration"]) for s in steps]
    assert places == sorted(places)
    chosen = [(s["repeat"], s["fold"]) for s in steps if s["selected"]]
    assert sorted(chosen) == sorted({place[:2] for place in places})
    table = cli("trace", str(run_id), "--server", demo.v1).out.splitlines()
    assert len(table) == len(steps) + 1
    assert table[0].split() == [
        "repeat", "fold", "iteration", "evaluation", "selected", "parameters"
    ]  # fmt: skip


def test_a_run_without_a_search_has_no_trace_and_exit_3(
    cli: Cli, demo: DemoProcess, catalogue: sqlite3.Connection
) -> None:
    (run_id,) = catalogue.execute(
        "SELECT id FROM run WHERE id NOT IN (SELECT run_id FROM trace) LIMIT 1"
    ).fetchone()
    assert cli("trace", str(run_id), "--server", demo.v1).code == 3
