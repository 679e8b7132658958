"""A run's measures computed anew from its predictions, beside those that the server gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from runbrowser.models import Run
from runbrowser.triage import evaluate
from runbrowser.triage.confusion import Confusion
from runbrowser.triage.evaluate import ClassScores, MeasureValue
from runbrowser.triage.exchanged import TOLERANCE, agree, exchanged, is_exchanged
from runbrowser.triage.measures import measure as measure_of
from runbrowser.triage.predictions import Predictions
from runbrowser.triage.spread import Spread, spread

__all__ = ["DRAWN", "TOLERANCE", "Analysis", "Checked", "Residuals", "analyse"]

Ints = npt.NDArray[np.int64]

DRAWN = 100
"""The most classes of which a whole matrix is made; of more there are the pairs that occur."""

_BINS = 15
# What is relative to the prior of the whole data set, which predictions of a part do not tell.
_BY_PRIOR = frozenset(
    {"mean_prior_absolute_error", "root_mean_prior_squared_error", "relative_absolute_error",
     "root_relative_squared_error", "prior_entropy", "kb_relative_information_score"}
)  # fmt: skip
_FROM_COSTS = frozenset({"average_cost", "total_cost"})  # 0 for whoever has no cost matrix
_TIMES = ("ms", "s")  # units of what predictions say nothing of
_LEARNING_CURVE = "learning curve"


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
        return not agree(self.server, self.ours)


@dataclass(frozen=True, slots=True)
class Residuals:
    """Predictions minus true values: their spread, and rows per bin; edges are one more."""

    spread: Spread
    counts: tuple[int, ...]
    edges: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Analysis:
    """What the predictions of a run tell, without the rows themselves.

    rows: those evaluated. repeats, folds: how many there are. samples: those of a learning curve,
    of which ``sample`` is the one that counts, None where all rows do; ``unused`` rows are of the
    others. different: rows of the data set among them. twice: rows that a repeat has more than
    once. whole: whether every repeat has each row from 0 to the last, so that the class shares (or
    the mean) are those of the data set. exchanged: whether predictions and true values stand in
    each other's column, which was put right. truth: whether the file has true values; without, the
    measures are the server's alone, and ``said`` how often each class is predicted, [k].
    disagreeing: rows whose prediction column is not the class with the greatest confidence, which
    is what counts. confusion and scores are None in a regression, residuals elsewhere; ``guesses``
    is the spread of a regression's predictions where there is no truth.
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
    sample: int | None = None
    unused: int = 0
    missing: int = 0
    placeless: int = 0
    damaged: int = 0
    examples: tuple[str, ...] = ()
    unread_confidences: tuple[tuple[str, str], ...] = ()
    exchanged: bool = False
    truth: bool = True
    disagreeing: int = 0
    sure: bool = False  # no confidences: each row counts as sure of its prediction
    confusion: Confusion | None = None
    scores: ClassScores | None = None
    said: Ints | None = None
    residuals: Residuals | None = None
    guesses: Spread | None = None

    @property
    def matrix(self) -> Ints | None:
        """Rows by true class (down) and predicted class (across); None above DRAWN classes."""
        if self.confusion is None or self.confusion.n_classes > DRAWN:
            return None
        return self.confusion.dense()


