"""Compares runs: facts, parameters, evaluations, and a paired test against the baseline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from runbrowser.models import Names, Run, TaskInfo
from runbrowser.text import first_line
from runbrowser.triage.compare import (
    Difference,
    corrected_test,
    fold_count,
    fold_differences,
    holm,
    parameter_table,
)
from runbrowser.triage.comparison.model import Comparison, Entry, FoldTest, Obstacle
from runbrowser.triage.comparison.scores import Scores, preferred
from runbrowser.triage.flow_names import short_name


def compare_runs(
    entries: Sequence[Entry],
    flow_names: Names,
    tasks: Mapping[int, TaskInfo],
    *,
    baseline: int = 0,
    measure: str | None = None,
) -> Comparison:
    """Compares what was read so far of 2 to 8 runs.

    flow_names: full names of flows and components by id. baseline: the place of the run that the
    others are measured against. measure: that of the paired tests; None takes the task's own.
    """
    runs = [entry.run for entry in entries]
    scores = Scores(runs)
    order = scores.ordered(preferred(runs, tasks))
    chosen = measure if measure is not None else scores.first_tested(order)
    task_ids = {run.task_id for run in runs if run is not None}
    tests = _tests(entries, scores, baseline, chosen) if chosen is not None else []
    return Comparison(
        entries=tuple(entries),
        baseline=baseline,
        measure=chosen,
        places=tuple(scores.places),
        facts=tuple(_facts(entries, tasks)),
        parameters=tuple(parameter_table(runs, flow_names)),
        measures=tuple(
            scores.line(name, baseline, comparable=len(task_ids) < 2)
            for name in order
            if any(value is not None for value in scores.values(name))
        ),
        tests=tuple(tests),
    )


def _facts(entries: Sequence[Entry], tasks: Mapping[int, TaskInfo]) -> list[Difference]:
    tables = [None if entry.run is None else _fact_table(entry, tasks) for entry in entries]
    known = [table for table in tables if table is not None]
    names = list(dict.fromkeys(name for table in known for name in table))
    return [
        Difference(
            "",
            name,
            tuple(None if table is None else table[name] for table in tables),
            len({table[name] for table in known}) > 1,
        )
        for name in names
        if any(table[name] for table in known)
    ]


def _named(name: str | None, number: int | None) -> str | None:
    told = " ".join(filter(None, (name, None if number is None else f"#{number}")))
    return told or None


def _fact_table(entry: Entry, tasks: Mapping[int, TaskInfo]) -> dict[str, str | None]:
    run = entry.run
    assert run is not None  # noqa: S101 - asked only of runs that were read
    data: str | None = ", ".join(
        filter(None, (_named(data.name, data.dataset_id) for data in run.input_data))
    )
    task = tasks.get(run.task_id or 0)
    if not data and task is not None:
        data = _named(task.dataset_name, task.dataset_id)
    error = run.error_message or run.evaluation_error
    return {
        "state": f"{run.state.glyph} {run.state.value}",
        "flow": _named(short_name(run.flow_name) if run.flow_name else None, run.flow_id),
        "setup": _named(None, run.setup_id),
        "task": _named(run.task_type, run.task_id),
        "data set": data or None,
        "uploader": _named(run.uploader_name, run.uploader),
        "uploaded": entry.uploaded,
        "error": first_line(error) if error else None,
        "tags": ", ".join(sorted(run.tags)) or None,
        "details": run.run_details or None,
    }


def _tests(entries: Sequence[Entry], scores: Scores, baseline: int, measure: str) -> list[FoldTest]:
    base = entries[baseline]
    folds = fold_count(scores.places[baseline])
    found: list[FoldTest] = []
    for place, entry in enumerate(entries):
        if place == baseline or entry.run is None or base.run is None:
            continue
        obstacle = _obstacle(entry.run, base.run, place, baseline, scores, measure)
        if obstacle is not None:
            found.append(FoldTest(place, None, {}, obstacle))
            continue
        one, two = scores.folds[place][measure], scores.folds[baseline][measure]
        tested = corrected_test(one, two, folds)
        found.append(FoldTest(place, tested, fold_differences(one, two)))
    p_values = [t.test.p for t in found if t.test is not None and t.test.p is not None]
    if len(p_values) < 2:
        return found
    corrected = iter(holm(p_values))
    return [
        replace(t, corrected=next(corrected)) if t.test is not None and t.test.p is not None else t
        for t in found
    ]


def _obstacle(
    run: Run, base: Run, place: int, baseline: int, scores: Scores, measure: str
) -> Obstacle | None:
    """What forbids a paired test of two runs; None if nothing does."""
    if run.task_id != base.task_id:
        return Obstacle.TASKS
    if measure not in scores.folds[baseline]:
        return Obstacle.BASELINE_WITHOUT
    if measure not in scores.folds[place]:
        return Obstacle.RUN_WITHOUT
    if scores.places[place] != scores.places[baseline]:
        return Obstacle.FOLDS
    return Obstacle.ONE_FOLD if fold_count(scores.places[baseline]) < 2 else None
