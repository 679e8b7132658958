"""Asks before something is destroyed: what exactly, what is lost, and really?"""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Label, Static

from runbrowser.tui.dialogs.standing import stands

_AROUND = 8  # lines of the dialog that are not the page: frame, title, foot and gaps


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
        self,
        title: str,
        page: Content | None = None,
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

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog -large", id="destroy-dialog"):
            yield Label(self._title, classes="pane-title -destroys", markup=False)
            with VerticalScroll(id="plan-box", can_focus=False):
                yield Static("", markup=False, id="plan-page")
            with Horizontal(id="destroy-foot"):
                yield Button("Cancel", id="cancel", compact=True)
                yield Static("", markup=False, id="destroy-how")
                field = CountInput(id="count", compact=True, max_length=7)
                field.cursor_blink = False
                field.display = False
                yield field

    def on_mount(self) -> None:
        """Cancel has the keys."""
        self.query_one("#cancel", Button).focus()
        self._draw()

    def on_resize(self, event: events.Resize) -> None:
        """The page gives way, so that the foot is always there."""
        height = event.size.height
        self.query_one("#destroy-dialog").styles.max_height = height
        self.query_one("#plan-box").styles.max_height = max(1, height - _AROUND)
        self.call_after_refresh(self._tell_of_more)

    def show(self, page: Content, count: int) -> None:
        """What is going to be destroyed is known now."""
        self._page, self._count = page, count
        if stands(self, "#plan-page", "#destroy-how", "#count"):
            self._draw()

    def _draw(self) -> None:
        ready = self._page is not None
        words = self._page if self._page is not None else "reading what would be lost"
        self.query_one("#plan-page", Static).update(words)
        if not ready:
            how = "esc leaves"
        elif self._count == 1:
            how = f"y {self._verb}s it, esc leaves"
        elif self._count:
            how = f"type {self._count} to {self._verb}: "
        else:
            how = "there is nothing to be done"
        self.query_one("#destroy-how", Static).update(how)
        self.query_one("#count", CountInput).display = ready and self._count > 1
        self.call_after_refresh(self._tell_of_more)

    def _tell_of_more(self) -> None:
        """A page that is longer than its place says so."""
        if not stands(self, "#plan-box", "Label"):
            return
        more = "   j k scroll" if self.query_one("#plan-box", VerticalScroll).max_scroll_y else ""
        self.query_one(Label).update(self._title + more)

    def on_key(self, event: events.Key) -> None:
        """A digit goes to the number that is to be typed."""
        if (
            event.character
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
    """Takes digits; with nothing in it, Enter cancels. The list can be read meanwhile."""

    BINDINGS = [  # noqa: RUF012
        Binding("down", "screen.scroll(2)", show=False),
        Binding("up", "screen.scroll(-2)", show=False),
    ]

    def __init__(self, *, id: str, compact: bool, max_length: int) -> None:
        # not selected on focus: the first digit comes with it, and the second would replace it
        super().__init__(
            id=id,
            compact=compact,
            max_length=max_length,
            restrict=r"[0-9,]*",
            select_on_focus=False,
        )
