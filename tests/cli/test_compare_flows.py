"""``runbrowser compare --suite``: flows over tasks, in few requests."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from runbrowser.demo.launch import DemoProcess
from tests.tui.counting import counting

from .conftest import Cli

SUITE = ("compare", "--suite", "9304")


def _best(catalogue: sqlite3.Connection, task: int, flow: int) -> float | None:
    (value,) = catalogue.execute(
        "SELECT max(e.value) FROM evaluation e JOIN run r ON r.id = e.run_id"
        " JOIN setup s ON s.id = r.setup_id JOIN measure m ON m.id = e.measure_id"
        " WHERE r.task_id = ? AND s.flow_id = ? AND m.name = 'predictive_accuracy'",
        (task, flow),
    ).fetchone()
    return value  # type: ignore[no-any-return]


def test_one_command_writes_two_flows_over_a_suite_as_latex(
    cli: Cli, demo: DemoProcess, tmp_path: Path
) -> None:
    target = tmp_path / "flows.tex"
    with counting(demo.v1) as server:
        done = cli(*SUITE, "--flow", "9208,9201", "-o", str(target), "--server", server.v1)
        assert (done.code, done.out, done.err) == (0, "", "")
        # the suite, the names of its tasks, and the scores of all flows on all tasks at once
        assert len(server.asked) == 3, server.asked
    text = target.read_text("utf-8")
    assert r"\begin{tabular}{lrr}" in text
    assert r"Task & StandardScaler $\rightarrow$ SVC & DecisionTreeClassifier \\" in text


def test_cells_are_the_best_scores_of_the_catalogue(
    cli: Cli, demo: DemoProcess, catalogue: sqlite3.Connection
) -> None:
    flows = (9208, 9201, 9216)
    words = (*SUITE, "--flow", ",".join(map(str, flows)), "--server", demo.v1)
    document = json.loads(cli(*words, "--format", "json").out)
    assert [task["task_id"] for task in document["tasks"]] == [9101, 9102, 9103, 9104, 9106, 9107]
    for task in document["tasks"]:
        assert task["scores"] == [_best(catalogue, task["task_id"], flow) for flow in flows]
    text = cli(*words).out
    assert text.startswith("3 flows over suite 9304 (Tasks of the demo): best predictive_accuracy")
    assert "Friedman over 6 tasks" in text and "critical difference" in text


def test_a_study_of_runs_brings_its_flows_and_only_its_runs_count(
    cli: Cli, demo: DemoProcess
) -> None:
    done = cli("compare", "--suite", "9302", "--format", "json", "--server", demo.v1)
    document = json.loads(done.out)
    assert [flow["flow_id"] for flow in document["flows"]] == [9216, 9235]
    words = ("evaluations", "--function", "predictive_accuracy", "--study", "9302", "--all")
    listed = json.loads(cli(*words, "--format", "json", "--server", demo.v1).out)
    assert sum(flow["runs"] for flow in document["flows"]) == len({r["run_id"] for r in listed})
    assert any("2 flows of the study without any" in words for words in document["caveats"])


def test_a_legacy_study_is_its_tag(cli: Cli, demo: DemoProcess) -> None:
    words = ("compare", "--suite", "1", "--flow", "9201,9202", "--format", "json")
    done = cli(*words, "--server", demo.v1)
    assert done.code == 0, done.err
    tagged = json.loads(done.out)
    every = json.loads(
        cli("compare", "--flow", "9201,9202", "--format", "json", "--server", demo.v1).out
    )
    assert sum(flow["runs"] for flow in tagged["flows"]) < sum(
        flow["runs"] for flow in every["flows"]
    )


def test_without_a_suite_it_is_over_all_tasks_that_the_flows_share(
    cli: Cli, demo: DemoProcess
) -> None:
    words = ("compare", "--flow", "9203,9240", "--format", "json", "--server", demo.v1)
    document = json.loads(cli(*words).out)
    assert document["measure"] == "root_mean_squared_error"
    assert {task["data"] for task in document["tasks"]} == {"diabetes"}
    assert all(task["complete"] for task in document["tasks"])
    some = json.loads(cli(*words, "--task", "9105", "--cell", "mean").out)
    assert [task["task_id"] for task in some["tasks"]] == [9105]
    assert some["cell"] == "mean"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--suite", "9304"), "Study 9304 is a suite of tasks: name the flows to compare."),
        (("--suite", "9304", "--flow", "9201"), "Name 2 to 26 flows to compare, not 1."),
        (("--suite", "77", "--flow", "1,2"), "The server has no suite or study 77."),
        (("--suite", "x", "--flow", "1,2"), "--suite:"),
        (("900101", "--flow", "1,2"), "not both"),
        (("900101", "900102", "--cell", "mean"), "--cell is for flows over tasks"),
        (("900101", "900102", "--format", "latex"), "LaTeX is for flows over tasks"),
        (("--flow", "9201,9202", "--measure", "prior_entropy"), "no better or worse"),
        ((), "Give 2 to 8 different runs to compare, not 0."),
    ],
)
def test_what_cannot_be_compared_is_said(
    cli: Cli, demo: DemoProcess, words: tuple[str, ...], said: str
) -> None:
    done = cli("compare", *words, "--server", demo.v1)
    assert done.code == 2 and not done.out
    assert said in done.err
