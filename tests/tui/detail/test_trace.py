"""The attempts of a search: a chart and a table, fold by fold, a few or a thousand."""

import json
from collections.abc import Iterator

import pytest
from textual.pilot import Pilot

from runbrowser.demo.launch import DemoProcess
from runbrowser.fields.filters import parse
from runbrowser.models import RunState, Trace, TraceIteration
from runbrowser.pages.lines import text_of
from runbrowser.pages.trace import chart, columns, short
from runbrowser.triage.searches import Search, searches
from runbrowser.tui.screens.trace import TraceScreen

from ..counting import Counting, Reply, counting
from ..harness import browsing, detail_text, live, main_screen, press, screen_text, until

SEARCH = 900162


@pytest.fixture
def counted_search(demo: DemoProcess) -> Iterator[Counting]:
    """A counting server before the demo."""
    with counting(demo.v1) as server:
        yield server


def trace_reply(count: int, folds: int = 1, parameters: int = 2) -> Reply:
    """run/trace as V1 sends it, of so many attempts a fold."""
    steps = []
    for fold in range(folds):
        for n in range(count):
            told = {f"parameter_p{k}": json.dumps((n + 1) * (k + 1) / 7) for k in range(parameters)}
            score = 0.5 + (n * 37 % count) / (2 * count)
            selected = "true" if n * 37 % count == count - 1 else "false"
            steps.append(
                "<oml:trace_iteration><oml:repeat>0</oml:repeat>"
                f"<oml:fold>{fold}</oml:fold><oml:iteration>{n}</oml:iteration>"
                f"<oml:setup_string>{json.dumps(told)}</oml:setup_string>"
                f"<oml:evaluation>{score}</oml:evaluation>"
                f"<oml:selected>{selected}</oml:selected></oml:trace_iteration>"
            )
    body = (
        '<oml:trace xmlns:oml="http://openml.org/openml">'
        f"<oml:run_id>{SEARCH}</oml:run_id>{''.join(steps)}</oml:trace>"
    )
    return Reply(200, "text/xml", body.encode())


def _screen(pilot: Pilot[int]) -> TraceScreen:
    screen = pilot.app.screen
    assert isinstance(screen, TraceScreen)
    return screen


def _tries(pilot: Pilot[int]) -> list[int]:
    table = _screen(pilot).table
    return [int(str(table.get_row_at(n)[1])) for n in range(table.row_count)]


async def test_a_shows_the_attempts_of_a_search_and_n_p_and_s_work(demo: DemoProcess) -> None:
    async with browsing(demo.v1, parse(f"run:{SEARCH}")) as pilot:
        await press(pilot, "enter")
        assert "a   attempts: what its search tried" in detail_text(pilot)
        await press(pilot, "a")
        assert f"Run {SEARCH}  fold 0 (1/10): 8 tries, highest 0.9556 at 6, selected" in (
            screen_text(pilot)
        )
        assert _tries(pilot) == list(range(8))
        for words in ("svc__C", "svc__gamma", "\u2713\u25b2", "0.7554"):
            assert words in screen_text(pilot)
        await press(pilot, "s")
        assert _tries(pilot)[0] == 6
        scores = [float(str(_screen(pilot).table.get_row_at(n)[2])) for n in range(8)]
        assert scores == sorted(scores, reverse=True)
        await press(pilot, "n")
        assert "fold 1 (2/10)" in screen_text(pilot)
        await press(pilot, "p", "p")
        assert "fold 9 (10/10)" in screen_text(pilot)
        await press(pilot, "escape")
        assert pilot.app.screen is main_screen(pilot)


async def test_over_v2_too(demo: DemoProcess) -> None:
    async with browsing(live(demo.v1, v2=demo.v2), parse(f"run:{SEARCH}")) as pilot:
        await press(pilot, "enter")
        await press(pilot, "a")
        assert "8 tries, highest 0.9556 at 6" in screen_text(pilot)


async def test_a_run_without_a_search_says_so(
    demo: DemoProcess, states: dict[RunState, list[int]]
) -> None:
    async with browsing(demo.v1, parse(f"run:{states[RunState.FAILED][0]}")) as pilot:
        await press(pilot, "enter")
        assert "attempts: what its" not in detail_text(pilot)
        await press(pilot, "a")
        assert "No successful trace" in screen_text(pilot)


@pytest.mark.parametrize("size", [(140, 40), (80, 24), (60, 20)])
async def test_a_thousand_attempts_are_all_there_and_drawn_in_pieces(
    counted_search: Counting, size: tuple[int, int]
) -> None:
    counted_search.answer(r"run/trace/", trace_reply(1_000, parameters=12))
    async with browsing(counted_search.v1, parse(f"run:{SEARCH}"), size=size) as pilot:
        await press(pilot, "enter")
        await press(pilot, "a")
        await until(pilot, lambda: pilot.app.screen.query("#list"))
        await until(pilot, lambda: _screen(pilot).table.row_count == 1_000)
        assert _tries(pilot) == list(range(1_000))
        assert "a bar is the highest of" in screen_text(pilot)
        await press(pilot, "G")
        assert _screen(pilot).current is _screen(pilot).search.attempts[-1]
        await press(pilot, "s")
        await until(pilot, lambda: _screen(pilot).table.row_count == 1_000)
        assert _tries(pilot)[0] == _screen(pilot).search.highest


def _search(scores: list[float | None]) -> Search:
    steps = tuple(
        TraceIteration(0, 0, n, score, n == 1, f'{{"parameter_C": "{n}"}}')
        for n, score in enumerate(scores)
    )
    return searches(Trace(1, steps))[0][0]


@pytest.mark.parametrize("width", [30, 56, 136])
@pytest.mark.parametrize("count", [1, 2, 10, 60, 1_000])
def test_a_chart_fits_and_points_at_highest_selected_and_cursor(width: int, count: int) -> None:
    search = _search([(n * 7 % 13) / 13 for n in range(count)])
    lines = [text_of(line) for line in chart(search, 0, width)]
    assert len(lines) == 5
    assert max(map(len, lines[:4])) <= width
    assert "\u2191" in lines[4]
    if count >= 10:
        assert "\u2588" in lines[0]


def test_missing_scores_leave_gaps_and_none_at_all_is_said() -> None:
    lines = [text_of(line) for line in chart(_search([0.1, None, 0.9]), 0, 40)]
    assert "\u00b7" in lines[3]
    assert text_of(chart(_search([None, None]), 0, 40)[0]) == "No attempt has a score."


def test_as_many_parameters_as_fit_have_a_column_of_their_own() -> None:
    step = TraceIteration(0, 0, 0, 1.0, True, json.dumps({f"p{k}": str(k / 3) for k in range(9)}))
    (search,), varying = searches(Trace(1, (step,)))
    for room in (10, 30, 60, 200):
        shown, left = columns(search, varying, room)
        assert [name for name, _ in shown] + left == list(varying)
        assert sum(width + 2 for _, width in shown) <= room
        assert left


@pytest.mark.parametrize(
    ("value", "shown"),
    [("0.29155554023680896", "0.2916"), ("100", "100"), ('"rbf"', "rbf"), ("null", "null"),
     ("1e-05", "1e-05"), ("2.0", "2"), ("nan", "nan"), ("inf", "inf"), ("123456789", "1.235e+08")],
)  # fmt: skip
def test_values_are_shown_with_four_digits(value: str, shown: str) -> None:
    assert short(value) == shown
