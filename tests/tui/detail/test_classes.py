"""Values per class on the page about one run; how long it took."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbrowser.models import Evaluation
from runbrowser.openml.base import NameBook
from runbrowser.pages.numbers import duration
from runbrowser.triage.arrays import read_array, read_matrix

from .runs import WIDTHS, a_run, folded, page, section


def _array(values: list[float]) -> str:
    return "[" + ",".join(map(str, values)) + "]"


def _named(*labels: str) -> NameBook:
    names = NameBook()
    names.classes[9101] = labels
    return names


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("[1,0.5]", [1.0, 0.5]),
        (" [ 1 , null , NaN , ? , 2 ] ", [1.0, None, None, None, 2.0]),
        ("[]", None),
        ("[[1,2],[3,4]]", None),
        ("[true]", None),
        ("0.5", None),
        ("[1,", None),
        ("[" * 100_000, None),
        (f"[{10**400}]", None),
        (None, None),
    ],
)
def test_an_array_is_read_or_it_is_none(text: str | None, values: list[float | None]) -> None:
    assert read_array(text) == values


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("[[48,2],[1,49]]", [[48, 2], [1, 49]]),
        ("[[48.0,2],[1,49]]", [[48, 2], [1, 49]]),
        ("[[1,2]]", None),
        ("[[1,0.5],[0,1]]", None),
        ("[[1,-1],[0,1]]", None),
        ("[[1,null],[0,1]]", None),
        ("[1,2]", None),
    ],
)
def test_a_matrix_of_counts_is_read_or_it_is_none(text: str, rows: list[list[int]] | None) -> None:
    assert read_matrix(text) == rows


@given(st.text(alphabet="[]0123456789.,-?eNaIfnultr \"'{}", max_size=60))
def test_no_text_breaks_the_reader(text: str) -> None:
    found = read_array(text)
    assert found is None or all(value is None or isinstance(value, float) for value in found)
    read_matrix(text)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("count", [2, 26])
def test_every_class_has_a_line_with_its_values(width: int, count: int) -> None:
    values = [i / count for i in range(count)]
    run = a_run(
        evaluation_list=tuple(
            Evaluation(name, 0.5, _array(values))
            for name in ("f_measure", "precision", "area_under_roc_curve")
        )
    )
    labels = [f"label {i}" for i in range(count)]
    text = "\n".join(section(page(run, width, _named(*labels)), "Per class"))
    whole = page(run, width, _named(*labels)).partition("\nPer class")[2]
    for value, label in zip(values, labels, strict=True):
        assert whole.count(f"{value:.4f}") >= 3
        assert label[:7] in text
    assert max(map(len, whole.split("\n"))) <= max(width, 20)


def test_classes_are_numbers_until_their_names_are_known_and_fit() -> None:
    run = a_run(evaluation_list=(Evaluation("f_measure", 0.9, "[0.8,1]"),))
    assert "class 0" in page(run, 56)
    assert "class 0" in page(run, 56, _named("a", "b", "c"))
    assert "class 0" not in page(run, 56, _named("setosa", "virginica"))
    assert "setosa       0.8000" in page(run, 56, _named("setosa", "virginica"))


@pytest.mark.parametrize("width", WIDTHS)
def test_names_of_a_thousand_characters_break_no_line(width: int) -> None:
    run = a_run(evaluation_list=(Evaluation("f_measure", 0.9, "[0.8,1]"),))
    names = _named("n" * 1_000, "\x1b[31m[/]\n" * 100)
    lines = section(page(run, width, names), "Per class")
    assert max(map(len, lines)) <= width
    assert "\x1b" not in "".join(lines)


def test_of_very_many_classes_the_worst_are_shown() -> None:
    values = [i / 200 for i in range(200)]
    run = a_run(evaluation_list=(Evaluation("f_measure", 0.5, _array(values)),))
    lines = section(page(run, 56), "Per class")
    assert lines[0] == "The 30 worst of 200 by f_measure:"
    assert len(lines) == 32
    assert "class 0 " in lines[2]


def test_a_measure_with_only_values_per_class_says_where_they_are() -> None:
    run = a_run(evaluation_list=(Evaluation("recall", None, "[0.1,0.9]"),))
    text = page(run, 56)
    assert "per class, below" in text
    assert "0.1000" in text.partition("\nPer class")[2]
    odd = a_run(evaluation_list=(Evaluation("recall", None, "no list"),))
    assert "no list" in page(odd, 56)


@pytest.mark.parametrize("width", [38, 56, 120])
def test_a_matrix_of_the_server_is_drawn_as_one(width: int) -> None:
    run = a_run(evaluation_list=(Evaluation("confusion_matrix", None, "[[48,2],[0,50]]"),))
    text = page(run, width, _named("no", "yes"))
    lines = section(text, "Confusion  as the server has it")
    assert lines[2].split() == ["no", "48", "2"]
    assert lines[3].split() == ["yes", "\u00b7", "50"]
    assert "2 no taken for yes  4.0 %" in text
    empty = a_run(evaluation_list=(Evaluation("confusion_matrix", None, "[[0,0],[0,0]]"),))
    assert "No row is in a wrong class." in page(empty, width)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0.0 ms"), (0.0032, "3.2 ms"), (0.0321, "32 ms"), (0.9994, "999 ms"),
        (0.9996, "1.0 s"), (1.234, "1.2 s"), (59.94, "59.9 s"), (59.96, "1 min"),
        (185, "3 min 5 s"), (3599.6, "1 h"), (7620, "2 h 7 min"), (86_400, "1 d"),
        (273_600, "3 d 4 h"), (-2, "-2.0 s"), (float("inf"), "inf"),
    ],
)  # fmt: skip
def test_times_are_told_as_people_say_them(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_runtimes_stand_in_a_section_of_their_own() -> None:
    run = a_run(
        evaluation_list=(
            Evaluation("kappa", 0.5),
            Evaluation("usercpu_time_millis", 1234.0),
            *folded({"usercpu_time_millis": [600.0, 634.0]}, 1, 2),
            *folded({"wall_clock_time_millis_training": [2000.0, 3000.0]}, 1, 2),
        )
    )
    text = page(run, 56)
    assert "usercpu" not in "\n".join(section(text, "Evaluations"))
    lines = section(text, "Runtime")
    assert lines[0] == "CPU time         1.2 s  600 ms to 634 ms a fold"
    assert lines[1] == "  training       5.0 s  2.0 s to 3.0 s a fold"
    assert "Runtime" not in page(a_run(evaluation_list=(Evaluation("kappa", 0.5),)), 56)
