"""The evaluations of a run: one line a measure, and the table of values per fold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from math import isfinite, isnan
from statistics import mean

from runbrowser.models import Run
from runbrowser.pages.charts import blocks, finite
from runbrowser.pages.lines import BLANK, FAINT, Each, Line, spans, title
from runbrowser.pages.numbers import deviation, number
from runbrowser.text import display
from runbrowser.triage.arrays import read_array, read_matrix
from runbrowser.triage.measures import measure

FoldValues = dict[str, list[tuple[int, int, float | None]]]
"""(repeat, fold, value) of each measure, in order of repeat and fold."""


def fold_values(run: Run) -> FoldValues:
    """The values of a run per fold."""
    return {
        name: [
            (repeat, fold, value)
            for repeat, folds in sorted(repeats.items())
            for fold, value in sorted(folds.items())
        ]
        for name, repeats in run.fold_evaluations.items()
    }


def ordered(run: Run, measures: Iterable[str]) -> list[str]:
    """Measures with the task's own first, then those people look at, then the rest by name."""
    first = [run.task_evaluation_measure or "", "predictive_accuracy", "area_under_roc_curve",
             "f_measure", "kappa", "precision", "unweighted_recall", "weighted_recall",
             "root_mean_squared_error", "mean_absolute_error"]  # fmt: skip
    rank = {name: position for position, name in reversed(list(enumerate(first)))}
    return sorted(measures, key=lambda name: (rank.get(name, len(first)), name))


def is_runtime(name: str) -> bool:
    """Whether a measure tells how long something took: those stand in a section of their own."""
    return measure(name).unit in ("ms", "s")


def evaluations(run: Run, width: int) -> list[Line]:
    """Value, deviation over folds and a block a fold of every measure that is no runtime."""
    own = {e.name: e for e in run.evaluation_list if e.fold is None}
    folds = fold_values(run)
    names = [name for name in ordered(run, {*own, *folds}) if not is_runtime(name)]
    if not names:
        return []
    lines = title("Evaluations")
    room = min(34, max(16, width - 34))
    for name in names:
        evaluation = own.get(name)
        values = [value for _, _, value in folds.get(name, ())]
        known = finite(values)
        value = evaluation.value if evaluation is not None else None
        array = evaluation.array_data if evaluation is not None else None
        if value is None and array:
            below = read_array(array) is not None or read_matrix(array) is not None
            shown = "per class, below" if below else display(array, max(20, 3 * width))
            lines.append(spans(f"{display(name, room):<{room}} ", (shown, FAINT)))
            continue
        if value is not None:
            text = "\u2013" if isnan(value) else number(value)
        elif known:  # the server gives no value of its own
            text = f"({number(mean(known))})"
        else:
            text = "\u2013"
        strong = name == run.task_evaluation_measure
        chart = blocks(values) if len(values) <= max(0, width - room - 24) else ""
        lines.append(
            spans(
                (f"{display(name, room):<{room}} ", "strong" if strong else ""),
                (f"{text:>10}", "strong-accent" if strong else "accent"),
                (f" {deviation(known) if value is None or isfinite(value) else '':<10} ", FAINT),
                (chart, "second"),
            )
        )
    return lines


def fold_table(run: Run, width: int) -> list[Sequence[Line]]:
    """A line a fold with the values of all measures, in as many tables as they need."""
    folds = fold_values(run)
    if not folds:
        return []
    repeats = {repeat for values in folds.values() for repeat, _, _ in values}
    places = sorted({(repeat, fold) for values in folds.values() for repeat, fold, _ in values})
    many = len(repeats) > 1
    after = ("  1 fold" if len(places) == 1 else f"  {len(places)} folds") + (
        f" in {len(repeats)} repeats" if many else ""
    )
    parts: list[Sequence[Line]] = [title("Per fold", after)]
    head = "repeat fold" if many else "fold"
    measures = ordered(run, folds)
    across = max(1, (width - len(head)) // 11)
    for start in range(0, len(measures), across):
        some = measures[start : start + across]
        titles = "".join(f"{display(measure(name).label, 10):>11}" for name in some)
        parts.append([*([BLANK] if start else []), spans((f"{head}{titles}", FAINT))])
        tables = [{(r, f): value for r, f, value in folds[name]} for name in some]
        parts.append(Each(places, partial(_fold_row, tables, many)))
    return parts


def _fold_row(
    tables: Sequence[Mapping[tuple[int, int], float | None]], many: bool, place: tuple[int, int]
) -> list[Line]:
    repeat, fold = place
    values = [table.get(place) for table in tables]
    cells = "".join(f"{'' if value is None else number(value):>11}" for value in values)
    return [spans((f"{repeat:>6} {fold:>4}" if many else f"{fold:>4}", FAINT), cells)]
