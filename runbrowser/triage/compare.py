"""What differs between runs: parameters, scores, and whether the folds say that one is better."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from runbrowser.models import Run

Key = tuple[str, str]  # component (a short name or an id as text), parameter


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not the same in all runs; a value is None where a run has none."""

    group: str
    name: str
    values: tuple[str | None, ...]


def parameter_differences(
    runs: Sequence[Run], flow_names: Mapping[int, str]
) -> tuple[list[Difference], int]:
    """The parameters that differ, by component, and how many are the same in all runs.

    Components are matched by the flow's name, so that two versions of a flow are compared.
    """
    tables: list[dict[Key, str]] = []
    for run in runs:
        table: dict[Key, str] = {}
        for setting in run.parameter_settings:
            component = setting.component
            name = flow_names.get(component or 0) or (
                run.flow_name if component == run.flow_id else None
            )
            table[name.rpartition("(")[0] if name else f"#{component}", setting.name] = (
                setting.value
            )
        tables.append(table)
    keys = list(dict.fromkeys(key for table in tables for key in table))
    differ, same = [], 0
    for key in keys:
        values = tuple(table.get(key) for table in tables)
        if len(set(values)) > 1:
            differ.append(Difference(key[0], key[1], values))
        else:
            same += 1
    return differ, same


@dataclass(frozen=True, slots=True)
class PairedTest:
    """The corrected resampled t-test of two runs on the same folds (Nadeau and Bengio 2003).

    ``mean`` is that of the differences first minus second, ``t`` the statistic (None where all
    differences are the same), ``p`` two-sided, ``folds`` how many pairs there were.
    """

    mean: float
    t: float | None
    p: float | None
    folds: int
    repeats: int


def paired_test(first: Run, second: Run, measure: str) -> PairedTest | None:
    """Tests whether two runs differ in a measure over the folds they share; None below two folds.

    Folds of one cross-validation share most of their training data, so their differences vary
    less than independent ones would. Nadeau and Bengio (Machine Learning 52, 2003) therefore
    divide the variance by ``1 / (1/n + test/train)`` instead of n; with k folds test/train is
    1/(k-1).
    """
    one, two = first.fold_evaluations.get(measure, {}), second.fold_evaluations.get(measure, {})
    differences: list[float] = []
    folds_of: list[int] = []
    for repeat in sorted(set(one) & set(two)):
        shared = [
            (one[repeat][fold], two[repeat][fold])
            for fold in sorted(set(one[repeat]) & set(two[repeat]))
        ]
        known = [(a, b) for a, b in shared if a is not None and b is not None]
        if known:
            differences += [a - b for a, b in known]
            folds_of.append(len(known))
    n = len(differences)
    if n < 2 or not folds_of or min(folds_of) < 2:
        return None
    mean = math.fsum(differences) / n
    variance = math.fsum((d - mean) ** 2 for d in differences) / (n - 1)
    share = 1 / (min(folds_of) - 1)  # test rows to training rows
    if variance <= 0:
        return PairedTest(mean, None, None, n, len(folds_of))
    t = mean / math.sqrt((1 / n + share) * variance)
    return PairedTest(mean, t, student_p(t, n - 1), n, len(folds_of))


def student_p(t: float, degrees: int) -> float:
    """The two-sided p-value of Student's t with so many degrees of freedom."""
    return incomplete_beta(degrees / 2, 0.5, degrees / (degrees + t * t))


def incomplete_beta(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function I_x(a, b), by its continued fraction.

    Lentz's method (Abramowitz and Stegun 26.5.8); exact to about 1e-14 for the sizes met here.
    """
    if x <= 0:
        return 0.0
    if x >= 1:
        return 1.0
    if x > (a + 1) / (a + b + 2):  # the fraction converges fast on the other side
        return 1.0 - incomplete_beta(b, a, 1 - x)
    log_front = (
        math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    )
    tiny = 1e-300
    c, d = 1.0, 1 - (a + b) * x / (a + 1)
    d = 1 / (d if abs(d) > tiny else tiny)
    fraction = d
    for m in range(1, 500):
        for numerator in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 + numerator * d
            d = 1 / (d if abs(d) > tiny else tiny)
            c = 1 + numerator / c
            c = c if abs(c) > tiny else tiny
            step = c * d
            fraction *= step
        if abs(step - 1) < 1e-16:
            break
    return math.exp(log_front) * fraction / a


def in_words(test: PairedTest | None, measure: str, first: int, second: int) -> str:
    """What a paired test says, with its caveats, for a person."""
    if test is None:
        return f"{measure}: the two runs share fewer than two folds; nothing can be said."
    if test.t is None or test.p is None:
        if test.mean == 0:
            return f"{measure}: the same in all {test.folds} folds."
        return f"{measure}: {test.mean:+.4f} in every one of {test.folds} folds."
    more = first if test.mean > 0 else second
    strength = (
        "clear" if test.p < 0.01 else "some" if test.p < 0.05 else "weak" if test.p < 0.1 else "no"
    )
    few = " With so few folds, little can be seen." if test.folds < 10 else ""
    return (
        f"{measure}: {test.mean:+.4f} on average over {test.folds} folds "
        f"(t = {test.t:.2f}, p = {test.p:.3g}): {strength} sign that run {more} has more of it. "
        "The test allows for overlapping training sets, and takes the folds for a sample of "
        f"this data set alone.{few}"
    )
