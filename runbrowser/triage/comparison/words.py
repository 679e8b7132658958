"""What is said of a comparison in sentences: what forbids it, what is missing, what to mind."""

from __future__ import annotations

from collections.abc import Sequence

from runbrowser.models import Run, RunState
from runbrowser.text import display
from runbrowser.triage.compare import Place, fold_count
from runbrowser.triage.comparison.model import Entry, FoldTest
from runbrowser.triage.comparison.scores import Scores

CAVEAT = (
    "Corrected resampled t-test (Nadeau and Bengio 2003): it allows for training sets that "
    "overlap, and takes the folds for a sample of this data set alone; it says nothing of other "
    "data."
)
_FEW_FOLDS = "With fewer than 10 folds only large differences can be seen."
_AT_ONCE = "Several tests are made at once: the p in brackets is corrected for that (Holm 1979)."


def _ids(run_ids: Sequence[int], *, capital: bool = False) -> str:
    """``run 1``, ``runs 1 and 2``, ``runs 1, 2 and 3``."""
    *before, last = map(str, run_ids)
    told = f"runs {', '.join(before)} and {last}" if before else f"run {last}"
    return told.capitalize() if capital else told


def warnings_of(entries: Sequence[Entry], scores: Scores) -> tuple[str, list[str]]:
    """What forbids to compare: in a few words, and in full; '' and nothing when all is well."""
    by_task: dict[int | None, list[int]] = {}
    for entry in entries:
        if entry.run is not None:
            by_task.setdefault(entry.run.task_id, []).append(entry.run_id)
    if len(by_task) > 1:
        told = [
            f"{'No task' if task is None else f'Task {task}'}: {_ids(ids)}"
            for task, ids in by_task.items()
        ]
        return "Different tasks: scores do not compare, no paired test", [
            f"{'; '.join(told)}. Folds of different tasks are not the same rows."
        ]
    shapes: dict[frozenset[Place], list[int]] = {}
    for entry, places in zip(entries, scores.places, strict=True):
        if places:
            shapes.setdefault(places, []).append(entry.run_id)
    if len(shapes) > 1:
        told = [f"{_ids(ids, capital=True)}: {_shape(places)}" for places, ids in shapes.items()]
        return "Different folds: no paired test where they are not the same", [
            f"{'; '.join(told)}."
        ]
    return "", []


def _shape(places: frozenset[Place]) -> str:
    repeats = len({repeat for repeat, _ in places})
    folds = f"{len(places)} fold{'s' if len(places) > 1 else ''}"
    return folds + (f" in {repeats} repeats" if repeats > 1 else "")


def missing_of(entries: Sequence[Entry]) -> list[str]:
    told = [
        f"Run {entry.run_id} could not be read: {display(entry.failure, 600)}"
        for entry in entries
        if entry.failure
    ]
    reasons = {
        RunState.FAILED: "failed: its uploader reported an error",
        RunState.EVALUATION_FAILED: "could not be evaluated by the server",
        RunState.NOT_EVALUATED: "has not been evaluated by the server yet",
    }
    for entry in entries:
        run = entry.run
        if run is None or run.state not in reasons:
            continue
        scores = "" if run.evaluation_list else "; it has no scores"
        told.append(f"Run {entry.run_id} {reasons[run.state]}{scores}.")
    return told


def why_not(run: Run, base: Run, place: int, baseline: int, scores: Scores, measure: str) -> str:
    """Why two runs cannot be compared fold by fold, in a sentence; '' when they can."""
    shown = display(measure, 200)
    if run.task_id != base.task_id:
        return (
            f"No paired test: run {run.run_id} is of task {run.task_id}, run {base.run_id} of "
            f"task {base.task_id}; their folds are not the same."
        )
    for one, its in ((base, baseline), (run, place)):
        if measure not in scores.folds[its]:
            known = "" if scores.places[its] else ", nor any other measure"
            return f"No paired test: run {one.run_id} has no {shown} per fold{known}."
    if scores.places[place] != scores.places[baseline]:
        return (
            f"No paired test: run {run.run_id} was evaluated on {_shape(scores.places[place])}, "
            f"run {base.run_id} on {_shape(scores.places[baseline])}, which are not the same."
        )
    if fold_count(scores.places[baseline]) < 2:
        return (
            f"No paired test: with {_shape(scores.places[baseline])} no second fold is there to "
            "tell chance by."
        )
    return ""


def caveats_of(tests: Sequence[FoldTest]) -> list[str]:
    done = [test.test for test in tests if test.test is not None and test.test.p is not None]
    if not done:
        return []
    told = [CAVEAT]
    if any(test.corrected is not None for test in tests):
        told.append(_AT_ONCE)
    if any(test.folds < 10 for test in done):
        told.append(_FEW_FOLDS)
    return told
