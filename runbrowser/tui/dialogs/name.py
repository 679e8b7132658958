"""Asks for a name."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Label, Static

from runbrowser.errors import UsageError
from runbrowser.text import display
from runbrowser.tui.keystrokes import Question

Check = Callable[[str], tuple[str, str]]
"""Gives the name as it will be, and what a second Enter is asked for ('' if nothing is in the
way). Raises UsageError when it cannot be.
"""


class NameDialog(ModalScreen[str | None]):
    """Enter takes the name, Esc leaves."""

    BINDINGS = [Binding("escape", "leave", show=False)]  # noqa: RUF012

    def __init__(self, title: str, name: str, note: str, check: Check) -> None:
        """``name`` is offered first, ``note`` says what it is for."""
        super().__init__()
        self._title = title
        self._offered = name
        self._note = note
        self._check = check
        self._taken = Question(self)  # the name that a second Enter takes

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Label(self._title, classes="pane-title", markup=False)
            field = Input(self._offered, placeholder="a name", compact=True, id="name")
            field.cursor_blink = False
            yield field
            yield Static(f"{self._note}\nenter goes, esc leaves", markup=False, classes="note")

    def _say(self, words: str) -> None:
        note = self.query_one(".note", Static)
        note.update(display(words, 300))
        note.add_class("-wrong")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Another name is asked about anew."""
        event.stop()
        self._taken.drop()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Takes the name, or says why not."""
        event.stop()
        try:
            name, question = self._check(event.value)
        except UsageError as error:
            self._say(str(error))
            return
        if not question:
            self.dismiss(name)
        elif self._taken.is_about(name):
            self._taken.answer(lambda: self.dismiss(name))
        else:
            self._taken.ask(name)
            self._say(question)

    def action_leave(self) -> None:
        """No name."""
        self.dismiss(None)
