"""Files of predictions that mislead: the public cases, and others of their kinds."""

from __future__ import annotations

import io
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sklearn import metrics as sklearn_metrics

from runbrowser.client.call import Answer
from runbrowser.client.wire.run_description import read_run
from runbrowser.models import Evaluation, InputData, Run
from runbrowser.pages.predictions import predictions_page
from runbrowser.triage.arrays import read_array
from runbrowser.triage.predictions import read_predictions
from runbrowser.triage.recompute import DRAWN, Analysis, analyse

CASES = Path(__file__).parent.parent / "data" / "cases"
BARE = Run(1, None, None, 900, None, None, None, None)


def analysed(file: bytes, run: Run = BARE) -> Analysis:
    found = read_predictions(io.BytesIO(file))
    assert found is not None
    analysis = analyse(run, found)
    assert analysis is not None
    return analysis


def case(name: str) -> tuple[Run, Analysis]:
    folder, run = CASES / name, BARE
    if (folder / "run.xml").exists():
        run = read_run(Answer(200, "text/xml", (folder / "run.xml").read_bytes(), "run/1"))
    return run, analysed((folder / "predictions.arff").read_bytes(), run)


def ours(found: Analysis, name: str) -> float | None:
    return next(m.ours for m in found.measures if m.name == name)


def words(run: Run, found: Analysis) -> str:
    return " ".join(predictions_page(run, found, 100).plain.split())


def a_run(task_type: str | None = "Supervised Classification", **values: float) -> Run:
    evaluations = tuple(Evaluation(name, value) for name, value in values.items())
    data = (InputData(61, "iris", ""),)
    return Run(
        1, None, None, 59, task_type, None, None, None, None,
        input_data=data, evaluation_list=evaluations,
    )  # fmt: skip


def file_of(
    rows: list[tuple[object, ...]],
    *,
    labels: str = "{a,b}",
    columns: tuple[str, ...] = ("repeat", "fold", "row_id", "prediction", "correct"),
    confidences: tuple[str, ...] = ("a", "b"),
) -> bytes:
    """A file whose rows are values of the columns, confidences behind."""
    kinds = dict.fromkeys(("prediction", "correct", "truth", "predicted", "actual"), labels)
    lines = ["@relation r"]
    lines += [f"@attribute {name} {kinds.get(name, 'numeric')}" for name in columns]
    lines += [f"@attribute confidence.{name} numeric" for name in confidences]
    lines += ["@data", *(",".join(map(str, row)) for row in rows)]
    return "\n".join(lines).encode()


# -- exchanged columns -----------------------------------------------------------------------------


def imperfect(rows: int, wrong: int) -> list[tuple[str, str, float, float]]:
    """(prediction, truth, confidences) of an honest classifier that is wrong in some rows."""
    made = []
    for i in range(rows):
        said = "ab"[i % 2]
        truth = said if i >= wrong else "ba"[i % 2]
        belief = 0.6 + 0.3 * (i % 7) / 7
        made.append((said, truth, *((belief, 1 - belief) if said == "a" else (1 - belief, belief))))
    return made


def test_exchanged_columns_are_put_right_and_said() -> None:
    run, found = case("swapped-columns")
    assert found.exchanged
    assert ours(found, "predictive_accuracy") == pytest.approx(0.833333, abs=1e-6)
    assert ours(found, "kappa") == pytest.approx(0.667774, abs=1e-6)
    assert not [m for m in found.measures if m.differs]
    assert found.matrix is not None
    assert found.matrix.tolist() == [[26, 7], [3, 24]]
    text = words(run, found)
    assert "look swapped in this file" in text
    assert "No row is in a wrong class" not in text
    assert "1.0000" not in text.partition("Measures")[2].partition("kappa")[0]


