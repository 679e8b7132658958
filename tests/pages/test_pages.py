"""Presenters: whatever models hold, plain harmless text of the right size comes out."""

import math
import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runbrowser.models import (
    Evaluation,
    InputData,
    OutputFile,
    ParameterSetting,
    Run,
    RunRow,
    RunState,
    TaskInfo,
)
from runbrowser.openml.base import Facts, NameBook, SourcePage
from runbrowser.pages.charts import blocks
from runbrowser.pages.columns import PADDING, SCROLLBAR, layout
from runbrowser.pages.detail import detail, preview
from runbrowser.pages.lines import Lines, line_width, text_of
from runbrowser.pages.numbers import number
from runbrowser.pages.rows import cells, error_line, state_of, state_text
from runbrowser.pages.status import Note, facts_line, note_line, shown
from runbrowser.tui.actions import hints
from runbrowser.tui.content import STYLES

ORDER = ("run_id", "state", "flow", "task", "data", "score", "uploader", "uploaded", "error")


def _row(**fields: object) -> RunRow:
    plain = RunRow(900101, 9101, 1, 90001, 9201, 7, "2026-01-05 08:00:00", None, None)
    return plain._replace(**fields)  # type: ignore[arg-type]


def _run(**fields: object) -> Run:
    known: dict[str, object] = {
        "run_id": 900101,
        "uploader": 7,
        "uploader_name": "A B",
        "task_id": 9101,
        "task_type": "Supervised Classification",
        "flow_id": 9201,
        "flow_name": "sklearn.svm._classes.SVC(1)",
        "setup_id": 90001,
    }
    return Run(**{**known, **fields})  # type: ignore[arg-type]


def _harmful(text: str) -> list[str]:
    return [c for c in text if unicodedata.category(c) in ("Cc", "Cs", "Co") and c != "\n"]


# -- columns ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("id_width", [1, 6, 8, 12])
def test_columns_fit_every_width_and_keep_their_order(id_width: int) -> None:
    before = 0
    for width in range(20, 301):
        columns = layout(width, id_width=id_width)
        taken = sum(column.width + PADDING for column in columns) + SCROLLBAR
        assert taken <= width
        keys = [column.key for column in columns]
        assert keys[0] == "run_id"
        assert keys == [key for key in ORDER if key in keys]
        assert columns[0].width > id_width
        assert all(column.width >= len(column.label) for column in columns)
        assert len(keys) >= before - 1
        before = len(keys)


def test_a_wide_table_has_every_column_and_uses_its_width() -> None:
    columns = layout(200)
    assert [column.key for column in columns] == list(ORDER)
    assert sum(column.width + PADDING for column in columns) + SCROLLBAR == 200


def test_the_narrowest_tables_show_state_flow_data_set_and_score_or_error() -> None:
    shown = [column.key for column in layout(60)]
    assert shown == ["run_id", "state", "flow", "data", "score"]
    failed = [column.key for column in layout(60, failed=True)]
    assert failed[:3] == shown[:3] and failed[-1] == "error"
    assert [column.key for column in layout(20)] == ["run_id", "state"]


# -- cells -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.0000"),
        (0.93333333, "0.9333"),
        (-0.5, "-0.5000"),
        (1, "1.0000"),
        (150, "150"),
        (898.0, "898"),
        (-12.0, "-12"),
        (99.99999, "100.0000"),
        (123.456, "123.46"),
        (12345.678, "12,346"),
        (1e7, "1.000e+07"),
        (123456789.0, "1.235e+08"),
        (1e300, "1.000e+300"),
        (math.inf, "inf"),
        (-math.inf, "-inf"),
        (math.nan, "nan"),
    ],
)
def test_numbers_are_written_to_be_compared(value: float, text: str) -> None:
    assert number(value) == text


@given(st.floats())
def test_every_number_is_short(value: float) -> None:
    assert len(number(value)) <= 11


