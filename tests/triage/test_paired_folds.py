"""The corrected resampled t-test against one computed with scipy, on the demo's own runs."""

from __future__ import annotations

import contextlib
import itertools
import math
import sqlite3
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from runbrowser.demo.catalogue import unpack
from runbrowser.pages.comparison.words import in_words
from runbrowser.triage.compare import holm, sign_of

from .runs import a_run, evaluations_of, paired_test

Values = dict[tuple[int, int], float]


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    """The demo's runs as its own database has them."""
    path = tmp_path_factory.mktemp("catalogue") / "catalogue.db"
    unpack(path)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        yield connection


def oracle(one: Values, two: Values, folds: int) -> tuple[float, float, float, float, float]:
    """Mean, t, p and the 95 % interval as Nadeau and Bengio (2003) write them, by numpy and
    scipy: the variance of the mean is (1/n + n_test/n_train) times that of the differences.
    """
    differences = np.array([one[place] - two[place] for place in sorted(one.keys() & two.keys())])
    n = len(differences)
    test_to_train = (1 / folds) / (1 - 1 / folds)
    error = math.sqrt((1 / n + test_to_train) * np.var(differences, ddof=1))
    mean = float(np.mean(differences))
    t = mean / error
    low, high = stats.t.interval(0.95, n - 1, loc=mean, scale=error)
    return mean, t, 2 * stats.t.sf(abs(t), n - 1), low, high


def fold_values(catalogue: sqlite3.Connection, run_id: int, measure: str) -> Values:
    rows = catalogue.execute(
        "SELECT repeat, fold, value FROM evaluation_fold JOIN measure ON measure.id = measure_id"
        " WHERE run_id = ? AND name = ? AND value IS NOT NULL",
        (run_id, measure),
    )
    return {(repeat, fold): value for repeat, fold, value in rows}


def as_run(run_id: int, values: Values, folds: int) -> object:
    table = [[values.get((repeat, fold)) for fold in range(folds)]
             for repeat in range(1 + max(repeat for repeat, _ in values))]  # fmt: skip
    return a_run(run_id, table)


@pytest.mark.parametrize(
    ("task", "measure", "folds"),
    [
        (9101, "predictive_accuracy", 10),
        (9103, "area_under_roc_curve", 10),
        (9104, "f_measure", 10),
        (9105, "root_mean_squared_error", 10),
        (9106, "predictive_accuracy", 10),
    ],
)
def test_runs_of_the_demo_are_tested_as_scipy_tests_them(
    catalogue: sqlite3.Connection, task: int, measure: str, folds: int
) -> None:
    ids = [
        run_id
        for (run_id,) in catalogue.execute(
            "SELECT DISTINCT run_id FROM evaluation_fold JOIN run ON run.id = run_id"
            " JOIN measure ON measure.id = measure_id WHERE task_id = ? AND name = ?"
            " ORDER BY run_id LIMIT 12",
            (task, measure),
        )
    ]
    tested = 0
    for first, second in itertools.combinations(ids, 2):
        one = fold_values(catalogue, first, measure)
        two = fold_values(catalogue, second, measure)
        found = paired_test(
            as_run(first, one, folds), as_run(second, two, folds), "predictive_accuracy"
        )  # type: ignore[arg-type]
        assert found is not None
        if found.t is None:
            spread = {round(one[place] - two[place], 12) for place in one.keys() & two.keys()}
            assert len(spread) == 1
            continue
        mean, t, p, low, high = oracle(one, two, folds)
        assert found.mean == pytest.approx(mean, rel=1e-9, abs=1e-15)
        assert found.t == pytest.approx(t, rel=1e-9, abs=1e-12)
        assert found.p == pytest.approx(p, rel=1e-9)
        assert (found.low, found.high) == pytest.approx((low, high), rel=1e-9, abs=1e-12)
        assert found.folds == len(one.keys() & two.keys())
        tested += 1
    assert tested > 20


def test_a_fold_without_a_value_does_not_make_the_training_sets_smaller() -> None:
    one = [0.9, 0.8, None, 0.85, 0.95, 0.7, 0.9, 0.8, 0.9, 0.6]
    two = [0.8, 0.8, 0.9, 0.75, 0.85, 0.75, None, 0.7, 0.8, 0.7]
    found = paired_test(a_run(1, one), a_run(2, two), "predictive_accuracy")
    values = [
        {(0, fold): value for fold, value in enumerate(folds) if value is not None}
        for folds in (one, two)
    ]
    _, t, p, _, _ = oracle(*values, folds=10)
    assert found is not None
    assert (found.folds, found.left_out) == (8, 2)
    assert found.t == pytest.approx(t, rel=1e-9)
    assert found.p == pytest.approx(p, rel=1e-9)
    assert "8 folds (2 without a value left out)" in in_words(found, "kappa", 1, 2)