@pytest.mark.parametrize("names", [("prediction", "truth"), ("predicted", "actual")])
@pytest.mark.parametrize("one_hot", [False, True])
@pytest.mark.parametrize("known", ["nothing", "right", "nothing that tells", "rounded"])
def test_columns_are_exchanged_whatever_they_are_called(
    names: tuple[str, str], one_hot: bool, known: str
) -> None:
    rows = [
        (0, i % 5, i, truth, said, *((round(a), round(b)) if one_hot else (a, b)))
        for i, (said, truth, a, b) in enumerate(imperfect(60, 9))
    ]
    file = file_of(rows, columns=("repeat", "fold", "row_id", *names))
    values = {
        "nothing": {},
        "right": {"predictive_accuracy": 0.85},
        "nothing that tells": {"number_of_instances": 60.0},
        "rounded": {"predictive_accuracy": 0.8512},
    }[known]
    found = analysed(file, a_run(**values))
    assert found.exchanged
    truth, said = [row[3] for row in rows], [row[4] for row in rows]
    right = imperfect(60, 9)
    wanted = sklearn_metrics.cohen_kappa_score([r[1] for r in right], [r[0] for r in right])
    assert ours(found, "kappa") == pytest.approx(wanted)
    assert sklearn_metrics.accuracy_score(truth, said) == ours(found, "predictive_accuracy")


def test_an_honest_file_is_left_as_it_is() -> None:
    rows = [
        (0, i % 5, i, said, truth, a, b) for i, (said, truth, a, b) in enumerate(imperfect(60, 9))
    ]
    for values in ({}, {"predictive_accuracy": 0.85}, {"predictive_accuracy": 0.5}):
        assert not analysed(file_of(rows), a_run(**values)).exchanged
    perfect = [(0, 0, i, "ab"[i % 2], "ab"[i % 2], 1 - i % 2, i % 2) for i in range(20)]
    assert not analysed(file_of(perfect)).exchanged


def test_a_server_that_agrees_with_the_file_as_it_is_settles_it() -> None:
    # a perfect ranking with a threshold of its own in the column of predictions
    rows = [(0, 0, i, "a", "ab"[i % 2], 1 - i % 2, i % 2) for i in range(40)]
    assert analysed(file_of(rows)).exchanged
    assert not analysed(file_of(rows), a_run(predictive_accuracy=1.0)).exchanged


def test_without_confidences_the_servers_measures_tell() -> None:
    pairs = [("a", "a")] * 50 + [("b", "a")] * 12 + [("b", "b")] * 20 + [("a", "b")] * 3
    rows = [(0, 0, i, truth, said) for i, (said, truth) in enumerate(pairs)]
    file = file_of(rows, confidences=())
    assert not analysed(file).exchanged
    recalls = sklearn_metrics.balanced_accuracy_score([t for _, t in pairs], [s for s, _ in pairs])
    found = analysed(file, a_run(predictive_accuracy=70 / 85, unweighted_recall=recalls))
    assert found.exchanged
    assert "only with the two exchanged do the server's measures agree" in words(a_run(), found)


def test_of_a_regression_only_the_servers_measures_can_tell() -> None:
    pairs = [(float(i), float(i * i % 13)) for i in range(13)]  # prediction, truth
    rows = [(i, truth, said) for i, (said, truth) in enumerate(pairs)]
    file = file_of(rows, columns=("row_id", "guess", "x"), confidences=()).replace(
        b"guess", b"prediction"
    ).replace(b"attribute x", b"attribute truth").replace(b"{a,b}", b"numeric")  # fmt: skip
    assert not analysed(file, a_run("Supervised Regression")).exchanged
    truth = np.array([t for _, t in pairs])
    prior = float(np.abs(truth - truth.mean()).mean())
    run = a_run("Supervised Regression", mean_prior_absolute_error=prior)
    assert analysed(file, run).exchanged
    mean = float(np.abs(truth - np.arange(13)).mean())
    assert not analysed(file, a_run("Supervised Regression", mean_absolute_error=mean)).exchanged


# -- learning curves -------------------------------------------------------------------------------


