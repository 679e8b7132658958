"""Carry out one plan: fit and predict fold by fold, or keep the words of the exception."""

from __future__ import annotations

import json
import re
import signal
import sysconfig
import time
import traceback
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

import numpy as np
from sklearn.base import clone

from runbrowser.demo import files
from runbrowser.triage.evaluate import (
    MeasureValue,
    class_shares,
    classification_measures,
    fold_rows,
    regression_measures,
)

from .failures import BY_NAME
from .flows import serialise
from .plans import Plan
from .tasks import Task, load_tasks

TIMES = (
    "usercpu_time_millis",
    "usercpu_time_millis_training",
    "usercpu_time_millis_testing",
    "wall_clock_time_millis",
    "wall_clock_time_millis_training",
    "wall_clock_time_millis_testing",
)
TIME_DECIMALS = 2  # of a millisecond
SCORE_DECIMALS = 6
FoldKey = tuple[int, int]


@dataclass
class Outcome:
    """What a run left behind.

    error: the failure's text, or None. scores: engine values over all rows; fold_scores: per
    (repeat, fold). times: measure to milliseconds per fold, in the folds' order. trace: rows
    (repeat, fold, iteration, setup_string, evaluation, selected).
    """

    error: str | None = None
    predictions: bytes | None = None
    scores: dict[str, MeasureValue] = field(default_factory=dict)
    fold_scores: dict[FoldKey, dict[str, MeasureValue]] = field(default_factory=dict)
    times: dict[str, list[float]] = field(default_factory=dict)
    trace: list[tuple[int, int, int, str, str, str]] = field(default_factory=list)


def carry_out(plan: Plan) -> Outcome:
    """Run a plan. Raises AssertionError when it ends otherwise than planned."""
    task = load_tasks()[plan.task_id]
    outcome = Outcome()
    said: list[tuple[np.ndarray, np.ndarray]] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # convergence and deprecation: the run still counts
        try:
            for fold in task.folds:
                said.append(_one_fold(plan, task, fold, outcome))
        except Exception as error:  # noqa: BLE001 - whatever the estimator says is the result
            assert plan.scenario is not None, f"unplanned: {plan}: {error!r}"
            return Outcome(error=_words(error, plan))
    assert plan.scenario is None, f"{plan.scenario} did not fail on task {plan.task_id}"
    confidences, predicted = (np.concatenate(part) for part in zip(*said, strict=True))
    evaluate(task, confidences, predicted, outcome)
    return outcome


def _one_fold(
    plan: Plan, task: Task, fold: tuple[Any, ...], outcome: Outcome
) -> tuple[np.ndarray, np.ndarray]:
    """Class confidences [n, k] and predicted class numbers [n] of one fold.

    Of a regression: the predicted numbers [n], twice.
    """
    repeat, number, train, test = fold
    X, y = task.data.X[train], task.data.labelled[train]
    seen = task.data.X[test]
    scenario = BY_NAME[plan.scenario] if plan.scenario else None
    if scenario and scenario.spoil:
        X, y = scenario.spoil(X, y)
        if hasattr(X, "columns"):  # the test rows come with plain names
            seen = type(X)(seen, columns=[f"column {i}" for i in range(seen.shape[1])])
    estimator = clone(plan.estimator)
    begin_cpu, begin = time.process_time(), time.perf_counter()
    with _limit(scenario.limit if scenario else None, number):
        estimator.fit(X, y)
    fitted_cpu, fitted = time.process_time(), time.perf_counter()
    predicted = said = estimator.predict(seen)
    if task.data.labels is not None:
        predicted = np.searchsorted(task.data.labels, predicted)
        said = np.eye(len(task.data.labels))[predicted]  # a model without confidences is sure
        if hasattr(estimator, "predict_proba"):
            said = estimator.predict_proba(seen)
    end_cpu, end = time.process_time(), time.perf_counter()
    for name, seconds in zip(
        TIMES,
        (end_cpu - begin_cpu, fitted_cpu - begin_cpu, end_cpu - fitted_cpu,
         end - begin, fitted - begin, end - fitted),
        strict=True,
    ):  # fmt: skip
        outcome.times.setdefault(name, []).append(round(1000 * seconds, TIME_DECIMALS))
    if hasattr(estimator, "cv_results_"):
        outcome.trace += _trace(estimator, repeat, number)
    return said, predicted


def evaluate(task: Task, said: np.ndarray, predicted: np.ndarray, outcome: Outcome) -> None:
    """Write the predictions in their stored, rounded form, and score exactly that."""
    split = task.split
    truth = np.array(split.truth)
    if task.data.labels is None:
        decimals = 2
        units = np.rint(said * 10**decimals).astype(int)
        outcome.predictions = files.pack_regression(task.id, units.tolist(), decimals)
        outcome.scores, outcome.fold_scores = score_regression(task, units / 10**decimals, truth)
        return
    decimals = 4 if len(task.data.labels) < 5 else 3
    whole = round_rows(said, predicted, decimals)
    outcome.predictions = files.pack_classification(task.id, whole.tolist(), decimals)
    outcome.scores, outcome.fold_scores = score_classes(
        task, whole / 10**decimals, None, truth.astype(int)
    )


