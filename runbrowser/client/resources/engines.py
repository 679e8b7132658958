"""Runs that several evaluation engines evaluated: which engine's values are taken, and that it is
said. Everywhere it is the engine with the lowest number, by whose verdict V1 describes a run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from runbrowser.models import Evaluation, EvaluationRow, Run
from runbrowser.text import display

_FEW = 5  # measures that are named, of those whose values differ


def first_engine(rows: Iterable[EvaluationRow]) -> dict[int, EvaluationRow]:
    """One evaluation a run, of one measure: that of the engine with the lowest number."""
    found: dict[int, EvaluationRow] = {}
    for row in rows:
        known = found.get(row.run_id)
        if known is None or _engine(row) < _engine(known):
            found[row.run_id] = row
    return found


def _engine(row: EvaluationRow) -> int:
    return row.evaluation_engine_id or 1


def has_several_engines(run: Run) -> bool:
    """Whether a description holds values of several engines: it then tells a measure twice, and
    not of which engine.
    """
    places = Counter(map(_place, run.evaluation_list))
    return any(count > 1 for count in places.values())


def of_first_engine(run: Run, rows: Sequence[EvaluationRow]) -> Run:
    """A run with one value for each measure, repeat and fold, and a notice that names the engine.

    ``rows``: all measures of the run, with their engines, as the list of evaluations tells them;
    without any the first value is taken that the description has.
    """
    wanted = {
        name: first_engine(row for row in rows if row.function == name)[run.run_id]
        for name in {row.function for row in rows if row.run_id == run.run_id}
    }
    turns = {name: _turn(run, name, row) for name, row in wanted.items()}
    met: Counter[tuple[str, int | None, int | None, int | None]] = Counter()
    by_place: dict[tuple[str, int | None, int | None, int | None], Evaluation] = {}
    for evaluation in run.evaluation_list:
        place = _place(evaluation)
        if place not in by_place or met[place] == turns.get(evaluation.name, 0):
            by_place[place] = evaluation
        met[place] += 1
    notice = _notice(rows, run)
    return replace(run, evaluation_list=tuple(by_place.values()), notices=(*run.notices, notice))


def _place(evaluation: Evaluation) -> tuple[str, int | None, int | None, int | None]:
    return evaluation.name, evaluation.repeat, evaluation.fold, evaluation.sample


def _turn(run: Run, name: str, row: EvaluationRow) -> int:
    """Which of the values that a description has for a measure is the engine's."""
    own = [e for e in run.evaluation_list if e.name == name and e.fold is None]
    same = ((e.value, e.array_data) == (row.value, row.array_data) for e in own)
    return next((turn for turn, is_same in enumerate(same) if is_same), 0)


def _notice(rows: Sequence[EvaluationRow], run: Run) -> str:
    by_engine: dict[int, dict[str, float | None]] = {}
    for row in rows:
        if row.run_id == run.run_id:
            by_engine.setdefault(_engine(row), {})[row.function] = row.value
    if len(by_engine) < 2:
        return (
            "Several engines evaluated this run, and the server does not tell which value is "
            "whose; shown is the first of each measure."
        )
    first, *others = sorted(by_engine)
    said = []
    for engine in others:
        values, own = by_engine[first], run.task_evaluation_measure
        differing = [
            f"{display(name, 60)} {value:.6g}"
            for name, value in sorted(by_engine[engine].items(), key=lambda item: item[0] != own)
            if value is not None and value != values.get(name)
        ]
        more = f" and {len(differing) - _FEW:,} more" if len(differing) > _FEW else ""
        said.append(
            f"engine {engine} says {', '.join(differing[:_FEW])}{more}"
            if differing
            else f"engine {engine} says the same"
        )
    return (
        f"{len(by_engine)} engines evaluated this run; shown is what engine {first} says, "
        f"{'; '.join(said)}."
    )
