"""``evaluations``, ``tag``, ``untag``, ``publish``, ``download`` and ``completion``."""

from __future__ import annotations

import json
import resource
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from runbrowser.demo.launch import DemoProcess
from tests.bulk.faulty import LOST_REQUEST, Fault, proxy_before
from tests.bulk.faulty import Asked as AskedOfProxy
from tests.support.demos import start

from .conftest import KEY, WIRE, Asked, Cli, Replay, recorded


@pytest.fixture
def own_demo() -> Iterator[DemoProcess]:
    """A demo server whose runs a test may change."""
    with start() as process:
        yield process


def with_key(demo: DemoProcess) -> dict[str, str]:
    return {"OPENML_SERVER": demo.v1, "OPENML_APIKEY": demo.api_key}


def tags_of(cli: Cli, demo: DemoProcess, run_id: int) -> list[str]:
    told = cli("get", str(run_id), "--server", demo.v1, "--reset-cache", "--format", "json").out
    tags: list[str] = json.loads(told)["tags"]
    return tags


def test_evaluations_are_the_servers_values(
    cli: Cli, demo: DemoProcess, catalogue: sqlite3.Connection
) -> None:
    done = cli("evaluations", "--function", "predictive_accuracy", "--task", "9101", "--all",
               "--server", demo.v1, "--format", "json")  # fmt: skip
    assert done.code == 0, done.err
    listed = {row["run_id"]: row["value"] for row in json.loads(done.out)}
    assert len(listed) > 100
    for run_id in list(listed)[:3]:
        run = json.loads(cli("get", str(run_id), "--server", demo.v1, "--format", "json").out)
        assert run["evaluations"]["predictive_accuracy"] == pytest.approx(listed[run_id])


def test_evaluations_refuse_what_the_server_does_not_know(cli: Cli, replay: Replay) -> None:
    for words in (["--task-type", "1"], ["--where", "state:ok"], ["--where", "error~x"]):
        done = cli("evaluations", "--function", "kappa", "--server", replay.v1, *words)
        assert done.code == 2
    assert cli("evaluations", "--server", replay.v1).code == 2
    assert replay.asked == []


def test_a_measure_that_nobody_has_is_an_empty_list(cli: Cli, demo: DemoProcess) -> None:
    done = cli("evaluations", "--function", "nothing", "--server", demo.v1, "--format", "csv")
    assert done.code == 0
    assert done.out.count("\n") == 1
    assert "nothing" in done.err


def test_folds_come_as_the_servers_text(cli: Cli, replay: Replay) -> None:
    replay.answer = lambda asked: recorded("eval_per_fold")
    done = cli("evaluations", "--function", "predictive_accuracy", "--per-fold", "--limit", "1",
               "--server", replay.v1, "--format", "json")  # fmt: skip
    assert json.loads(done.out)[0]["values"].startswith("[")
    assert "/per_fold/true" in replay.asked[0].path


def test_a_tag_is_set_and_taken_again(
    cli: Cli, own_demo: DemoProcess, catalogue: sqlite3.Connection
) -> None:
    ids = [n for (n,) in catalogue.execute("SELECT id FROM run LIMIT 2")]
    words = [str(n) for n in ids]
    done = cli("tag", "mine_1", *words, env=with_key(own_demo))
    assert (done.code, done.err) == (0, "")
    assert [line.split()[0] for line in done.out.splitlines()] == words
    assert all("mine_1" in tags_of(cli, own_demo, n) for n in ids)
    again = cli("tag", "mine_1", words[0], env=with_key(own_demo))
    assert (again.code, "nothing to do" in again.out) == (0, True)
    assert cli("untag", "mine_1", words[0], env=with_key(own_demo)).code == 0
    assert "mine_1" not in tags_of(cli, own_demo, ids[0])
    assert "nothing to do" in cli("untag", "mine_1", words[0], env=with_key(own_demo)).out


def test_a_bulk_action_that_fails_in_part_is_exit_5_and_tells_each_outcome(
    cli: Cli, own_demo: DemoProcess, catalogue: sqlite3.Connection
) -> None:
    (run_id,) = catalogue.execute("SELECT id FROM run LIMIT 1").fetchone()
    done = cli("tag", "mine_2", str(run_id), "1", env=with_key(own_demo))
    assert done.code == 5
    assert str(run_id) in done.out
    assert "run 1 " in done.err
    assert cli("tag", "mine_2", "1", "2", env=with_key(own_demo)).code == 3


