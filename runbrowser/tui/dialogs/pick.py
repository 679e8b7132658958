"""Asks for one of many things: typing narrows the list."""

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

_MOST = 500  # choices drawn; typing brings the others
_NAME = 32  # cells for a name


class PickDialog(ModalScreen[int | None]):
    """Names with values; the answer is the place of the one that was taken."""

    BINDINGS = [  # noqa: RUF012
        Binding("escape", "leave", show=False),
        Binding("down", "move(1)", show=False, priority=True),
        Binding("up", "move(-1)", show=False, priority=True),
    ]

    def __init__(self, title: str, choices: Sequence[tuple[str, str]]) -> None:
        """``choices`` are (name, value), of foreign origin or not."""
        super().__init__()
        self._title = title
        self._choices = choices
        self._lower = [f"{name} {value[:2_000]}".lower() for name, value in choices]

    def compose(self) -> ComposeResult:
        field = Input(placeholder="type to narrow the list", compact=True, id="pick-words")
        field.cursor_blink = False
        with Vertical(classes="dialog -large"):
            yield Label(self._title, classes="pane-title", markup=False)
            yield field
            yield Options(id="picks", compact=True, markup=False)
            yield Static("", markup=False, classes="note")

    def on_mount(self) -> None:
        """All choices first."""
        self.query_one("#picks").can_focus = False
        self._list("")

    def _list(self, words: str) -> None:
        wanted = words.lower().split()
        found = [
            place for place, text in enumerate(self._lower) if all(word in text for word in wanted)
        ]
        # whoever types a name means it, even if another's value holds the same words
        found.sort(key=lambda place: not all(w in self._choices[place][0].lower() for w in wanted))
        picks = self.query_one("#picks", OptionList)
        width = max(12, min(90, self.app.size.width - 10))
        named = min(_NAME, width // 2)
        room = max(10, width - named - 4)
        picks.clear_options()
        picks.add_options(
            Option(
                Content.assemble(
                    f"{display(self._choices[place][0], named):<{named}}  ",
                    (display(self._choices[place][1], room), "$text-muted"),
                ),
                str(place),
            )
            for place in found[:_MOST]
        )
        picks.highlighted = 0 if found else None
        told = f"{len(found):,} of {len(self._choices):,}" if wanted else f"{len(found):,}"
        self.query_one(".note", Static).update(f"{told}   enter takes it, esc leaves")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Typing narrows the list."""
        event.stop()
        self._list(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter takes the one under the cursor."""
        event.stop()
        picks = self.query_one("#picks", OptionList)
        if picks.highlighted is not None:
            self.dismiss(int(picks.get_option_at_index(picks.highlighted).id or 0))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A click."""
        event.stop()
        self.dismiss(int(event.option_id or 0))

    def action_move(self, step: int) -> None:
        """Up and down, while the keys go into the field."""
        picks = self.query_one("#picks", OptionList)
        if step > 0:
            picks.action_cursor_down()
        else:
            picks.action_cursor_up()

    def action_leave(self) -> None:
        """Nothing is taken."""
        self.dismiss(None)
