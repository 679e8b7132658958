"""Looking for words in a page: the matches, and the line in which they are typed."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable
from typing import NamedTuple

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content, Span
from textual.message import Message
from textual.widgets import Input, Static

from runbrowser.pages.lines import Line, text_of
from runbrowser.tui.actions import bindings

_MOST = 2_000  # matches that are marked; whoever looks for a blank needs no more
_MATCH = "underline bold $text-accent"


class Match(NamedTuple):
    """Where words were found: a row of the page, and the first character in it."""

    row: int
    start: int


def find(rows: Iterable[Line], words: str, stop: Callable[[], bool] = lambda: False) -> list[Match]:
    """The places of words in the rows of a page, in any case; no more than are marked."""
    places: list[Match] = []
    lower = words.lower()
    if not words:
        return places
    for row, line in enumerate(rows):
        text, wanted = text_of(line).lower(), lower
        # a few letters change their length with their case; then places would not fit
        if len(text) != sum(len(part) for part, _ in line):
            text, wanted = text_of(line), words
        start = text.find(wanted)
        while start >= 0:
            places.append(Match(row, start))
            start = text.find(wanted, start + len(wanted))
        if len(places) >= _MOST or stop():
            return places[:_MOST]
    return places


class Matches:
    """The places of words in a page, and which of them one stands on."""

    def __init__(self, words: str) -> None:
        self.words = words
        self.places: list[Match] = []
        self.at = 0

    def take(self, places: list[Match]) -> None:
        """The places are known now, or known anew since the page has changed."""
        self.places = places
        self.at = min(self.at, max(0, len(places) - 1))

    def step(self, step: int) -> None:
        """To the next or the previous match, round the end."""
        if self.places:
            self.at = (self.at + step) % len(self.places)

    def nearest(self, row: int) -> None:
        """To the first match from a row on."""
        self.at = bisect_left(self.places, (row, 0)) % max(1, len(self.places))

    def marked(self, row: int, content: Content) -> Content:
        """A row with all matches underlined and one reversed: seen without colour as well."""
        spans = []
        for number in range(bisect_left(self.places, (row, 0)), len(self.places)):
            place = self.places[number]
            if place.row != row:
                break
            look = "reverse bold" if number == self.at else _MATCH
            spans.append(Span(place.start, place.start + len(self.words), look))
        return content.add_spans(spans) if spans else content

    @property
    def told(self) -> str:
        """How many there are, and which one this is."""
        if not self.words:
            return "type words"
        if not self.places:
            return "not on this page"
        more = "+" if len(self.places) == _MOST else ""
        return f"{self.at + 1} of {len(self.places):,}{more}"


class SearchLine(Horizontal):
    """Where the words are typed; afterwards it tells the matches."""

    BINDINGS = bindings("page_search")  # type: ignore[assignment]

    class Typed(Message):
        """The words have changed; ``done`` when they were entered."""

        def __init__(self, words: str, *, done: bool) -> None:
            super().__init__()
            self.words = words
            self.done = done

    class Left(Message):
        """The search is over."""

    def compose(self) -> ComposeResult:
        yield Static("/", markup=False, id="search-sign")
        field = Input(compact=True, select_on_focus=True, id="search-input")
        field.cursor_blink = False
        yield field
        yield Static("", markup=False, id="search-told")

    def tell(self, words: str) -> None:
        """Says how many matches there are."""
        for told in self.query("#search-told").results(Static):
            told.update(words)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Marks matches as the words are typed."""
        event.stop()
        self.post_message(self.Typed(event.value, done=False))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Gives the keys back to the page; n and N go on from there."""
        event.stop()
        self.post_message(self.Typed(event.value, done=True))

    def action_leave(self) -> None:
        """Esc while typing."""
        self.post_message(self.Left())

    def on_click(self, event: events.Click) -> None:
        """A click is meant for the line alone."""
        event.stop()
