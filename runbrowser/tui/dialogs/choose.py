"""Asks for one of a few things."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from runbrowser.text import display
from runbrowser.tui.actions import actions_of, bindings
from runbrowser.tui.dialogs.dialog import Dialog
from runbrowser.tui.places import SCREENS
from runbrowser.tui.widgets.options import Options

_WIDTH = 40  # cells for words and remark, so that every choice is one line


class ChooseDialog(Dialog[str | None]):
    """A short list; Enter takes what the cursor is on, a letter goes to the next with it."""

    PLACES = SCREENS["choose"]
    BINDINGS = bindings(*PLACES)  # type: ignore[assignment]

    def __init__(
        self,
        title: str,
        choices: Sequence[tuple[str, str, str]],
        *,
        current: str | None = None,
        preview: Callable[[str], object] | None = None,
        beside: bool = False,
    ) -> None:
        """``choices`` are (value, words, remark); ``current`` is where the cursor stands first.
        ``preview`` shows a choice while the cursor is on it, ``beside`` leaves the rest of the
        screen to be seen.
        """
        super().__init__(classes="-beside" if beside else None)
        self._preview = preview or _nothing
        self._title = title
        self._choices = choices
        self._current = current

    def compose(self) -> ComposeResult:
        width = max((len(words) for _, words, _ in self._choices), default=0)
        with Vertical(classes="dialog"):
            yield self.heading(self._title)
            yield Options(
                *(
                    Option(
                        Content.assemble(
                            f"{words:<{width}}  ",
                            (display(remark, max(1, _WIDTH - width)), "$text-muted"),
                        ),
                        value,
                    )
                    for value, words, remark in self._choices
                ),
                id="choices",
                compact=True,
                markup=False,
            )

    def on_mount(self) -> None:
        """The cursor stands on what holds now."""
        values = [value for value, _, _ in self._choices]
        if self._current in values:
            self.query_one(OptionList).highlighted = values.index(self._current)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter or a click."""
        event.stop()
        self.dismiss(event.option_id)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """The cursor is on another choice."""
        event.stop()
        if event.option_id is not None and self.is_current:
            self._preview(event.option_id)

    def on_key(self, event: events.Key) -> None:
        """A letter puts the cursor on the next choice that begins so; those with a meaning of their
        own here keep it.
        """
        letter = (event.character or "").casefold()
        bound = {key for action in actions_of(self.PLACES) for key in action.keys}
        if not letter.isalpha() or event.key in bound:
            return
        options = self.query_one(OptionList)
        here, count = options.highlighted or 0, len(self._choices)
        for step in range(1, count + 1):
            place = (here + step) % count
            if self._choices[place][1].casefold().startswith(letter):
                event.stop()
                options.highlighted = place
                return

    def action_cursor_down(self) -> None:
        """j."""
        self.query_one(OptionList).action_cursor_down()

    def action_cursor_up(self) -> None:
        """k."""
        self.query_one(OptionList).action_cursor_up()

    def action_leave(self) -> None:
        """Nothing is chosen: what was previewed is as it was."""
        if self._current is not None:
            self._preview(self._current)
        self.dismiss(None)


def _nothing(value: str) -> None:
    """Most choices are not shown before they are made."""
