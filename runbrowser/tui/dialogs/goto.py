"""Asks for a run id or a page."""

from __future__ import annotations

from typing import NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Label, Static

from runbrowser.fields.addresses import read_address


class Goal(NamedTuple):
    """Where to go: one of the two is set. ``page`` counts from 1."""

    run_id: int | None = None
    page: int | None = None


def read_goal(text: str) -> Goal | None:
    """``p3`` is a page, ``12345`` or a run's address a run; None for anything else."""
    address = read_address(text)
    if address is not None:
        return Goal(run_id=address.id) if address.key == "run" else None
    text = text.strip().lower().removeprefix("#")
    number = text.removeprefix("page").removeprefix("p").strip()
    if not (number.isascii() and number.isdecimal() and len(number) <= 12):
        return None
    if text.startswith("p"):
        return Goal(page=int(number)) if int(number) else None
    return Goal(run_id=int(number))


class GoToDialog(ModalScreen[Goal | None]):
    """One line; Enter goes, Esc leaves."""

    BINDINGS = [Binding("escape", "leave", show=False)]  # noqa: RUF012

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Label("Go to", classes="pane-title", markup=False)
            field = Input(placeholder="a run id, or p3 for page 3", compact=True, id="goal")
            field.cursor_blink = False
            yield field
            yield Static("enter goes, esc leaves", markup=False, id="goal-note")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Goes, or says what is wanted."""
        event.stop()
        goal = read_goal(event.value)
        if goal is None:
            note = self.query_one("#goal-note", Static)
            address = read_address(event.value)
            if address is not None:
                note.update(
                    f"{address.key} {address.id} is no run: / takes its address as a filter"
                )
            else:
                note.update("a run id such as 900118, its address, or a page such as p3")
            note.add_class("-wrong")
            return
        self.dismiss(goal)

    def action_leave(self) -> None:
        """Stays where one was."""
        self.dismiss(None)
