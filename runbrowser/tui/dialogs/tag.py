"""Asks for a tag, checked as it is typed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.suggester import SuggestFromList
from textual.widgets import Input, Label, Static

from runbrowser.errors import UsageError
from runbrowser.text import display


class TagDialog(ModalScreen[str | None]):
    """One line with completion; Enter goes, Esc leaves. Nothing here destroys: ``z`` undoes."""

    BINDINGS = [Binding("escape", "leave", show=False)]  # noqa: RUF012

    def __init__(
        self, title: str, words: str, known: Sequence[str], check: Callable[[str], str]
    ) -> None:
        """``words`` say for which runs; ``known`` are tags to complete from; ``check`` gives the
        tag or raises UsageError.
        """
        super().__init__()
        self._title = title
        self._words = words
        self._known = known
        self._check = check

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Label(display(self._title), classes="pane-title", markup=False)
            field = Input(
                placeholder="letters, digits and . _ -",
                compact=True,
                id="tag",
                max_length=200,
                suggester=SuggestFromList(self._known, case_sensitive=False),
            )
            field.cursor_blink = False
            yield field
            yield Static(self._help(), markup=False, id="tag-note", classes="note")

    def _help(self) -> str:
        return f"{display(self._words)}\nenter goes, tab completes, esc leaves"

    def complete_from(self, known: Sequence[str]) -> None:
        """More tags to complete from, once they have been read from the server."""
        self._known = known
        for field in self.query(Input):
            field.suggester = SuggestFromList(known, case_sensitive=False)

    def _say(self, text: str, *, wrong: bool) -> None:
        note = self.query_one("#tag-note", Static)
        note.update(display(text, 200) if wrong else text)
        note.set_class(wrong, "-wrong")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Checks as typed."""
        event.stop()
        if not event.value:
            self._say(self._help(), wrong=False)
            return
        try:
            self._check(event.value)
            self._say(self._help(), wrong=False)
        except UsageError as error:
            self._say(str(error), wrong=True)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Gives the tag, if it is one."""
        event.stop()
        try:
            self.dismiss(self._check(event.value))
        except UsageError as error:
            self._say(str(error), wrong=True)

    def on_key(self, event: events.Key) -> None:
        """Tab takes the completion."""
        if event.key == "tab":
            self.query_one(Input).action_cursor_right()
            event.stop()
            event.prevent_default()

    def action_leave(self) -> None:
        """No tag."""
        self.dismiss(None)
