"""Looking for words in the detail: '/', matches marked, n and N, esc; the table's keys stay."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.pilot import Pilot
from textual.widgets import Input, Static

from runbrowser.demo.launch import DemoProcess
from runbrowser.fields.filters import parse
from runbrowser.pages.lines import Line, spans
from runbrowser.tui.content import line_content
from runbrowser.tui.widgets.page_search import Matches, find

from ..harness import browsing, main_screen, press, screen_text, status_line, write

SEARCH = 900131


def _told(pilot: Pilot[int]) -> str:
    return str(main_screen(pilot).pane.query_one("#search-told", Static).render()).split("   ")[0]


def _match_in_sight(pilot: Pilot[int], words: str) -> bool:
    return words in screen_text(pilot).lower()


@pytest.mark.parametrize("size", [(140, 40), (80, 24), (60, 20)])
async def test_words_are_found_and_n_and_N_go_through_them(
    demo: DemoProcess, size: tuple[int, int]
) -> None:
    async with browsing(demo.v1, parse(f"run:{SEARCH}"), size=size) as pilot:
        pane = main_screen(pilot).pane
        await press(pilot, "enter")
        await press(pilot, "slash")
        await write(pilot, "GAMMA")
        await press(pilot, "enter")
        assert main_screen(pilot).focused is pane
        first = _told(pilot)
        assert first.startswith("1 of ")
        count = int(first.split()[2])
        assert count > 1
        assert _match_in_sight(pilot, "gamma")
        for place in range(2, count + 1):
            await press(pilot, "n")
            assert _told(pilot) == f"{place} of {count}"
            assert _match_in_sight(pilot, "gamma")
        await press(pilot, "n")
        assert _told(pilot) == f"1 of {count}"
        await press(pilot, "N")
        assert _told(pilot) == f"{count} of {count}"
        await press(pilot, "escape")
        assert pane.display
        assert not pane.query_one("#page-search").display
        await press(pilot, "escape")
        assert not pane.display


async def test_words_that_are_not_there_are_said_not_to_be(demo: DemoProcess) -> None:
    async with browsing(demo.v1, parse(f"run:{SEARCH}")) as pilot:
        await press(pilot, "enter")
        await press(pilot, "slash")
        await write(pilot, "no such words")
        assert _told(pilot) == "not on this page"
        await press(pilot, "escape")
        assert main_screen(pilot).focused is main_screen(pilot).pane


async def test_without_a_search_n_turns_the_page_and_in_the_table_slash_is_the_filter(
    demo: DemoProcess,
) -> None:
    async with browsing(demo.v1) as pilot:
        await press(pilot, "enter")
        await press(pilot, "n")
        assert "page 2" in status_line(pilot)
        await press(pilot, "tab", "slash")
        assert main_screen(pilot).line.display
        await press(pilot, "escape")


async def test_a_search_goes_on_in_the_next_run(demo: DemoProcess) -> None:
    async with browsing(demo.v1) as pilot:
        await press(pilot, "enter")
        await press(pilot, "slash")
        await write(pilot, "flow")
        await press(pilot, "enter")
        await press(pilot, "tab", "j")
        assert " of " in _told(pilot)
        assert main_screen(pilot).pane.searching


async def test_the_predictions_are_searched_as_well(demo: DemoProcess) -> None:
    async with browsing(demo.v1, parse(f"run:{SEARCH}")) as pilot:
        await press(pilot, "enter")
        await press(pilot, "i", "slash")
        await write(pilot, "kappa")
        await press(pilot, "enter")
        screen = pilot.app.screen
        assert str(screen.query_one("#search-told", Static).render()).startswith("1 of 1")
        await press(pilot, "escape")
        assert pilot.app.screen is screen
        assert not screen.query_one(Input).has_focus
        await press(pilot, "escape")
        assert pilot.app.screen is main_screen(pilot)


@given(st.lists(st.text(max_size=60), max_size=8), st.text(min_size=1, max_size=3))
def test_every_match_is_the_words_in_some_case(texts: list[str], words: str) -> None:
    rows = [spans(text[:20], (text[20:], "faint")) for text in texts]
    found = Matches(words)
    found.take(find(rows, words))
    for row, start in found.places:
        assert texts[row][start : start + len(words)].lower() == words.lower()
    for row, line in enumerate(rows):
        content = line_content(line)
        assert found.marked(row, content).plain == content.plain
    assert bool(found.places) >= any(words in text for text in texts)


def test_one_match_is_reversed_and_the_others_of_its_row_are_underlined() -> None:
    rows = [spans("no, no"), spans("yes"), spans("no")]
    found = Matches("no")
    found.take(find(rows, "NO"))
    assert found.places == [(0, 0), (0, 4), (2, 0)]
    found.nearest(1)
    assert found.told == "3 of 3"
    looks = [[str(span.style) for span in found.marked(row, line_content(rows[row])).spans]
             for row in range(3)]  # fmt: skip
    assert ["reverse" in look for row in looks for look in row] == [False, False, True]
    found.step(1)
    assert found.at == 0


def test_no_more_matches_are_looked_for_than_are_marked() -> None:
    seen = 0

    def rows() -> Iterator[Line]:
        nonlocal seen
        for _ in range(100_000):
            seen += 1
            yield spans("a a a a a a a a a a")

    found = Matches("a")
    found.take(find(rows(), "a"))
    assert found.told == "1 of 2,000+"
    assert seen == 200
