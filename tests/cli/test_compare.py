"""``runbrowser compare``: the browser's comparison without the browser, and its exit codes."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest

from runbrowser.demo.launch import DemoProcess

from .conftest import Asked, Cli, Replay, Reply

# Runs of task 9104 in the catalogue, and one of task 9106.
KNN, SVC, OTHER_KNN, FAILED, OTHER_TASK = "900393", "902676", "902422", "902437", "900356"
ORDINARY = ("2", "3")  # among the recorded ones


def flat(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("\\", ""))


def test_runs_stand_side_by_side_with_what_the_folds_say(cli: Cli, demo: DemoProcess) -> None:
    done = cli("compare", "--server", demo.v1, KNN, SVC, OTHER_KNN)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("Compare 3 runs of task 9104 on digits #9004\n")
    text = flat(done.out)
    assert "n_neighbors 3 \u2013 12" in text
    assert "SVC \u2013 15 parameters \u2013" in text
    assert "on average over 10 folds" in text
    assert "Nadeau and Bengio 2003" in text
    assert "\x1b" not in done.out


def test_json_csv_and_markdown_say_the_same(cli: Cli, demo: DemoProcess) -> None:
    told = {
        format: cli("compare", "--server", demo.v1, KNN, SVC, "--format", format)
        for format in ("text", "markdown", "json", "csv")
    }
    assert {done.code for done in told.values()} == {0}
    found = json.loads(told["json"].out)
    assert [run["run_id"] for run in found["runs"]] == [int(KNN), int(SVC)]
    assert found["runs"][0]["uploaded"]
    words = found["tests"][0]["words"]
    for done in told.values():
        assert flat(words) in flat(done.out)
    rows = list(csv.reader(io.StringIO(told["csv"].out)))
    assert rows[0][4:] == [KNN, SVC]


@pytest.mark.parametrize("columns", ["60", "80", "200"])
def test_all_runs_are_told_at_any_width(cli: Cli, demo: DemoProcess, columns: str) -> None:
    ids = (KNN, SVC, OTHER_KNN, FAILED)
    done = cli("compare", "--server", demo.v1, *ids, env={"COLUMNS": columns})
    assert done.code == 0
    assert max(map(len, done.out.splitlines())) <= int(columns) + 1
    for run_id in ids:
        assert re.search(rf"\d {run_id}", done.out)
    assert done.out.count("Fold by fold") == 1
    assert done.out.count(f"Run {FAILED} failed") == 1


def test_the_measure_of_the_test_can_be_chosen(cli: Cli, demo: DemoProcess) -> None:
    done = cli("compare", "--server", demo.v1, KNN, SVC, "--measure", "kappa")
    assert done.code == 0
    assert "Fold by fold  kappa, higher is better" in done.out
    wrong = cli("compare", "--server", demo.v1, KNN, SVC, "--measure", "kapa")
    assert wrong.code == 2
    assert "None of these runs has kapa; they have predictive_accuracy" in wrong.err
    assert wrong.out == ""


def test_all_lists_what_is_the_same_too(cli: Cli, demo: DemoProcess) -> None:
    done = cli("compare", "--server", demo.v1, KNN, OTHER_KNN)
    assert "leaf_size" not in done.out
    assert "leaf_size" in cli("compare", "--server", demo.v1, KNN, OTHER_KNN, "--all").out


def test_different_tasks_are_flagged_in_the_first_line(cli: Cli, demo: DemoProcess) -> None:
    done = cli("compare", "--server", demo.v1, KNN, OTHER_TASK)
    assert done.code == 0
    assert done.out.startswith("Different tasks: scores do not compare, no paired test\n")
    assert "p = " not in done.out


@pytest.mark.parametrize(
    "ids", [(KNN,), (KNN, KNN), tuple(map(str, range(900101, 900110))), (KNN, "x")]
)
def test_fewer_than_two_or_more_than_eight_runs_are_wrong_use(
    cli: Cli, demo: DemoProcess, ids: tuple[str, ...]
) -> None:
    done = cli("compare", "--server", demo.v1, *ids)
    assert done.code == 2
    assert done.out == ""
    assert done.err.startswith("runbrowser: ")


def test_a_run_that_is_not_there_costs_only_itself(cli: Cli, demo: DemoProcess) -> None:
    done = cli("compare", "--server", demo.v1, KNN, "999999999", OTHER_KNN)
    assert done.code == 5
    assert "Run 999999999 could not be read:" in done.out
    assert "n_neighbors" in done.out
    assert "999999999" in done.out
    assert done.err.startswith("runbrowser: ")


def test_where_no_two_runs_are_left_the_failure_decides(cli: Cli, demo: DemoProcess) -> None:
    done = cli("compare", "--server", demo.v1, KNN, "999999999")
    assert done.code == 3
    assert done.out == ""


def test_a_server_that_fails_is_exit_code_1(cli: Cli, replay: Replay) -> None:
    def answer(asked: Asked) -> Reply:
        return 500, "text/html", b"<html>out of order</html>"

    replay.answer = answer
    env = {"RUNBROWSER_RETRIES": "1"}
    assert cli("compare", "--server", replay.v1, "1", "2", env=env).code == 1


def test_missing_upload_times_and_flow_names_are_no_failure(cli: Cli, replay: Replay) -> None:
    usual = replay.answer

    def answer(asked: Asked) -> Reply:
        if re.search(r"/run/\d+$", asked.path):
            return usual(asked)
        return 500, "text/html", b"<html>out of order</html>"

    replay.answer = answer
    env = {"RUNBROWSER_RETRIES": "1"}
    done = cli("compare", "--server", replay.v1, ORDINARY[0], ORDINARY[1], env=env)
    assert (done.code, done.err) == (0, "")
    assert any("run/list" in path for path in replay.paths())
    assert all(f" {run_id}" in done.out for run_id in ORDINARY)
    assert "uploaded" not in done.out


@pytest.mark.parametrize(("suffix", "begins"), [("md", "# "), ("json", "{"), ("csv", "section,")])
def test_a_file_is_written_in_the_form_its_name_ends_in(
    cli: Cli, demo: DemoProcess, tmp_path: Path, suffix: str, begins: str
) -> None:
    goal = tmp_path / f"out.{suffix}"
    done = cli("compare", "--server", demo.v1, KNN, SVC, "-o", str(goal))
    assert (done.code, done.out) == (0, "")
    assert goal.read_text("utf-8").startswith(begins)


def test_v2_is_compared_as_well(cli: Cli, demo: DemoProcess) -> None:
    words = ("--server", demo.v1, "--server-v2", demo.v2, "--api-version", "v2")
    done = cli("compare", *words, KNN, OTHER_KNN)
    assert done.code == 0
    assert "n_neighbors" in done.out
    alone = cli("compare", *words, "--no-fallback", KNN, OTHER_KNN)
    assert alone.code == 0
    assert "uploaded" not in alone.out
