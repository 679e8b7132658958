"""Several runs side by side: what differs, who is best, what is flagged and what is missing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from runbrowser.models import Evaluation, InputData, ParameterSetting, Run, TaskInfo
from runbrowser.pages.comparison import words as words_of
from runbrowser.pages.comparison.words import test_words as said
from runbrowser.triage.compare import parameter_table
from runbrowser.triage.comparison import Comparison, Entry, compare_runs

from .runs import a_run, evaluations_of

TEN = [0.9, 0.91, 0.92, 0.9, 0.93, 0.9, 0.94, 0.9, 0.92, 0.91]
BETTER = [value + step for value, step in zip(TEN, [0.04, 0.05] * 5, strict=True)]
ACC = "predictive_accuracy"


def compared(*runs: Run, **options: object) -> Comparison:
    return compare_runs([Entry(run.run_id, run) for run in runs], {}, {}, **options)  # type: ignore[arg-type]


def test_the_best_value_is_that_of_the_measures_direction() -> None:
    def both(run_id: int, accuracy: float, error: float) -> Run:
        name = "root_mean_squared_error"
        return a_run(run_id, evaluation_list=(Evaluation(ACC, accuracy), Evaluation(name, error)))

    found = compared(both(1, 0.9, 0.3), both(2, 0.8, 0.1), both(3, 0.9, 0.2))
    best = {
        line.name: [bool(score and score.best) for score in line.scores] for line in found.measures
    }
    assert best == {
        ACC: [True, False, True],
        "root_mean_squared_error": [False, True, False],
    }


def test_none_is_best_where_all_are_equal_or_the_measure_has_no_direction() -> None:
    rows = "number_of_instances"
    one = a_run(1, evaluation_list=(Evaluation(ACC, 0.9), Evaluation(rows, 10.0)))
    two = a_run(2, evaluation_list=(Evaluation(ACC, 0.9), Evaluation(rows, 20.0)))
    found = compared(one, two)
    assert not any(score and score.best for line in found.measures for score in line.scores)
    assert [(line.name, line.differs) for line in found.measures] == [(ACC, False), (rows, True)]


def test_changes_are_those_to_the_baseline() -> None:
    runs = [a_run(n, TEN, value=value) for n, value in ((1, 0.9), (2, 0.95), (3, 0.7))]
    deltas = [score and score.delta for score in compared(*runs).measures[0].scores]
    assert deltas == [None, pytest.approx(0.05), pytest.approx(-0.2)]
    other = [score and score.delta for score in compared(*runs, baseline=1).measures[0].scores]
    assert other == [pytest.approx(-0.05), None, pytest.approx(-0.25)]


def test_a_measure_that_only_folds_have_is_shown_by_their_mean() -> None:
    name = "usercpu_time_millis"
    found = compared(a_run(1, [10.0, 20.0], measure=name), a_run(2, [1.0, None, 5.0], measure=name))
    scores = found.measures[0].scores
    assert [(score.value, score.of_folds) for score in scores if score] == [
        (15.0, True),
        (3.0, True),
    ]


def test_each_run_is_tested_against_the_baseline_by_the_tasks_measure() -> None:
    lists = [
        tuple(evaluations_of("kappa", folds) + evaluations_of("f_measure", folds))
        for folds in (TEN, BETTER, TEN)
    ]
    runs = [
        a_run(n, evaluation_list=evaluations, task_evaluation_measure="f_measure")
        for n, evaluations in enumerate(lists, 1)
    ]
    found = compared(*runs)
    assert found.measure == "f_measure"
    assert [test.place for test in found.tests] == [1, 2]
    assert "run 2 is better" in said(found, found.tests[0])
    assert "the same in all 10 folds" in said(found, found.tests[1])
    assert "Nadeau and Bengio 2003" in words_of.caveats(found)[0]
    assert compared(*runs, measure="kappa").measure == "kappa"


def test_the_measure_named_by_a_regression_task_that_has_no_such_scores_is_passed_over() -> None:
    name = "root_mean_squared_error"
    runs = [
        a_run(n, [2.0, 2.5], measure=name, task_type="Supervised Regression",
              task_evaluation_measure=ACC)
        for n in (1, 2)
    ]  # fmt: skip
    assert compared(*runs).measure == name


def test_several_tests_at_once_are_corrected_and_it_is_said() -> None:
    found = compared(a_run(1, TEN), a_run(2, BETTER), a_run(3, TEN[::-1]))
    assert all(test.corrected is not None for test in found.tests)
    assert "as one of 2 tests" in said(found, found.tests[0])
    assert any("Holm" in words for words in words_of.caveats(found))
    alone = compared(a_run(1, TEN), a_run(2, BETTER))
    assert alone.tests[0].corrected is None
    assert not any("Holm" in words for words in words_of.caveats(alone))


def test_few_folds_are_named_as_a_caveat() -> None:
    found = compared(a_run(1, TEN[:3]), a_run(2, [0.9, 0.93, 0.9]))
    assert any("fewer than 10 folds" in words for words in words_of.caveats(found))


def test_runs_of_different_tasks_are_flagged_and_not_tested_and_none_is_best() -> None:
    found = compared(a_run(1, TEN, value=0.9), a_run(2, BETTER, value=0.95, task_id=2))
    assert words_of.headline(found).startswith("Different tasks")
    assert "Task 1: run 1; Task 2: run 2" in words_of.warnings(found)[0]
    assert found.tests[0].test is None
    assert "run 2 is of task 2, run 1 of task 1" in said(found, found.tests[0])
    assert not any(score and score.best for score in found.measures[0].scores)
    assert words_of.caveats(found) == ()


def test_runs_of_the_same_task_are_tested_though_another_run_is_of_another_task() -> None:
    found = compared(a_run(1, TEN), a_run(2, BETTER), a_run(3, TEN, task_id=2))
    assert words_of.headline(found).startswith("Different tasks")
    assert [test.test is not None for test in found.tests] == [True, False]


def test_different_folds_of_one_task_are_flagged_and_not_tested() -> None:
    found = compared(a_run(1, TEN), a_run(2, [TEN, BETTER]))
    assert words_of.headline(found).startswith("Different folds")
    assert words_of.warnings(found) == ("Run 1: 10 folds; Run 2: 20 folds in 2 repeats.",)
    assert found.tests[0].test is None
    assert "run 2 was evaluated on 20 folds in 2 repeats, run 1 on 10 folds" in said(
        found, found.tests[0]
    )


def test_a_single_fold_is_not_tested() -> None:
    found = compared(a_run(1, [0.9]), a_run(2, [0.8]))
    assert found.tests[0].test is None
    assert "with 1 fold no second fold" in said(found, found.tests[0])


def test_a_measure_that_lacks_some_folds_is_tested_on_the_others() -> None:
    ten = evaluations_of(ACC, TEN)
    one = a_run(1, evaluation_list=(*ten, *evaluations_of("f_measure", [0.9, None, 0.8, 0.7])))
    two = a_run(2, evaluation_list=(*ten, *evaluations_of("f_measure", [0.8, 0.7, 0.85, 0.6])))
    found = compared(one, two, measure="f_measure")
    assert words_of.warnings(found) == ()
    test = found.tests[0]
    assert test.test is not None
    assert (test.test.folds, test.test.left_out) == (3, 1)
    assert test.differences[0, 1] is None


def test_failed_and_unevaluated_runs_are_compared_by_what_there_is() -> None:
    parameters = {"C": "1.0"}
    failed = a_run(2, parameters={"C": "2.0"}, error_message="no memory\nat all")
    waiting = a_run(3, parameters=parameters, evaluation_error=None)
    refused = a_run(4, parameters=parameters, evaluation_error="no predictions")
    found = compared(a_run(1, TEN, value=0.9, parameters=parameters), failed, waiting, refused)
    assert words_of.missing(found) == (
        "Run 2 failed: its uploader reported an error; it has no scores.",
        "Run 3 has not been evaluated by the server yet; it has no scores.",
        "Run 4 could not be evaluated by the server; it has no scores.",
    )
    assert [line.values for line in found.parameters] == [("1.0", "2.0", "1.0", "1.0")]
    errors = next(fact.values for fact in found.facts if fact.name == "error")
    assert errors == (None, "no memory", None, "no predictions")
    assert words_of.warnings(found) == ()
    assert all("has no predictive_accuracy per fold" in said(found, test) for test in found.tests)
    assert [line.differs for line in found.measures] == [False]


def test_a_baseline_without_scores_is_said_to_be_the_one() -> None:
    found = compared(a_run(1, error_message="x"), a_run(2, TEN))
    assert "run 1 has no predictive_accuracy per fold, nor any other measure" in (
        said(found, found.tests[0])
    )


def test_a_run_that_could_not_be_read_costs_nothing_but_its_column() -> None:
    one, two = a_run(1, TEN, value=0.9), a_run(2, BETTER, value=0.95)
    entries = [Entry(1, one), Entry(9, failure="Unknown run (236)."), Entry(2, two)]
    found = compare_runs(entries, {}, {})
    assert words_of.missing(found) == ("Run 9 could not be read: Unknown run (236).",)
    assert [test.place for test in found.tests] == [2]
    assert found.unread == 0
    assert found.measures[0].scores[1] is None


def test_while_runs_are_being_read_the_others_are_compared() -> None:
    found = compare_runs([Entry(1), Entry(2, a_run(2, TEN))], {}, {})
    assert found.unread == 1
    assert found.tests == ()
    nothing = compare_runs([Entry(1), Entry(2)], {}, {})
    assert nothing.unread == 2
    assert (nothing.facts, nothing.parameters, nothing.measures, nothing.measure) == (
        (), (), (), None,
    )  # fmt: skip


def test_facts_name_what_runs_and_whether_it_differs() -> None:
    iris = (InputData(61, "iris", "u"),)
    one = a_run(1, TEN, tags=("b", "a"), input_data=iris)
    two = a_run(2, TEN, uploader_name=None, uploader=5, input_data=iris, setup_id=4)
    entries = [Entry(1, one, "2024-01-01 10:00:00"), Entry(2, two, "2024-01-02 10:00:00")]
    facts = {fact.name: fact for fact in compare_runs(entries, {}, {}).facts}
    assert facts["flow"].values == ("SVC #7", "SVC #7")
    assert facts["data set"].values == ("iris #61", "iris #61")
    assert facts["uploader"].values == ("ada #2", "#5")
    assert facts["tags"].values == ("a, b", None)
    assert facts["uploaded"].differs
    assert [name for name, fact in facts.items() if fact.differs] == [
        "setup", "uploader", "uploaded", "tags",
    ]  # fmt: skip


def test_the_task_tells_the_data_set_and_the_measure_where_the_run_does_not() -> None:
    runs = [
        a_run(n, evaluation_list=tuple(evaluations_of(ACC, TEN) + evaluations_of("kappa", TEN)))
        for n in (1, 2)
    ]
    tasks = {1: TaskInfo(1, 1, 61, "iris", "kappa")}
    found = compare_runs([Entry(run.run_id, run) for run in runs], {}, tasks)
    assert found.measure == "kappa"
    assert next(f.values for f in found.facts if f.name == "data set")[0] == "iris #61"


def test_components_are_matched_over_versions_and_the_shared_ones_come_first() -> None:
    def settings(*parts: tuple[int, str, str]) -> tuple[ParameterSetting, ...]:
        return tuple(ParameterSetting(name, value, component) for component, name, value in parts)

    one = a_run(1, parameter_settings=settings((10, "alone", "1"), (20, "C", "1.0")))
    two = a_run(2, parameter_settings=settings((21, "C", "1.0"), (21, "gamma", "2")))
    names = {10: "x.Scaler(1)", 20: "x.SVC(1)", 21: "x.SVC(2)"}
    table = parameter_table([one, None, two], names)
    assert [(line.group, line.name, line.values, line.differs) for line in table] == [
        ("x.SVC", "C", ("1.0", None, "1.0"), False),
        ("x.SVC", "gamma", (None, None, "2"), True),
        ("x.Scaler", "alone", ("1", None, None), True),
    ]


def test_a_flow_name_without_brackets_is_a_components_name_too() -> None:
    one = a_run(1, flow_name="weka.ZeroR", parameters={"a": "1"})
    two = replace(one, run_id=2, flow_name="mlr.classif.ranger")
    assert [line.group for line in parameter_table([one, two], {})] == [
        "weka.ZeroR",
        "mlr.classif.ranger",
    ]