Scores = tuple[dict[str, MeasureValue], dict[FoldKey, dict[str, MeasureValue]]]


def score_classes(
    task: Task, confidences: np.ndarray, prediction: np.ndarray | None, truth: np.ndarray
) -> Scores:
    """Engine values over all rows and per fold; the prior is the data set's in both."""
    split = task.split
    assert task.data.labels is not None
    prior = class_shares(task.data.y, len(task.data.labels))
    per_fold = {
        key: classification_measures(
            confidences[rows], None if prediction is None else prediction[rows], truth[rows],
            prior=prior,
        )
        for key, rows in fold_rows(split.repeat, split.fold).items()
    }  # fmt: skip
    return classification_measures(confidences, prediction, truth, prior=prior), per_fold


def score_regression(task: Task, predicted: np.ndarray, truth: np.ndarray) -> Scores:
    """Engine values over all rows and per fold; the prior is the data set's mean in both."""
    split, mean = task.split, float(task.data.y.mean())
    per_fold = {
        key: regression_measures(predicted[rows], truth[rows], prior_mean=mean)
        for key, rows in fold_rows(split.repeat, split.fold).items()
    }
    return regression_measures(predicted, truth, prior_mean=mean), per_fold


def round_rows(said: np.ndarray, predicted: np.ndarray, decimals: int) -> np.ndarray:
    """Confidences as integers of 10**-decimals that sum to 1, the predicted class's first.

    What rounding down leaves over goes to the largest remainders. Where rounding makes a tie
    that hides the prediction, one unit goes to it. Raises AssertionError if that is not enough.
    """
    whole = 10**decimals
    exact = said / said.sum(axis=1, keepdims=True) * whole
    units = np.floor(exact).astype(int)
    missing = whole - units.sum(axis=1)
    order = np.argsort(-(exact - units), axis=1, kind="stable")
    for row, n in enumerate(missing):
        units[row, order[row, :n]] += 1
    for row in np.flatnonzero(units.argmax(axis=1) != predicted):
        units[row, units[row].argmax()] -= 1
        units[row, predicted[row]] += 1
    assert (units.argmax(axis=1) == predicted).all(), "the prediction is not the most believed"
    return units


def _trace(search: Any, repeat: int, fold: int) -> list[tuple[int, int, int, str, str, str]]:
    scores = search.cv_results_["mean_test_score"]
    return [
        (
            repeat, fold, i,
            json.dumps({f"parameter_{k}": serialise(v) for k, v in tried.items()}),
            repr(float(scores[i])),
            "true" if i == search.best_index_ else "false",
        )
        for i, tried in enumerate(search.cv_results_["params"])
    ]  # fmt: skip


def trace_arff(rows: list[tuple[int, int, int, str, str, str]]) -> bytes:
    """A search's iterations as the ARFF file that is uploaded beside the predictions."""
    names = list(json.loads(rows[0][3]))
    lines = ["@RELATION Trace", "", "@ATTRIBUTE repeat NUMERIC", "@ATTRIBUTE fold NUMERIC"]
    lines += ["@ATTRIBUTE iteration NUMERIC", "@ATTRIBUTE evaluation NUMERIC"]
    lines += ["@ATTRIBUTE selected {true,false}", *(f"@ATTRIBUTE {n} STRING" for n in names)]
    lines += ["", "@DATA"]
    for repeat, fold, iteration, setup, evaluation, selected in rows:
        values = ",".join(f"'{value}'" for value in json.loads(setup).values())
        lines.append(f"{repeat},{fold},{iteration},{evaluation},{selected},{values}")
    return ("\n".join(lines) + "\n").encode()


@contextmanager
def _limit(seconds: float | None, fold: int) -> Iterator[None]:
    """Raise TimeoutError in the block when it takes longer; none without a limit."""
    if seconds is None:
        yield
        return

    def late(_signal: int, _frame: FrameType | None) -> None:
        raise TimeoutError(f"fold {fold}: fit did not end within {seconds} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


_FOLDER = re.compile(re.escape(sysconfig.get_paths()["purelib"]) + "/")


def _words(error: Exception, plan: Plan) -> str:
    """An exception as clients report it: a line, only the message, or the whole traceback.

    Frames of this script are left out and library paths start at the library.
    """
    line = "".join(traceback.format_exception_only(error)).strip("\n")
    style = zlib.crc32(f"{plan.scenario}{plan.estimator!r}{plan.task_id}".encode()) % 10
    # Where a limit strikes is chance; and the texts on task 9102 stay free of markup.
    if style < 6 or plan.task_id == 9102 or isinstance(error, TimeoutError):
        text = line
    elif style < 8:
        text = str(error)
    else:
        frames = [f for f in traceback.extract_tb(error.__traceback__) if _FOLDER.match(f.filename)]
        shown = "".join(traceback.format_list(frames))
        text = f"Traceback (most recent call last):\n{shown}{line}" if frames else line
    return _FOLDER.sub("", text)
