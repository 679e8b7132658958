"""The spread over folds, held against the statistics of the standard library and numpy."""

import math
import statistics

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbrowser.client.wire.tables import read_evaluations
from runbrowser.triage.folds import fold_spread, fold_values
from tests.client.recorded import v1

NUMBERS = st.floats(-1e6, 1e6, allow_nan=False).map(lambda value: round(value, 6))


@given(st.lists(NUMBERS, min_size=2, max_size=50))
def test_mean_and_deviation_are_those_of_a_sample(values: list[float]) -> None:
    spread = fold_spread(values)
    assert spread is not None
    assert spread.folds == len(values)
    assert math.isclose(spread.mean, statistics.fmean(values), rel_tol=1e-9, abs_tol=1e-9)
    deviation = float(numpy.std(values, ddof=1))
    assert spread.deviation is not None
    assert math.isclose(spread.deviation, deviation, rel_tol=1e-9, abs_tol=1e-9)


@given(st.lists(NUMBERS, max_size=50))
def test_the_text_of_the_server_gives_its_numbers(values: list[float]) -> None:
    assert fold_values("[" + ",".join(map(str, values)) + "]") == values


def test_one_fold_has_no_deviation_and_none_no_spread() -> None:
    assert fold_spread([0.9]) == (1, 0.9, None)
    assert fold_spread([]) is None


@pytest.mark.parametrize("text", ["", "[]", "[ ]", "[nan,inf,-inf,null]", "[,]", "<b>", "[1_000]"])
def test_what_is_no_number_is_left_out(text: str) -> None:
    assert fold_values(text) == []


def test_the_spread_that_openml_published_comes_out() -> None:
    """number_of_instances of 6 x 213 and 4 x 212 rows has the published deviation 0.5164."""
    spread = fold_spread([213.0] * 6 + [212.0] * 4)
    assert spread is not None
    assert f"{spread.deviation:.4f}" == "0.5164"


def test_recorded_values_per_fold_are_read() -> None:
    rows = read_evaluations(v1("eval_per_fold").answer)
    assert rows
    assert all(fold_values(row.values or "") for row in rows)


def test_values_too_large_to_reckon_with_have_no_spread() -> None:
    assert fold_spread([1e308, 1e308]) is None
    assert fold_spread([1e200, -1e200]) is None