def analyse(
    run: Run, found: Predictions, *, stop: Callable[[], bool] = lambda: False
) -> Analysis | None:
    """Everything that is shown of a run's predictions; takes about as long as reading them.

    None if ``stop`` said so between two steps.
    """
    samples = 1 if found.sample is None else np.unique(found.sample).size
    rows, sample = _counted_rows(run, found)
    turned = is_exchanged(rows, lambda some: _both(run, some))
    if stop():
        return None
    if turned:
        rows = exchanged(rows)
    whole, twice = _coverage(rows)
    ours, confusion, scores = _measures(rows, whole)
    if stop():
        return None
    disagreeing, said = 0, None
    if rows.labels is not None:
        column = rows.prediction.astype(np.int64)
        counted = evaluate.predicted_classes(rows.confidences, column)
        disagreeing = int((counted != column).sum())
        said = np.bincount(counted, minlength=len(rows.labels)).astype(np.int64)
    return Analysis(
        labels=rows.labels,
        rows=len(rows),
        repeats=np.unique(rows.repeat).size,
        folds=np.unique(np.stack([rows.repeat, rows.fold], axis=1), axis=0).shape[0],
        samples=samples,
        sample=sample,
        unused=len(found) - len(rows),
        different=np.unique(rows.row_id).size,
        twice=twice,
        whole=whole,
        measures=_checked(run, ours, rows, scores),
        missing=found.missing,
        placeless=found.placeless,
        damaged=found.damaged,
        examples=found.examples,
        unread_confidences=found.unread_confidences,
        exchanged=turned,
        truth=rows.truth is not None,
        disagreeing=disagreeing,
        sure=rows.labels is not None and rows.confidences is None,
        confusion=confusion,
        scores=scores,
        said=said,
        residuals=_residuals(rows),
        guesses=None if rows.labels is not None else spread(rows.prediction.tolist()),
    )


def _counted_rows(run: Run, found: Predictions) -> tuple[Predictions, int | None]:
    """The rows that the server counts, and of which sample they are; None for all of them.

    Of a learning curve it is the last sample alone (EvaluationEngine, EvaluateBatchPredictions);
    in a task of another type it does not look at samples.
    """
    kind = (run.task_type or _LEARNING_CURVE).strip().lower()
    if found.sample is None or kind != _LEARNING_CURVE:
        return found, None
    last = int(found.sample.max())
    kept = found.sample == last
    if kept.all():
        return found, None
    return (
        replace(
            found,
            repeat=found.repeat[kept],
            fold=found.fold[kept],
            row_id=found.row_id[kept],
            sample=found.sample[kept],
            prediction=found.prediction[kept],
            truth=None if found.truth is None else found.truth[kept],
            confidences=None if found.confidences is None else found.confidences[kept],
        ),
        last,
    )


def _measures(
    rows: Predictions, whole: bool
) -> tuple[dict[str, MeasureValue], Confusion | None, ClassScores | None]:
    """The measures of some rows; those by the prior only where they are the whole data set."""
    confusion = scores = None
    if rows.truth is None:
        return {}, None, None
    first = _first_of_each(rows)
    if rows.labels is None:
        mean = float(rows.truth[first].mean())
        ours = evaluate.regression_measures(rows.prediction, rows.truth, prior_mean=mean)
    else:
        k = len(rows.labels)
        said, truth = rows.prediction.astype(np.int64), rows.truth.astype(np.int64)
        counted = evaluate.predicted_classes(rows.confidences, said)
        prior = evaluate.weka_prior(truth[first], k)
        ours = evaluate.classification_measures(
            rows.confidences, said, truth, n_classes=k, prior=prior
        )
        confusion = Confusion.of(counted, truth, k)
        scores = evaluate.class_scores(confusion)
    if not whole:
        ours = {name: value for name, value in ours.items() if name not in _BY_PRIOR}
    return ours, confusion, scores


def _first_of_each(rows: Predictions) -> Ints:
    """The place of the first row of each row of the data set, which repeats predict again."""
    places: Ints = np.unique(rows.row_id, return_index=True)[1]
    return places


def _both(run: Run, rows: Predictions) -> dict[str, tuple[float, float]]:
    """The server's value and ours of the measures that both have."""
    if not any(e.fold is None and e.value is not None for e in run.evaluation_list):
        return {}
    ours, _, scores = _measures(rows, _coverage(rows)[0])
    return {
        checked.name: (checked.server, checked.ours)
        for checked in _checked(run, ours, rows, scores)
        if checked.server is not None and checked.ours is not None
    }


