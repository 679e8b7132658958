"""What differs between runs: parameters, scores, and whether the folds say that one is better."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from runbrowser.models import FoldEvaluations, Run
from runbrowser.triage.flow_names import without_version
from runbrowser.triage.student import incomplete_beta, student_p, student_quantile

__all__ = [
    "Difference",
    "PairedTest",
    "Place",
    "Sign",
    "corrected_test",
    "fold_count",
    "fold_differences",
    "fold_places",
    "holm",
    "incomplete_beta",
    "parameter_table",
    "sign_of",
    "student_p",
    "student_quantile",
]

Key = tuple[str, str]  # component (a short name or an id as text), parameter
Place = tuple[int, int]  # repeat and fold, from 0
Folds = Mapping[int, Mapping[int, float | None]]  # {repeat: {fold: value}} of one measure
Sign = Literal["clear", "some", "weak", "no"]

_ROUNDING = 1e-12  # differences below this share of the values are the rounding of binary fractions


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing of each run, by name; a value is None where a run has none.

    ``differs`` is False where all runs have the same.
    """

    group: str
    name: str
    values: tuple[str | None, ...]
    differs: bool = True


def parameter_table(runs: Sequence[Run | None], flow_names: Mapping[int, str]) -> list[Difference]:
    """All parameters of some runs, by component; a run that is None has no say.

    Components are matched by the flow's name, so that two versions of a flow are compared. Those
    that all runs have come first, since only there a difference is one of settings.
    """
    tables = [None if run is None else _settings(run, flow_names) for run in runs]
    known = [table for table in tables if table is not None]
    keys = list(dict.fromkeys(key for table in known for key in table))
    holders = {
        component: sum(any(key[0] == component for key in table) for table in known)
        for component in dict.fromkeys(component for component, _ in keys)
    }
    order = {component: place for place, component in enumerate(holders)}
    keys.sort(key=lambda key: (holders[key[0]] < len(known), order[key[0]]))
    return [
        Difference(
            *key,
            tuple(None if table is None else table.get(key) for table in tables),
            len({table.get(key) for table in known}) > 1,
        )
        for key in keys
    ]


def _settings(run: Run, flow_names: Mapping[int, str]) -> dict[Key, str]:
    table: dict[Key, str] = {}
    for setting in run.parameter_settings:
        component = setting.component
        name = flow_names.get(component or 0) or (
            run.flow_name if component == run.flow_id else None
        )
        table[without_version(name) if name else f"#{component}", setting.name] = setting.value
    return table


@dataclass(frozen=True, slots=True)
class PairedTest:
    """The corrected resampled t-test of two runs on the same folds (Nadeau and Bengio 2003).

    ``mean`` is that of the differences first minus second, ``t`` the statistic (None where all
    differences are the same), ``p`` two-sided, ``folds`` how many pairs there were, ``low`` and
    ``high`` the ends of the 95 % interval of the mean, ``left_out`` the folds without a pair.
    """

    mean: float
    t: float | None
    p: float | None
    folds: int
    repeats: int
    low: float | None = None
    high: float | None = None
    left_out: int = 0

    @property
    def degrees(self) -> int:
        """Degrees of freedom of t."""
        return self.folds - 1


def fold_places(evaluations: FoldEvaluations) -> frozenset[Place]:
    """Every (repeat, fold) for which a run has any evaluation."""
    return frozenset(
        (repeat, fold)
        for repeats in evaluations.values()
        for repeat, folds in repeats.items()
        for fold in folds
    )


def fold_count(places: Iterable[Place]) -> int:
    """How many folds a repeat has: the most that any repeat shows."""
    seen: dict[int, set[int]] = {}
    for repeat, fold in places:
        seen.setdefault(repeat, set()).add(fold)
    return max(map(len, seen.values()), default=0)


def _pairs(one: Folds, two: Folds) -> dict[Place, tuple[float, float] | None]:
    """Both values of every fold that either has; None where one of them lacks it."""
    places = {(repeat, fold) for table in (one, two) for repeat in table for fold in table[repeat]}
    found: dict[Place, tuple[float, float] | None] = {}
    for repeat, fold in sorted(places):
        a, b = one.get(repeat, {}).get(fold), two.get(repeat, {}).get(fold)
        known = a is not None and b is not None and math.isfinite(a - b)
        found[repeat, fold] = (a, b) if known else None  # type: ignore[assignment]
    return found


def fold_differences(one: Folds, two: Folds) -> dict[Place, float | None]:
    """First minus second in every fold that either has; None where one of them lacks it."""
    return {
        place: None if pair is None else _exactly(pair[0] - pair[1], _size([pair]))
        for place, pair in _pairs(one, two).items()
    }


def _size(pairs: Iterable[tuple[float, float]]) -> float:
    return max((max(abs(a), abs(b)) for a, b in pairs), default=0.0)


def _exactly(difference: float, size: float) -> float:
    return 0.0 if abs(difference) <= _ROUNDING * size else difference


def corrected_test(one: Folds, two: Folds, folds: int) -> PairedTest | None:
    """Tests whether two runs differ in a measure over the folds they share; None below two folds.

    one, two: the fold values of the measure; folds: k, that of the whole cross-validation, also
    where a measure lacks some folds. Folds of one cross-validation share most of their training
    data, so their differences vary less than independent ones would. Nadeau and Bengio (Machine
    Learning 52, 2003) therefore multiply the variance by ``1/n + test/train`` instead of 1/n; with
    k folds test/train is 1/(k-1).
    """
    pairs = _pairs(one, two)
    known = {place: pair for place, pair in pairs.items() if pair is not None}
    n = len(known)
    if n < 2 or folds < 2:
        return None
    repeats = len({repeat for repeat, _ in known})
    size = _size(known.values())
    scale = size or 1.0  # squares of scaled differences cannot leave the range of a float
    scaled = [a / scale - b / scale for a, b in known.values()]
    mean = math.fsum(scaled) / n
    left_out = len(pairs) - n
    if max(scaled) - min(scaled) <= _ROUNDING:
        mean = _exactly(mean * scale, size)
        return PairedTest(mean, None, None, n, repeats, left_out=left_out)
    variance = math.fsum((d - mean) ** 2 for d in scaled) / (n - 1)
    error = math.sqrt((1 / n + 1 / (folds - 1)) * variance)
    t = mean / error
    reach = student_quantile(0.05, n - 1) * error
    return PairedTest(
        mean * scale,
        t,
        student_p(t, n - 1),
        n,
        repeats,
        (mean - reach) * scale,
        (mean + reach) * scale,
        left_out,
    )


def holm(p_values: Sequence[float]) -> list[float]:
    """The p-values of several tests made at once, as Holm (1979) corrects them; same order."""
    order = sorted(range(len(p_values)), key=lambda place: p_values[place])
    corrected = [1.0] * len(p_values)
    highest = 0.0
    for rank, place in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[place]))
        corrected[place] = highest
    return corrected


def sign_of(p: float) -> Sign:
    """How much a p-value says: clear below 0.01, some below 0.05, weak below 0.1."""
    return "clear" if p < 0.01 else "some" if p < 0.05 else "weak" if p < 0.1 else "no"
