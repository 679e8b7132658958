"""Evaluation measures from predictions, as OpenML's evaluation engine computes them.

Source of the set and its meaning: EvaluationEngine (io/Output.java) over Weka's ``Evaluation``.
Global values pool the rows of all folds and repeats; they are not means of fold values. Classes
are numbers 0..k-1 in the data set's order. Rows are floats of shape [n] or [n, k].

The prior is the share of each class (regression: the mean target) in the whole data set, for
fold values too. That is what the server does: in a published run (id 100) prior_entropy is the
same in all ten folds although their class counts differ.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = [
    "ClassScores",
    "MeasureValue",
    "area_under_roc_curve",
    "class_scores",
    "class_shares",
    "classification_measures",
    "cohens_kappa",
    "confusion_matrix",
    "fold_rows",
    "predicted_classes",
    "regression_measures",
]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class MeasureValue:
    """One measure's value: the scalar (None: only the array), and the values per class (or None).

    A class for which the measure is undefined is None in per_class.
    """

    value: float | None
    per_class: tuple[float | None, ...] | None = None


@dataclass(frozen=True, slots=True)
class ClassScores:
    """Precision, recall, F-measure [k] and row counts [k] of each class; NaN where undefined."""

    precision: Floats
    recall: Floats
    f_measure: Floats
    count: Ints


def class_shares(correct: npt.ArrayLike, n_classes: int) -> Floats:
    """The share of each class among the true labels: the prior, [n_classes], summing to 1.

    Raises ValueError without rows.
    """
    labels = np.asarray(correct, dtype=np.int64)
    if labels.size == 0:
        raise ValueError("a prior needs at least one row")
    return np.bincount(labels, minlength=n_classes) / labels.size


def predicted_classes(
    confidences: npt.ArrayLike | None, prediction: npt.ArrayLike | None = None
) -> Ints:
    """The class each row is counted as, [n]: the first of the greatest confidences [n, k].

    As in the engine, the prediction column counts only in rows whose confidences are all 0 (or
    when there are no confidences). Raises ValueError when neither is there, or when a row has
    only zeros and there is no prediction column.
    """
    if confidences is None:
        if prediction is None:
            raise ValueError("neither confidences nor predictions")
        return np.asarray(prediction, dtype=np.int64)
    table = np.asarray(confidences, dtype=np.float64)
    best: Ints = table.argmax(axis=1).astype(np.int64)
    silent = ~table.any(axis=1)
    if silent.any():
        if prediction is None:
            raise ValueError("rows without any confidence need the prediction column")
        best[silent] = np.asarray(prediction, dtype=np.int64)[silent]
    return best


def confusion_matrix(prediction: npt.ArrayLike, correct: npt.ArrayLike, n_classes: int) -> Ints:
    """Row counts by true class (first axis) and predicted class (second axis), [k, k]."""
    flat = np.asarray(correct, dtype=np.int64) * n_classes + np.asarray(prediction, dtype=np.int64)
    counts = np.bincount(flat, minlength=n_classes * n_classes)
    matrix: Ints = counts.reshape(n_classes, n_classes)
    return matrix


def class_scores(matrix: npt.ArrayLike, *, undefined: float = np.nan) -> ClassScores:
    """Precision, recall and F-measure of each class from a confusion matrix [k, k].

    precision = hits / rows predicted as the class; recall = hits / rows of the class;
    F = 2PR / (P + R), 0 where both are 0. `undefined` stands for a precision without predicted
    rows, a recall without rows, and an F without either: NaN as in today's engine, 0 as it was.
    """
    table = np.asarray(matrix, dtype=np.float64)
    hits, actual, predicted = table.diagonal(), table.sum(axis=1), table.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        precision = np.where(predicted > 0, hits / predicted, undefined)
        recall = np.where(actual > 0, hits / actual, undefined)
        both = precision + recall
        f_measure = np.where(both == 0, 0.0, 2 * precision * recall / both)
    return ClassScores(precision, recall, f_measure, actual.astype(np.int64))


def area_under_roc_curve(score: npt.ArrayLike, positive: npt.ArrayLike) -> float:
    """The chance that a positive row is scored above a negative one, ties counting half.

    score: [n]; positive: booleans [n]. NaN if all rows are of one kind. This is the
    Mann-Whitney statistic (Hanley and McNeil 1982), the area under the ROC curve of one class
    against the rest.
    """
    scores, is_positive = np.asarray(score, dtype=np.float64), np.asarray(positive, dtype=bool)
    n_positive = int(is_positive.sum())
    n_negative = is_positive.size - n_positive
    if n_positive == 0 or n_negative == 0:
        return float("nan")
    _, group, size = np.unique(scores, return_inverse=True, return_counts=True)
    mean_rank = np.cumsum(size) - (size - 1) / 2  # ranks from 1, ties share their mean
    rank_sum = float(mean_rank[group][is_positive].sum())
    return (rank_sum - n_positive * (n_positive + 1) / 2) / (n_positive * n_negative)


def cohens_kappa(matrix: npt.ArrayLike) -> float:
    """Agreement beyond chance (Cohen 1960): (observed - expected) / (1 - expected), at most 1.

    1 where chance alone agrees fully (one class only, always predicted), as in Weka.
    """
    table = np.asarray(matrix, dtype=np.float64)
    total = float(table.sum())
    expected = float(table.sum(axis=0) @ table.sum(axis=1)) / total**2
    if expected >= 1:
        return 1.0
    return float((np.trace(table) / total - expected) / (1 - expected))


def fold_rows(repeat: npt.ArrayLike, fold: npt.ArrayLike) -> dict[tuple[int, int], Ints]:
    """The row numbers of each (repeat, fold), in ascending order of both."""
    pairs = np.stack([np.asarray(repeat, np.int64), np.asarray(fold, np.int64)], axis=1)
    found, group = np.unique(pairs, axis=0, return_inverse=True)
    group = group.reshape(-1)
    return {(int(r), int(f)): np.flatnonzero(group == i) for i, (r, f) in enumerate(found)}


def classification_measures(
    confidences: npt.ArrayLike | None,
    prediction: npt.ArrayLike | None,
    correct: npt.ArrayLike,
    *,
    n_classes: int | None = None,
    prior: npt.ArrayLike | None = None,
    undefined: float = np.nan,
) -> dict[str, MeasureValue]:
    """The engine's measures of a classification run, by name.

    confidences: [n, k], rows summing to 1; None: each row is sure of its prediction.
    prediction, correct: class numbers [n]. n_classes: k, needed only without confidences.
    prior: class shares [k] of the whole data set (default: those of `correct`).
    undefined: see class_scores. A measure without a value is left out.

    With p the confidences, q the prior and e the one-hot true label: mean_absolute_error is the
    mean over rows AND classes of abs(p - e), root_mean_squared_error the root of the mean of
    its square, the prior ones the same with q for p, relative_absolute_error and
    root_relative_squared_error the ratios (fractions, not percent). prior_entropy is
    -sum(q log2 q), bits. kb_relative_information_score is the mean Kononenko-Bratko information
    (1991: log2 p/q for a true class believed more than a priori, else -log2 (1-p)/(1-q)) over
    prior_entropy; runs of old engines hold its sum instead. Costs are 0: there is no cost matrix.
    Raises ValueError without rows or without a way to know k.
    """
    truth = np.asarray(correct, dtype=np.int64)
    if truth.size == 0:
        raise ValueError("measures need at least one row")
    if confidences is None:
        if n_classes is None or prediction is None:
            raise ValueError("without confidences, predictions and n_classes are needed")
        k = n_classes
        belief = np.eye(k)[np.asarray(prediction, dtype=np.int64)]
    else:
        belief = np.asarray(confidences, dtype=np.float64)
        k = belief.shape[1]
    q = class_shares(truth, k) if prior is None else np.asarray(prior, dtype=np.float64)
    matrix = confusion_matrix(predicted_classes(belief, prediction), truth, k)
    scores = class_scores(matrix, undefined=undefined)
    weight = scores.count / truth.size
    onehot = np.eye(k)[truth]
    auc = np.array([area_under_roc_curve(belief[:, c], truth == c) for c in range(k)])
    seen = np.isfinite(auc)

    found = {
        "area_under_roc_curve": MeasureValue(
            float((auc * scores.count)[seen].sum() / max(scores.count[seen].sum(), 1))
            if seen.any()
            else None,
            _per_class(auc),
        ),
        "average_cost": MeasureValue(0.0),
        "f_measure": MeasureValue(
            _finite(float(weight @ scores.f_measure)), _per_class(scores.f_measure)
        ),
        "kappa": MeasureValue(cohens_kappa(matrix)),
        "kb_relative_information_score": MeasureValue(_kb_relative(belief, truth, q)),
        **_errors(belief - onehot, q - onehot),
        "number_of_instances": MeasureValue(float(truth.size), _per_class(scores.count)),
        "precision": MeasureValue(
            _finite(float(weight @ scores.precision)), _per_class(scores.precision)
        ),
        "predictive_accuracy": MeasureValue(float(np.trace(matrix) / truth.size)),
        "prior_entropy": MeasureValue(_entropy(q)),
        "total_cost": MeasureValue(0.0),
        "unweighted_recall": MeasureValue(_finite(float(scores.recall.mean()))),
        # A class without rows has weight 0: it does not make the weighted recall undefined.
        "weighted_recall": MeasureValue(
            float(np.trace(matrix) / truth.size), _per_class(scores.recall)
        ),
    }
    return {name: value for name, value in sorted(found.items()) if value.value is not None}


def regression_measures(
    prediction: npt.ArrayLike, truth: npt.ArrayLike, *, prior_mean: float | None = None
) -> dict[str, MeasureValue]:
    """The engine's measures of a regression run, by name (R squared is not among them).

    prediction, truth: [n], in the target's unit. prior_mean: the mean target of the whole data
    set (default: that of `truth`); the prior errors are those of always predicting it.
    relative_absolute_error and root_relative_squared_error are ratios to them, left out when
    the prior makes no error. Raises ValueError without rows.
    """
    target = np.asarray(truth, dtype=np.float64)
    if target.size == 0:
        raise ValueError("measures need at least one row")
    mean = float(target.mean()) if prior_mean is None else prior_mean
    found = {
        **_errors(np.asarray(prediction, dtype=np.float64) - target, mean - target),
        "number_of_instances": MeasureValue(float(target.size)),
    }
    return {name: value for name, value in sorted(found.items()) if value.value is not None}


def _errors(error: Floats, prior_error: Floats) -> dict[str, MeasureValue]:
    absolute, prior_absolute = float(np.abs(error).mean()), float(np.abs(prior_error).mean())
    squared = float(np.sqrt(np.square(error).mean()))
    prior_squared = float(np.sqrt(np.square(prior_error).mean()))
    return {
        "mean_absolute_error": MeasureValue(absolute),
        "mean_prior_absolute_error": MeasureValue(prior_absolute),
        "relative_absolute_error": MeasureValue(_ratio(absolute, prior_absolute)),
        "root_mean_prior_squared_error": MeasureValue(prior_squared),
        "root_mean_squared_error": MeasureValue(squared),
        "root_relative_squared_error": MeasureValue(_ratio(squared, prior_squared)),
    }


def _kb_relative(belief: Floats, truth: Ints, prior: Floats) -> float | None:
    entropy = _entropy(prior)
    if entropy <= 0:
        return None
    p = belief[np.arange(truth.size), truth]
    q = prior[truth]
    with np.errstate(divide="ignore"):  # only the branch that is not taken divides by zero
        information = np.where(p >= q, np.log2(p / q), -np.log2((1 - p) / (1 - q)))
    return _finite(float(information.mean()) / entropy)


def _entropy(prior: Floats) -> float:
    shares = prior[prior > 0]
    return float(-(shares * np.log2(shares)).sum())


def _ratio(value: float, of: float) -> float | None:
    return value / of if of > 0 else None


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _per_class(values: npt.NDArray[np.generic]) -> tuple[float | None, ...]:
    return tuple(_finite(float(value)) for value in values.astype(np.float64).tolist())