def test_of_a_learning_curve_the_last_sample_counts() -> None:
    run, found = case("learning-curve")
    assert (found.rows, found.samples, found.sample, found.unused) == (40, 3, 2, 80)
    assert ours(found, "predictive_accuracy") == pytest.approx(0.925)
    assert ours(found, "kappa") == pytest.approx(0.837838, abs=1e-6)
    assert ours(found, "mean_absolute_error") == pytest.approx(0.300950, abs=1e-6)
    assert ours(found, "root_mean_squared_error") == pytest.approx(0.359175, abs=1e-6)
    assert found.matrix is not None
    assert found.matrix.tolist() == [[24, 2], [1, 13]]
    text = words(run, found)
    assert "All 5 measures" in text
    assert "the last alone (sample 2) counts" in text


def curve(labels: str, values: tuple[object, object]) -> bytes:
    columns = ("repeat_nr", "fold_nr", "sample_nr", "row_id", "prediction", "truth")
    rows = [
        (r, i % 2, s, i, values[(i + s) % 2], values[i % 2])
        for r in range(2)
        for s in range(3)
        for i in range(4)
    ]
    return file_of(rows, columns=columns, confidences=(), labels=labels)


def test_samples_of_two_repeats_and_of_numbers_are_told_apart_as_well() -> None:
    for labels, values in (("{a,b}", ("a", "b")), ("numeric", (1, 2))):
        found = analysed(curve(labels, values), a_run("Learning Curve"))
        assert (found.rows, found.repeats, found.sample, found.whole) == (8, 2, 2, True)
        error = ours(found, "mean_absolute_error")
        assert error == 0.0


def test_a_column_of_samples_says_nothing_in_another_kind_of_task() -> None:
    found = analysed(curve("{a,b}", ("a", "b")), a_run("Supervised Classification"))
    assert (found.rows, found.sample, found.samples) == (24, None, 3)
    assert ours(found, "predictive_accuracy") == pytest.approx(2 / 3)


# -- priors ----------------------------------------------------------------------------------------


def test_the_prior_of_unbalanced_classes_is_wekas() -> None:
    run, found = case("prior-of-unbalanced-classes")
    expected = {
        "prior_entropy": 1.379209, "mean_prior_absolute_error": 0.388755,
        "root_mean_prior_squared_error": 0.439740, "relative_absolute_error": 0.759877,
        "root_relative_squared_error": 0.839548, "kb_relative_information_score": 0.358169,
        "predictive_accuracy": 0.85,
    }  # fmt: skip
    for name, value in expected.items():
        assert ours(found, name) == pytest.approx(value, abs=1e-6), name
    assert "All 7 measures" in words(run, found)
    assert not [m for m in found.measures if m.remark]


def test_repeats_do_not_change_the_prior_which_is_that_of_the_data_set() -> None:
    def rows(repeats: int) -> list[tuple[object, ...]]:
        return [
            (r, 0, i, "a", "ab"[i % 3 == 0], 0.7, 0.3) for r in range(repeats) for i in range(9)
        ]

    once, often = analysed(file_of(rows(1))), analysed(file_of(rows(10)))
    assert ours(once, "prior_entropy") == pytest.approx(ours(often, "prior_entropy") or 0)
    share = 4 / 11
    entropy = -(share * np.log2(share) + (1 - share) * np.log2(1 - share))
    assert ours(once, "prior_entropy") == pytest.approx(entropy)


def test_a_server_with_the_plain_shares_for_a_prior_is_understood() -> None:
    rows = [(0, 0, i, "a", "ab"[i % 3 == 0], 0.7, 0.3) for i in range(9)]
    plain = -(1 / 3 * np.log2(1 / 3) + 2 / 3 * np.log2(2 / 3))
    found = analysed(file_of(rows), a_run(prior_entropy=float(plain)))
    (measure,) = [m for m in found.measures if m.name == "prior_entropy"]
    assert not measure.differs
    assert measure.remark
    odd = analysed(file_of(rows), a_run(prior_entropy=float(plain), relative_absolute_error=9.0))
    assert [m.name for m in odd.measures if m.differs] == [
        "prior_entropy",
        "relative_absolute_error",
    ]