def test_folds_that_only_another_measure_shows_count_too() -> None:
    ten = evaluations_of("kappa", [0.5] * 10)
    four = evaluations_of("f_measure", [0.5, 0.6, 0.7, 0.9])
    other = evaluations_of("f_measure", [0.4, 0.6, 0.8, 0.7])
    one = a_run(1, evaluation_list=tuple(ten + four))
    two = a_run(2, evaluation_list=tuple(ten + other))
    found = paired_test(one, two, "f_measure")
    values = [dict(zip([(0, f) for f in range(4)], v, strict=True))
              for v in ([0.5, 0.6, 0.7, 0.9], [0.4, 0.6, 0.8, 0.7])]  # fmt: skip
    assert found is not None
    assert found.t == pytest.approx(oracle(*values, folds=10)[1], rel=1e-9)


def test_differences_that_only_rounding_makes_unequal_are_the_same() -> None:
    one = [0.1 * n + 0.02 for n in range(10)]
    two = [0.1 * n for n in range(10)]
    found = paired_test(a_run(1, one), a_run(2, two), "predictive_accuracy")
    assert found is not None
    assert found.t is None
    assert found.mean == pytest.approx(0.02)
    assert "+0.02 in every one of 10 folds" in in_words(found, "kappa", 1, 2)


@given(
    st.lists(
        st.tuples(
            st.floats(allow_nan=True, allow_infinity=True) | st.none(),
            st.floats(allow_nan=True, allow_infinity=True) | st.none(),
        ),
        max_size=60,
    )
)
def test_no_values_whatever_stop_a_test(pairs: list[tuple[float | None, float | None]]) -> None:
    one, two = a_run(1, [a for a, _ in pairs]), a_run(2, [b for _, b in pairs])
    found = paired_test(one, two, "predictive_accuracy")
    assert in_words(found, "kappa", 1, 2)
    if found is not None and found.p is not None:
        assert 0 <= found.p <= 1
        assert found.low is not None
        assert found.high is not None
        assert found.low <= found.mean <= found.high


def test_several_tests_are_corrected_as_holm_says() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.6, 0.9]) == pytest.approx([1.0, 1.0])
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holms_correction_never_lowers_p_nor_changes_the_order(values: list[float]) -> None:
    corrected = holm(values)
    assert all(new >= old for new, old in zip(corrected, values, strict=True))
    assert all(new <= 1 for new in corrected)
    order = sorted(range(len(values)), key=lambda place: values[place])
    assert [corrected[place] for place in order] == sorted(corrected)


def test_words_tell_the_better_run_by_the_measures_direction() -> None:
    high = a_run(1, [0.9, 0.91, 0.92, 0.9, 0.93], measure="kappa")
    low = a_run(2, [0.5, 0.52, 0.51, 0.5, 0.52], measure="kappa")
    words = in_words(paired_test(high, low, "kappa"), "kappa", 1, 2)
    assert "clear sign that run 1 is better" in words
    assert "t(4) = " in words
    assert "95 % interval +0." in words
    high = a_run(1, [9.0, 9.1, 9.2, 9.0, 9.3], measure="root_mean_squared_error")
    low = a_run(2, [5.0, 5.2, 5.1, 5.0, 5.2], measure="root_mean_squared_error")
    name = "root_mean_squared_error"
    assert "clear sign that run 2 is better" in in_words(paired_test(high, low, name), name, 1, 2)
    turned = in_words(paired_test(low, high, name), name, 2, 1)
    assert "clear sign that run 2 is better" in turned


def test_words_promise_no_better_run_where_the_measure_has_no_direction() -> None:
    name = "number_of_instances"
    one = a_run(1, [10, 11, 12, 10], measure=name)
    two = a_run(2, [5, 5, 6, 5], measure=name)
    words = in_words(paired_test(one, two, name), name, 1, 2)
    assert "run 1 has more of it" in words
    assert "better" not in words


def test_after_holms_correction_the_corrected_p_decides() -> None:
    one = a_run(1, [0.9, 0.91, 0.95, 0.9, 0.93])
    two = a_run(2, [0.8, 0.88, 0.89, 0.87, 0.8])
    found = paired_test(one, two, "predictive_accuracy")
    assert found is not None
    assert found.p is not None
    words = in_words(found, "predictive_accuracy", 1, 2, corrected=0.5, tests=3)
    assert "(0.5 as one of 3 tests): no sign that the two differ beyond chance." in words


@pytest.mark.parametrize(
    ("p", "sign"), [(0.001, "clear"), (0.01, "some"), (0.05, "weak"), (0.1, "no"), (1, "no")]
)
def test_how_much_a_p_value_says(p: float, sign: str) -> None:
    assert sign_of(p) == sign
