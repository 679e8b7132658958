"""What is said of a comparison in sentences: what forbids it, what is missing, what to mind."""

from __future__ import annotations

from collections.abc import Sequence

from runbrowser.models import RunState
from runbrowser.text import display
from runbrowser.triage.compare import PairedTest, Place, sign_of
from runbrowser.triage.comparison.model import Comparison, FoldTest, Obstacle
from runbrowser.triage.measures import direction

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


def headline(comparison: Comparison) -> str:
    """What forbids to compare, in a few words; '' when all is well."""
    return _forbidden(comparison)[0]


def warnings(comparison: Comparison) -> tuple[str, ...]:
    """What forbids to compare, in full; nothing when all is well."""
    return tuple(_forbidden(comparison)[1])


def _forbidden(comparison: Comparison) -> tuple[str, list[str]]:
    entries = comparison.entries
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
    for entry, places in zip(entries, comparison.places, strict=True):
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


def missing(comparison: Comparison) -> tuple[str, ...]:
    """Which runs could not be read, failed, or have no scores, a sentence each."""
    entries = comparison.entries
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
    return tuple(told)


def test_words(comparison: Comparison, test: FoldTest) -> str:
    """What is said of one run against the baseline, in a sentence."""
    entry, base = comparison.entries[test.place], comparison.base
    shown = display(comparison.measure or "", 200)
    if test.obstacle is not None:
        return f"No paired test: {_why_not(comparison, test, shown)}"
    decided = [one for one in comparison.tests if one.test is not None and one.test.p is not None]
    return in_words(
        test.test,
        shown,
        entry.run_id,
        base.run_id,
        corrected=test.corrected,
        tests=len(decided),
    )


def _why_not(comparison: Comparison, test: FoldTest, measure: str) -> str:
    entry, base = comparison.entries[test.place], comparison.base
    its, other = comparison.places[test.place], comparison.places[comparison.baseline]
    if test.obstacle is Obstacle.TASKS:
        tasks = [None if one.run is None else one.run.task_id for one in (entry, base)]
        return (
            f"run {entry.run_id} is of task {tasks[0]}, run {base.run_id} of task {tasks[1]}; "
            "their folds are not the same."
        )
    if test.obstacle in (Obstacle.BASELINE_WITHOUT, Obstacle.RUN_WITHOUT):
        one, places = (entry, its) if test.obstacle is Obstacle.RUN_WITHOUT else (base, other)
        known = "" if places else ", nor any other measure"
        return f"run {one.run_id} has no {measure} per fold{known}."
    if test.obstacle is Obstacle.FOLDS:
        return (
            f"run {entry.run_id} was evaluated on {_shape(its)}, run {base.run_id} on "
            f"{_shape(other)}, which are not the same."
        )
    return f"with {_shape(other)} no second fold is there to tell chance by."


def in_words(
    test: PairedTest | None,
    measure: str,
    first: int,
    second: int,
    *,
    corrected: float | None = None,
    tests: int = 1,
) -> str:
    """What a paired test says, in a sentence, for a person; the runs are named by their ids.

    ``corrected`` is p after Holm's correction for as many ``tests`` made at once; it then decides.
    """
    if test is None:
        return f"{measure}: the two runs share fewer than two folds; nothing can be said."
    lacking = f" ({test.left_out} without a value left out)" if test.left_out else ""
    if test.t is None or test.p is None:
        if test.mean == 0:
            return f"{measure}: the same in all {test.folds} folds{lacking}."
        return f"{measure}: {test.mean:+.3g} in every one of {test.folds} folds{lacking}."
    found = sign_of(test.p if corrected is None else corrected)
    way = direction(measure)
    higher = first if test.mean > 0 else second
    lower = second if test.mean > 0 else first
    if found == "no":
        says = "no sign that the two differ beyond chance"
    elif way is None:
        says = f"{found} sign that run {higher} has more of it"
    else:
        says = f"{found} sign that run {higher if way == 'higher' else lower} is better"
    at_once = "" if corrected is None else f" ({corrected:.3g} as one of {tests} tests)"
    interval = ""
    if test.low is not None and test.high is not None:
        interval = f"95 % interval {test.low:+.3g} to {test.high:+.3g}; "
    return (
        f"{measure}: {test.mean:+.3g} on average over {test.folds} folds{lacking}; {interval}"
        f"t({test.degrees}) = {test.t:.2f}, p = {test.p:.3g}{at_once}: {says}."
    )


def caveats(comparison: Comparison) -> tuple[str, ...]:
    """What is to be minded with the tests, a sentence each."""
    tests = comparison.tests
    done = [test.test for test in tests if test.test is not None and test.test.p is not None]
    if not done:
        return ()
    told = [CAVEAT]
    if any(test.corrected is not None for test in tests):
        told.append(_AT_ONCE)
    if any(test.folds < 10 for test in done):
        told.append(_FEW_FOLDS)
    return tuple(told)