# -- what files lack -------------------------------------------------------------------------------


def test_without_true_values_the_predictions_are_counted_and_the_server_stands_beside() -> None:
    _, found = case("no-true-values")
    assert (found.rows, found.folds, found.truth) == (3, 2, False)
    assert found.labels == ("setosa", "versicolor")
    assert found.said is not None
    assert found.said.tolist() == [2, 1]
    run = a_run(predictive_accuracy=0.75, usercpu_time_millis=12.0)
    again = analysed((CASES / "no-true-values" / "predictions.arff").read_bytes(), run)
    text = words(run, again)
    assert "3 predictions in 2 folds" in text
    assert "setosa 2" in text
    assert "versicolor 1" in text
    assert "no column of true values" in text
    assert "come from the target of task 59 in the data set iris (#61)" in text
    assert "predictive_accuracy 0.7500" in text
    assert "usercpu" not in text


def test_a_regression_without_true_values_is_summed_up() -> None:
    file = file_of(
        [(0, 0, i, i / 2) for i in range(9)],
        columns=("repeat", "fold", "rowid", "prediction"),
        confidences=(),
        labels="numeric",
    )
    found = analysed(file, a_run("Supervised Regression", mean_absolute_error=0.5))
    assert found.guesses is not None
    text = words(BARE, found)
    assert "median 2.0000" in text
    assert "Residuals" not in text


def test_confidences_that_lack_a_class_are_told() -> None:
    run, found = case("confidences-lack-a-class")
    assert found.unread_confidences == (("c", ""),)
    text = words(run, found)
    assert "The confidences lack 1 class: confidence.c is missing." in text
    assert "has no confidences" not in text


def test_confidences_in_another_case_are_told() -> None:
    run, found = case("confidences-in-other-case")
    text = words(run, found)
    assert "confidence.Good is missing (there is confidence.good)" in text
    assert "has no confidences" not in text
    upper = (CASES / "confidences-in-other-case" / "predictions.arff").read_bytes()
    _, again = run, analysed(upper.replace(b"confidence.", b"Confidence."))
    assert "there is Confidence.bad" in words(run, again)


def test_a_nul_byte_at_the_end_is_nothing() -> None:
    _, found = case("nul-at-the-end")
    assert (found.rows, found.damaged, found.missing) == (4, 0, 0)
    assert ours(found, "predictive_accuracy") == 0.75


def test_values_between_blanks_are_read() -> None:
    _, found = case("arff-with-blanks")
    assert (found.rows, found.folds, found.damaged) == (4, 2, 0)
    assert ours(found, "predictive_accuracy") == 0.5


@pytest.mark.parametrize("missing", ["repeat", "fold", "row_id", "sample"])
def test_a_row_without_its_place_still_counts(missing: str) -> None:
    columns = ("repeat", "fold", "sample", "row_id", "prediction", "correct")
    rows = [[0, i % 2, 0, i, "a", "ab"[i == 3]] for i in range(4)]
    rows[1][columns.index(missing)] = "?"
    found = analysed(file_of([tuple(row) for row in rows], columns=columns, confidences=()))
    assert (found.rows, found.damaged, found.placeless) == (4, 0, 1)
    assert ours(found, "predictive_accuracy") == 0.75
    assert found.whole == (missing != "row_id")
    assert "1 row lacks its repeat, fold, sample or row id" in words(BARE, found)


def test_an_array_with_a_replacement_character_keeps_its_column() -> None:
    from runbrowser.openml.base import NameBook
    from runbrowser.pages.detail import detail

    body = (CASES / "array-with-replacement-character" / "run.xml").read_bytes()
    run = read_run(Answer(200, "text/xml", body, "run/4"))
    text = detail(run, None, NameBook(), 100).plain
    table = text.partition("Per class")[2].split("\n")
    assert "AUC" in table[1]
    assert [line.split()[2] for line in table[2:5]] == ["\u00b7", "0.9000", "0.7000"]
    for missing in ("\ufffd", "?", "NaN", "-Infinity", "\u221e", "null"):
        assert read_array(f"[0.5, {missing},1]") == [0.5, None, 1.0]
    assert read_array('["a",1]') is None


