"""The evaluations of several runs, side by side."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from runbrowser.models import FoldEvaluations, Run, TaskInfo
from runbrowser.triage.compare import fold_places
from runbrowser.triage.comparison.model import MeasureLine, Score
from runbrowser.triage.measures import MEASURES, default_measure, direction

# People look for these first, after the task's own; the rest comes as OpenML lists it.
_FIRST = ("predictive_accuracy", "area_under_roc_curve", "f_measure", "kappa", "precision",
          "unweighted_recall", "weighted_recall", "root_mean_squared_error",
          "mean_absolute_error")  # fmt: skip
_TYPE_IDS = {
    "supervised regression": 2,
    "survival analysis": 7,
    "multitask regression": 9,
}


class Scores:
    """The evaluations of all runs, taken apart once."""

    def __init__(self, runs: Sequence[Run | None]) -> None:
        self.folds: list[FoldEvaluations] = [
            {} if run is None else run.fold_evaluations for run in runs
        ]
        self.places = [fold_places(folds) for folds in self.folds]
        self._own: list[dict[str, float]] = [
            {
                evaluation.name: evaluation.value
                for evaluation in (run.evaluation_list if run is not None else ())
                if evaluation.fold is None
                and evaluation.value is not None
                and math.isfinite(evaluation.value)
            }
            for run in runs
        ]

    def ordered(self, preferred: str | None) -> list[str]:
        """All measures that any run has, those that people look for first."""
        tables: tuple[Mapping[str, object], ...] = (*self.folds, *self._own)
        names = {name for table in tables for name in table}
        rank = {name: place for place, name in enumerate(MEASURES)}
        first = {name: place for place, name in reversed(list(enumerate((preferred, *_FIRST))))}
        most = len(first) + 1, len(rank)
        return sorted(names, key=lambda n: (first.get(n, most[0]), rank.get(n, most[1]), n))

    def first_tested(self, order: Sequence[str]) -> str | None:
        """The first measure with fold values in two runs, else in one, else the first of all."""
        held = {name: sum(name in folds for folds in self.folds) for name in order}
        for least in (2, 1):
            for name in order:
                if held[name] >= least and direction(name) is not None:
                    return name
        return order[0] if order else None

    def values(self, name: str) -> list[tuple[float, bool] | None]:
        """Value of each run, and whether it is the mean of its folds."""
        return [self._value(name, place) for place in range(len(self.folds))]

    def _value(self, name: str, place: int) -> tuple[float, bool] | None:
        own = self._own[place].get(name)
        if own is not None:
            return own, False
        known = [
            value
            for folds in self.folds[place].get(name, {}).values()
            for value in folds.values()
            if value is not None and math.isfinite(value)
        ]
        if not known:
            return None
        mean = math.fsum(value / len(known) for value in known)
        return mean, True

    def line(self, name: str, baseline: int, *, comparable: bool) -> MeasureLine:
        """The measure in all runs; ``comparable``: there may be a best one."""
        found = self.values(name)
        known = [pair[0] for pair in found if pair is not None]
        lacking = any(
            pair is None and (self.places[place] or self._own[place])
            for place, pair in enumerate(found)
        )  # a run without any score lacks all of them, which is said elsewhere
        differs = len(set(known)) > 1 or lacking
        way = direction(name)
        best = (
            (max if way == "higher" else min)(known)
            if way and comparable and len(set(known)) > 1
            else None
        )
        base = found[baseline]
        return MeasureLine(
            name,
            tuple(
                None
                if pair is None
                else Score(
                    *pair,
                    None if base is None or place == baseline else _less(pair[0], base[0]),
                    pair[0] == best,
                )
                for place, pair in enumerate(found)
            ),
            differs,
        )


def _less(value: float, base: float) -> float | None:
    """The difference of two values; None where it is larger than any float."""
    return value - base if math.isfinite(value - base) else None


def preferred(runs: Sequence[Run | None], tasks: Mapping[int, TaskInfo]) -> str | None:
    """The measure of the first task, by which its runs are compared."""
    run = next((run for run in runs if run is not None), None)
    if run is None:
        return None
    task = tasks.get(run.task_id or 0)
    kind = task.task_type_id if task is not None else None
    named = run.task_evaluation_measure or (task.evaluation_measure if task is not None else None)
    kind = kind or _TYPE_IDS.get((run.task_type or "").strip().lower(), 1)
    return default_measure(named, kind)
