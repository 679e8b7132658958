"""``runbrowser list`` as a process, against recorded replies and the demo."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path

import pytest

from runbrowser.demo.launch import DemoProcess

from .conftest import Asked, Cli, Replay, recorded, row, run_list

FIELDS = ["run_id", "task_id", "task_type_id", "setup_id", "flow_id", "uploader", "upload_time",
          "error_message", "run_details"]  # fmt: skip


def paged(total: int, most: int = 10_000) -> object:
    """Answers run/list as a server with ``total`` runs 1..total does."""

    def answer(asked: Asked) -> tuple[int, str, bytes]:
        words = asked.path.split("/")
        said = {name: int(words[words.index(name) + 1]) for name in ("limit", "offset")
                if name in words}  # fmt: skip
        first = said.get("offset", 0)
        size = min(said["limit"], most)
        return run_list([row(n + 1) for n in range(first, min(first + size, total))])

    return answer


def test_a_server_that_cannot_be_reached_costs_one_line_and_exit_1(cli: Cli) -> None:
    done = cli("list", "--server", "http://127.0.0.1:9/api/v1/xml/")
    assert (done.code, done.out) == (1, "")
    assert done.err.count("\n") == 1
    assert "127.0.0.1:9" in done.err


def test_json_holds_every_field_with_ints_as_ints_and_absent_as_null(
    cli: Cli, replay: Replay
) -> None:
    replay.answer = lambda asked: recorded("run_list_s38")  # a run without uploader
    done = cli("list", "--server", replay.v1, "--id", "900038", "--format", "json")
    assert done.code == 0
    (run,) = json.loads(done.out)
    assert list(run) == FIELDS
    assert run["run_id"] == 900038
    assert run["uploader"] is None
    assert run["error_message"] is None
    assert isinstance(run["upload_time"], str)


def test_the_demo_lists_the_runs_of_a_task(cli: Cli, demo: DemoProcess) -> None:
    every = json.loads(cli("list", "--server", demo.v1, "--all", "--format", "json").out)
    task = every[0]["task_id"]
    done = cli("list", "--server", demo.v1, "--task", str(task), "--all", "--format", "json")
    found = {r["run_id"] for r in json.loads(done.out)}
    assert found == {r["run_id"] for r in every if r["task_id"] == task}
    assert 0 < len(found) < len(every)


def test_failed_evaluations_are_asked_for_unless_refused(cli: Cli, replay: Replay) -> None:
    replay.answer = lambda asked: run_list([row(1)])
    cli("list", "--server", replay.v1, "--task", "59")
    cli("list", "--server", replay.v1, "--task", "59", "--no-errors")
    assert replay.paths() == [
        "run/list/limit/100/task/59/show_errors/true",
        "run/list/limit/100/task/59",
    ]


def test_options_and_where_are_combined(cli: Cli, replay: Replay) -> None:
    replay.answer = lambda asked: run_list([row(1)])
    done = cli("list", "--server", replay.v1, "--task", "59,60", "--where", "flow:7 tag:study_14",
               "--uploader", "3", "--task-type", "classification", "--no-errors")  # fmt: skip
    assert done.code == 0
    (path,) = replay.paths()
    assert path == "run/list/limit/100/task/59,60/flow/7/uploader/3/tag/study_14/task_type/1"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--task", "59", "--where", "task:60"], "--task and --where"),
        (["--errors", "--where", "show-errors:no"], "--errors and --where"),
        (["--task", "x"], "--task"),
        (["--task", ""], "--task"),
        (["--study", "1,2"], "one study"),
        (["--where", "colour:red"], "unknown key"),
        (["--limit", "0"], "--limit"),
        (["--page", "3"], "--page"),
        (["--uploader", "me"], "RUNBROWSER_USER_ID"),
        (["--tag", "a/b"], "tag"),
    ],
)
def test_what_cannot_be_asked_is_wrong_use_and_asks_nothing(
    cli: Cli, replay: Replay, words: list[str], said: str
) -> None:
    done = cli("list", "--server", replay.v1, *words)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert replay.asked == []


def test_the_same_said_twice_is_no_contradiction(cli: Cli, replay: Replay) -> None:
    replay.answer = lambda asked: run_list([row(1)])
    assert cli("list", "--server", replay.v1, "--task", "59", "--where", "task:59").code == 0


def test_mine_is_the_user_the_settings_name(cli: Cli, replay: Replay) -> None:
    replay.answer = lambda asked: run_list([row(1)])
    cli("list", "--server", replay.v1, "--uploader", "me", env={"RUNBROWSER_USER_ID": "16"})
    assert "/uploader/16/" in replay.paths()[0]


def test_no_key_is_sent_to_list(cli: Cli, replay: Replay) -> None:
    replay.answer = lambda asked: run_list([row(1)])
    cli("list", "--server", replay.v1, env={"OPENML_APIKEY": "0" * 32})
    assert replay.asked[0].query == {}


def test_nothing_found_is_exit_0(cli: Cli, replay: Replay) -> None:
    replay.answer = lambda asked: recorded("run_list_no_result")
    done = cli("list", "--server", replay.v1, "--task", "999999", "--format", "json")
    assert (done.code, done.out) == (0, "[]\n")
    assert "no runs match task:999999" in done.err


def test_a_limit_above_10000_takes_several_requests(cli: Cli, replay: Replay) -> None:
    replay.answer = paged(30_000)
    done = cli("list", "--server", replay.v1, "--limit", "12000", "--offset", "5",
               "--format", "jsonl")  # fmt: skip
    ids = [json.loads(line)["run_id"] for line in done.out.splitlines()]
    assert ids == list(range(6, 12_006))
    assert [path.split("/show")[0] for path in replay.paths()] == [
        "run/list/limit/10000/offset/5",
        "run/list/limit/2000/offset/10005",
    ]


def test_all_ends_at_a_short_page(cli: Cli, replay: Replay) -> None:
    replay.answer = paged(10_007)
    done = cli("list", "--server", replay.v1, "--all", "--format", "csv")
    assert len(list(csv.DictReader(io.StringIO(done.out)))) == 10_007
    assert len(replay.asked) == 2


def test_all_ends_when_the_server_says_that_nothing_matches(cli: Cli, replay: Replay) -> None:
    replay.answer = paged(10_000)
    done = cli("list", "--server", replay.v1, "--all", "--format", "jsonl")
    assert (done.code, done.out.count("\n")) == (0, 10_000)
    assert len(replay.asked) == 2


def test_a_run_that_comes_again_on_a_later_page_is_listed_once(cli: Cli, replay: Replay) -> None:
    def answer(asked: Asked) -> tuple[int, str, bytes]:
        first = "offset" not in asked.path
        return run_list([row(n) for n in (range(10_000) if first else (9_998, 9_999, 10_000))])

    replay.answer = answer
    done = cli("list", "--server", replay.v1, "--all", "--format", "jsonl")
    ids = [json.loads(line)["run_id"] for line in done.out.splitlines()]
    assert ids == list(range(10_001))


def test_more_ids_than_one_request_takes_are_asked_in_parts(cli: Cli, replay: Replay) -> None:
    def answer(asked: Asked) -> tuple[int, str, bytes]:
        words = asked.path.split("/")
        return run_list([row(int(n)) for n in words[words.index("run", 5) + 1].split(",")])

    replay.answer = answer
    ids = list(range(10_000_000, 10_000_900))
    done = cli("list", "--server", replay.v1, "--id", ",".join(map(str, ids)), "--limit", "850",
               "--offset", "10", "--format", "jsonl")  # fmt: skip
    assert done.code == 0
    assert [json.loads(line)["run_id"] for line in done.out.splitlines()] == ids[10:860]
    assert max(len(path) for path in replay.paths()) < 4_000


def test_a_filter_on_error_text_is_looked_for_in_the_rows(cli: Cli, replay: Replay) -> None:
    replay.answer = lambda asked: run_list(
        [row(1), row(2, "java.lang.OutOfMemoryError"), row(3, "no memory"), row(4, "NaN")]
    )
    done = cli("list", "--server", replay.v1, "--where", 'error~"memory"', "--format", "jsonl")
    assert [json.loads(line)["run_id"] for line in done.out.splitlines()] == [2, 3]


def test_limit_and_offset_count_the_runs_that_match(cli: Cli, replay: Replay) -> None:
    def answer(asked: Asked) -> tuple[int, str, bytes]:
        words = asked.path.split("/")
        start = int(words[words.index("offset") + 1]) if "offset" in words else 0
        limit = int(words[words.index("limit") + 1])
        return run_list([row(n, "failed" if n % 500 == 0 else "") for n in
                         range(start, min(start + limit, 12_500))])  # fmt: skip

    replay.answer = answer
    done = cli("list", "--server", replay.v1, "--where", "state:failed", "--limit", "3",
               "--offset", "2", "--format", "jsonl")  # fmt: skip
    assert [json.loads(line)["run_id"] for line in done.out.splitlines()] == [1000, 1500, 2000]
    assert len(replay.asked) == 2  # the first 1,000 rows, then 10,000 at a time


@pytest.mark.parametrize("state", ["ok", "failed", "eval-failed", "not-evaluated"])
def test_the_states_that_rows_do_not_tell_are_found_as_in_get(
    cli: Cli, demo: DemoProcess, state: str
) -> None:
    done = cli("list", "--server", demo.v1, "--where", f"state:{state}", "--limit", "2",
               "--format", "json")  # fmt: skip
    runs = json.loads(done.out)
    assert len(runs) == 2, "the demo has runs in every state"
    shown = json.loads(cli("get", str(runs[0]["run_id"]), "--server", demo.v1,
                           "--format", "json").out)  # fmt: skip
    assert shown["state"].replace(" ", "-") == state


def test_rows_that_cannot_be_read_are_counted_and_the_others_shown(
    cli: Cli, replay: Replay
) -> None:
    broken = row(2).replace("<oml:task_id>59<", "<oml:task_id>many<")
    replay.answer = lambda asked: run_list([row(1), broken, row(3)])
    done = cli("list", "--server", replay.v1, "--format", "jsonl")
    assert done.code == 0
    assert [json.loads(line)["run_id"] for line in done.out.splitlines()] == [1, 3]
    assert "1 row of the server's list could not be read (runs 2)" in done.err


@pytest.mark.parametrize("case", ["run_list_s01", "run_list_s08", "run_list_s09", "run_list_s10"])
@pytest.mark.parametrize("format", ["table", "json", "jsonl", "csv"])
def test_hostile_messages_come_out_whole_and_only_csv_files_hold_them_raw(
    cli: Cli, replay: Replay, case: str, format: str
) -> None:
    replay.answer = lambda asked: recorded(case)
    done = cli("list", "--server", replay.v1, "--format", format)
    assert done.code == 0
    if format != "csv":
        assert not any(ord(c) < 32 and c != "\n" for c in done.out)
    if format == "json":
        message = recorded(case)[2].decode().split("<oml:error_message>")[1]
        assert json.loads(done.out)[0]["error_message"] == message.split("</oml:error_message>")[0]


def test_bytes_that_are_no_utf8_do_not_stop_any_format(
    cli: Cli, replay: Replay, tmp_path: Path
) -> None:
    status, kind, body = run_list([row(1, "caf@")])
    replay.answer = lambda asked: (status, kind, body.replace(b"caf@", b"caf\xe9 \xff"))
    for format in ("table", "json", "jsonl", "csv", "parquet"):
        done = cli("list", "--server", replay.v1, "--format", format, "-o", str(tmp_path / format))
        assert (done.code, done.err) == (0, ""), format
    (run,) = json.loads((tmp_path / "json").read_text())
    assert run["error_message"] == "caf\ufffd \ufffd"
    for format in ("table", "jsonl", "csv"):  # the same in each, and every byte valid
        assert "caf\ufffd \ufffd" in (tmp_path / format).read_text(encoding="utf-8")
    pq = pytest.importorskip("pyarrow.parquet")
    assert pq.read_table(tmp_path / "parquet")["error_message"].to_pylist() == ["caf\ufffd \ufffd"]


def test_a_notice_of_php_costs_no_run_and_is_told(cli: Cli, replay: Replay) -> None:
    status, kind, body = run_list([row(1, ""), row(2, "x")])
    notice = b"<br />\n<b>Notice</b>:  Odd in <b>/var/www/a.php</b> on line <b>5</b><br />\n"
    replay.answer = lambda asked: (status, kind, notice + body)
    done = cli("list", "--server", replay.v1, "--format", "json")
    assert [run["run_id"] for run in json.loads(done.out)] == [1, 2]
    assert "PHP notice" in done.err and "Notice : Odd" in done.err


def test_an_ascii_stdout_takes_every_format(cli: Cli, replay: Replay) -> None:
    replay.answer = lambda asked: run_list([row(1, "内存不足")])
    env = {"PYTHONIOENCODING": "ascii", "LC_ALL": "C", "PYTHONUTF8": "0"}
    for format in ("table", "json", "csv"):
        done = cli("list", "--server", replay.v1, "--format", format, env=env)
        assert (done.code, done.err) == (0, ""), format


def test_a_table_stays_within_the_columns_it_is_given(cli: Cli, replay: Replay) -> None:
    replay.answer = lambda asked: run_list([row(1, "内存" * 200), row(2, "x" * 500)])
    done = cli("list", "--server", replay.v1, env={"COLUMNS": "100"})
    wide = [sum(2 if c in "内存" else 1 for c in line) for line in done.out.splitlines()]
    assert max(wide) <= 100
    assert "\x1b" not in done.out


def test_a_file_is_written_in_the_format_of_its_name(
    cli: Cli, replay: Replay, tmp_path: Path
) -> None:
    replay.answer = lambda asked: run_list([row(1), row(2, "bad, worse")])
    for name in ("runs.json", "runs.csv", "runs.parquet"):
        assert cli("list", "--server", replay.v1, "-o", str(tmp_path / name)).out == ""
    assert [r["run_id"] for r in json.loads((tmp_path / "runs.json").read_text())] == [1, 2]
    import pyarrow.parquet

    table = pyarrow.parquet.read_table(tmp_path / "runs.parquet")
    assert table.column_names == FIELDS
    assert table.column("error_message").to_pylist() == [None, "bad, worse"]
    assert str(table.schema.field("run_id").type) == "int64"
    assert (tmp_path / "runs.csv").stat().st_mode & 0o777 == 0o600


def test_a_failure_half_way_leaves_the_old_file_as_it_was(
    cli: Cli, replay: Replay, tmp_path: Path
) -> None:
    def answer(asked: Asked) -> tuple[int, str, bytes]:
        if "offset" in asked.path:
            return 500, "text/html", b""
        return run_list([row(n) for n in range(10_000)])

    replay.answer = answer
    target = tmp_path / "runs.jsonl"
    target.write_text("old\n")
    done = cli("list", "--server", replay.v1, "--all", "-o", str(target))
    assert done.code == 1
    assert target.read_text() == "old\n"
    assert [p.name for p in tmp_path.iterdir() if "runs" in p.name] == ["runs.jsonl"]


def test_a_folder_that_is_not_there_is_wrong_use(cli: Cli, replay: Replay) -> None:
    replay.answer = lambda asked: run_list([row(1)])
    done = cli("list", "--server", replay.v1, "-o", "/nowhere/at/all.json")
    assert done.code == 2
    assert "/nowhere/at/all.json" in done.err


def test_a_device_is_written_to_not_replaced(cli: Cli, replay: Replay) -> None:
    replay.answer = lambda asked: run_list([row(1)])
    assert cli("list", "--server", replay.v1, "-o", os.devnull, "--format", "json").code == 0
    assert not Path(os.devnull).is_file()


def test_a_web_page_instead_of_data_is_said_in_one_line(cli: Cli, replay: Replay) -> None:
    page = b"<!DOCTYPE html><html><title>Page Not Found</title></html>"
    replay.answer = lambda asked: (200, "text/html", page)
    done = cli("list", "--server", replay.url)
    assert done.code == 1
    assert "web page" in done.err
    assert done.err.count("\n") == 1


def test_v2_alone_cannot_list(cli: Cli, replay: Replay) -> None:
    done = cli("list", "--api-version", "v2", "--server-v2", replay.url, "--no-fallback")
    assert done.code == 2
    assert replay.asked == []


def test_v2_with_fallback_lists_over_v1(cli: Cli, replay: Replay) -> None:
    replay.answer = lambda asked: run_list([row(1)])
    done = cli("list", "--server", replay.v1, "--api-version", "v2", "--server-v2", replay.url,
               "--format", "json")  # fmt: skip
    assert done.code == 0
    assert replay.paths()[0].startswith("run/list")


def test_parquet_without_pyarrow_says_what_to_install(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "pyarrow.py").write_text("raise ImportError('not here')\n")
    done = cli("list", "--format", "parquet", "-o", "x", env={"PYTHONPATH": str(tmp_path)})
    assert done.code == 2
    assert "pip install 'runbrowser[parquet]'" in done.err


def test_as_data_every_run_of_a_task_comes_and_a_table_says_where_it_was_cut(
    cli: Cli, demo: DemoProcess
) -> None:
    whole = cli("list", "--server", demo.v1, "--task", "9101", "--format", "json")
    ids = [run["run_id"] for run in json.loads(whole.out)]
    everything = cli("list", "--server", demo.v1, "--task", "9101", "--all", "--format", "json")
    assert len(ids) == len(set(ids)) > 900
    assert ids == [run["run_id"] for run in json.loads(everything.out)]
    assert whole.err == ""
    table = cli("list", "--server", demo.v1, "--task", "9101")
    assert "the first 100" in table.err
    assert "--all" in table.err
    assert len(table.out.splitlines()) <= 101
    asked = cli("list", "--server", demo.v1, "--task", "9101", "--limit", "5")
    assert asked.err == ""
