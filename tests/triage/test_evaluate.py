"""Measures from predictions: published values, cases worked by hand, and what must always hold."""

from __future__ import annotations

import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from runbrowser.triage.evaluate import (
    area_under_roc_curve,
    class_scores,
    class_shares,
    classification_measures,
    cohens_kappa,
    confusion_matrix,
    fold_rows,
    predicted_classes,
    regression_measures,
)

# Published values of run 234 (ZeroR on iris, task 59), to three digits.
ZERO_R = {
    "predictive_accuracy": 0.333, "area_under_roc_curve": 0.5, "kappa": 0.0, "f_measure": 0.167,
    "precision": 0.111, "weighted_recall": 0.333, "mean_absolute_error": 0.444,
    "mean_prior_absolute_error": 0.444, "root_mean_squared_error": 0.471,
    "root_mean_prior_squared_error": 0.471, "relative_absolute_error": 1.0,
    "root_relative_squared_error": 1.0, "prior_entropy": 1.585, "number_of_instances": 150,
}  # fmt: skip


@st.composite
def classified(draw, max_rows=60):
    """Confidences [n, k] that sum to 1, and true classes [n]."""
    k = draw(st.integers(2, 5))
    n = draw(st.integers(1, max_rows))
    units = draw(
        hnp.arrays(np.int64, (n, k), elements=st.integers(0, 20)).filter(
            lambda a: bool((a.sum(axis=1) > 0).all())
        )
    )
    truth = draw(hnp.arrays(np.int64, n, elements=st.integers(0, k - 1)))
    return units / units.sum(axis=1, keepdims=True), truth


def test_a_constant_prior_on_balanced_classes_gives_the_published_values_of_zero_r():
    truth = np.repeat([0, 1, 2], 50)
    found = classification_measures(np.full((150, 3), 1 / 3), None, truth, undefined=0.0)
    for name, value in ZERO_R.items():
        assert found[name].value == pytest.approx(value, abs=6e-4), name


def test_a_class_that_is_never_predicted_leaves_precision_and_f_measure_out():
    found = classification_measures(np.full((6, 3), 1 / 3), None, [0, 0, 1, 1, 2, 2])
    assert "precision" not in found
    assert "f_measure" not in found
    assert found["weighted_recall"].per_class == (1.0, 0.0, 0.0)


def test_a_small_case_worked_by_hand():
    confidences = [[0.8, 0.2], [0.4, 0.6], [0.3, 0.7], [0.1, 0.9]]
    found = classification_measures(confidences, None, [0, 0, 1, 1])
    # Counted: 0 -> 0, 0 -> 1, 1 -> 1, 1 -> 1.
    assert found["predictive_accuracy"].value == 0.75
    assert found["precision"].per_class == (1.0, pytest.approx(2 / 3))
    assert found["precision"].value == pytest.approx((1 + 2 / 3) / 2)
    assert found["weighted_recall"].per_class == (0.5, 1.0)
    assert found["unweighted_recall"].value == 0.75
    assert found["f_measure"].per_class == (pytest.approx(2 / 3), pytest.approx(0.8))
    assert found["kappa"].value == pytest.approx(0.5)
    assert found["area_under_roc_curve"].value == 1.0
    # Distances from the truth: .2 .6 .3 .1, each met in both columns.
    assert found["mean_absolute_error"].value == pytest.approx(0.3)
    assert found["root_mean_squared_error"].value == pytest.approx(math.sqrt(0.5 / 4))
    assert found["relative_absolute_error"].value == pytest.approx(0.6)
    assert found["prior_entropy"].value == 1.0
    information = [math.log2(1.6), -math.log2(0.6 / 0.5), math.log2(1.4), math.log2(1.8)]
    assert found["kb_relative_information_score"].value == pytest.approx(sum(information) / 4)
    assert found["number_of_instances"].per_class == (2.0, 2.0)
    assert found["total_cost"].value == found["average_cost"].value == 0.0


def test_regression_errors_worked_by_hand():
    found = regression_measures([1.0, 2.0, 6.0], [2.0, 2.0, 5.0], prior_mean=3.0)
    assert found["mean_absolute_error"].value == pytest.approx(2 / 3)
    assert found["root_mean_squared_error"].value == pytest.approx(math.sqrt(2 / 3))
    assert found["mean_prior_absolute_error"].value == pytest.approx(4 / 3)
    assert found["relative_absolute_error"].value == pytest.approx(0.5)
    assert found["root_mean_prior_squared_error"].value == pytest.approx(math.sqrt(2))
    assert found["root_relative_squared_error"].value == pytest.approx(math.sqrt(1 / 3))
    assert found["number_of_instances"].value == 3
    assert all(value.per_class is None for value in found.values())


def test_a_prior_without_error_leaves_the_relative_errors_out():
    found = regression_measures([1.0, 3.0], [2.0, 2.0])
    assert "relative_absolute_error" not in found
    assert "root_relative_squared_error" not in found
    assert found["mean_absolute_error"].value == 1.0


