"""Files of predictions: columns by name, what is missing or damaged, and what is computed anew."""

import io
import re

import httpx
import numpy as np
import pytest
from sklearn import metrics as sklearn_metrics

from runbrowser.client.http import HTTPClient
from runbrowser.client.resources.runs import RunV1API
from runbrowser.demo.launch import DemoProcess
from runbrowser.models import Evaluation, Run
from runbrowser.triage.predictions import Predictions, PredictionsError, read_predictions
from runbrowser.triage.recompute import Analysis, analyse
from tests.openml.truth import get


def _read(text: str) -> Predictions:
    found = read_predictions(io.BytesIO(text.encode()))
    assert found is not None
    return found


def _head(*attributes: str) -> str:
    return "@relation r\n" + "".join(f"@attribute {a}\n" for a in attributes) + "@data\n"


TWO = _head(
    "repeat numeric", "fold numeric", "row_id numeric", "prediction {a,b}", "correct {a,b}",
    "confidence.a numeric", "confidence.b numeric",
)  # fmt: skip
BARE = Run(1, None, None, None, None, None, None, None)


def _with(**values: float) -> Run:
    evaluations = tuple(Evaluation(name, value) for name, value in values.items())
    return Run(1, None, None, None, None, None, None, None, evaluation_list=evaluations)


def _measures(found: Analysis) -> dict[str, float | None]:
    return {m.name: m.ours for m in found.measures}


# -- reading ---------------------------------------------------------------------------------------


def test_columns_are_found_by_name_in_any_order_and_under_their_old_names() -> None:
    old = _read(
        _head(
            "confidence.b real", "correct {a,b}", "row_id integer", "fold_nr integer",
            "Prediction {a,b}", "repeat_nr integer", "confidence.a real",
        )
        + "0.9,a,7,3,b,1,0.1\n"
    )  # fmt: skip
    new = _read(TWO + "1,3,7,b,a,0.1,0.9\n")
    for found in (old, new):
        assert found.labels == ("a", "b")
        assert (found.repeat[0], found.fold[0], found.row_id[0]) == (1, 3, 7)
        assert (found.prediction[0], found.truth[0]) == (1, 0)
        assert found.confidences is not None
        assert found.confidences.tolist() == [[0.1, 0.9]]


def test_missing_values_and_damaged_lines_are_counted_and_left_out() -> None:
    found = _read(
        TWO
        + "0,0,0,a,a,1,0\n0,0,1,?,a,1,0\n0,0,2,a,?,1,0\n0,0,3,a,a,?,0\n"
        + "0,0,4,c,a,1,0\n0,0,x,a,a,1,0\n0,0,5,a,a,1\n0,0,6,a,a,nan,0\n0,0,7,b,b,0,1\n"
    )
    assert len(found) == 2
    assert (found.missing, found.damaged) == (3, 4)
    assert found.examples[0] == "line 14: 'c' is none of the classes"
    assert len(found.examples) == 3


def test_a_regression_has_numbers_and_no_labels() -> None:
    found = _read(
        _head("repeat numeric", "fold numeric", "row_id numeric", "prediction numeric",
              "truth numeric")
        + "0,0,0,1.5,2\n0,0,1,-1e3,-999.5\n"
    )  # fmt: skip
    assert found.labels is None
    assert found.prediction.tolist() == [1.5, -1000.0]
    assert found.truth.tolist() == [2.0, -999.5]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (_head("repeat numeric") + "1\n", "no column 'prediction'"),
        (_head("prediction string", "correct string") + "a,a\n", "neither class labels"),
        (_head("prediction {a,a}", "correct {a,a}") + "a,a\n", "label twice"),
        (TWO, "holds no predictions"),
        (TWO + "damaged\n", "1 lines are damaged"),
    ],
)
def test_a_file_that_tells_nothing_says_why(text: str, why: str) -> None:
    with pytest.raises(PredictionsError, match=why):
        _read(text)


