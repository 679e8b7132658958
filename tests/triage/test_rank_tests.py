"""Tests by ranks against scipy's, and Nemenyi's against what scikit-posthocs gives."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from runbrowser.triage.suite.distributions import (
    chi_square_tail,
    normal_tail,
    studentized_range_quantile,
    studentized_range_tail,
)
from runbrowser.triage.suite.rank_tests import (
    average_ranks,
    critical_difference,
    friedman,
    nemenyi,
    wilcoxon,
)

CLOSE = {"rel": 1e-9, "abs": 1e-12}
FEW = settings(max_examples=40, deadline=None)


@pytest.mark.parametrize("groups", [2, 3, 5, 10, 26])
def test_the_studentized_range_is_scipys(groups: int) -> None:
    for q in (0.05, 1.0, 3.3, 8.0):
        expected = stats.studentized_range.sf(q, groups, math.inf)
        assert studentized_range_tail(q, groups) == pytest.approx(expected, abs=1e-10)
    assert studentized_range_tail(0.0, groups) == 1.0
    quantile = studentized_range_quantile(0.05, groups)
    assert stats.studentized_range.sf(quantile, groups, math.inf) == pytest.approx(0.05, rel=1e-9)


@FEW
@given(st.floats(1e-3, 400), st.integers(1, 40))
def test_the_tail_of_chi_square_is_scipys(x: float, degrees: int) -> None:
    assert chi_square_tail(x, degrees) == pytest.approx(stats.chi2.sf(x, degrees), **CLOSE)


@FEW
@given(st.floats(-8, 8))
def test_the_tail_of_the_normal_distribution_is_scipys(z: float) -> None:
    assert normal_tail(z) == pytest.approx(stats.norm.sf(z), **CLOSE)


@FEW
@given(st.lists(st.integers(0, 9), max_size=30))
def test_average_ranks_are_scipys(values: list[int]) -> None:
    assert average_ranks(values) == list(stats.rankdata(values))


@pytest.mark.parametrize("count", [1, 4, 6, 12, 30, 50, 51, 200])
def test_wilcoxon_without_ties_is_scipys(count: int) -> None:
    numbers = random.Random(count)
    one = [numbers.random() for _ in range(count)]
    two = [numbers.random() for _ in range(count)]
    found, expected = wilcoxon(one, two), stats.wilcoxon(one, two)
    assert found is not None
    assert found.exact is (count <= 50)
    assert found.statistic == pytest.approx(expected.statistic, **CLOSE)
    assert found.p == pytest.approx(expected.pvalue, **CLOSE)


@pytest.mark.parametrize("count", [6, 8, 10])
def test_wilcoxon_with_ties_and_zeros_is_exact_over_all_signs(count: int) -> None:
    numbers = random.Random(count)
    whole = [numbers.randint(-3, 3) or 1 for _ in range(count - 1)]
    found = wilcoxon([0.5 + number / 100 for number in whole] + [0.5], [0.5] * count)
    # with so few pairs scipy goes through all permutations where there are ties
    expected = stats.wilcoxon(whole)
    assert found is not None
    assert (found.exact, found.zeros, found.pairs) == (True, 1, count - 1)
    assert found.statistic == expected.statistic
    assert found.p == pytest.approx(expected.pvalue, **CLOSE)


def test_wilcoxon_of_many_ties_is_scipys_approximation() -> None:
    numbers = random.Random(7)
    whole = [numbers.randint(-4, 5) for _ in range(120)]
    found = wilcoxon([5 + number / 10 for number in whole], [5.0] * 120)
    expected = stats.wilcoxon(whole)
    assert found is not None and not found.exact
    assert found.p == pytest.approx(expected.pvalue, **CLOSE)


def test_the_rounding_of_binary_fractions_makes_no_ranks() -> None:
    found = wilcoxon([0.95, 0.90, 0.3], [0.93, 0.88, 0.1 + 0.2])
    assert found is not None
    assert (found.pairs, found.zeros, found.plus, found.minus) == (2, 1, 3.0, 0.0)
    assert wilcoxon([0.1 + 0.2], [0.3]) is None
    assert wilcoxon([], []) is None


@pytest.mark.parametrize("higher", [True, False])
@pytest.mark.parametrize(("blocks", "groups", "digits"), [(12, 5, 1), (6, 3, 6), (40, 8, 2)])
def test_friedman_is_scipys(blocks: int, groups: int, digits: int, higher: bool) -> None:
    numbers = random.Random(blocks)
    rows = [[round(numbers.random(), digits) for _ in range(groups)] for _ in range(blocks)]
    found = friedman(rows, higher=higher)
    expected = stats.friedmanchisquare(*zip(*rows, strict=True))
    assert found.chi_square == pytest.approx(expected.statistic, **CLOSE)
    assert found.p == pytest.approx(expected.pvalue, **CLOSE)
    sign = -1 if higher else 1
    ranks = [stats.rankdata([sign * value for value in row]) for row in rows]
    for place in range(groups):
        mean = sum(row[place] for row in ranks) / blocks
        assert found.ranks[place] == pytest.approx(mean, **CLOSE)


def test_friedman_of_what_is_the_same_everywhere_tells_nothing() -> None:
    found = friedman([[0.5, 0.5, 0.5]] * 4)
    assert (found.chi_square, found.p, found.ranks) == (None, None, (2.0, 2.0, 2.0))


# posthoc_nemenyi_friedman of scikit-posthocs for these rows
ROWS = [[0.9, 0.8, 0.7, 0.6], [0.8, 0.9, 0.5, 0.6], [0.7, 0.6, 0.5, 0.4], [0.9, 0.8, 0.6, 0.7],
        [0.6, 0.5, 0.4, 0.3], [0.8, 0.7, 0.5, 0.5]]  # fmt: skip
NEMENYI = [
    [1.0, 0.80775747651301, 0.01353866129249, 0.00651168257359],
    [0.80775747651301, 1.0, 0.14535338765352, 0.08746638606559],
    [0.01353866129249, 0.14535338765352, 1.0, 0.99605875374064],
    [0.00651168257359, 0.08746638606559, 0.99605875374064, 1.0],
]


def test_nemenyi_is_that_of_scikit_posthocs() -> None:
    found = nemenyi(friedman(ROWS).ranks, len(ROWS))
    for row, expected in zip(found, NEMENYI, strict=True):
        assert row == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("groups", "q"),  # of the table in Demsar (2006), level 0.05
    [(2, 1.960), (3, 2.343), (4, 2.569), (5, 2.728), (10, 3.164)],
)
def test_the_critical_difference_is_that_of_the_published_table(groups: int, q: float) -> None:
    blocks = 14
    expected = q * math.sqrt(groups * (groups + 1) / (6 * blocks))
    assert critical_difference(groups, blocks) == pytest.approx(expected, rel=5e-4)


def test_a_difference_of_ranks_beyond_the_critical_one_has_a_p_below_the_level() -> None:
    def p_of(difference: float) -> float:
        ranks: Sequence[float] = (1.0, 1.0 + difference, 2.0)
        return nemenyi(ranks, 14)[0][1]

    critical = critical_difference(3, 14)
    assert p_of(critical * 1.001) < 0.05 < p_of(critical * 0.999)
