"""Asks before something is destroyed: what exactly, what is lost, and really?"""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Label, Static


class DestroyDialog(ModalScreen[bool]):
    """Cancel has the keys; Enter and Esc cancel. ``y`` confirms one run, typing the number of
    runs confirms several, so that no key pressed by habit destroys anything.
    """

    BINDINGS = [  # noqa: RUF012
        Binding("escape,q,n", "cancel", show=False),
        Binding("y", "confirm_one", show=False),
        Binding("j,down", "scroll(2)", show=False),
        Binding("k,up", "scroll(-2)", show=False),
        Binding("pagedown", "scroll(10)", show=False),
        Binding("pageup", "scroll(-10)", show=False),
    ]

    def __init__(
        self, title: str, page: Content, count: int, *, things: str = "runs", verb: str = "delete"
    ) -> None:
        """``page`` says what is destroyed and what is lost, ``count`` how many ``things``;
        ``verb`` is what is done to them.
        """
        super().__init__()
        self._title = title
        self._page = page
        self._count = count
        self._things = things
        self._verb = verb

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog -large"):
            yield Label(self._title, classes="pane-title -destroys", markup=False)
            with VerticalScroll(id="plan-box", can_focus=False):
                yield Static(self._page, markup=False)
            with Horizontal(id="destroy-foot"):
                yield Button("Cancel", id="cancel", compact=True)
                if self._count == 1:
                    yield Static(f"y {self._verb}s it", markup=False, id="destroy-how")
                elif self._count:
                    how = f"type {self._count} to {self._verb} the {self._things}: "
                    yield Static(how, markup=False, id="destroy-how")
                    field = CountInput(id="count", compact=True, max_length=7)
                    field.cursor_blink = False
                    yield field
                else:
                    yield Static("there is nothing to be done", markup=False, id="destroy-how")

    def on_mount(self) -> None:
        """Cancel has the keys."""
        self.query_one("#cancel", Button).focus()

    def on_key(self, event: object) -> None:
        """A digit goes to the number that is to be typed."""
        from textual import events

        if (
            isinstance(event, events.Key)
            and event.character
            and event.character.isdigit()
            and self._count > 1
            and not isinstance(self.focused, Input)
        ):
            field = self.query_one("#count", CountInput)
            field.focus()
            field.insert_text_at_cursor(event.character)
            event.stop()
            event.prevent_default()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """The right number confirms; anything else, also nothing, cancels."""
        event.stop()
        self.dismiss(event.value.strip().replace(",", "") == str(self._count))

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """The only button is Cancel."""
        event.stop()
        self.dismiss(False)

    def action_confirm_one(self) -> None:
        """``y``, for one run only."""
        if self._count == 1:
            self.dismiss(True)

    def action_cancel(self) -> None:
        """Nothing is done."""
        self.dismiss(False)

    def action_scroll(self, lines: int) -> None:
        """Moves the list of runs."""
        self.query_one("#plan-box", VerticalScroll).scroll_relative(y=lines, animate=False)


class CountInput(Input):
    """Takes digits; with nothing in it, Enter cancels."""

    def __init__(self, *, id: str, compact: bool, max_length: int) -> None:
        super().__init__(id=id, compact=compact, max_length=max_length, restrict=r"[0-9,]*")
