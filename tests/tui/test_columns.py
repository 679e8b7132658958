"""Columns chosen by hand: what fits, in which order, what is folded away, how rows are sorted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbrowser.fields.columns import COLUMNS
from runbrowser.models import RunRow, RunState, TaskInfo
from runbrowser.openml.base import Facts, NameBook
from runbrowser.openml.scores import ScoreBook
from runbrowser.pages import chooser
from runbrowser.pages.columns import PADDING, SCROLLBAR, in_turn, label, layout
from runbrowser.pages.folding import folded
from runbrowser.pages.rows import cells
from runbrowser.pages.sorting import keys, sort_rows
from runbrowser.triage.folds import FoldSpread
from runbrowser.views.arrangement import Arrangement, default, is_column

SOME = (*COLUMNS, "score:kappa", "spread:kappa", "score:no_such_measure_of_a_long_name")
CHOSEN = st.lists(st.sampled_from(SOME), min_size=1, unique=True).map(tuple)


def _row(run_id: int, **fields: object) -> RunRow:
    plain = RunRow(run_id, 9101, 1, 90001, 9201, 7, "2026-01-05 08:00:00", None, None)
    return plain._replace(**fields)  # type: ignore[arg-type]


def _book(values: dict[int, float], measure: str = "kappa") -> ScoreBook:
    book = ScoreBook()
    book._values[measure] = values
    return book


@given(CHOSEN, st.integers(20, 300), st.integers(1, 12), st.integers(0, 12))
def test_chosen_columns_fit_and_stand_in_their_order(
    columns: tuple[str, ...], width: int, id_width: int, start: int
) -> None:
    arrangement = Arrangement(columns=columns)
    drawn = layout(width, arrangement, id_width=id_width, start=start)
    shown = [column.key for column in drawn]
    wanted = in_turn(arrangement, start=start)
    assert shown == wanted[: len(shown)]
    assert shown[0] == "run_id"
    assert sum(column.width + PADDING for column in drawn) + SCROLLBAR <= max(
        width, id_width + 1 + PADDING + SCROLLBAR
    )
    assert all(column.width >= len(column.label) for column in drawn)
    row = _row(900101, error_message="E" * 900, run_details="d" * 900)
    texts = cells(row, drawn, None, NameBook(), scores=ScoreBook())
    for column, cell in zip(drawn, texts, strict=True):
        assert len(cell.text) <= column.width


def test_going_to_the_right_brings_every_column_into_sight() -> None:
    arrangement = Arrangement(columns=tuple(COLUMNS))
    seen: set[str] = set()
    for start in range(len(COLUMNS)):
        seen.update(column.key for column in layout(60, arrangement, start=start))
    assert seen == set(COLUMNS)


def test_a_score_is_headed_by_its_measure_once_one_was_chosen() -> None:
    assert label("score", Arrangement()) == "score"
    assert label("score", Arrangement(measure="area_under_roc_curve")) == "AUC"
    assert label("spread", Arrangement(measure="kappa")) == "\u00b1 Kappa"
    assert label("score:kappa", Arrangement(measure="area_under_roc_curve")) == "Kappa"
    assert "\x1b" not in label("score:\x1b]0;x", Arrangement())


TWO = ["predictive_accuracy", "root_mean_squared_error"]


def test_scores_of_different_measures_name_theirs() -> None:
    facts = [Facts(RunState.OK, TWO[0], 0.75), Facts(RunState.OK, TWO[1], 12.5), None]
    columns = layout(140, measures=TWO)
    assert next(one.width for one in columns if one.key == "score") == 8 + len("RMSE ")
    texts = [
        next(
            shown.text
            for column, shown in zip(
                columns, cells(_row(1), columns, fact, NameBook()), strict=True
            )
            if column.key == "score"
        )
        for fact in facts
    ]
    assert [text.split() for text in texts] == [["ACC", "0.7500"], ["RMSE", "12.5000"], []]
    assert {len(text) for text in texts[:2]} == {13}


@pytest.mark.parametrize(
    ("arrangement", "measures"),
    [
        (Arrangement(), TWO[:1]),
        (Arrangement(measure="kappa"), TWO),
        (Arrangement(columns=("run_id", "score:kappa")), TWO),
    ],
)
def test_scores_of_one_measure_do_not_name_it(
    arrangement: Arrangement, measures: list[str]
) -> None:
    assert layout(140, arrangement, measures=measures) == layout(140, arrangement)


@given(st.integers(20, 300))
def test_naming_measures_never_costs_the_score_its_place(width: int) -> None:
    named = {column.key: column for column in layout(width, measures=TWO)}
    plain = {column.key: column for column in layout(width)}
    if "score" in plain:
        assert named["score"].width - named["score"].naming == plain["score"].width
    assert sum(one.width + PADDING for one in named.values()) + SCROLLBAR <= max(width, 10)


@pytest.mark.parametrize(
    ("name", "known"),
    [
        *(("run_id", True), ("score", True), ("score:kappa", True), ("spread:x", True)),
        *(("score:", False), ("flow:kappa", False), ("", False), ("colour", False)),
    ],
)
def test_only_columns_that_there_are_are_known(name: str, known: bool) -> None:
    assert is_column(name) is known


# -- the chooser -------------------------------------------------------------------------------


@given(CHOSEN, st.lists(st.tuples(st.sampled_from("tud"), st.integers(0, 30)), max_size=12))
def test_whatever_is_done_in_the_chooser_every_column_stays_there_once(
    columns: tuple[str, ...], deeds: list[tuple[str, int]]
) -> None:
    arrangement = Arrangement(columns=columns)
    lines = chooser.lines_of(arrangement)
    before = {line.column for line in lines}
    assert before >= {key for key, record in COLUMNS.items() if record.chooser}
    for deed, at in deeds:
        place = at % len(lines)
        if deed == "t":
            lines = chooser.toggled(lines, place)
        else:
            lines, place = chooser.moved(lines, place, 1 if deed == "d" else -1)
        assert lines[0] == chooser.Line("run_id", True)
        assert {line.column for line in lines} == before
        assert len(lines) == len(before)
    wanted = chooser.arranged(lines, arrangement).wanted
    assert wanted == tuple(line.column for line in lines if line.on)


def test_a_measure_is_added_behind_the_score_and_only_once() -> None:
    lines, place = chooser.with_measure(chooser.lines_of(Arrangement()), "kappa")
    assert [line.column for line in lines][place - 1 : place + 2] == [
        "score",
        "score:kappa",
        "spread:kappa",
    ]
    again, same = chooser.with_measure(lines, "kappa")
    assert again == lines
    assert same == place


# -- folding -----------------------------------------------------------------------------------


def _folded(rows: list[RunRow], *, settled: bool, fold: bool = True) -> dict[str, str]:
    names = NameBook()
    names.tasks[9101] = TaskInfo(9101, 1, 1, "iris")
    facts = {row.run_id: Facts(RunState.OK, "kappa", row.run_id % 10 / 10) for row in rows}
    arrangement = Arrangement(fold=fold)
    return folded(rows, arrangement, facts, names, ScoreBook(), {}, settled=settled)


def test_empty_and_constant_columns_are_folded_with_what_they_say() -> None:
    rows = [_row(900101, flow_id=1), _row(900102, flow_id=2)]
    same = _folded(rows, settled=True)
    assert same["task"] == "9101"
    assert same["data"] == "iris"
    assert same["error"] == ""
    assert not {"run_id", "flow", "score"} & set(same)


def test_columns_that_are_still_being_filled_are_not_folded() -> None:
    rows = [_row(900101), _row(900102)]
    assert not {"flow", "data", "score", "state"} & set(_folded(rows, settled=False))


def test_a_single_run_keeps_all_its_columns() -> None:
    assert _folded([_row(900101)], settled=True) == {}
    assert _folded([_row(900101), _row(900102)], settled=True, fold=False) == {}


# -- order -------------------------------------------------------------------------------------


def _order(rows: list[RunRow], key: str, facts: dict[int, Facts], **more: object) -> list[int]:
    return [row.run_id for row in sort_rows(rows, key, facts, NameBook(), **more)]  # type: ignore[arg-type]


ROWS = [_row(1), _row(2), _row(3), _row(4)]
NO_FACTS = {row.run_id: Facts(RunState.OK) for row in ROWS}


def test_the_best_come_first_in_the_direction_of_the_measure_and_the_unknown_last() -> None:
    found = {1: 0.2, 2: 0.9, 4: 0.5}
    higher = _order(ROWS, "score:kappa", NO_FACTS, scores=_book(found))
    assert higher == [2, 4, 1, 3]
    book = _book(found, "root_mean_squared_error")
    lower = _order(ROWS, "score", NO_FACTS, scores=book, measure="root_mean_squared_error")
    assert lower == [1, 4, 2, 3]
    turned = _order(ROWS, "score:kappa", NO_FACTS, scores=_book(found), reverse=True)
    assert turned == [1, 4, 2, 3]


def test_runs_with_the_smallest_spread_come_first() -> None:
    book = ScoreBook()
    book._spreads["kappa"] = {
        1: FoldSpread(2, 1, 0.3),
        2: FoldSpread(2, 1, 0.1),
        3: FoldSpread(1, 1, None),
    }
    assert _order(ROWS, "spread:kappa", NO_FACTS, scores=book) == [2, 1, 3, 4]


@given(st.sampled_from((*COLUMNS, "score:kappa", "spread:kappa")), st.booleans())
def test_rows_can_be_ordered_by_every_column_and_none_is_lost(column: str, reverse: bool) -> None:
    ordered = _order(ROWS, column, {}, reverse=reverse)
    assert sorted(ordered) == [1, 2, 3, 4]
    ordered = _order(ROWS, column, NO_FACTS, reverse=reverse)
    assert sorted(ordered) == [1, 2, 3, 4]


def test_all_that_is_shown_is_offered_as_an_order() -> None:
    offered = keys(Arrangement(columns=("run_id", "score:kappa", "spread", "setup")))
    assert list(offered) == [*default(), "score:kappa", "spread", "setup"]
    assert offered["score:kappa"] == ("kappa", "higher is better")


@pytest.mark.parametrize("width", range(59, 100))
def test_score_and_data_set_stay_where_the_window_is_narrow(width: int) -> None:
    shown = [column.key for column in layout(width, measures=["predictive_accuracy", "f_measure"])]
    assert {"run_id", "state", "flow", "data", "score"} <= set(shown)


@pytest.mark.parametrize("width", range(59, 100))
def test_where_all_runs_failed_the_error_stays_and_the_score_gives_way(width: int) -> None:
    shown = [column.key for column in layout(width, failed=True)]
    assert "error" in shown and shown.index("error") == len(shown) - 1
    assert "score" not in shown or {"data", "task"} & set(shown)
