"""Evaluation measures from predictions, as OpenML's evaluation engine computes them.

Source of the set and its meaning: EvaluationEngine (io/Output.java) over Weka's ``Evaluation``.
Global values pool the rows of all folds and repeats; they are not means of fold values. Classes
are numbers 0..k-1 in the data set's order. Rows are floats of shape [n] or [n, k].

The prior is that of the whole data set, for fold values too: in a published run (id 100)
prior_entropy is the same in all ten folds although their class counts differ. For classes it is
Weka's, (rows of the class + 1) / (rows + classes), which real runs hold to six digits; for a
regression the mean target.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from runbrowser.triage.confusion import Confusion

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
    "weka_prior",
]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_BLOCK = 1_000_000  # numbers that a step over rows and classes holds at once


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
    """The share of each class among the true labels, [n_classes], summing to 1.

    Raises ValueError without rows.
    """
    labels = np.asarray(correct, dtype=np.int64)
    if labels.size == 0:
        raise ValueError("a prior needs at least one row")
    return np.bincount(labels, minlength=n_classes) / labels.size


def weka_prior(correct: npt.ArrayLike, n_classes: int) -> Floats:
    """The prior of each class as Weka's ``Evaluation`` has it, [n_classes], summing to 1.

    correct: the class of each row of the data set, once. Every class is given one row more than
    it has (Laplace), so that none is impossible. Raises ValueError without rows.
    """
    labels = np.asarray(correct, dtype=np.int64)
    if labels.size == 0:
        raise ValueError("a prior needs at least one row")
    return (np.bincount(labels, minlength=n_classes) + 1) / (labels.size + n_classes)


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
    return Confusion.of(prediction, correct, n_classes).dense()


def _confusion(matrix: Confusion | npt.ArrayLike) -> Confusion:
    return matrix if isinstance(matrix, Confusion) else Confusion.from_matrix(matrix)


def class_scores(matrix: Confusion | npt.ArrayLike, *, undefined: float = np.nan) -> ClassScores:
    """Precision, recall and F-measure of each class from its confusions, or a matrix [k, k].

    precision = hits / rows predicted as the class; recall = hits / rows of the class;
    F = 2PR / (P + R), 0 where both are 0. `undefined` stands for a precision without predicted
    rows, a recall without rows, and an F without either: NaN as in today's engine, 0 as it was.
    """
    table = _confusion(matrix)
    hits, actual, predicted = table.hits, table.rows, table.said
    with np.errstate(invalid="ignore", divide="ignore"):
        precision = np.where(predicted > 0, hits / predicted, undefined)
        recall = np.where(actual > 0, hits / actual, undefined)
        both = precision + recall
        f_measure = np.where(both == 0, 0.0, 2 * precision * recall / both)
    return ClassScores(precision, recall, f_measure, actual)


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


def cohens_kappa(matrix: Confusion | npt.ArrayLike) -> float:
    """Agreement beyond chance (Cohen 1960): (observed - expected) / (1 - expected), at most 1.

    1 where chance alone agrees fully (one class only, always predicted), as in Weka.
    """
    table = _confusion(matrix)
    total = float(table.total)
    expected = float(table.said.astype(np.float64) @ table.rows) / total**2
    if expected >= 1:
        return 1.0
    return float((table.hits.sum() / total - expected) / (1 - expected))


def fold_rows(repeat: npt.ArrayLike, fold: npt.ArrayLike) -> dict[tuple[int, int], Ints]:
    """The row numbers of each (repeat, fold), in ascending order of both."""
    pairs = np.stack([np.asarray(repeat, np.int64), np.asarray(fold, np.int64)], axis=1)
    found, group = np.unique(pairs, axis=0, return_inverse=True)
    group = group.reshape(-1)
    order = np.argsort(group, kind="stable")
    rows = np.split(order, np.cumsum(np.bincount(group))[:-1])
    return {(int(r), int(f)): places for (r, f), places in zip(found, rows, strict=True)}


# What is no number is left out below: confidences may be negative, or too large to be squared.
@np.errstate(all="ignore")
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
    prior: that of each class [k] in the whole data set (default: Weka's, of `correct`).
    undefined: see class_scores. A measure without a value is left out.

    With p the confidences, q the prior and e the one-hot true label: mean_absolute_error is the
    mean over rows AND classes of abs(p - e), root_mean_squared_error the root of the mean of
    its square, the prior ones the same with q for p, relative_absolute_error and
    root_relative_squared_error the ratios (fractions, not percent). prior_entropy is
    -sum(q log2 q), bits. kb_relative_information_score is the mean Kononenko-Bratko information
    (1991: log2 p/q for a true class believed more than a priori, else -log2 (1-p)/(1-q)) over
    prior_entropy; runs of old engines hold its sum instead. Costs are 0: there is no cost matrix.
    Takes no more memory than its arguments and one number a class and a row.
    Raises ValueError without rows or without a way to know k.
    """
    truth = np.asarray(correct, dtype=np.int64)
    if truth.size == 0:
        raise ValueError("measures need at least one row")
    belief = None if confidences is None else np.asarray(confidences, dtype=np.float64)
    if belief is not None:
        k = belief.shape[1]
    elif n_classes is None or prediction is None:
        raise ValueError("without confidences, predictions and n_classes are needed")
    else:
        k = n_classes
    q = weka_prior(truth, k) if prior is None else np.asarray(prior, dtype=np.float64)
    counted = predicted_classes(belief, prediction)
    confusion = Confusion.of(counted, truth, k)
    scores = class_scores(confusion, undefined=undefined)
    weight = scores.count / truth.size
    right = float(confusion.hits.sum() / truth.size)
    if belief is None:
        auc, error = _sure_areas(confusion), _sure_errors(confusion)
        true_belief = (counted == truth).astype(np.float64)
    else:
        auc, error = _areas(belief, truth, scores.count), _mean_errors(belief, truth)
        true_belief = belief[np.arange(truth.size), truth]
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
        "kappa": MeasureValue(cohens_kappa(confusion)),
        "kb_relative_information_score": MeasureValue(_kb_relative(true_belief, truth, q)),
        **_errors(*error, *_prior_errors(q, weight)),
        "number_of_instances": MeasureValue(float(truth.size), _per_class(scores.count)),
        "precision": MeasureValue(
            _finite(float(weight @ scores.precision)), _per_class(scores.precision)
        ),
        "predictive_accuracy": MeasureValue(right),
        "prior_entropy": MeasureValue(_entropy(q)),
        "total_cost": MeasureValue(0.0),
        "unweighted_recall": MeasureValue(_finite(float(scores.recall.mean()))),
        # A class without rows has weight 0: it does not make the weighted recall undefined.
        "weighted_recall": MeasureValue(right, _per_class(scores.recall)),
    }
    return _known(found)


