"""Asks for a run id or a page."""

from __future__ import annotations

from typing import NamedTuple

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input

from runbrowser.fields.addresses import read_address
from runbrowser.tui.actions import bindings
from runbrowser.tui.dialogs.dialog import Dialog, Field
from runbrowser.tui.places import SCREENS


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


class GoToDialog(Dialog[Goal | None]):
    """One line; Enter goes, Esc leaves."""

    PLACES = SCREENS["field"]
    BINDINGS = bindings(*PLACES)  # type: ignore[assignment]

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield self.heading("Go to")
            yield Field(placeholder="a run id, or p3 for page 3", id="goal")
            yield self.note(self.keys(("submit", "goes"), ("cancel", "leaves")))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Goes, or says what is wanted."""
        event.stop()
        goal, address = read_goal(event.value), read_address(event.value)
        if goal is not None:
            self.dismiss(goal)
        elif address is not None:
            words = f"{address.key} {address.id} is no run: / takes its address as a filter"
            self.say(words, wrong=True)
        else:
            self.say("a run id such as 900118, its address, or a page such as p3", wrong=True)