def _coverage(found: Predictions) -> tuple[bool, int]:
    """Whether each repeat has every row once, and how many rows a repeat has again."""
    keys = [found.repeat, found.row_id]
    if found.sample is not None:
        keys.append(found.sample)
    different = np.unique(np.stack(keys, axis=1), axis=0).shape[0]
    rows, repeats = int(found.row_id.max()) + 1, np.unique(found.repeat).size
    samples = 1 if found.sample is None else np.unique(found.sample).size
    known = int(found.row_id.min()) >= 0
    whole = known and samples == 1 and len(found) == different == rows * repeats
    return whole, len(found) - different if known else 0


def _checked(
    run: Run, ours: dict[str, MeasureValue], rows: Predictions, scores: ClassScores | None
) -> tuple[Checked, ...]:
    server = {
        e.name: e.value
        for e in run.evaluation_list
        if e.fold is None and e.value is not None and np.isfinite(e.value)
    }
    if rows.truth is None:
        names = sorted(name for name in server if measure_of(name).unit not in _TIMES)
        return tuple(Checked(name, server[name], None) for name in names)
    if "recall" in server and "weighted_recall" in ours:
        ours = {**ours, "recall": ours["weighted_recall"]}  # its name on old runs
    checked = []
    for name in sorted({*ours} | (server.keys() & {"precision", "f_measure"})):
        value = ours[name].value if name in ours else None
        had = server.get(name)
        if had is None and name in {"recall", *_FROM_COSTS}:
            continue
        measure = Checked(name, had, value)
        if had is not None and (value is None or measure.differs):
            measure = _explained(measure, rows, scores)
        checked.append(measure)
    return _by_plain_shares(tuple(checked), rows)


def _explained(measure: Checked, rows: Predictions, scores: ClassScores | None) -> Checked:
    """The same measure as engines of another time define it, if that is what the server has."""
    name, had = measure.name, measure.server
    if name in ("precision", "f_measure") and measure.ours is None and scores is not None:
        per_class = np.nan_to_num(scores.precision if name == "precision" else scores.f_measure)
        as_zero = Checked(name, had, float((scores.count / len(rows)) @ per_class))
        if not as_zero.differs:
            return replace(as_zero, remark="classes never predicted count 0")
    if name == "kb_relative_information_score" and measure.ours is not None:
        summed = Checked(name, had, measure.ours * len(rows))
        if not summed.differs:
            return replace(summed, remark="the sum over rows, as old engines had it")
    return measure


def _by_plain_shares(checked: tuple[Checked, ...], rows: Predictions) -> tuple[Checked, ...]:
    """The same where the server took the plain class shares for the prior, if that explains all
    that differs."""
    differing = {measure.name for measure in checked if measure.differs} & _BY_PRIOR
    if not differing or rows.labels is None or rows.truth is None:
        return checked
    k, truth = len(rows.labels), rows.truth.astype(np.int64)
    plain = evaluate.classification_measures(
        rows.confidences,
        rows.prediction.astype(np.int64),
        truth,
        n_classes=k,
        prior=evaluate.class_shares(truth[_first_of_each(rows)], k),
    )
    turned = tuple(
        replace(measure, ours=plain[measure.name].value, remark="prior: the plain class shares")
        if measure.name in differing and measure.name in plain
        else measure
        for measure in checked
    )
    left = any(measure.differs for measure in turned if measure.name in differing)
    return checked if left else turned


def _residuals(found: Predictions) -> Residuals | None:
    if found.labels is not None or found.truth is None:
        return None
    residuals = found.prediction - found.truth
    known = spread(residuals.tolist())
    if known is None:
        return None
    if known.least == known.most:
        return Residuals(known, (len(found),), (known.least, known.most))
    counts, edges = np.histogram(residuals, bins=_BINS)
    return Residuals(known, tuple(map(int, counts)), tuple(map(float, edges)))
