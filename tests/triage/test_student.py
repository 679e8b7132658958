"""Student's t distribution, against scipy's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from runbrowser.triage.student import incomplete_beta, student_p, student_quantile

DEGREES = st.integers(1, 2_000)


@given(st.floats(-60, 60), DEGREES)
def test_the_p_value_is_scipys(t: float, degrees: int) -> None:
    assert student_p(t, degrees) == pytest.approx(2 * stats.t.sf(abs(t), degrees), rel=1e-9)


@given(st.floats(1e-9, 0.999), DEGREES)
def test_the_quantile_is_scipys(p: float, degrees: int) -> None:
    assert student_quantile(p, degrees) == pytest.approx(stats.t.isf(p / 2, degrees), rel=1e-9)


@given(st.floats(0.1, 400), st.floats(0.1, 400), st.floats(0.001, 0.999))
def test_the_incomplete_beta_function_is_scipys(a: float, b: float, x: float) -> None:
    assert incomplete_beta(a, b, x) == pytest.approx(special.betainc(a, b, x), rel=1e-9, abs=1e-12)


def test_the_ends_of_the_scale_are_exact() -> None:
    assert student_p(0.0, 9) == 1.0
    assert student_p(1e200, 9) == 0.0
    assert incomplete_beta(2, 3, 0.0) == 0.0
    assert incomplete_beta(2, 3, 1.0) == 1.0
