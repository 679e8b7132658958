"""Compares runs: facts, parameters, evaluations, and a paired test against the baseline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from runbrowser.models import Names, TaskInfo
from runbrowser.text import display, first_line
from runbrowser.triage.compare import (
    Difference,
    PairedTest,
    Place,
    corrected_test,
    fold_count,
    fold_differences,
    holm,
    in_words,
    parameter_table,
)
from runbrowser.triage.comparison.model import Comparison, Entry, FoldTest
from runbrowser.triage.comparison.scores import Scores, preferred
from runbrowser.triage.comparison.words import caveats_of, missing_of, warnings_of, why_not
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
    headline, warnings = warnings_of(entries, scores)
    tests = _tests(entries, scores, baseline, chosen) if chosen is not None else []
    return Comparison(
        entries=tuple(entries),
        baseline=baseline,
        measure=chosen,
        headline=headline,
        warnings=tuple(warnings),
        missing=tuple(missing_of(entries)),
        facts=tuple(_facts(entries, tasks)),
        parameters=tuple(parameter_table(runs, flow_names)),
        measures=tuple(
            scores.line(name, baseline, comparable=len(task_ids) < 2)
            for name in order
            if any(value is not None for value in scores.values(name))
        ),
        tests=tuple(tests),
        caveats=tuple(caveats_of(tests)),
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
    found: list[tuple[int, PairedTest | None, dict[Place, float | None], str]] = []
    for place, entry in enumerate(entries):
        if place == baseline or entry.run is None or base.run is None:
            continue
        why = why_not(entry.run, base.run, place, baseline, scores, measure)
        if why:
            found.append((place, None, {}, why))
            continue
        one, two = scores.folds[place][measure], scores.folds[baseline][measure]
        found.append((place, corrected_test(one, two, folds), fold_differences(one, two), ""))
    tested = [test.p for _, test, _, _ in found if test is not None and test.p is not None]
    corrected = iter(holm(tested)) if len(tested) > 1 else iter(())
    shown = display(measure, 200)
    tests = []
    for place, test, differences, why in found:
        p = next(corrected, None) if test is not None and test.p is not None else None
        words = why or in_words(
            test, shown, entries[place].run_id, base.run_id, corrected=p, tests=len(tested)
        )
        tests.append(FoldTest(place, test, differences, words, p))
    return tests