def _known(found: dict[str, MeasureValue]) -> dict[str, MeasureValue]:
    """The measures that have a value that is a number, by name."""
    return {
        name: found[name]
        for name in sorted(found)
        if (value := found[name].value) is not None and np.isfinite(value)
    }


def _areas(belief: Floats, truth: Ints, count: Ints) -> Floats:
    """The area of each class against the rest, [k]; NaN for a class with no rows, or with all."""
    areas = np.full(count.size, np.nan)
    for c in np.flatnonzero(count):
        areas[c] = area_under_roc_curve(belief[:, c], truth == c)
    return areas


def _sure_areas(confusion: Confusion) -> Floats:
    """The same where each row is sure: one step of the curve, at the rates of hits and of false
    alarms."""
    rows, said, hits = confusion.rows, confusion.said, confusion.hits
    with np.errstate(invalid="ignore", divide="ignore"):
        area = (1 + hits / rows - (said - hits) / (confusion.total - rows)) / 2
    return np.where((rows > 0) & (rows < confusion.total), area, np.nan)


def _mean_errors(belief: Floats, truth: Ints) -> tuple[float, float]:
    """The mean over rows and classes of abs(p - e), and of its square; some rows at a time."""
    n, k = belief.shape
    absolute = squared = 0.0
    step = max(1, _BLOCK // k)
    for start in range(0, n, step):
        block = belief[start : start + step].copy()
        block[np.arange(block.shape[0]), truth[start : start + step]] -= 1
        absolute += float(np.abs(block).sum())
        squared += float(np.square(block).sum())
    return absolute / (n * k), squared / (n * k)


def _sure_errors(confusion: Confusion) -> tuple[float, float]:
    """The same where each row is sure: a wrong row is off by 1 in two classes."""
    wrong = confusion.total - int(confusion.hits.sum())
    error = 2 * wrong / (confusion.total * confusion.n_classes)
    return error, error


def _prior_errors(q: Floats, weight: Floats) -> tuple[float, float]:
    """The same for the prior in place of the confidences; weight: share of each class, [k]."""
    off = 1 - q
    absolute = np.abs(q).sum() - np.abs(q) + np.abs(off)
    squared = np.square(q).sum() - np.square(q) + np.square(off)
    return float(weight @ absolute / q.size), float(weight @ squared / q.size)


@np.errstate(all="ignore")
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
    error, prior_error = np.asarray(prediction, dtype=np.float64) - target, mean - target
    means = [
        float(values.mean())
        for off in (error, prior_error)
        for values in (np.abs(off), np.square(off))
    ]
    found = {
        **_errors(*means),
        "number_of_instances": MeasureValue(float(target.size)),
    }
    return _known(found)


def _errors(
    absolute: float, square: float, prior_absolute: float, prior_square: float
) -> dict[str, MeasureValue]:
    """The errors and their ratios, from the means of absolute and of squared differences."""
    squared, prior_squared = float(np.sqrt(square)), float(np.sqrt(prior_square))
    return {
        "mean_absolute_error": MeasureValue(absolute),
        "mean_prior_absolute_error": MeasureValue(prior_absolute),
        "relative_absolute_error": MeasureValue(_ratio(absolute, prior_absolute)),
        "root_mean_prior_squared_error": MeasureValue(prior_squared),
        "root_mean_squared_error": MeasureValue(squared),
        "root_relative_squared_error": MeasureValue(_ratio(squared, prior_squared)),
    }


def _kb_relative(p: Floats, truth: Ints, prior: Floats) -> float | None:
    """p: the confidence of each row in its true class, [n]."""
    entropy = _entropy(prior)
    if entropy <= 0:
        return None
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
