"""Asks for one of many things: what is typed narrows them down."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from runbrowser.text import display
from runbrowser.tui.actions import bindings
from runbrowser.tui.dialogs.dialog import Dialog, Field
from runbrowser.tui.places import SCREENS
from runbrowser.tui.widgets.options import Options

_MOST = 500  # choices drawn; typing brings the others
_SEARCHED = 2_000  # characters of a remark in which the words are looked for
_MOST_WIDTH = 60
_MOST_WIDTH_IN_COLUMNS = 86
_SHORT = 30  # lines of a screen below which the dialog spares blank lines
_FRAME = 8  # cells of a dialog that are not its text


class FilterList(Dialog[str | None]):
    """Up and down move, Enter takes the one under the cursor, Esc leaves."""

    PLACES = SCREENS["narrow"]
    BINDINGS = bindings(*PLACES)  # type: ignore[assignment]

    def __init__(
        self,
        title: str,
        choices: Sequence[tuple[str, str, str]],
        *,
        current: str | None = None,
        hint: str = "type a part of the name",
        column: int = 0,
    ) -> None:
        """``choices`` are (value, words, remark), of foreign origin or not; ``current`` is where
        the cursor stands first, ``column`` how many cells the words have before the remark, 0 for
        as many as they take.
        """
        super().__init__()
        self._title = title
        self._choices = list(choices)
        self._current = current
        self._hint = hint
        self._column = column
        self._shown: list[str] = []  # values, from top to bottom

    def compose(self) -> ComposeResult:
        with Vertical(classes=f"dialog {'-large' if self._column else '-narrowing'}"):
            yield self.heading(self._title)
            yield Field(placeholder=self._hint, id="narrow")
            yield Options(id="choices", compact=True, markup=False)
            yield self.note()

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
            if all(word in f"{choice[1]} {choice[2][:_SEARCHED]}".casefold() for word in typed)
        ]
        # whoever types a name means it, even if another's remark holds the same words
        found.sort(key=lambda choice: not all(word in choice[1].casefold() for word in typed))
        count = len(found)
        del found[_MOST:]
        self._shown = [value for value, _, _ in found]
        most = _MOST_WIDTH_IN_COLUMNS if self._column else _MOST_WIDTH
        room = max(1, min(most, self.app.size.width - _FRAME))
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options(Option(self._line(words, remark, room)) for _, words, remark in found)
        current = self._current if current is None else current
        if found:
            options.highlighted = self._shown.index(current) if current in self._shown else 0
        keys = self.keys(("submit", "takes"), ("cancel", "leaves"))
        if found:
            self.say(f"{count:,} of {len(self._choices):,}   {keys}")
        else:
            self.say(f"nothing is called so; {self.keys(('cancel', 'leaves'))}")

    def _line(self, words: str, remark: str, room: int) -> Content:
        left = display(words, min(room, self._column or room))
        left = f"{left:<{min(self._column, room // 2)}}"
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

    def action_next_choice(self) -> None:
        """Down, while the keys go into the field."""
        self.query_one(OptionList).action_cursor_down()

    def action_previous_choice(self) -> None:
        """Up."""
        self.query_one(OptionList).action_cursor_up()
