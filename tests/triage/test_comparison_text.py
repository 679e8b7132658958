"""A comparison as lines: nothing leaves its column, whatever the names, folds and widths."""

from __future__ import annotations

import re

import pytest

from runbrowser.models import Run
from runbrowser.pages.charts import UP, bars, level
from runbrowser.pages.comparison import words as words_of
from runbrowser.pages.comparison.head import header, summary, title
from runbrowser.pages.comparison.layout import lay_out
from runbrowser.pages.comparison.page import page
from runbrowser.pages.comparison.words import test_words as said
from runbrowser.text import cells
from runbrowser.triage.comparison import Comparison, Entry, compare_runs

from .runs import a_run, evaluations_of

TEN = [0.9, 0.91, 0.92, 0.9, 0.93, 0.9, 0.94, 0.9, 0.92, 0.91]
WIDTHS = [57, 77, 137, 200]


def compared(*runs: Run, **options: object) -> Comparison:
    return compare_runs([Entry(run.run_id, run) for run in runs], {}, {}, **options)  # type: ignore[arg-type]


def plain(comparison: Comparison, width: int = 137, **options: object) -> str:
    layout = lay_out(len(comparison.entries), width)
    return page(comparison, layout, **options).plain  # type: ignore[arg-type]


def joined(text: str) -> str:
    return re.sub(r"\s+", " ", text)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("count", [2, 3, 5, 8])