def test_reading_is_given_up_when_it_is_told_to() -> None:
    assert (
        read_predictions(io.BytesIO((TWO + "0,0,0,a,a,1,0\n").encode()), stop=lambda: True) is None
    )


# -- computing anew --------------------------------------------------------------------------------


def _all_of(v1: str, task: int) -> list[int]:
    return [int(i) for i in re.findall(r"run_id>(\d+)<", get(v1, f"run/list/task/{task}/limit/60"))]


def _rows(text: str) -> tuple[list[str], list[list[str]]]:
    """Header and rows by the crudest means, so that the reader is not its own witness."""
    head, _, data = text.partition("@DATA\n")
    names = re.findall(r"@ATTRIBUTE ('[^']*'|\S+)", head)
    return [name.strip("'") for name in names], [line.split(",") for line in data.split()]


@pytest.mark.parametrize("task", range(9101, 9110))
def test_measures_of_the_catalogues_runs_are_those_of_scikit_learn(
    demo: DemoProcess, task: int
) -> None:
    looked_at = 0
    with HTTPClient(demo.v1) as http:
        api = RunV1API(http)
        for run_id in _all_of(demo.v1, task)[::12]:
            run = api.get(run_id)
            if run.predictions_url is None:
                continue
            text = httpx.get(run.predictions_url, timeout=60).text
            found = _read(text)
            analysis = analyse(run, found)
            names, rows = _rows(text)
            column = {name: [row[i] for row in rows] for i, name in enumerate(names)}
            if found.labels is None:
                _as_regression(analysis, column)
            else:
                _as_classification(analysis, found, column)
            assert not [m for m in analysis.measures if m.differs], run_id
            assert analysis.repeats == len(set(column["repeat"]))
            assert analysis.different == len(set(column["row_id"]))
            looked_at += 1
    assert looked_at or task == 9109


def _as_regression(analysis: Analysis, column: dict[str, list[str]]) -> None:
    said, truth = np.array(column["prediction"], float), np.array(column["truth"], float)
    ours = _measures(analysis)
    wanted = sklearn_metrics.mean_absolute_error(truth, said)
    assert ours["mean_absolute_error"] == pytest.approx(wanted, abs=1e-9)
    wanted = sklearn_metrics.root_mean_squared_error(truth, said)
    assert ours["root_mean_squared_error"] == pytest.approx(wanted, abs=1e-9)
    assert analysis.residuals is not None
    assert sum(analysis.residuals.counts) == len(said)
    assert analysis.residuals.spread.mean == pytest.approx(np.mean(said - truth), abs=1e-9)


def _as_classification(
    analysis: Analysis, found: Predictions, column: dict[str, list[str]]
) -> None:
    labels = list(found.labels or ())
    truth, said = column["correct"], column["prediction"]
    ours = _measures(analysis)
    assert analysis.matrix is not None
    assert analysis.scores is not None
    wanted = sklearn_metrics.confusion_matrix(truth, said, labels=labels)
    assert (analysis.matrix == wanted).all()
    precision, recall, f_measure, support = sklearn_metrics.precision_recall_fscore_support(
        truth, said, labels=labels, zero_division=np.nan
    )
    assert analysis.scores.precision == pytest.approx(precision, abs=1e-9, nan_ok=True)
    assert analysis.scores.recall == pytest.approx(recall, abs=1e-9, nan_ok=True)
    assert (analysis.scores.count == support).all()
    predicted = ~np.isnan(precision)
    assert analysis.scores.f_measure[predicted] == pytest.approx(f_measure[predicted], abs=1e-9)
    accuracy = sklearn_metrics.accuracy_score(truth, said)
    assert ours["predictive_accuracy"] == pytest.approx(accuracy, abs=1e-9)
    kappa = sklearn_metrics.cohen_kappa_score(truth, said, labels=labels)
    assert ours["kappa"] == pytest.approx(kappa, abs=1e-9)
    assert ours["unweighted_recall"] == pytest.approx(np.mean(recall), abs=1e-9)
    belief = np.array([column[f"confidence.{label}"] for label in labels], float).T
    index = np.array([labels.index(label) for label in truth])
    areas = [sklearn_metrics.roc_auc_score(index == c, belief[:, c]) for c in range(len(labels))]
    wanted = np.average(areas, weights=support)
    assert ours["area_under_roc_curve"] == pytest.approx(wanted, abs=1e-9)
    off = np.abs(belief - np.eye(len(labels))[index])
    assert ours["mean_absolute_error"] == pytest.approx(off.mean(), abs=1e-9)


