"""A run's measures computed anew from its predictions, beside those that the server gives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from runbrowser.models import Run
from runbrowser.triage import evaluate
from runbrowser.triage.evaluate import ClassScores, MeasureValue
from runbrowser.triage.predictions import Predictions
from runbrowser.triage.spread import Spread, spread

__all__ = ["TOLERANCE", "Analysis", "Checked", "Residuals", "analyse"]

Ints = npt.NDArray[np.int64]

TOLERANCE = 1e-6
"""A difference that is told, as a part of the value where that is above 1: servers round."""

_BINS = 15
# What is relative to the prior of the whole data set, which predictions of a part do not tell.
_BY_PRIOR = frozenset(
    {"mean_prior_absolute_error", "root_mean_prior_squared_error", "relative_absolute_error",
     "root_relative_squared_error", "prior_entropy", "kb_relative_information_score"}
)  # fmt: skip
_FROM_COSTS = frozenset({"average_cost", "total_cost"})  # 0 for whoever has no cost matrix


@dataclass(frozen=True, slots=True)
class Checked:
    """A measure as the server has it and as the predictions give it; None where one has none.

    ``remark`` says what explains a difference, if that is known.
    """

    name: str
    server: float | None
    ours: float | None
    remark: str = ""

    @property
    def differs(self) -> bool:
        """Whether both are known, and apart by more than the tolerance."""
        if self.server is None or self.ours is None:
            return False
        return not abs(self.server - self.ours) <= TOLERANCE * max(1.0, abs(self.server))


@dataclass(frozen=True, slots=True)
class Residuals:
    """Predictions minus true values: their spread, and rows per bin; edges are one more."""

    spread: Spread
    counts: tuple[int, ...]
    edges: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Analysis:
    """What the predictions of a run tell, without the rows themselves.

    rows: those evaluated. repeats, folds: how many there are. different: rows of the data set among
    them. twice: rows that a repeat has more than once. whole: whether every repeat has each row
    from 0 to the last, so that the class shares (or the mean) are those of the data set.
    disagreeing: rows whose prediction column is not the class with the greatest confidence, which
    is what counts. matrix [k, k] and scores are None in a regression, residuals elsewhere.
    """

    labels: tuple[str, ...] | None
    rows: int
    repeats: int
    folds: int
    samples: int
    different: int
    twice: int
    whole: bool
    measures: tuple[Checked, ...]
    missing: int = 0
    damaged: int = 0
    examples: tuple[str, ...] = ()
    disagreeing: int = 0
    sure: bool = False  # no confidences: each row counts as sure of its prediction
    matrix: Ints | None = None
    scores: ClassScores | None = None
    residuals: Residuals | None = None


def analyse(run: Run, found: Predictions) -> Analysis:
    """Everything that is shown of a run's predictions; takes about as long as reading them."""
    whole, twice = _coverage(found)
    samples = 1 if found.sample is None else np.unique(found.sample).size
    if found.labels is None:
        ours = evaluate.regression_measures(found.prediction, found.truth)
        matrix, scores, disagreeing = None, None, 0
        residuals = _residuals(found)
    else:
        k = len(found.labels)
        said, truth = found.prediction.astype(np.int64), found.truth.astype(np.int64)
        counted = evaluate.predicted_classes(found.confidences, said)
        disagreeing = int((counted != said).sum())
        ours = evaluate.classification_measures(found.confidences, said, truth, n_classes=k)
        matrix = evaluate.confusion_matrix(counted, truth, k)
        scores, residuals = evaluate.class_scores(matrix), None
    if not whole:
        ours = {name: value for name, value in ours.items() if name not in _BY_PRIOR}
    return Analysis(
        labels=found.labels,
        rows=len(found),
        repeats=np.unique(found.repeat).size,
        folds=len(evaluate.fold_rows(found.repeat, found.fold)),
        samples=samples,
        different=np.unique(found.row_id).size,
        twice=twice,
        whole=whole,
        measures=_checked(run, ours, matrix, len(found)),
        missing=found.missing,
        damaged=found.damaged,
        examples=found.examples,
        disagreeing=disagreeing,
        sure=found.labels is not None and found.confidences is None,
        matrix=matrix,
        scores=scores,
        residuals=residuals,
    )


def _coverage(found: Predictions) -> tuple[bool, int]:
    """Whether each repeat has every row once, and how many rows a repeat has again."""
    keys = [found.repeat, found.row_id]
    if found.sample is not None:
        keys.append(found.sample)
    different = np.unique(np.stack(keys, axis=1), axis=0).shape[0]
    rows, repeats = int(found.row_id.max()) + 1, np.unique(found.repeat).size
    whole = found.sample is None and len(found) == different == rows * repeats
    return whole, len(found) - different


def _checked(
    run: Run, ours: dict[str, MeasureValue], matrix: Ints | None, rows: int
) -> tuple[Checked, ...]:
    server = {e.name: e.value for e in run.evaluation_list if e.fold is None}
    if "recall" in server and "weighted_recall" in ours:
        ours = {**ours, "recall": ours["weighted_recall"]}  # its name on old runs
    checked = []
    for name in sorted({*ours} | (server.keys() & {"precision", "f_measure"})):
        value = ours[name].value if name in ours else None
        had = server.get(name)
        if had is None and name in {"recall", *_FROM_COSTS}:
            continue
        told = Checked(name, had, value)
        if had is not None and (value is None or told.differs):
            told = _explained(told, matrix, rows)
        checked.append(told)
    return tuple(checked)


def _explained(told: Checked, matrix: Ints | None, rows: int) -> Checked:
    """The same measure as engines of another time define it, if that is what the server has."""
    name, had = told.name, told.server
    if name in ("precision", "f_measure") and told.ours is None and matrix is not None:
        scores = evaluate.class_scores(matrix, undefined=0.0)
        per_class = scores.precision if name == "precision" else scores.f_measure
        as_zero = Checked(name, had, float((scores.count / rows) @ per_class))
        if not as_zero.differs:
            return Checked(name, had, as_zero.ours, "classes never predicted count 0")
    if name == "kb_relative_information_score" and told.ours is not None:
        summed = Checked(name, had, told.ours * rows)
        if not summed.differs:
            return Checked(name, had, summed.ours, "the sum over rows, as old engines had it")
    return told


def _residuals(found: Predictions) -> Residuals | None:
    residuals = found.prediction - found.truth
    known = spread(residuals.tolist())
    if known is None:
        return None
    if known.least == known.most:
        return Residuals(known, (len(found),), (known.least, known.most))
    counts, edges = np.histogram(residuals, bins=_BINS)
    return Residuals(known, tuple(map(int, counts)), tuple(map(float, edges)))