@pytest.mark.parametrize("folds", [2, 10, 50, 400])
def test_no_line_is_wider_than_the_screen(width: int, count: int, folds: int) -> None:
    long = "x" * 1_000
    runs = [
        a_run(
            10_000_000 + n,
            [[0.5 + n / 100 + fold / 1_000 for fold in range(min(10, folds))]
             for _ in range(max(1, folds // 10))],
            value=1_234.5 * n,
            flow_name=f"{long}.{long}(a={long})(1)",
            uploader_name="\u6f22\u5b57 " * 300,
            parameters={long: f"{long}{n}", "n": str(n)},
            tags=(long, f"tag{n}"),
            error_message=long if n == 1 else None,
        )
        for n in range(count)
    ]  # fmt: skip
    found = compared(*runs)
    for first in range(count):
        layout = lay_out(count, width, first, fine=True)
        lines = [*header(found, layout, 0), *page(found, layout, everything=True).lines]
        widths = [sum(cells(text) for text, _ in line) for line in lines]
        assert max(widths) <= width + 1  # the blank that ends a column
        assert cells(summary(found, width)) <= width
        assert not any("\n" in text for line in lines for text, _ in line)


@pytest.mark.parametrize(("width", "shown"), [(57, 2), (77, 3), (137, 6), (200, 8)])
def test_as_many_columns_as_fit_are_shown_and_the_rest_is_counted(width: int, shown: int) -> None:
    found = compared(*(a_run(n, TEN) for n in range(1, 9)))
    layout = lay_out(8, width)
    assert len(layout.shown) == shown
    first = "".join(text for text, _ in header(found, layout)[0])
    assert (f"1-{shown} of 8 \u203a" in first) == (shown < 8)
    last = lay_out(8, width, 7)
    assert last.shown[-1] == 7
    assert len(last.shown) == shown


def test_what_is_the_same_is_counted_and_shown_on_request() -> None:
    one = a_run(1, TEN, parameters={"C": "1", "kernel": '"rbf"', "tol": "0.1"})
    two = a_run(2, TEN, parameters={"C": "2", "kernel": '"rbf"', "tol": "0.1"})
    text = plain(compared(one, two))
    assert "Parameters  1 differs, 2 the same, not shown" in text
    assert "kernel" not in text
    everything = plain(compared(one, two), everything=True)
    assert "1 differs, 2 the same\n" in everything
    assert re.search(r'kernel +"rbf" +"rbf"', everything)


def test_a_parameter_that_a_run_lacks_is_shown_as_missing() -> None:
    one = a_run(1, TEN, parameters={"C": "1"})
    two = a_run(2, TEN, parameters={"C": "1", "gamma": "0.5"})
    assert re.search(r"gamma +\u2013 +0\.5", plain(compared(one, two)))


def test_a_component_of_one_run_alone_is_counted_unless_all_is_shown() -> None:
    one = a_run(1, TEN, parameters={"C": "1", "gamma": "2"})
    two = a_run(2, TEN, flow_name="x.Tree(1)", flow_id=8, parameters={"depth": "3"})
    text = plain(compared(one, two))
    assert re.search(r"SVC +2 parameters +\u2013", text)
    assert re.search(r"Tree +\u2013 +1 parameter\b", text)
    everything = plain(compared(one, two), everything=True)
    assert "SVC  only in 1" in everything
    assert re.search(r"depth +\u2013 +3", everything)


def test_components_that_some_runs_share_are_compared_among_those() -> None:
    one = a_run(1, TEN, parameters={"C": "1", "tol": "2"})
    two = a_run(2, TEN, parameters={"C": "5", "tol": "2"})
    other = a_run(3, TEN, flow_name="x.Tree(1)", flow_id=8, parameters={"depth": "3"})
    text = plain(compared(one, two, other))
    assert re.search(r"C +1 +5 +\u2013", text)
    assert "tol" not in text
    assert "SVC  only in 1, 2" in text


def test_long_values_are_shown_from_where_they_differ() -> None:
    same = "a" * 900
    one = a_run(1, TEN, parameters={"steps": same + "first"})
    two = a_run(2, TEN, parameters={"steps": same + "second"})
    text = plain(compared(one, two), 77)
    assert "first" in text
    assert "second" in text
    assert "\u2026a" in text


def test_the_title_and_the_summary_answer_at_once() -> None:
    found = compared(a_run(1, TEN, value=0.9), a_run(2, [v + 0.05 for v in TEN[::-1]], value=0.96))
    assert title(found) == ("Compare 2 runs of task 1", False)
    assert summary(found, 120).startswith("predictive_accuracy: best is run 2; ")
    assert summary(found, 57).startswith("ACC: best is run 2; ")
    equal = compared(a_run(1, TEN, value=0.9), a_run(2, TEN, value=0.9))
    assert summary(equal, 120) == "predictive_accuracy: equal in all runs, the same in every fold"
    both = compared(*(a_run(n, TEN, value=v) for n, v in ((1, 0.9), (2, 0.9), (3, 0.8))))
    assert summary(both, 120).startswith("predictive_accuracy: best are runs 1 and 2; ")
    rows = compared(*(a_run(n, TEN, value=n, measure="positives") for n in (1, 2)))
    assert summary(rows, 120).startswith("positives: no value is better than another")
    different = compared(a_run(1, TEN), a_run(2, TEN, task_id=5))
    assert title(different)[1]
    assert "Different tasks" in title(different)[0]
    waiting = compare_runs([Entry(1), Entry(2, a_run(2, TEN))], {}, {})
    assert summary(waiting, 120) == "read 1 of 2 runs"


def test_the_words_of_the_tests_stand_below_their_pictures() -> None:
    found = compared(a_run(1, TEN), a_run(2, TEN[::-1]))
    text = plain(found)
    assert joined(said(found, found.tests[0])) in joined(text)
    assert joined(words_of.caveats(found)[0]) in joined(text)
    picture = text[text.index("Fold by fold") :]
    assert "\u2500" * 10 in picture


def test_bars_stand_above_and_below_zero_with_the_size_of_the_difference() -> None:
    differences = {(0, 0): 0.8, (0, 1): 0.1, (0, 2): 0.0, (0, 3): -0.8, (0, 4): None, (0, 5): -0.1}
    ((up, zero, down, turned),), left = bars(differences, 0.8, 40, fine=True)
    assert up == "\u2588\u2581    "
    assert zero == "\u2500\u2500\u2500\u2500\u00b7\u2500"
    assert down == "   \u2588 \u2587"
    assert turned == "     r"  # seven eighths reversed are one eighth from above
    assert left == 0
    ((up, _, down, turned),), _ = bars(differences, 0.8, 40, fine=False)
    assert up == "\u2588\u2581    "
    assert down == "   \u2588 \u2594"
    assert turned.strip() == ""


def test_bars_of_opposite_differences_are_equally_high() -> None:
    for eighths in range(1, 9):
        assert level(eighths / 8, 1.0) == eighths == -level(-eighths / 8, 1.0)
        ((up, _, down, turned),), _ = bars(
            {(0, 0): eighths / 8, (0, 1): -eighths / 8}, 1.0, 9, fine=True
        )
        above = UP.index(up[0])
        below = UP.index(down[1])
        assert above == (8 - below if turned[1] == "r" else below)


def test_repeats_stand_apart_and_too_many_folds_are_counted() -> None:
    fifty = {(repeat, fold): 0.1 for repeat in range(5) for fold in range(10)}
    ((_, zero, _, _),), left = bars(fifty, 0.1, 60, fine=True)
    assert zero == " ".join(["\u2500" * 10] * 5)
    assert left == 0
    rows, left = bars(fifty, 0.1, 25, fine=True)
    assert [zero for _, zero, _, _ in rows] == [
        " ".join(["\u2500" * 10] * 2),
        " ".join(["\u2500" * 10] * 2),
        "\u2500" * 10,
    ]
    many = {(0, fold): 0.1 for fold in range(1_000)}
    rows, left = bars(many, 0.1, 100, fine=True)
    assert sum(len(zero) for _, zero, _, _ in rows) + left == 1_000
    assert left == 600


def test_a_fold_without_a_value_is_a_dot_and_is_counted() -> None:
    ten = evaluations_of("kappa", TEN)
    one = a_run(1, evaluation_list=(*ten, *evaluations_of("f_measure", [0.9, None, 0.8])))
    two = a_run(2, evaluation_list=(*ten, *evaluations_of("f_measure", [0.8, 0.7, 0.9])))
    text = plain(compared(one, two, measure="f_measure"))
    assert "\u2500\u00b7\u2500" in text
    assert "\u00b7 no value in 1 of the folds" in text