def test_states_are_a_sign_and_a_word() -> None:
    for state in RunState:
        text = state_text(state)
        assert text.startswith(state.glyph)
        assert len(text) <= 15
        assert len(state_text(state, 8)) <= 8
    assert state_text(RunState.EVALUATION_FAILED) == "! eval failed"
    assert state_text(RunState.EVALUATION_FAILED, 8) == "! eval"
    assert state_text(RunState.NOT_EVALUATED, 8) == "○ waits"
    assert state_text(RunState.UNKNOWN).strip() == RunState.UNKNOWN.glyph


def test_what_is_known_of_a_run_goes_before_what_its_row_tells() -> None:
    failed = _row(error_message="x")
    assert state_of(failed, None) is RunState.FAILED
    assert state_of(_row(), None) is RunState.UNKNOWN
    assert state_of(_row(), Facts(RunState.NOT_EVALUATED)) is RunState.NOT_EVALUATED


@pytest.mark.parametrize(
    ("message", "line"),
    [
        ("ValueError: no", "ValueError: no"),
        ("sklearn.utils._param.InvalidParameterError: C", "InvalidParameterError: C"),
        ("Traceback (most recent call last):\n  File\nKeyError: 'x'\n", "KeyError: 'x'"),
        ("\n\n  first line\nsecond", "first line"),
        ("a.b.c", "a.b.c"),
        ("", ""),
    ],
)
def test_the_line_of_an_error_that_says_most_is_shown(message: str, line: str) -> None:
    assert error_line(message, 80) == line
    assert len(error_line(message, 5)) <= 5


@pytest.mark.parametrize("width", [60, 80, 120, 160])
def test_ids_of_any_length_stay_in_their_columns(width: int) -> None:
    row = _row(run_id=10**15, flow_id=10**15, task_id=10**15, uploader=10**15)
    columns = layout(width, id_width=16)
    for column, cell in zip(columns, cells(row, columns, None, NameBook()), strict=True):
        assert len(cell.text) <= column.width
    assert str(10**15) in cells(row, columns, None, NameBook())[0].text


# -- the status lines ------------------------------------------------------------------------------


def _page(rows: int = 100, number: int = 0, size: int = 100, **fields: object) -> SourcePage:
    made = tuple(_row(run_id=i + 1) for i in range(rows))
    return SourcePage(made, number, size, **{"last": False, **fields})  # type: ignore[arg-type]


def test_the_words_for_a_page_promise_nothing_the_source_does_not_know() -> None:
    assert shown(None) == "no runs yet"
    assert shown(_page(0, last=True)) == "no runs"
    assert shown(_page(0, number=3, last=True)) == "nothing on page 4"
    assert shown(_page()) == "runs 1–100, page 1"
    assert shown(_page(number=1)) == "runs 101–200, page 2"
    assert shown(_page(40, number=2, last=True)) == "runs 201–240 of 240, page 3"
    assert shown(_page(total=26_088)) == "runs 1–100 of 26,088, page 1"
    assert shown(_page(97, total=97, repeated=3)) == "runs 1–97 of 97, page 1"
    assert shown(_page(about=181_392)) == "runs 1–100 of about 180,000, page 1"
    assert shown(_page(about=7)) == "runs 1–100 of about 7, page 1"
    assert shown(_page(first_of=10_000)) == "runs 1–100 of the first 10,000, page 1"
    assert shown(_page(first_of=10_000, number=100)) == "runs 10,001–10,100, page 101"


PAGES = [
    None,
    _page(0, last=True),
    _page(),
    _page(98, number=259, repeated=2, unread=1),
    _page(5, stopped=True, looked_at=20_000, number=12),
    _page(total=26_088, number=120),
]


