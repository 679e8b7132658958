"""Asks for one of many things: what is typed narrows them down."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Label, OptionList, Static
from textual.widgets.option_list import Option

from runbrowser.text import display
from runbrowser.tui.widgets.options import Options

_MOST_WIDTH = 60
_SHORT = 30  # lines of a screen below which the dialog spares blank lines
_FRAME = 8  # cells of a dialog that are not its text


class NarrowDialog(ModalScreen[str | None]):
    """Up and down move, Enter takes the one under the cursor, Esc leaves."""

    BINDINGS = [  # noqa: RUF012
        Binding("escape", "leave", show=False),
        Binding("down,ctrl+n", "move(1)", show=False, priority=True),
        Binding("up,ctrl+p", "move(-1)", show=False, priority=True),
    ]

    def __init__(
        self, title: str, choices: Sequence[tuple[str, str, str]], *, current: str | None = None
    ) -> None:
        """``choices`` are (value, words, remark); ``current`` is where the cursor stands first."""
        super().__init__()
        self._title = title
        self._choices = list(choices)
        self._current = current
        self._shown: list[str] = []  # values, from top to bottom

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog -narrowing"):
            yield Label(self._title, classes="pane-title", markup=False)
            field = Input(placeholder="type a part of the name", compact=True, id="narrow")
            field.cursor_blink = False
            yield field
            yield Options(id="choices", compact=True, markup=False)
            yield Static("", markup=False, classes="note")

    def on_mount(self) -> None:
        """The cursor stands on what holds now; the keys go to the field."""
        self.query_one(OptionList).can_focus = False
        self._fill()
        self.query_one(Input).focus()

    def on_resize(self) -> None:
        """The list takes the lines that are left; more of it is scrolled to."""
        height = self.app.size.height
        short = height < _SHORT
        self.query_one(".dialog").set_class(short, "-short")
        self.query_one(OptionList).styles.max_height = min(16, height - (6 if short else 10))

    def add(self, choices: Sequence[tuple[str, str, str]]) -> None:
        """More has become known."""
        if choices and self.is_mounted:
            self._choices += [
                c for c in choices if c[0] not in {known[0] for known in self._choices}
            ]
            at = self.query_one(OptionList).highlighted
            self._fill(self._shown[at] if at is not None else None)

    def _fill(self, current: str | None = None) -> None:
        typed = self.query_one(Input).value.casefold().split()
        found = [
            choice
            for choice in self._choices
            if all(word in f"{choice[1]} {choice[2]}".casefold() for word in typed)
        ]
        self._shown = [value for value, _, _ in found]
        room = min(_MOST_WIDTH, self.app.size.width - _FRAME)
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options(Option(self._line(words, remark, room)) for _, words, remark in found)
        current = self._current if current is None else current
        if found:
            options.highlighted = self._shown.index(current) if current in self._shown else 0
        self.query_one(".note", Static).update(
            f"{len(found)} of {len(self._choices)}   enter takes, esc leaves"
            if found
            else "nothing is called so; esc leaves"
        )

    def _line(self, words: str, remark: str, room: int) -> Content:
        left = display(words, room)
        rest = room - len(left) - 1
        remark = display(remark, rest) if rest > 0 else ""
        return Content.assemble(f"{left} ", (remark, "$text-muted"))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Narrows."""
        event.stop()
        self._fill()

    def _take(self) -> None:
        at = self.query_one(OptionList).highlighted
        if at is not None and at < len(self._shown):
            self.dismiss(self._shown[at])

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter."""
        event.stop()
        self._take()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A click."""
        event.stop()
        self._take()

    def action_move(self, step: int) -> None:
        """Up and down."""
        options = self.query_one(OptionList)
        if step > 0:
            options.action_cursor_down()
        else:
            options.action_cursor_up()

    def action_leave(self) -> None:
        """Nothing is chosen."""
        self.dismiss(None)