def test_without_a_key_nothing_is_asked_and_with_a_wrong_one_only_once(
    cli: Cli, replay: Replay
) -> None:
    done = cli("tag", "mine", "1", "2", "--server", replay.v1)
    assert (done.code, replay.asked) == (4, [])
    replay.answer = lambda asked: recorded("w_tag_badkey")
    done = cli("tag", "mine", "1", "2", env={"OPENML_SERVER": replay.v1, "OPENML_APIKEY": KEY})
    assert (done.code, len(replay.asked)) == (4, 1)
    assert KEY not in done.err


@pytest.mark.parametrize("verb", ["tag", "untag", "publish"])
def test_a_read_only_session_changes_nothing(
    cli: Cli, replay: Replay, verb: str, tmp_path: Path
) -> None:
    (tmp_path / "description.xml").write_text("<oml:run/>")
    words = {"publish": [str(tmp_path / "description.xml")]}.get(verb, ["mine", "1"])
    env = {"OPENML_SERVER": replay.v1, "OPENML_APIKEY": KEY}
    for option, more in ((["--read-only"], {}), ([], {"RUNBROWSER_READ_ONLY": "yes"})):
        assert cli(*option, verb, *words, env=env | more).code == 2
    assert replay.asked == []


def test_a_tag_that_the_search_index_did_not_hear_of_is_done(cli: Cli, replay: Replay) -> None:
    replay.answer = lambda asked: recorded(
        "w_es_down_tag" if asked.method == "POST" else "w_es_down_tag_check"
    )
    tags = recorded("w_es_down_tag_check")[2].decode().split("<oml:tag>")
    text = tags[-1].split("<")[0]
    env = {"OPENML_SERVER": replay.v1, "OPENML_APIKEY": KEY}
    done = cli("tag", text, "900058", env=env)
    assert (done.code, done.err) == (0, "")
    assert [asked.method for asked in replay.asked] == ["POST", "GET"]


def test_publishing_prints_the_new_id(
    cli: Cli, own_demo: DemoProcess, catalogue: sqlite3.Connection, tmp_path: Path
) -> None:
    (run_id,) = catalogue.execute(
        "SELECT run_id FROM file WHERE name = 'predictions' LIMIT 1"
    ).fetchone()
    done = cli("download", str(run_id), "-d", str(tmp_path / "run"), "--server", own_demo.v1)
    assert done.code == 0, done.err
    names = {Path(line).name for line in done.out.splitlines()}
    assert names == {path.name for path in (tmp_path / "run").iterdir()}
    assert {"description.xml", "predictions.arff"} <= names
    done = cli("publish", str(tmp_path / "run" / "description.xml"),
               "--file", f"predictions={tmp_path / 'run' / 'predictions.arff'}",
               env=with_key(own_demo))  # fmt: skip
    assert done.code == 0, done.err
    old, new = (
        json.loads(cli("get", str(number), "--server", own_demo.v1, "--format", "json").out)
        for number in (run_id, int(done.out))
    )
    assert (new["flow_id"], new["task_id"]) == (old["flow_id"], old["task_id"])
    assert new["run_id"] != old["run_id"]


def test_publishing_needs_files_that_can_be_read(cli: Cli, replay: Replay, tmp_path: Path) -> None:
    env = {"OPENML_SERVER": replay.v1, "OPENML_APIKEY": KEY}
    description = str(WIRE / "upload" / "description.xml")
    for words in (
        [str(tmp_path / "none.xml")],
        [description, "--file", "predictions"],
        [description, "--file", f"predictions={tmp_path / 'none.arff'}"],
        [description, "--file", f"description={description}"],
    ):
        done = cli("publish", *words, env=env)
        assert (done.code, done.out) == (2, "")
    assert replay.asked == []


def test_one_file_can_be_fetched_by_name_and_what_is_not_there_is_said(
    cli: Cli, replay: Replay, tmp_path: Path
) -> None:
    def answer(asked: Asked) -> tuple[int, str, bytes]:
        if asked.path.startswith("/data/download/5002"):
            return 200, "text/plain", b"@relation predictions\n"
        status, kind, body = recorded("run_get_ordinary0")
        return status, kind, body.replace(b"http://127.0.0.1:8081", replay.url.encode())

    replay.answer = answer
    words = ("download", "2", "--server", replay.v1, "-d", str(tmp_path / "x"), "--file")
    env = {"OPENML_APIKEY": KEY}
    done = cli(*words, "predictions", env=env)
    assert (done.code, done.out) == (0, f"{tmp_path / 'x' / 'predictions.arff'}\n")
    assert (tmp_path / "x" / "predictions.arff").read_bytes() == b"@relation predictions\n"
    assert all(asked.query == {} for asked in replay.asked), "files need no key"
    done = cli(*words, "model", env=env)
    assert done.code == 2
    assert "description, predictions" in done.err