# -- what disagrees --------------------------------------------------------------------------------


def test_where_server_and_file_disagree_the_likely_reason_is_said() -> None:
    rows = [(0, 0, i, "ab"[i % 2], "ab"[i % 2], 1 - i % 2, i % 2) for i in range(8)]
    run = a_run(predictive_accuracy=0.5, number_of_instances=8.0)
    assert "Likely the file is at fault: the server takes the true values from" in words(
        run, analysed(file_of(rows), run)
    )
    cut = a_run(predictive_accuracy=0.5, number_of_instances=12.0)
    assert "The server counted 12 rows, here are 8: likely this file is not" in words(
        cut, analysed(file_of(rows), cut)
    )
    damaged = file_of(rows).replace(b"0,0,7,b", b"0,0,7,c") + b"\n0,0"
    assert "2 lines are damaged" in words(run, analysed(damaged, run))


def test_doubled_rows_and_classes_without_rows_are_counted_as_they_are() -> None:
    rows = [(0, 0, i, "a", "ab"[i % 2], 0.5, 0.3, 0.2) for i in range(4)]
    file = file_of([*rows, rows[0]], labels="{a,b,c}", confidences=("a", "b", "c"))
    found = analysed(file)
    assert (found.rows, found.twice, found.whole) == (5, 1, False)
    assert found.matrix is not None
    assert found.matrix.tolist() == [[3, 0, 0], [2, 0, 0], [0, 0, 0]]
    assert "1 row is there again" in words(BARE, found)


def test_values_that_are_no_numbers_have_no_deviation() -> None:
    from runbrowser.openml.base import NameBook
    from runbrowser.pages.detail import detail

    folds = tuple(
        Evaluation("predictive_accuracy", value, None, 0, fold)
        for fold, value in enumerate([0.0, 0.0, 0.0, 0.0, 1e308])
    )
    for own in (float("nan"), float("inf"), 0.5):
        run = Run(
            1, None, None, None, None, None, None, None,
            evaluation_list=(Evaluation("predictive_accuracy", own), *folds),
        )  # fmt: skip
        for width in (40, 100):
            text = detail(run, None, NameBook(), width).plain
            line = next(line for line in text.split("\n") if line.startswith("predictive_acc"))
            assert "\u00b1" not in line
            assert "nan" not in line


@given(
    st.lists(
        st.floats(allow_nan=True, allow_infinity=True) | st.just(1.7e308) | st.just(-1.7e308),
        min_size=2,
        max_size=12,
    )
)
@settings(max_examples=150, deadline=None)
@example([-1.7e308, -5e-324, -5e-324])
def test_any_fold_values_make_a_page_without_numbers_that_are_none(values: list[float]) -> None:
    from runbrowser.triage.spread import spread

    found = spread(values)
    if found is not None:
        numbers = (found.least, found.lower, found.median, found.upper, found.most, found.mean)
        assert np.isfinite(numbers).all()
        assert found.least <= found.lower <= found.median <= found.upper <= found.most


