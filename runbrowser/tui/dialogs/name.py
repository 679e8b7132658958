"""Asks for a name."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input

from runbrowser.errors import UsageError
from runbrowser.tui.actions import bindings
from runbrowser.tui.dialogs.dialog import Dialog, Field
from runbrowser.tui.keystrokes import Question
from runbrowser.tui.places import SCREENS

Check = Callable[[str], tuple[str, str]]
"""Gives the name as it will be, and what a second Enter is asked for ('' if nothing is in the
way). Raises UsageError when it cannot be.
"""


class NameDialog(Dialog[str | None]):
    """Enter takes the name, Esc leaves."""

    PLACES = SCREENS["field"]
    BINDINGS = bindings(*PLACES)  # type: ignore[assignment]

    def __init__(self, title: str, name: str, note: str, check: Check) -> None:
        """``name`` is offered first, ``note`` says what it is for."""
        super().__init__()
        self._title = title
        self._offered = name
        self._hint = note
        self._check = check
        self._taken = Question(self)  # the name that a second Enter takes

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield self.heading(self._title)
            yield Field(self._offered, placeholder="a name", id="name")
            keys = self.keys(("submit", "goes"), ("cancel", "leaves"))
            yield self.note(f"{self._hint}\n{keys}")

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
            self.say(str(error), wrong=True)
            return
        if not question:
            self.dismiss(name)
        elif self._taken.is_about(name):
            self._taken.answer(lambda: self.dismiss(name))
        else:
            self._taken.ask(name)
            self.say(question, wrong=True)