@pytest.mark.parametrize("width", [*range(60, 100), 120, 140, 200, 300])
def test_status_lines_are_never_longer_than_their_width(width: int) -> None:
    states = {RunState.OK: 60, RunState.FAILED: 20, RunState.NOT_EVALUATED: 20}
    filters = ["", "task:59", "tag:" + "x" * 64, 'error~"日本語のエラー" ' * 9, "run:" + "1," * 400]
    for page in PAGES:
        for text in filters:
            line = facts_line(page, states, text, "V2+V1 www.openml.org", width)
            assert line_width(line) <= width
            assert shown(page) in text_of(line)
    for where in ("table", "detail"):
        assert max(map(line_width, note_line(None, hints(where), width))) <= width  # type: ignore[arg-type]


@pytest.mark.parametrize("width", [60, 80, 140])
@pytest.mark.parametrize("kind", ["info", "busy", "done", "error"])
def test_a_note_fits_and_an_error_has_up_to_three_lines(kind: str, width: int) -> None:
    for text in ("short", "many words " * 60, "x" * 900, "日本語 " * 100, "a\nb\x1b[31mc"):
        lines = note_line(Note(text, kind), (), width)
        assert len(lines) <= (3 if kind == "error" else 1)
        assert max(map(line_width, lines)) <= width
        assert _harmful("".join(map(text_of, lines))) == []


def test_the_filter_goes_last_when_room_gets_scarce() -> None:
    states = {RunState.OK: 100}
    wide = text_of(facts_line(_page(), states, "state:failed", "V1 openml", 120))
    assert all(part in wide for part in ("runs 1–100", "state:failed", "✓ 100", "V1 openml"))
    narrow = text_of(facts_line(_page(), states, "state:failed", "V1 openml", 60))
    assert "state:failed" in narrow


# -- the detail ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "drawn"),
    [
        ([], ""),
        ([None, None], ""),
        ([0.5], "▄"),
        ([0.0, 1.0], "▁█"),
        ([0.0, None, 1.0], "▁·█"),
        ([math.nan, 1.0, 2.0], "·▁█"),
        ([math.inf, 1.0, 2.0], "·▁█"),
        ([-math.inf, 1.0, 1.0], "·▄▄"),
        ([1e308, -1e308, 0.0], "█▁▅"),
        ([3, 3, 3], "▄▄▄"),
    ],
)
def test_blocks_show_which_fold_is_lower(values: list[float | None], drawn: str) -> None:
    assert blocks(values) == drawn


@given(st.lists(st.one_of(st.none(), st.floats()), max_size=60))
def test_blocks_are_one_for_each_value_or_none(values: list[float | None]) -> None:
    assert len(blocks(values)) in (0, len(values))


def _folds(
    measures: dict[str, list[float | None]], repeats: int, folds: int
) -> tuple[Evaluation, ...]:
    return tuple(
        Evaluation(name, values[(r * folds + f) % len(values)], None, r, f)
        for name, values in measures.items()
        for r in range(repeats)
        for f in range(folds)
    )


def _text(run: Run, width: int, row: RunRow | None = None, names: NameBook | None = None) -> str:
    return detail(run, row, names or NameBook(), width, fold=False).plain


@pytest.mark.parametrize("width", [20, 56, 80, 120])
@pytest.mark.parametrize(("repeats", "folds"), [(1, 2), (1, 10), (5, 10), (10, 2)])
def test_every_fold_has_a_line_of_its_own(width: int, repeats: int, folds: int) -> None:
    values: list[float | None] = [i / (repeats * folds) for i in range(repeats * folds)]
    run = _run(evaluation_list=_folds({"predictive_accuracy": values}, repeats, folds))
    table = _text(run, width).partition("Per fold")[2].split("\n\n")[0].split("\n")[2:]
    assert len(table) == repeats * folds
    assert [line.split()[-1] for line in table] == [f"{value:.4f}" for value in values]
    assert max(map(len, table)) <= max(width, 22)


