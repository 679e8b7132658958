"""The filter as one line of text, checked as it is typed."""

from __future__ import annotations

from textual import events
from textual.containers import Vertical
from textual.suggester import Suggester
from textual.widgets import Input, Static

from runbrowser.fields.filter_fields import heads
from runbrowser.fields.filters import FIELDS, FilterError, parse, to_text
from runbrowser.fields.words import names_in, without
from runbrowser.models import RunFilter
from runbrowser.text import display
from runbrowser.tui.actions import bindings
from runbrowser.tui.messages import FilterChanged, FilterDropped
from runbrowser.tui.signals import Signal

_MOST = 100  # texts that are remembered


class FilterSuggester(Suggester):
    """Completes the word being typed: keys, then the values that a key has words for."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        """The whole line with its last word completed; None when nothing fits."""
        head, _, word = value.rpartition(" ")
        if not word:
            return None
        key, colon, start = word.partition(":")
        if colon:
            words = FIELDS[key].words if key in FIELDS else ()
            found = next((word for word in words if start and word.startswith(start)), None)
            done = f"{key}:{found}" if found else None
        else:
            known = (field.head for field in FIELDS.values())
            done = next((one for one in known if one.startswith(word)), None)
        return (f"{head} {done}" if head else done) if done else None


class FilterLine(Vertical):
    """Hidden until asked for. Enter applies, Esc leaves everything as it was."""

    BINDINGS = bindings("filter_line")  # type: ignore[assignment]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.named: Signal[str] = Signal()  # a text with names was entered, to be looked up
        self._texts: list[str] = []  # those that were entered, the last one last
        self._at = 0

    async def open(self, filter: RunFilter) -> None:
        """Shows the line with the filter's text in it; it is made when it is first asked for."""
        if not self.query(Input):
            field = Input(
                placeholder='task:9101 state:failed uploader:me error~"memory"',
                suggester=FilterSuggester(),
                compact=True,
                select_on_focus=False,
                id="filter-input",
            )
            field.cursor_blink = False
            await self.mount(Static("", markup=False, id="filter-help"), field)
        self.display = True
        field = self.query_one(Input)
        text = to_text(filter)
        self._at = len(self._texts)
        field.value = f"{text} " if text else ""
        field.cursor_position = len(field.value)
        field.focus()
        self._check(field.value)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Checks as typed."""
        event.stop()
        self._check(event.value)

    def _check(self, text: str) -> RunFilter | None:
        """The filter that the text stands for; None, and words in red, if it stands for none."""
        help = self.query_one("#filter-help", Static)
        names = names_in(text)
        try:
            filter = parse(without(text, names))
        except FilterError as error:
            unfinished = error.end >= len(text.rstrip())  # the word being typed
            self.set_class(not unfinished, "-wrong")
            help.update(display(str(error), self._room()))
            return None
        self.remove_class("-wrong")
        if names:
            told = ", ".join(display(name.text, 40) for name in names)
            words = f"enter looks for what is called {told}: a data set, part of a flow, a user"
            help.update(display(words, self._room()))
            return filter
        known = "  ".join(heads())
        help.update(display(f"enter applies, esc leaves.  {known}", self._room()))
        return filter

    def _room(self) -> int:
        """Cells for a line; the line itself has no size yet when it is just being opened."""
        return max(20, self.screen.size.width - 2)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Applies the filter, or says what is wrong with it."""
        event.stop()
        filter = self._check(event.value)
        if filter is None:
            self.add_class("-wrong")
            return
        self.display = False
        text = event.value.strip()
        self._texts = [*(one for one in self._texts if one != text), text][-_MOST:]
        if names_in(text):
            self.post_message(FilterDropped())
            self.named.emit(text)
        else:
            self.post_message(FilterChanged(filter))

    def _recall(self, step: int) -> None:
        """A text that was entered before, or after that."""
        texts = [*self._texts, ""]
        self._at = max(0, min(len(self._texts), self._at + step))
        field = self.query_one(Input)
        field.value = texts[self._at]
        field.cursor_position = len(field.value)

    def action_older_filter(self) -> None:
        """Up."""
        self._recall(-1)

    def action_newer_filter(self) -> None:
        """Down."""
        self._recall(1)

    def action_leave(self) -> None:
        """Leaves the line without applying it."""
        self.display = False
        self.post_message(FilterDropped())

    def on_key(self, event: events.Key) -> None:
        """Tab takes the completion that is shown, instead of leaving the line."""
        if event.key == "tab":
            field = self.query_one(Input)
            if field.cursor_at_end and field._suggestion:
                field.action_cursor_right()
            event.stop()
            event.prevent_default()
