"""Asks before something is destroyed: what exactly, what is lost, and really?"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.widgets import Button, Input, Label, Static

from runbrowser.pages.lines import Line, broken, spans
from runbrowser.tui.actions import bindings
from runbrowser.tui.dialogs.dialog import Dialog, Field
from runbrowser.tui.dispatch import Handlers
from runbrowser.tui.places import SCREENS
from runbrowser.tui.widgets.page_view import PageView, moves

_AROUND = 8  # lines of the dialog that are not the page: frame, title, foot and gaps


class DestroyDialog(Dialog[bool]):
    """Cancel has the keys; Enter and Esc cancel. ``y`` confirms one run, typing the number of
    runs confirms several, so that no key pressed by habit destroys anything.
    """

    PLACES = SCREENS["destroy"]
    BINDINGS = bindings(*PLACES)  # type: ignore[assignment]

    def __init__(
        self,
        title: str,
        page: Sequence[Line] | None = None,
        count: int = 0,
        *,
        verb: str = "delete",
    ) -> None:
        """``page`` says what is destroyed and what is lost, ``count`` how many runs or copies;
        ``verb`` is what is done. Without a page nothing can be confirmed until :meth:`show`.
        """
        super().__init__()
        self._title = title
        self._page = page
        self._count = count
        self._verb = verb
        self._is_longer = False

    @cached_property
    def actions(self) -> Handlers:
        """What moves the list of runs; all else are methods."""
        return moves(lambda: self.query_one("#plan-page", PageView))

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog -large", id="destroy-dialog"):
            yield self.heading(self._title, classes="-destroys")
            yield PageView(id="plan-page")
            with Horizontal(id="destroy-foot"):
                yield Button("Cancel", id="cancel", compact=True)
                yield Static("", markup=False, id="destroy-how")
                # not selected on focus: the first digit comes with it, and the second would
                # replace it
                field = Field(id="count", max_length=7, restrict=r"[0-9,]*", select_on_focus=False)
                field.display = False
                yield field

    def on_mount(self) -> None:
        """Cancel has the keys."""
        self.query_one("#cancel", Button).focus()
        self._draw()
        self.screen_layout_refresh_signal.subscribe(self, self._tell_of_more)

    def on_resize(self, event: events.Resize) -> None:
        """The page gives way, so that the foot is always there."""
        height = event.size.height
        self.query_one("#destroy-dialog").styles.max_height = height
        self.query_one("#plan-page").styles.max_height = max(1, height - _AROUND)

    def show(self, page: Sequence[Line], count: int) -> None:
        """What is going to be destroyed is known now."""
        self._page, self._count = page, count
        if self.stands("#plan-page", "#destroy-how", "#count"):
            self._draw()

    def _draw(self) -> None:
        ready = self._page is not None
        page = self._page if self._page is not None else [spans("reading what would be lost")]
        self.query_one("#plan-page", PageView).show(lambda width: broken(page, width))
        esc = self.key("cancel")
        if not ready:
            how = f"{esc} leaves"
        elif self._count == 1:
            how = f"{self.key('confirm')} {self._verb}s it, {esc} leaves"
        elif self._count:
            how = f"type {self._count} to {self._verb}: "
        else:
            how = "there is nothing to be done"
        self.query_one("#destroy-how", Static).update(how)
        self.query_one("#count", Field).display = ready and self._count > 1

    def _tell_of_more(self, _: Screen[object]) -> None:
        """A page that is longer than its place says so; known whenever all has found its place."""
        if not self.stands("#plan-page", "Label"):
            return
        scroll = f"{self.key('cursor_down')} {self.key('cursor_up')}"
        is_longer = bool(self.query_one("#plan-page").max_scroll_y)
        if is_longer != self._is_longer:
            self._is_longer = is_longer
            more = f"   {scroll} scroll" if is_longer else ""
            self.query_one(Label).update(self._title + more)

    def on_key(self, event: events.Key) -> None:
        """A digit goes to the number that is to be typed."""
        if (
            event.character
            and event.character.isdigit()
            and self._count > 1
            and not isinstance(self.focused, Input)
        ):
            field = self.query_one("#count", Field)
            field.focus()
            field.insert_text_at_cursor(event.character)
            event.stop()
            event.prevent_default()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """The right number confirms, nothing cancels, another number is told."""
        event.stop()
        typed = event.value.strip().replace(",", "")
        if typed == str(self._count):
            self.dismiss(True)
        elif not typed:
            self.dismiss(False)
        else:
            event.input.clear()
            how = self.query_one("#destroy-how", Static)
            how.update(f"{typed} is wrong; type {self._count}: ")

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """The only button is Cancel."""
        event.stop()
        self.dismiss(False)

    def action_confirm(self) -> None:
        """``y``, for one run only."""
        if self._count == 1:
            self.dismiss(True)

    def action_leave(self) -> None:
        """Nothing is done."""
        self.dismiss(False)