@pytest.mark.parametrize(
    ("name", "url", "kept"),
    [
        ("predictions", "http://h/data/download/7/predictions.arff", "predictions.arff"),
        ("../../etc/passwd", "http://h/x/passwd", "_.._etc_passwd"),
        ("a/b\x1b[2J", "http://h/data/1/a%2Fb.txt", "a_b__2J.txt"),
        ("...", "http://h/", "file_7"),
        ("x" * 500, "http://h/x.arff", "x" * 120),
    ],
)
def test_names_of_files_stay_in_their_folder(name: str, url: str, kept: str) -> None:
    from runbrowser.cli.download import file_name
    from runbrowser.models import OutputFile

    assert file_name(OutputFile(name, 7, url)) == kept


def test_bash_completes_commands(cli: Cli) -> None:
    script = cli("completion", "bash").out
    assert subprocess.run(["bash", "-n"], input=script.encode(), timeout=60).returncode == 0
    env = {
        "_RUNBROWSER_COMPLETE": "bash_complete",
        "COMP_WORDS": "runbrowser li",
        "COMP_CWORD": "1",
    }
    assert cli(env=env).out == "plain,list\n"
    for shell in ("zsh", "fish"):
        assert "runbrowser" in cli("completion", shell).out


def test_publishing_names_the_line_that_the_server_would_refuse_and_sends_nothing(
    cli: Cli, replay: Replay, tmp_path: Path
) -> None:
    text = (WIRE / "upload" / "description.xml").read_text()
    lines = text.splitlines()
    place = next(n for n, line in enumerate(lines, 1) if "<oml:flow_id>" in line)
    wrong = tmp_path / "wrong.xml"
    lines[place - 1] = "<oml:flow_id>not a number</oml:flow_id>"
    wrong.write_text("\n".join(lines))
    done = cli("publish", str(wrong), env={"OPENML_SERVER": replay.v1, "OPENML_APIKEY": KEY})
    assert done.code == 2
    assert f"line {place}, flow_id" in done.err.replace("oml:", "")
    assert replay.asked == []


def test_tags_are_told_alike_whatever_their_capitals_and_quotes(
    cli: Cli, own_demo: DemoProcess, catalogue: sqlite3.Connection
) -> None:
    (run_id,) = catalogue.execute("SELECT id FROM run LIMIT 1").fetchone()
    env = with_key(own_demo)
    assert cli("tag", "fine", str(run_id), env=env).code == 0
    done = cli("tag", "FINE", str(run_id), env=env)
    assert (done.code, "has the tag already" in done.out) == (0, True)
    for verb, tag in (("untag", 'a"b'), ("tag", "a b"), ("tag", ""), ("tag", "0")):
        refused = cli(verb, tag, str(run_id), env=env)
        assert refused.code == 2 and refused.out == "", (verb, tag)
    done = cli("untag", "fine", str(run_id), "--format", "json", env=env)
    told = json.loads(done.out)
    assert (told["action"], told["tag"]) == ("untag", "fine")
    assert [row["state"] for row in told["runs"]] == ["done"]


def test_all_runs_that_match_a_filter_are_tagged(
    cli: Cli, own_demo: DemoProcess, catalogue: sqlite3.Connection
) -> None:
    env = with_key(own_demo)
    rows = json.loads(cli("list", "--all", "--format", "json", env=env).out)
    task, number = Counter(row["task_id"] for row in rows).most_common()[-1]
    done = cli("tag", "by-filter", "--where", f"task:{task}", "--format", "csv", env=env)
    assert done.code == 0 and len(done.out.splitlines()) == number + 1, done.err
    listed = cli("list", "--tag", "by-filter", "--all", "--format", "json", env=env)
    assert {row["task_id"] for row in json.loads(listed.out)} == {task}
    assert len(json.loads(listed.out)) == number
    assert cli("tag", "x", "1", "--where", "task:1", env=env).code == 2
    assert cli("tag", "x", env=env).code == 2
    assert cli("tag", "x", "--where", "", env=env).code == 2


