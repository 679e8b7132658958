"""Comparing runs: what differs, and what the folds say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbrowser.models import Evaluation, ParameterSetting, Run
from runbrowser.pages.comparison.words import in_words
from runbrowser.triage.compare import (
    incomplete_beta,
    parameter_table,
    student_p,
)

from .runs import paired_test

DIFFERENCES = [0.02, 0.01, -0.01, 0.03, 0.0, 0.02, 0.04, -0.02, 0.01, 0.03]


def run(run_id: int, folds: list[float | None], **changes: object) -> Run:
    evaluations = tuple(
        Evaluation("predictive_accuracy", value, None, 0, fold) for fold, value in enumerate(folds)
    )
    values: dict[str, object] = {
        "run_id": run_id,
        "uploader": 2,
        "uploader_name": "u",
        "task_id": 1,
        "task_type": None,
        "flow_id": 7,
        "flow_name": "sklearn.svm._classes.SVC(1)",
        "setup_id": 3,
        "evaluation_list": evaluations,
    }
    return Run(**{**values, **changes})  # type: ignore[arg-type]


# expected values here and below: scipy 1.17, stats.t.sf
@pytest.mark.parametrize(
    ("t", "degrees", "p"),
    [
        (2.262157, 9, 0.05000001330443163),
        (0.5, 1, 0.7048327646991335),
        (3.1, 49, 0.003204136942408607),
        (12.0, 4, 0.000276428548502973),
    ],
)
def test_the_p_value_is_students(t: float, degrees: int, p: float) -> None:
    assert student_p(t, degrees) == pytest.approx(p, rel=1e-9)
    assert student_p(-t, degrees) == pytest.approx(p, rel=1e-9)


@given(st.floats(0.5, 60), st.floats(0.5, 60), st.floats(0.01, 0.99))
def test_the_incomplete_beta_function_is_symmetric(a: float, b: float, x: float) -> None:
    assert incomplete_beta(a, b, x) + incomplete_beta(b, a, 1 - x) == pytest.approx(1, abs=1e-9)
    assert incomplete_beta(1, 1, x) == pytest.approx(x, abs=1e-12)


def test_the_test_of_ten_folds_divides_the_variance_as_nadeau_and_bengio_say() -> None:
    first = run(1, [0.9 + d for d in DIFFERENCES])
    test = paired_test(first, run(2, [0.9] * 10), "predictive_accuracy")
    assert test is not None
    assert test.t is not None
    assert test.p is not None
    assert (test.folds, test.repeats) == (10, 1)
    assert test.mean == pytest.approx(0.013)
    assert test.t == pytest.approx(1.4981542997808324, rel=1e-9)
    assert test.p == pytest.approx(0.1683206002151228, rel=1e-9)


def test_the_test_turned_round_says_the_same_of_the_other_run() -> None:
    first, second = run(1, [0.9 + d for d in DIFFERENCES]), run(2, [0.9] * 10)
    one = paired_test(first, second, "predictive_accuracy")
    two = paired_test(second, first, "predictive_accuracy")
    assert one is not None
    assert two is not None
    assert one.p == two.p
    assert one.t == -(two.t or 0)


def test_equal_folds_and_too_few_folds_are_said_and_not_tested() -> None:
    same = paired_test(run(1, [0.9] * 10), run(2, [0.9] * 10), "predictive_accuracy")
    assert same is not None
    assert same.p is None
    assert "the same in all 10 folds" in in_words(same, "predictive_accuracy", 1, 2)
    assert paired_test(run(1, [0.9]), run(2, [0.8]), "predictive_accuracy") is None
    assert paired_test(run(1, []), run(2, []), "kappa") is None
    assert "nothing can be said" in in_words(None, "kappa", 1, 2)


def test_a_missing_fold_is_left_out_of_both() -> None:
    test = paired_test(run(1, [0.9, None, 0.8, 0.7]), run(2, [0.8, 0.5, None, 0.6]),
                       "predictive_accuracy")  # fmt: skip
    assert test is not None
    assert test.folds == 2
    assert test.mean == pytest.approx(0.1)


def test_only_parameters_that_differ_are_named_by_component() -> None:
    common = ParameterSetting("kernel", '"rbf"', 7)
    first = run(1, [], parameter_settings=(common, ParameterSetting("C", "1.0", 7)))
    second = run(
        2, [], parameter_settings=(common, ParameterSetting("C", "2.0", 7),
                                   ParameterSetting("gamma", "0.1", 7))
    )  # fmt: skip
    table = parameter_table([first, second], {})
    differ = [line for line in table if line.differs]
    same = len(table) - len(differ)
    assert same == 1
    assert [(d.group, d.name, d.values) for d in differ] == [
        ("sklearn.svm._classes.SVC", "C", ("1.0", "2.0")),
        ("sklearn.svm._classes.SVC", "gamma", (None, "0.1")),
    ]
