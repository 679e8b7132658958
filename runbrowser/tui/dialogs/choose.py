"""Asks for one of a few things."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Label, OptionList
from textual.widgets.option_list import Option

from runbrowser.text import display
from runbrowser.tui.widgets.options import Options

_WIDTH = 40  # cells for words and remark, so that every choice is one line


class ChooseDialog(ModalScreen[str | None]):
    """A short list; Enter takes the one under the cursor, a letter the first that begins so."""

    BINDINGS = [  # noqa: RUF012
        Binding("escape,q", "leave", show=False),
        Binding("j", "move(1)", show=False),
        Binding("k", "move(-1)", show=False),
    ]

    def __init__(
        self, title: str, choices: Sequence[tuple[str, str, str]], *, current: str | None = None
    ) -> None:
        """``choices`` are (value, words, remark); ``current`` is where the cursor stands first."""
        super().__init__()
        self._title = title
        self._choices = choices
        self._current = current

    def compose(self) -> ComposeResult:
        width = max((len(words) for _, words, _ in self._choices), default=0)
        with Vertical(classes="dialog"):
            yield Label(self._title, classes="pane-title", markup=False)
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

    def action_move(self, step: int) -> None:
        """j and k."""
        choices = self.query_one(OptionList)
        if step > 0:
            choices.action_cursor_down()
        else:
            choices.action_cursor_up()

    def action_leave(self) -> None:
        """Nothing is chosen."""
        self.dismiss(None)