@pytest.mark.parametrize("verb", ["tag", "untag"])
def test_tagging_many_runs_stops_when_the_server_is_gone_and_goes_on_with_the_same_command(
    cli: Cli, own_demo: DemoProcess, catalogue: sqlite3.Connection, verb: str
) -> None:
    ids = [str(n) for (n,) in catalogue.execute("SELECT id FROM run LIMIT 40")]
    if verb == "untag":
        assert cli("tag", "broken", *ids, env=with_key(own_demo)).code == 0
    posts = 0

    def fault(asked: AskedOfProxy) -> Fault | None:
        nonlocal posts
        posts += asked.method == "POST"
        proxy.closed = proxy.closed or posts > 6
        return LOST_REQUEST if proxy.closed else None

    with proxy_before(own_demo.v1) as proxy:
        env = with_key(own_demo) | {"OPENML_SERVER": proxy.v1}
        proxy.fault = fault
        done = cli(verb, "broken", *ids, env=env)
        assert done.code == 5 and "the same command again" in done.err, done.err
        assert len(proxy.sent("POST")) <= 6 + 3
        assert len(done.err.splitlines()) < 20
        proxy.closed, posts = False, -1000
        before = len(proxy.sent("POST"))
        again = cli(verb, "broken", *ids, env=env)
        assert again.code == 0 and "going on with what broke off" in again.err, again.err
        assert len(again.out.splitlines()) == 40
        assert len(proxy.sent("POST")) - before <= 40 - 3


def test_files_of_two_runs_never_take_each_other_s_place(
    cli: Cli, own_demo: DemoProcess, catalogue: sqlite3.Connection, tmp_path: Path
) -> None:
    first, second = (
        str(n)
        for (n,) in catalogue.execute(
            "SELECT DISTINCT run_id FROM file WHERE name = 'description' LIMIT 2"
        )
    )
    folder, both = tmp_path / "one", tmp_path / "both"
    words = ("--server", own_demo.v1, "--file", "description")
    done = cli("download", first, "-d", str(folder), *words)
    assert done.code == 0, done.err
    (path,) = folder.iterdir()
    before = path.read_bytes()
    assert cli("download", first, "-d", str(folder), *words).code == 0  # the same bytes
    refused = cli("download", second, "-d", str(folder), *words)
    assert refused.code == 2 and "--force" in refused.err and path.read_bytes() == before
    assert [p.name for p in folder.iterdir()] == [path.name]
    assert cli("download", second, "-d", str(folder), "--force", *words).code == 0
    assert path.read_bytes() != before
    done = cli("download", first, second, "-d", str(both), *words)
    assert done.code == 0, done.err
    assert sorted(p.parent.name for p in both.rglob("*.xml")) == [f"run_{first}", f"run_{second}"]


def test_names_that_become_one_are_told_apart() -> None:
    from runbrowser.cli.download import unlike_names
    from runbrowser.models import OutputFile

    files = [
        OutputFile(n, i, f"http://h/data/download/{i}/x.arff")
        for i, n in enumerate(("a b", "a_b", "A?b", "a_b_1", "a_b"), 1)
    ]
    names = unlike_names(files)
    assert len({name.casefold() for name in names}) == 5
    assert names[0] == "a_b.arff"


def test_a_folder_is_published_by_its_name_alone(
    cli: Cli, own_demo: DemoProcess, catalogue: sqlite3.Connection, tmp_path: Path
) -> None:
    (run_id,) = catalogue.execute(
        "SELECT run_id FROM file WHERE name = 'predictions' ORDER BY 1 DESC LIMIT 1"
    ).fetchone()
    folder = tmp_path / "run"
    assert cli("publish", str(tmp_path / "none"), env=with_key(own_demo)).code == 2
    assert cli("download", str(run_id), "-d", str(folder), "--server", own_demo.v1).code == 0
    assert (folder / "description.xml").exists() and (folder / "predictions.arff").exists()
    done = cli("publish", str(folder), env=with_key(own_demo))
    assert done.code == 0 and done.out.strip().isdecimal(), done.err


@pytest.mark.parametrize("place", ["full disk", "file in the way"])
def test_without_room_for_a_journal_nothing_is_changed_and_words_say_so(
    own_demo: DemoProcess, catalogue: sqlite3.Connection, cli: Cli, place: str
) -> None:
    (run_id,) = catalogue.execute("SELECT id FROM run LIMIT 1").fetchone()
    state = cli.home / "other" / "state"
    if place == "file in the way":
        (cli.home / "other").write_text("")

    def full() -> None:
        if place == "full disk":
            resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    env = cli.environ | with_key(own_demo) | {"RUNBROWSER_STATE_DIR": str(state)}
    for words in (["tag", "no-room"], ["untag", "no-room"], ["delete", "--yes"]):
        done = subprocess.run(
            [sys.executable, "-m", "runbrowser", *words, str(run_id)],
            env=env, capture_output=True, text=True, preexec_fn=full,
        )  # fmt: skip
        assert done.returncode == 2, done.stderr
        assert "Nothing was changed" in done.stderr and "RUNBROWSER_STATE_DIR" in done.stderr
        assert "Traceback" not in done.stderr
    assert "no-room" not in tags_of(cli, own_demo, run_id)
