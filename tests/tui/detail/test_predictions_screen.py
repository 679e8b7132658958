"""The key that reads a run's predictions: fetched only then, shown, given up, or told why not."""

from collections.abc import Iterator

import pytest
from textual.pilot import Pilot

from runbrowser.demo.launch import DemoProcess
from runbrowser.fields.filters import parse
from runbrowser.models import RunState
from runbrowser.tui.screens import predictions as screen_module
from runbrowser.tui.screens.predictions import PredictionsScreen
from runbrowser.tui.widgets.page_view import PageView

from ..counting import Counting, Reply, counting
from ..harness import browsing, detail_text, live, main_screen, note, press, until
from .predicted import file_of

FILE = r".*predictions\.arff"


@pytest.fixture
def own(demo: DemoProcess) -> Iterator[Counting]:
    """A server before the demo that files come through as well."""
    with counting(demo.v1) as server:
        server.known_as = f"127.0.0.1:{server.port}".encode()
        yield server


def _page(pilot: Pilot[int]) -> str:
    assert isinstance(pilot.app.screen, PredictionsScreen)
    return pilot.app.screen.query_one("#detail-page", PageView).text


async def test_i_fetches_the_predictions_once_and_the_detail_knows_the_classes_then(
    own: Counting, states: dict[RunState, list[int]]
) -> None:
    run_id = states[RunState.OK][0]
    async with browsing(own.v1, parse(f"run:{run_id}")) as pilot:
        await press(pilot, "enter")
        assert own.count(FILE) == 0
        assert "i   predictions" in detail_text(pilot)
        assert "class 0" in detail_text(pilot)
        await press(pilot, "i")
        page = _page(pilot)
        assert page.startswith("150 predictions in 10 folds.")
        assert "All 18 measures of the server agree" in page
        await press(pilot, "escape")
        assert pilot.app.screen is main_screen(pilot)
        assert "All 18 measures of the server agree" in detail_text(pilot)
        assert "class 0" not in detail_text(pilot)
        assert "setosa" in detail_text(pilot)
        await press(pilot, "i")
        assert _page(pilot) == page
        assert own.count(FILE) == 1
        await press(pilot, "r")
        assert _page(pilot) == page
        assert own.count(FILE) == 2


async def test_a_run_that_was_not_read_is_not_guessed_at(demo: DemoProcess) -> None:
    async with browsing(demo.v1) as pilot:
        await press(pilot, "i")
        assert pilot.app.screen is main_screen(pilot)
        assert note(pilot) == "enter reads the run first"


async def test_a_run_without_predictions_says_why(
    demo: DemoProcess, states: dict[RunState, list[int]]
) -> None:
    run_id = states[RunState.FAILED][0]
    async with browsing(demo.v1, parse(f"run:{run_id}")) as pilot:
        await press(pilot, "enter")
        assert "i   predictions" not in detail_text(pilot)
        await press(pilot, "i")
        text = " ".join(_page(pilot).split())
        assert f"Run {run_id} has no predictions: it failed before it predicted" in text


async def test_over_v2_the_address_is_asked_of_v1(
    demo: DemoProcess, states: dict[RunState, list[int]]
) -> None:
    run_id = states[RunState.OK][0]
    async with browsing(live(demo.v1, v2=demo.v2), parse(f"run:{run_id}")) as pilot:
        await press(pilot, "enter")
        await press(pilot, "i")
        assert "All 18 measures of the server agree" in _page(pilot)


async def test_esc_gives_up_while_the_file_is_being_fetched(
    own: Counting, states: dict[RunState, list[int]]
) -> None:
    run_id = states[RunState.OK][0]
    gate = own.hold(FILE)
    async with browsing(own.v1, parse(f"run:{run_id}")) as pilot:
        await press(pilot, "enter")
        await pilot.press("i")
        await until(pilot, lambda: own.count(FILE))
        assert "esc gives up" in _page(pilot)
        await press(pilot, "escape")
        assert pilot.app.screen is main_screen(pilot)
        gate.set()
        await press(pilot, "i")
        assert "Confusion matrix" in _page(pilot)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<html>no</html>", "This is no ARFF that can be read: line 1"),
        (b"@relation r\n@attribute prediction string\n@data\na\n", "neither class labels"),
        (b"@relation r\n@attribute a numeric\n@data\n{0 1}\n", "no column 'prediction'"),
    ],
)
async def test_a_file_that_cannot_be_read_is_told_in_words_and_read_again(
    own: Counting, states: dict[RunState, list[int]], body: bytes, words: str
) -> None:
    run_id = states[RunState.OK][0]
    own.answer(FILE, Reply(200, "text/plain", body))
    async with browsing(own.v1, parse(f"run:{run_id}")) as pilot:
        await press(pilot, "enter")
        await press(pilot, "i")
        text = " ".join(_page(pilot).split())
        assert words in text
        assert "r tries again" in text
        own.answer(FILE, None)
        await press(pilot, "r")
        assert "Confusion matrix" in _page(pilot)


async def test_a_file_that_is_not_there_is_told_in_words(
    own: Counting, states: dict[RunState, list[int]]
) -> None:
    run_id = states[RunState.OK][0]
    own.answer(FILE, Reply(404, "text/plain", b"gone"))
    async with browsing(own.v1, parse(f"run:{run_id}")) as pilot:
        await press(pilot, "enter")
        await press(pilot, "i")
        assert "Could not fetch predictions.arff" in _page(pilot)


async def test_a_file_that_is_too_large_is_not_fetched_whole(
    own: Counting, states: dict[RunState, list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = states[RunState.OK][0]
    own.answer(FILE, Reply(200, "text/plain", file_of(["a", "b"], [(0, 0)] * 50_000)))
    monkeypatch.setattr(screen_module, "MOST_BYTES", 100_000)
    async with browsing(own.v1, parse(f"run:{run_id}")) as pilot:
        await press(pilot, "enter")
        await press(pilot, "i")
        text = " ".join(_page(pilot).split())
        assert "more than the 100,000 that are read here" in text
        assert f"runbrowser download {run_id} --file predictions" in text
