"""Flows over tasks: which score counts, who wins, which are alike; and as files."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
from rich.cells import cell_len

from runbrowser.models import EvaluationRow
from runbrowser.pages.lines import text_of
from runbrowser.pages.suite.export import export, latex
from runbrowser.pages.suite.page import as_text, names_of, page
from runbrowser.pages.suite.words import caveats, verdict
from runbrowser.triage.suite.build import alike, compare_flows
from runbrowser.triage.suite.model import CellKind, ComparedFlow, ComparedTask, SuiteComparison

FLOWS = (
    ComparedFlow(1, "sklearn.pipeline.Pipeline(a=x.StandardScaler,b=x.SVC)(1)"),
    ComparedFlow(2, "sklearn.pipeline.Pipeline(a=x.StandardScaler,b=x.SVC)(2)"),
    ComparedFlow(3, "weka.J48_<b>&$(1)"),
)
TASKS = tuple(ComparedTask(number, f"data_{number} 50%") for number in range(101, 108))


def row(run: int, task: int, flow: int, value: float | None) -> EvaluationRow:
    return EvaluationRow(run, task, 1, flow, None, 1, 1, "x", "m", None, value, None, None)


def scores(table: dict[int, list[float | None]]) -> list[EvaluationRow]:
    """A run for each value, flow by flow: the values are those of the tasks."""
    return [
        row(1000 * flow + place, TASKS[place].task_id, flow, value)
        for flow, values in table.items()
        for place, value in enumerate(values)
        if value is not None
    ]


def compared(
    table: dict[int, list[float | None]], measure: str = "predictive_accuracy"
) -> SuiteComparison:
    flows = [flow for flow in FLOWS if flow.flow_id in table]
    tasks = TASKS[: max(map(len, table.values()))]
    return compare_flows("a test", flows, tasks, scores(table), measure)


THREE = {1: [0.9, 0.8, 0.9, 0.7, 0.9, 0.6, 0.8], 2: [0.8, 0.7, 0.9, 0.6, 0.8, 0.5, None],
         3: [0.5, 0.6, 0.4, 0.5, 0.3, 0.4, 0.9]}  # fmt: skip


@pytest.mark.parametrize(
    ("measure", "kind", "value", "run_id"),
    [
        ("predictive_accuracy", "best", 0.9, 12),
        ("predictive_accuracy", "mean", 0.8, 12),
        ("root_mean_squared_error", "best", 0.7, 11),
        ("root_mean_squared_error", "mean", 0.8, 11),
    ],
)
def test_the_best_run_counts_or_the_mean_of_all(
    measure: str, kind: CellKind, value: float, run_id: int
) -> None:
    rows = [row(13, 101, 1, 0.9), row(11, 101, 1, 0.7), row(12, 101, 1, 0.9), row(14, 101, 1, 0.7)]
    rows += [row(20, 101, 2, 0.5), row(21, 999, 1, 1.0), row(22, 101, 9, 1.0),
             row(23, 101, 1, None), row(24, 101, 1, float("nan"))]  # fmt: skip
    found = compare_flows("x", FLOWS[:2], TASKS[:1], rows, measure, kind=kind)
    cell = found.cells[0][0]
    assert cell is not None
    assert (cell.value, cell.runs, cell.run_id) == (pytest.approx(value), 4, run_id)


def test_two_flows_are_judged_by_wins_and_the_signed_ranks() -> None:
    found = compared({1: THREE[1], 3: THREE[3][:6]})
    (pair,) = found.pairs
    assert (pair.wins, pair.ties, pair.losses) == (6, 0, 0)
    assert found.wilcoxon is not None and found.wilcoxon.p == 2 / 2**6
    assert "A is better beyond chance" in verdict(found)
    assert found.friedman is None and found.groups == ()
    errors = compared({1: THREE[1], 3: THREE[3][:6]}, "root_mean_squared_error")
    assert (errors.pairs[0].wins, errors.pairs[0].losses) == (0, 6)
    assert "B is better beyond chance" in verdict(errors)
    chance = compared({1: [0.9, 0.8], 3: [0.8, 0.9]})
    assert "the difference may be chance" in verdict(chance)
    assert any("no difference can be significant" in words for words in caveats(chance))
    assert "the same everywhere" in verdict(compared({1: [0.5, 0.5], 3: [0.5, 0.5]}))


def test_more_flows_are_judged_by_their_ranks_over_complete_tasks() -> None:
    found = compared(THREE)
    assert found.complete == (0, 1, 2, 3, 4, 5)
    assert found.ranks == pytest.approx((6.5 / 6, 11.5 / 6, 3.0))
    assert [(pair.wins, pair.ties, pair.losses) for pair in found.pairs] == [
        (5, 1, 0), (6, 0, 0), (6, 0, 0),
    ]  # fmt: skip
    assert found.wilcoxon is None and found.friedman is not None
    assert found.difference == pytest.approx(1.3531, abs=1e-4)
    assert found.groups == ((0, 1), (1, 2))
    assert found.best(2) == {0, 1} and found.best(6) == {2}
    assert "1 task without a score of every flow is left out" in " ".join(caveats(found))


def test_groups_that_are_alike_are_the_largest_only() -> None:
    assert alike((1.0, 1.5, 2.0, 4.0), 1.1) == ((0, 1, 2),)
    assert alike((4.0, 2.0, 1.5, 1.0), 0.6) == ((3, 2), (2, 1))
    assert alike((1.0, 2.0, 3.0), 0.5) == ()


def test_without_a_common_task_nothing_is_tested_and_that_is_said() -> None:
    found = compared({1: [0.9, None], 2: [None, 0.8], 3: [0.5, 0.5]})
    assert found.ranks == () and found.complete == ()
    assert "no task on which all of these flows have a score" in as_text(found, 80)
    for format in ("markdown", "latex", "csv", "json"):
        assert export(found, format).endswith("\n")


def test_a_measure_without_better_or_worse_is_refused() -> None:
    with pytest.raises(ValueError, match="no better or worse"):
        compared(THREE, "prior_entropy")


@pytest.mark.parametrize("width", [40, 58, 78, 138])
def test_no_line_is_wider_than_the_page_and_no_two_flows_look_the_same(width: int) -> None:
    lines = [text_of(line) for line in page(compared(THREE), width)]
    assert max(map(cell_len, lines)) <= width
    assert len(set(names_of(compared(THREE), width // 3))) == 3
    assert any("critical difference" in line for line in lines)


def test_latex_sets_every_character_of_a_foreign_name_and_obeys_none() -> None:
    assert latex(r"\input{x}_$&#%^~<>") == (
        r"\textbackslash{}input\{x\}\_\$\&\#\%\textasciicircum{}\textasciitilde{}"
        r"\textless{}\textgreater{}"
    )
    text = export(compared(THREE), "latex")
    body = text[text.index(r"\begin{tabular}") :]
    assert "StandardScaler $\\rightarrow$ SVC \\#1" in body and "J48\\_" in body
    lines = [line for line in body.splitlines() if line.endswith(r"\\")]
    assert {len(re.findall(r"(?<!\\)&", line)) for line in lines} == {3}
    assert r"data\_103 50\% (103) & \textbf{0.9000} & \textbf{0.9000} & 0.4000 \\" in lines


def test_csv_and_json_have_every_cell_in_full() -> None:
    found = compared(THREE)
    told = list(csv.DictReader(io.StringIO(export(found, "csv"))))
    assert len(told) == 3 * 7
    document = json.loads(export(found, "json"))
    assert [flow["flow_id"] for flow in document["flows"]] == [1, 2, 3]
    for place, task in enumerate(document["tasks"]):
        lines = [line for line in told if int(line["task_id"]) == task["task_id"]]
        assert [float(line["score"]) if line["score"] else None for line in lines] == task["scores"]
        assert task["scores"] == [THREE[flow][place] for flow in (1, 2, 3)]
    assert document["alike"] == [[1, 2], [2, 3]]
    assert [pair["p"] for pair in document["pairs"]] == [pair.p for pair in found.pairs]