def test_a_server_that_says_otherwise_is_contradicted() -> None:
    found = _read(TWO + "0,0,0,a,a,1,0\n0,0,1,b,b,0,1\n0,0,2,b,a,0.4,0.6\n0,0,3,b,b,0,1\n")
    analysis = analyse(_with(predictive_accuracy=0.9, kappa=0.5), found)
    by_name = {m.name: m for m in analysis.measures}
    assert by_name["predictive_accuracy"].ours == 0.75
    assert by_name["predictive_accuracy"].differs
    assert not by_name["kappa"].differs
    close = analyse(_with(predictive_accuracy=0.7500009), found)
    assert not any(m.differs for m in close.measures)


def test_values_of_old_engines_are_recognised_and_said() -> None:
    found = _read(TWO + "0,0,0,a,a,1,0\n0,0,1,a,b,1,0\n")
    plain = analyse(BARE, found)
    assert _measures(plain).get("precision") is None
    old = analyse(_with(precision=0.25, recall=0.5), found)
    by_name = {m.name: m for m in old.measures}
    assert by_name["precision"].remark == "classes never predicted count 0"
    assert not by_name["precision"].differs
    assert by_name["recall"].ours == 0.5
    sure = _read(TWO + "0,0,0,a,a,1,0\n0,0,1,b,b,0,1\n")
    summed = analyse(_with(kb_relative_information_score=2.0), sure)
    kb = next(m for m in summed.measures if m.name == "kb_relative_information_score")
    assert (kb.ours, kb.differs) == (2.0, False)
    assert "sum over rows" in kb.remark


def test_repeats_are_counted_as_what_they_are() -> None:
    rows = "".join(f"{r},{i % 2},{i},a,{'ab'[i % 2]},1,0\n" for r in range(3) for i in range(4))
    analysis = analyse(BARE, _read(TWO + rows))
    assert (analysis.rows, analysis.repeats, analysis.folds) == (12, 3, 6)
    assert (analysis.different, analysis.twice, analysis.whole) == (4, 0, True)
    again = analyse(BARE, _read(TWO + rows + "0,0,0,a,a,1,0\n"))
    assert (again.twice, again.whole) == (1, False)


def test_what_needs_the_whole_data_set_is_left_out_of_a_part_of_it() -> None:
    part = analyse(BARE, _read(TWO + "0,0,5,a,a,1,0\n0,0,9,b,b,0,1\n"))
    assert not part.whole
    assert "prior_entropy" not in _measures(part)
    assert "relative_absolute_error" not in _measures(part)
    assert "kappa" in _measures(part)


def test_the_greatest_confidence_counts_and_rows_that_say_otherwise_are_counted() -> None:
    analysis = analyse(BARE, _read(TWO + "0,0,0,b,a,0.9,0.1\n0,0,1,b,b,0,1\n"))
    assert analysis.disagreeing == 1
    assert _measures(analysis)["predictive_accuracy"] == 1.0


def test_without_confidences_rows_are_sure() -> None:
    head = _head("row_id numeric", "prediction {a,b}", "correct {a,b}")
    analysis = analyse(BARE, _read(head + "0,a,a\n1,b,a\n2,b,b\n3,b,b\n"))
    assert analysis.sure
    assert _measures(analysis)["predictive_accuracy"] == 0.75