# -- many classes ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("rows", "with_confidences"), [(100, False), (20_000, False), (40, True)])
def test_ten_thousand_classes_take_no_memory_for_pairs_that_never_occur(
    rows: int, with_confidences: bool
) -> None:
    labels = [f"c{i}" for i in range(10_000)]
    made = [(i, labels[i * 7 % 10_000], labels[i % 10_000]) for i in range(rows)]
    confidences: tuple[str, ...] = ()
    lines: list[tuple[object, ...]] = list(made)
    if with_confidences:
        confidences = tuple(labels)
        lines = [(*row, *("0" if c != row[1] else "1" for c in labels)) for row in made]
    file = file_of(
        lines,
        columns=("row_id", "prediction", "correct"),
        labels="{" + ",".join(labels) + "}",
        confidences=confidences,
    )
    tracemalloc.start()
    found = analysed(file)
    page = predictions_page(BARE, found, 100)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 60_000_000 + 12 * len(file)
    assert found.matrix is None
    assert found.confusion is not None
    assert found.confusion.n_classes == 10_000 > DRAWN
    wrong = sum(row[1] != row[2] for row in made)
    assert ours(found, "predictive_accuracy") == pytest.approx(1 - wrong / rows)
    text = " ".join(page.plain[:20_000].split())
    assert "what is confused most is listed instead" in text
    assert f"{wrong:,} rows in all" in text


@pytest.mark.parametrize("k", [2, 3, 7])
def test_the_measures_of_sure_rows_are_those_of_their_confidences_written_out(k: int) -> None:
    rng = np.random.default_rng(k)
    truth, said = rng.integers(0, k, 80), rng.integers(0, k, 80)
    labels = tuple(f"c{i}" for i in range(k))
    rows = [(i, labels[said[i]], labels[truth[i]]) for i in range(80)]
    written = [(*row, *(int(labels[c] == row[1]) for c in range(k))) for row in rows]
    columns, listed = ("row_id", "prediction", "correct"), "{" + ",".join(labels) + "}"
    bare = analysed(file_of(rows, columns=columns, labels=listed, confidences=()))
    full = analysed(file_of(written, columns=columns, labels=listed, confidences=labels))
    for one, other in zip(bare.measures, full.measures, strict=True):
        assert one.ours == pytest.approx(other.ours), one.name
    areas = [sklearn_metrics.roc_auc_score(truth == c, said == c) for c in range(k)]
    weighted = np.average(areas, weights=np.bincount(truth, minlength=k))
    assert ours(bare, "area_under_roc_curve") == pytest.approx(weighted)


HEADER = (
    "@relation r\n@attribute repeat numeric\n@attribute fold numeric\n@attribute row_id numeric\n"
    "@attribute prediction {a,b}\n@attribute correct {a,b}\n"
    "@attribute confidence.a numeric\n@attribute confidence.b numeric\n@data\n"
)


def test_a_column_of_true_values_without_any_is_none() -> None:
    rows = "0,0,0,a,?,1,0\n0,0,1,b,?,0,1\n0,1,2,a,?,0.9,0.1\n"
    found = read_predictions(io.BytesIO((HEADER + rows).encode()))
    assert found is not None
    assert found.truth is None
    assert (len(found), found.missing, found.damaged) == (3, 0, 0)
    found = read_predictions(io.BytesIO((HEADER + rows + "0,1,3,a,b,1,0\n").encode()))
    assert found is not None
    assert (len(found), found.missing) == (1, 3)
    assert found.row_id.tolist() == [3]


@pytest.mark.parametrize("nothing", ["?", "\ufffd"])
def test_confidences_that_no_row_has_are_none_and_rows_that_lack_them_are_left_out(
    nothing: str,
) -> None:
    rows = f"0,0,0,a,a,{nothing},{nothing}\n0,0,1,b,a,{nothing},{nothing}\n"
    found = read_predictions(io.BytesIO((HEADER + rows).encode()))
    assert found is not None
    assert found.confidences is None
    assert (len(found), found.missing, found.damaged) == (2, 0, 0)
    found = read_predictions(io.BytesIO((HEADER + rows + "0,1,3,a,b,1,0\n").encode()))
    assert found is not None and found.confidences is not None
    assert (len(found), found.missing) == (1, 2)
    assert found.confidences.tolist() == [[1, 0]]


@pytest.mark.parametrize("text", ["[-nan,0.5]", "[NAN,0.5]", "[-\u221e,0.5]", "[\ufffd,0.5]"])
def test_whatever_an_engine_writes_for_no_value_costs_the_others_nothing(text: str) -> None:
    assert read_array(text) == [None, 0.5]
