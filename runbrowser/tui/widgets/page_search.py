"""Looking for words in a page: the matches, and the line in which they are typed."""

from __future__ import annotations

from bisect import bisect_left

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content, Span
from textual.message import Message
from textual.widgets import Input, Static

from runbrowser.tui.actions import bindings

_MOST = 2_000  # matches that are marked; whoever looks for a blank needs no more


class Matches:
    """The places of words in a page, in any case, and which of them one stands on."""

    def __init__(self, words: str) -> None:
        self.words = words
        self.starts: list[int] = []
        self.at = 0

    def look(self, page: Content) -> None:
        """Looks again: the page has changed."""
        text, wanted = page.plain.lower(), self.words.lower()
        self.starts = []
        # a few letters change their length with their case; then places would not fit
        if not wanted or len(text) != len(page.plain):
            text, wanted = page.plain, self.words
        place = text.find(wanted) if wanted else -1
        while place >= 0 and len(self.starts) < _MOST:
            self.starts.append(place)
            place = text.find(wanted, place + len(wanted))
        self.at = min(self.at, max(0, len(self.starts) - 1))

    def step(self, step: int) -> None:
        """To the next or the previous match, round the end."""
        if self.starts:
            self.at = (self.at + step) % len(self.starts)

    def nearest(self, offset: int) -> None:
        """To the first match from an offset on."""
        self.at = bisect_left(self.starts, offset) % max(1, len(self.starts))

    def marked(self, page: Content) -> Content:
        """The page with all matches underlined and one reversed: seen without colour as well."""
        spans = [
            Span(start, start + len(self.words), "reverse bold" if n == self.at else _MATCH)
            for n, start in enumerate(self.starts)
        ]
        return page.add_spans(spans) if spans else page

    @property
    def told(self) -> str:
        """How many there are, and which one this is."""
        if not self.words:
            return "type words"
        if not self.starts:
            return "not on this page"
        more = "+" if len(self.starts) == _MOST else ""
        return f"{self.at + 1} of {len(self.starts):,}{more}"


_MATCH = "underline bold $text-accent"


def row_of(page: Content, offset: int, width: int) -> int:
    """The row, from 0, in which a character stands once the page's lines are broken at a width."""
    before, rows = 0, 0
    for line in page.split("\n", allow_blank=True):
        length = len(line.plain)
        pieces = line.wrap(width) if line.cell_length > width else [line]
        if before + length >= offset:
            end = 0
            for row, piece in enumerate(pieces):
                end = max(line.plain.find(piece.plain, end), end) + len(piece.plain)
                if offset - before < end:
                    return rows + row
            return rows + len(pieces) - 1
        rows += len(pieces)
        before += length + 1
    return rows


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
