"""How a measure spreads over folds: bars, blocks, a box plot, with few folds and with many."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runbrowser.models import Evaluation
from runbrowser.triage.spread import spread

from .runs import WIDTHS, a_run, folded, page, section

VALUES = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60)


@given(VALUES)
@settings(deadline=None)
def test_the_five_numbers_are_those_of_numpy(values: list[float]) -> None:
    found = spread(values)
    assert found is not None
    wanted = np.percentile(values, [0, 25, 50, 75, 100])
    had = (found.least, found.lower, found.median, found.upper, found.most)
    assert had == pytest.approx(wanted, rel=1e-9, abs=1e-6)
    assert found.mean == pytest.approx(np.mean(values), rel=1e-9, abs=1e-6)
    assert found.count == len(values)


def test_missing_and_endless_values_are_counted_apart() -> None:
    found = spread([None, 1.0, math.nan, 3.0, math.inf])
    assert found is not None
    assert (found.count, found.missing, found.mean) == (2, 3, 2.0)
    assert spread([None, math.nan]) is None


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(("repeats", "folds"), [(1, 2), (1, 10), (2, 5), (10, 2)])
def test_few_folds_have_a_bar_each_with_its_value(width: int, repeats: int, folds: int) -> None:
    count = repeats * folds
    values = [0.5 + i / (2 * count) for i in range(count)]
    run = a_run(evaluation_list=folded({"predictive_accuracy": values}, repeats, folds))
    lines = section(page(run, width), "Spread over folds")
    bars = [line for line in lines if line.startswith("fold ") or "." in line.split(" ")[0]]
    assert [line.split()[-1] for line in bars] == [f"{value:.4f}" for value in values]
    lengths = [line.count("\u2584") + line.count("\u2596") / 2 for line in bars]
    assert all(before <= after for before, after in pairwise(lengths))
    assert lengths[0] < lengths[-1]
    assert lengths[0] > 0
    assert max(map(len, lines)) <= max(width, 30)


@pytest.mark.parametrize("width", [38, 56, 78, 120])
@pytest.mark.parametrize(("repeats", "folds"), [(5, 10), (10, 10), (1, 50), (2, 60)])
def test_many_folds_have_a_block_each_in_lines_that_fit(
    width: int, repeats: int, folds: int
) -> None:
    values = [(i * 7 % 11) / 11 for i in range(repeats * folds)]
    run = a_run(evaluation_list=folded({"predictive_accuracy": values}, repeats, folds))
    lines = section(page(run, width), "Spread over folds")
    drawn = [line for line in lines if line.startswith(("repeat ", "folds "))]
    drawn += [line for line in lines if line[:1].isdigit()]
    blocks = sum(char in "\u2581\u2582\u2583\u2584\u2585\u2586\u2587" for char in "".join(drawn))
    assert blocks == repeats * folds
    assert max(map(len, lines)) <= width


@pytest.mark.parametrize("folds", [2, 10, 50])
def test_missing_folds_are_seen_and_counted(folds: int) -> None:
    values: list[float | None] = [i / folds for i in range(folds)]
    values[1] = None
    run = a_run(evaluation_list=folded({"predictive_accuracy": values}, 1, folds))
    lines = section(page(run, 56), "Spread over folds")
    assert "missing 1" in "\n".join(lines)
    assert any("\u00b7" in line for line in lines)
    if folds <= 20:
        assert "no value" in "\n".join(lines)


def test_the_numbers_of_the_box_are_there_in_words() -> None:
    run = a_run(evaluation_list=folded({"kappa": [0.1, 0.2, 0.3, 0.4, 0.5]}, 1, 5))
    text = "\n".join(section(page(run, 78), "Spread over folds"))
    for part in ("min 0.1000", "quartiles 0.2000 0.4000", "median 0.3000", "max 0.5000",
                 "mean 0.3000", "kappa, higher is better"):  # fmt: skip
        assert part in text
    box = next(line for line in text.split("\n") if line.startswith("box"))
    marks = [box.index(char) for char in "\u251c\u2592\u2503\u2524"]
    assert marks == sorted(marks)


def test_equal_folds_are_said_to_be_equal() -> None:
    run = a_run(evaluation_list=folded({"kappa": [0.5] * 3}, 1, 3))
    assert "all the same" in "\n".join(section(page(run, 56), "Spread over folds"))


@pytest.mark.parametrize(
    ("wanted", "kind", "measures", "drawn"),
    [
        ("kappa", "Supervised Classification", ["predictive_accuracy", "kappa"], "kappa"),
        (None, "Supervised Classification", ["kappa", "predictive_accuracy"], "predictive_acc"),
        # regression tasks that declare an accuracy exist, and their runs never carry it
        ("predictive_accuracy", "Supervised Regression",
         ["mean_absolute_error", "root_mean_squared_error"], "root_mean_squared_error, lower"),
        (None, None, ["usercpu_time_millis", "f_measure"], "f_measure"),
    ],
)  # fmt: skip
def test_the_tasks_own_measure_is_drawn_or_the_nearest_to_it(
    wanted: str | None, kind: str | None, measures: list[str], drawn: str
) -> None:
    run = a_run(
        task_evaluation_measure=wanted,
        task_type=kind,
        evaluation_list=folded({name: [0.1, 0.2] for name in measures}, 1, 2),
    )
    assert section(page(run, 78), "Spread over folds")[0].startswith(drawn)


def test_runs_without_folds_or_with_one_have_no_such_section() -> None:
    for evaluations in ((), (Evaluation("kappa", 0.5),), folded({"kappa": [0.5]}, 1, 1)):
        assert "Spread" not in page(a_run(evaluation_list=evaluations), 56)