@pytest.mark.parametrize("width", [56, 80])
def test_many_measures_are_laid_side_by_side_in_several_tables(width: int) -> None:
    measures: dict[str, list[float | None]] = {f"measure_number_{i}": [0.5, 0.7] for i in range(30)}
    run = _run(evaluation_list=_folds(measures, 1, 2))
    text = _text(run, width)
    table = text.partition("Per fold")[2]
    assert table.count("0.5000") == table.count("0.7000") == 30
    assert max(map(len, table.split("\n"))) <= width


@pytest.mark.parametrize("odd", [math.nan, math.inf, -math.inf, 1e308, -1e308, 5e-324, None])
def test_odd_values_are_shown_and_harm_nothing(odd: float | None) -> None:
    measures: dict[str, list[float | None]] = {"predictive_accuracy": [odd, 0.5, odd, 1.0]}
    own = Evaluation("predictive_accuracy", odd)
    for run in (
        _run(evaluation_list=(own, *_folds(measures, 2, 2))),
        _run(evaluation_list=_folds(measures, 2, 2)),
        _run(evaluation_list=_folds({"kappa": [odd, odd]}, 1, 2)),
    ):
        text = _text(run, 60)
        assert "Evaluations" in text
        if odd is not None and run.evaluation_list[0] is own:
            assert number(odd) in text


def test_a_run_of_which_nothing_is_known_is_a_page_too() -> None:
    bare = Run(1, None, None, None, None, None, None, None)
    for width in (20, 60, 200):
        assert _text(bare, width).startswith("Run 1  ")
    assert "not evaluated" in _text(bare, 60)


@pytest.mark.parametrize("width", [20, 58, 140])
def test_very_long_names_and_values_make_no_endless_page(width: int) -> None:
    long = "n" * 1_000
    run = _run(
        flow_name=long,
        uploader_name=long,
        task_type=long,
        setup_string="s " * 9_000,
        run_details=long,
        error_message="e" * 50_000,
        tags=(long,) * 5,
        parameter_settings=(ParameterSetting(long, long * 5, 9201),),
        input_data=(InputData(1, long, long),),
        files=(OutputFile(long, 3, long),),
        evaluation_list=(Evaluation(long, 0.5), Evaluation(long, 0.5, None, 0, 0)),
    )
    text = _text(run, width)
    assert len(text) < 60_000
    assert "30,000 more characters" in text
    assert long not in text.partition("Parameters")[2].split("\n")[2]


def test_the_error_comes_before_everything_else() -> None:
    run = _run(error_message="it broke", evaluation_error="the engine broke", tags=("x",))
    text = _text(run, 60)
    order = [text.index(part) for part in ("it broke", "the engine broke", "flow ", "Tags")]
    assert order == sorted(order)


# -- anything at all -------------------------------------------------------------------------------

NASTY = st.one_of(
    st.text(max_size=60),
    st.text(alphabet="\x00\x07\x1b\x7f\x9b\u202e\u200b[]/@=(),.\n\t\\\"'<&\ud800日👍", max_size=60),
    st.sampled_from(["[/]", "[bold]", "[@click=app.quit]x[/]", "\x1b]52;c;QQ==\x07", "[", "\\["]),
)
MAYBE = st.one_of(st.none(), NASTY)
IDS = st.one_of(st.none(), st.integers(0, 10**12))
SCORES = st.one_of(st.none(), st.floats())