def test_the_prior_of_the_data_set_is_used_for_a_fold():
    fold = classification_measures([[1.0, 0.0]] * 4, None, [0, 0, 0, 1], prior=[0.5, 0.5])
    assert fold["prior_entropy"].value == 1.0
    assert fold["mean_prior_absolute_error"].value == 0.5


def test_the_confusion_matrix_counts_the_truth_down_and_the_prediction_across():
    matrix = confusion_matrix([1, 1, 0, 2], [0, 0, 0, 2], 3)
    assert matrix.tolist() == [[1, 2, 0], [0, 0, 0], [0, 0, 1]]


def test_the_prediction_column_counts_only_where_all_confidences_are_zero():
    confidences = [[0.2, 0.8], [0.0, 0.0], [0.5, 0.5]]
    assert predicted_classes(confidences, [0, 1, 1]).tolist() == [1, 1, 0]
    with pytest.raises(ValueError, match="prediction column"):
        predicted_classes(confidences)


def test_predictions_without_confidences_are_sure_ones():
    bare = classification_measures(None, [0, 1, 1], [0, 1, 0], n_classes=2)
    sure = classification_measures([[1, 0], [0, 1], [0, 1]], None, [0, 1, 0])
    assert bare == sure


def test_nothing_to_score_is_refused():
    with pytest.raises(ValueError, match="at least one row"):
        classification_measures(np.zeros((0, 2)), None, [])
    with pytest.raises(ValueError, match="at least one row"):
        regression_measures([], [])
    with pytest.raises(ValueError, match="neither"):
        predicted_classes(None)


def test_the_rows_of_a_fold_are_found_in_any_order():
    found = fold_rows([1, 0, 0, 1], [0, 1, 0, 0])
    assert list(found) == [(0, 0), (0, 1), (1, 0)]
    assert found[1, 0].tolist() == [0, 3]


def test_the_module_needs_no_scikit_learn():
    code = (
        "import sys, runbrowser.triage.evaluate;"
        "sys.exit(any(m.split('.')[0] in ('sklearn', 'scipy', 'pandas') for m in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@given(classified())
@settings(max_examples=150, deadline=None)
def test_what_holds_for_every_classification(case):
    confidences, truth = case
    found = classification_measures(confidences, None, truth)
    accuracy = found["predictive_accuracy"].value
    assert accuracy == found["weighted_recall"].value
    assert found["kappa"].value <= 1
    assert found["number_of_instances"].value == sum(found["number_of_instances"].per_class)
    if "area_under_roc_curve" in found:
        assert 0 <= found["area_under_roc_curve"].value <= 1
    assert 0 <= found["mean_absolute_error"].value <= found["root_mean_squared_error"].value + 1e-12
    assert all(math.isfinite(value.value) for value in found.values())


@given(classified())
@settings(max_examples=100, deadline=None)
def test_recall_weighted_by_class_is_the_accuracy(case):
    confidences, truth = case
    matrix = confusion_matrix(predicted_classes(confidences), truth, confidences.shape[1])
    scores = class_scores(matrix, undefined=0.0)
    assert scores.recall @ scores.count / truth.size == pytest.approx(np.trace(matrix) / truth.size)
    assert matrix.sum() == truth.size


@given(
    hnp.arrays(np.int64, st.integers(2, 40), elements=st.integers(-5, 5)),
    st.integers(0, 2**40),
)
@settings(max_examples=200, deadline=None)
def test_the_auc_counts_pairs_and_turns_over_with_the_score(score, bits):
    positive = np.array([bool(bits >> i & 1) for i in range(score.size)])
    auc = area_under_roc_curve(score, positive)
    up, down = score[positive], score[~positive]
    if not up.size or not down.size:
        assert math.isnan(auc)
        return
    difference = up[:, None] - down[None, :]
    assert auc == pytest.approx(((difference > 0) + 0.5 * (difference == 0)).mean())
    assert area_under_roc_curve(-score, positive) == pytest.approx(1 - auc)
    assert area_under_roc_curve(score, ~positive) == pytest.approx(1 - auc)


@given(hnp.arrays(np.int64, (3, 3), elements=st.integers(0, 30)).filter(lambda m: m.sum() > 0))
@settings(max_examples=150, deadline=None)
def test_kappa_does_not_care_which_side_is_the_truth(matrix):
    assert cohens_kappa(matrix) == pytest.approx(cohens_kappa(matrix.T))
    assert cohens_kappa(matrix) <= 1


@given(classified(), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_order_of_rows_does_not_matter(case, random):
    confidences, truth = case
    order = list(range(truth.size))
    random.shuffle(order)
    one = classification_measures(confidences, None, truth)
    other = classification_measures(confidences[order], None, truth[order])
    assert one.keys() == other.keys()
    for name, value in one.items():
        assert value.value == pytest.approx(other[name].value), name


def test_class_shares_sum_to_one():
    assert class_shares([0, 0, 1, 0], 3).tolist() == [0.75, 0.25, 0.0]
    with pytest.raises(ValueError, match="at least one row"):
        class_shares([], 3)
