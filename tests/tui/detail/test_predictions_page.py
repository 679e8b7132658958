"""What is shown of a run's predictions: few classes and many, long names, odd files, residuals."""

import re
import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runbrowser.models import Evaluation
from runbrowser.pages.confusion import letters

from .predicted import file_of, numbers, page_of
from .runs import a_run, section

WIDTHS = (56, 76, 136)


def _wide(lines: list[str]) -> int:
    return max(map(len, lines))


@pytest.mark.parametrize("width", WIDTHS)
def test_two_classes_have_a_matrix_with_their_names(width: int) -> None:
    file = file_of(["no", "yes"], [(0, 0)] * 7 + [(0, 1)] * 3 + [(1, 1)] * 5)
    text = page_of(a_run(), file, width)
    lines = section(text, "Confusion matrix")
    assert lines[1].split() == ["no", "yes"]
    assert lines[2].split() == ["no", "7", "3"]
    assert lines[3].split() == ["yes", "\u00b7", "5"]
    assert "3 no taken for yes  30.0 %" in text
    classes = [line.split() for line in section(text, "Classes")]
    assert classes[1][:6] == ["no", "10", "7", "1.0000", "0.7000", "0.8235"]
    assert classes[2][:6] == ["yes", "5", "8", "0.6250", "1.0000", "0.7692"]
    assert _wide(text.split("\n")) <= width


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("long", [1, 40, 1_000])
def test_26_classes_have_a_matrix_or_words_that_say_why_not(width: int, long: int) -> None:
    labels = [chr(97 + i) * long for i in range(26)]
    pairs = [(i, i) for i in range(26) for _ in range(20)]
    pairs += [(3, 4)] * 9 + [(7, 2)] * 5 + [(i, (i + 1) % 26) for i in range(26)]
    text = page_of(a_run(), file_of(labels, pairs), width)
    assert "classes needs" in text if width < 100 else "true, down" in text
    assert re.search(r"\n10 d+\S* taken for e+\S*  ", text)
    assert _wide(text.split("\n")) <= width
    rows = section(text, "Classes")[1:]
    assert len(rows) == 26
    assert {int(row.split()[1]) for row in rows} == {21, 30, 26}


def test_columns_are_lettered_past_z() -> None:
    assert [letters(i) for i in (0, 25, 26, 51, 52, 701, 702)] == [
        "a", "z", "aa", "az", "ba", "zz", "aaa",
    ]  # fmt: skip


def test_a_faultless_run_is_said_to_be_one() -> None:
    text = page_of(a_run(), file_of(["a", "b"], [(0, 0), (1, 1)]), 56)
    assert "No row is in a wrong class." in text


def test_repeats_are_counted_and_said() -> None:
    text = page_of(a_run(), file_of(["a", "b"], [(0, 0), (1, 0)] * 10, repeats=5), 136)
    first = text.split("\n")[0]
    assert "100 predictions: 20 rows of the data set, predicted in 5 repeats; 50 folds" in first
    assert "every prediction counts once" in first


def test_damaged_and_missing_rows_are_said() -> None:
    file = file_of(["a", "b"], [(0, 0), (1, 1)]) + b"\n0,0,9,?,b\n0,0,[/],b,b\n0\n"
    text = " ".join(page_of(a_run(), file, 76).split())
    assert "1 row lacks a value; left out." in text
    assert "2 lines are damaged; left out (line 11: " in text


def test_a_measure_that_differs_from_the_servers_stands_out() -> None:
    run = a_run(evaluation_list=(Evaluation("predictive_accuracy", 0.9), Evaluation("kappa", 1.0)))
    text = page_of(run, file_of(["a", "b"], [(0, 0), (1, 1), (1, 1), (0, 0)]), 76)
    assert "1 of 2 measures differ from the server's by more than 1e-6." in text
    line = next(line for line in text.split("\n") if line.startswith("predictive_accuracy"))
    assert line.split() == ["predictive_accuracy", "0.9000", "1.0000", "\u2260", "by", "0.1000"]
    tiny = a_run(evaluation_list=(Evaluation("predictive_accuracy", 0.99999),))
    assert "0.99999 " in page_of(tiny, file_of(["a", "b"], [(0, 0), (1, 1)]), 76)


def test_without_measures_of_the_server_ours_are_said_to_be_ours() -> None:
    text = page_of(a_run(), file_of(["a", "b"], [(0, 0), (1, 1)]), 76)
    assert "The server has no measures" in text


@pytest.mark.parametrize("width", WIDTHS)
def test_residuals_are_summed_up_and_drawn(width: int) -> None:
    pairs = [(float(i % 7), float(i % 5)) for i in range(350)]
    run = a_run(evaluation_list=(Evaluation("mean_absolute_error", 1.0),))
    text = page_of(run, numbers(pairs), width)
    lines = section(text, "Residuals")
    assert "least -4.0000" in " ".join(lines)
    assert "greatest 6.0000" in " ".join(lines)
    bins = [line for line in text.split("\n") if " to " in line]
    assert sum(int(line.split()[-1]) for line in bins) == 350
    assert _wide(text.split("\n")) <= width
    assert "mean_absolute_error" in text
    assert "root_mean_squared_error" in text


@pytest.mark.parametrize("pairs", [[(1.0, 1.0)] * 3, [(1e140, -1e140), (0.0, 0.0)], [(1e-12, 0.0)]])
def test_odd_residuals_make_a_page(pairs: list[tuple[float, float]]) -> None:
    assert "Residuals" in page_of(a_run(), numbers(pairs), 76)


LABEL = st.text(alphabet="\x00\x1b\x9b\u202e[]/@='\"\\,{}% \n日👍ab", min_size=1, max_size=30)


@given(st.lists(LABEL, min_size=2, max_size=5, unique=True), st.integers(40, 140))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_labels_of_any_characters_make_a_harmless_page(labels: list[str], width: int) -> None:
    pairs = [(i, (i + 1) % len(labels)) for i in range(len(labels))]
    text = page_of(a_run(), file_of(labels, pairs), width)
    bad = [c for c in text if unicodedata.category(c) in ("Cc", "Cs", "Co") and c != "\n"]
    assert bad == []
    assert "Confusion matrix" in text