ROWS = st.builds(RunRow, st.integers(0, 10**12), IDS, IDS, IDS, IDS, IDS, MAYBE, MAYBE, MAYBE)
EVALUATIONS = st.builds(
    Evaluation,
    NASTY,
    SCORES,
    MAYBE,
    st.one_of(st.none(), st.integers(0, 9)),
    st.one_of(st.none(), st.integers(0, 9)),
)
RUNS = st.builds(
    Run,
    run_id=st.integers(0, 10**12),
    uploader=IDS,
    uploader_name=MAYBE,
    task_id=IDS,
    task_type=MAYBE,
    flow_id=IDS,
    flow_name=MAYBE,
    setup_id=IDS,
    setup_string=MAYBE,
    task_evaluation_measure=MAYBE,
    parameter_settings=st.lists(st.builds(ParameterSetting, NASTY, NASTY, IDS), max_size=4).map(
        tuple
    ),
    tags=st.lists(NASTY, max_size=4).map(tuple),
    input_data=st.lists(st.builds(InputData, st.integers(0, 10**9), NASTY, NASTY), max_size=2).map(
        tuple
    ),
    files=st.lists(st.builds(OutputFile, NASTY, st.integers(0, 10**9), MAYBE), max_size=2).map(
        tuple
    ),
    evaluation_list=st.lists(EVALUATIONS, max_size=6).map(tuple),
    error_message=MAYBE,
    evaluation_error=MAYBE,
    run_details=MAYBE,
    api=st.sampled_from(["v1", "v2"]),
)
FACTS = st.one_of(st.none(), st.builds(Facts, st.sampled_from(list(RunState)), st.none(), SCORES))
ANYTHING = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def _book(row: RunRow, text: str) -> NameBook:
    names = NameBook()
    names.flows[row.flow_id or 0] = text
    names.users[row.uploader or 0] = text
    names.tasks[row.task_id or 0] = TaskInfo(row.task_id or 0, 1, 1, text)
    return names


@ANYTHING
@given(ROWS, FACTS, NASTY, st.integers(20, 240), st.booleans())
def test_any_row_makes_harmless_cells_of_their_width(
    row: RunRow, facts: Facts | None, text: str, width: int, marked: bool
) -> None:
    columns = layout(width, id_width=len(str(row.run_id)))
    made = cells(row, columns, facts, _book(row, text), marked=marked)
    assert len(made) == len(columns)
    for column, cell in zip(columns, made, strict=True):
        assert _harmful(cell.text) == []
        assert "\n" not in cell.text
        assert len(cell.text) <= column.width, column.key


@ANYTHING
@given(RUNS, ROWS, NASTY, st.integers(20, 160))
def test_any_run_makes_a_harmless_page(run: Run, row: RunRow, text: str, width: int) -> None:
    page = detail(run, row, _book(row, text), width)
    assert isinstance(page, Lines)
    assert _harmful(page.plain) == []
    assert page.plain.startswith(f"Run {run.run_id}")
    assert all("\n" not in text_of(line) for line in page)
    assert {look for line in page for _, look in line} <= STYLES.keys()


@ANYTHING
@given(ROWS, NASTY, st.integers(20, 160))
def test_any_row_makes_a_harmless_preview(row: RunRow, text: str, width: int) -> None:
    for failure in ("", text):
        page = preview(row.run_id, row, _book(row, text), width, failure=failure)
        assert _harmful(page.plain) == []


@ANYTHING
@given(NASTY, NASTY, st.integers(60, 200))
def test_any_text_in_the_status_lines_is_harmless(text: str, source: str, width: int) -> None:
    line = facts_line(_page(), {RunState.OK: 1}, text, source, width)
    assert _harmful(text_of(line)) == []
    assert "\n" not in text_of(line)
    assert line_width(line) <= width
    for kind in ("info", "error"):
        assert _harmful(Lines([note_line(Note(text, kind), (), width)]).plain) == []


def test_what_could_not_be_read_and_what_is_unknown_is_said() -> None:
    known = _text(_run(unread=("evaluation 7", "tag \x1b[31m"), notices=("A PHP notice.",)), 80)
    assert "Could not be read: evaluation 7, tag \u241b[31m." in known
    assert "A PHP notice." in known
    bare = Run(1, None, None, None, None, None, None, None, api="v2")
    text = _text(bare, 80)
    assert text.startswith("Run 1  \u00b7 unknown")
    assert "Unknown whether this run was evaluated" in text
    assert "has not evaluated this run yet" not in text
