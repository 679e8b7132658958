"""``runbrowser get`` and ``trace`` as processes."""

from __future__ import annotations

import json
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Collection
from pathlib import Path

import pytest

from runbrowser.demo.launch import DemoProcess
from runbrowser.models import RunState

from ..client.chaos import Fault, before
from ..openml.truth import in_each_state
from .conftest import Asked, Cli, Replay, Reply, recorded, run_list


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
    done = cli(*words)
    assert json.loads(done.out)["api"] == "v1"
    assert "V2 failed, so this is what V1 tells." in done.err
    refused = cli(*words, "--no-fallback")
    assert (refused.code, refused.out) == (1, "")


def test_a_failed_evaluation_which_v2_does_not_tell_is_asked_of_v1(
    cli: Cli, demo: DemoProcess
) -> None:
    run_id = in_each_state(demo.v1)[RunState.EVALUATION_FAILED][0]
    words = ("get", str(run_id), "--server", demo.v1, "--server-v2", demo.v2,
             "--api-version", "v2", "--format", "json")  # fmt: skip
    both, alone = (json.loads(cli(*words, *more).out) for more in ((), ("--no-fallback",)))
    assert (both["state"], bool(both["evaluation_error"])) == ("eval failed", True)
    assert (alone["state"], alone["evaluation_error"]) == (RunState.UNKNOWN.value, None)


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


# Several runs.


def of_run(run_id: int, case: str = "run_get_s18") -> Reply:
    """The recorded description of a run, under another id."""
    status, kind, body = recorded(case)
    old = case.removeprefix("run_get_s")
    return status, kind, body.replace(f">9000{old}<".encode(), f">{run_id}<".encode())


def describing(missing: Collection[int] = ()) -> Callable[[Asked], Reply]:
    """What a server answers that has every run but those."""

    def answer(asked: Asked) -> Reply:
        last = asked.path.rpartition("/")[2]
        if "run/list" in asked.path or not asked.path.startswith("/api/v1/xml/run/"):
            return run_list([])
        return recorded("run_get_notfound") if int(last) in missing else of_run(int(last))

    return answer


IDS = (7, 3, 9, 1, 8, 2, 3, 5)
EACH_ONCE = [7, 3, 9, 1, 8, 2, 5]


def test_several_runs_are_an_array_of_json_in_the_order_of_the_ids(
    cli: Cli, replay: Replay
) -> None:
    replay.answer = describing()
    done = cli("get", *map(str, IDS), "--server", replay.v1, "--format", "json")
    assert (done.code, done.err) == (0, "")
    assert [run["run_id"] for run in json.loads(done.out)] == EACH_ONCE
    one = cli("get", "7", "--server", replay.v1, "--format", "json")
    assert json.loads(one.out) == json.loads(done.out)[0]


def test_several_runs_are_pages_with_a_line_between_them(cli: Cli, replay: Replay) -> None:
    replay.answer = describing()
    done = cli("get", *map(str, IDS), "--server", replay.v1)
    pages = done.out.split("\n" + "─" * 100 + "\n\n")
    assert [page.split()[:2] for page in pages] == [["Run", str(run_id)] for run_id in EACH_ONCE]
    assert pages[0] == cli("get", "7", "--server", replay.v1, "--reset-cache").out


def test_a_kept_run_says_how_to_read_it_again(cli: Cli, replay: Replay) -> None:
    replay.answer = describing()
    assert "--reset-cache" not in cli("get", "7", "--server", replay.v1).out
    kept = cli("get", "7", "--server", replay.v1).out
    assert "as read just now; --reset-cache reads it again" in kept


def test_several_runs_are_descriptions_one_after_the_other(cli: Cli, replay: Replay) -> None:
    replay.answer = describing()
    done = cli("get", "7", "3", "--server", replay.v1, "--format", "xml")
    assert done.raw == of_run(7)[2] + of_run(3)[2]


@pytest.mark.parametrize(
    ("missing", "code", "there"), [([3], 5, [7, 1]), ([7, 3, 1], 3, []), ([7], 5, [3, 1])]
)
def test_runs_that_are_not_there_are_told_and_the_others_shown(
    cli: Cli, replay: Replay, missing: list[int], code: int, there: list[int]
) -> None:
    replay.answer = describing(missing)
    done = cli("get", "7", "3", "1", "--server", replay.v1, "--format", "json")
    assert done.code == code
    assert [run["run_id"] for run in json.loads(done.out)] == there
    assert done.err.count("236") == len(missing)
    assert all(f"run {run_id}" in done.err for run_id in missing)
    text = cli("get", "7", "3", "1", "--server", replay.v1)
    assert (text.code, text.out.count("\n─")) == (code, max(len(there) - 1, 0))


def test_a_server_that_does_not_answer_is_not_asked_for_every_run(
    cli: Cli, replay: Replay, tmp_path: Path
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        server = f"http://127.0.0.1:{closed.getsockname()[1]}/api/v1/xml/"
        env = {"RUNBROWSER_RETRIES": "0"}
        done = cli("get", *map(str, range(1, 101)), "--server", server, env=env)
    assert (done.code, done.out) == (1, "")
    assert done.err.count("Could not") == 4
    assert "96 more were not asked for" in done.err


def test_at_most_four_runs_are_asked_for_at_once_and_lists_and_flows_once(
    cli: Cli, demo: DemoProcess, catalogue: sqlite3.Connection
) -> None:
    ids = [str(run_id) for (run_id,) in catalogue.execute(
        "SELECT run.id FROM run JOIN setup ON setup.id = setup_id WHERE flow_id = "
        "(SELECT flow_id FROM run JOIN setup ON setup.id = setup_id GROUP BY 1"
        " ORDER BY count(*) DESC LIMIT 1) LIMIT 12"
    )]  # fmt: skip
    most, now, lock = [0], [0], threading.Lock()

    def fault(asked: object) -> Fault:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        time.sleep(0.05)
        with lock:
            now[0] -= 1
        return Fault()

    with before(demo.v1) as proxy:
        proxy.fault = fault
        assert cli("get", *ids, "--server", proxy.base(demo.v1)).code == 0
        paths = [asked.path for asked in proxy.asked]
    assert most[0] == 4
    assert sum(path.startswith("run/list") for path in paths) == 1
    assert sum(path.startswith("flow/") for path in paths) == 1
    assert len(paths) == len(ids) + 2


def test_ctrl_c_does_not_wait_for_the_server(cli: Cli, replay: Replay) -> None:
    stop = threading.Event()

    def answer(asked: Asked) -> Reply:
        stop.wait(60)
        return recorded("run_get_s18")

    replay.answer = answer
    words = [sys.executable, "-m", "runbrowser", "get", "1", "2", "3", "--server", replay.v1]
    process = subprocess.Popen(words, env=cli.environ, stderr=subprocess.PIPE)
    try:
        until = time.monotonic() + 60
        while len(replay.asked) < 3 and process.poll() is None and time.monotonic() < until:
            time.sleep(0.02)
        assert len(replay.asked) >= 3
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=20)  # the server would take a minute
    finally:
        stop.set()
        process.kill()
    assert process.returncode == 130
    assert said.decode().strip() == "runbrowser: stopped."
