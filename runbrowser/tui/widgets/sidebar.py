"""The filter as fields, one a line, checked as they are typed."""

from __future__ import annotations

from dataclasses import replace

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.suggester import SuggestFromList
from textual.widget import Widget
from textual.widgets import Checkbox, Input, Label, Static

from runbrowser.fields.filters import KEYS, STATES, TYPE_NAMES, fields, set_field
from runbrowser.models import RunFilter
from runbrowser.text import display
from runbrowser.tui.messages import FilterChanged

_FIELDS = tuple(key for key in KEYS if key != "show-errors")
_HOLDERS = {
    "run": "ids",
    "task": "ids",
    "setup": "ids",
    "flow": "ids",
    "uploader": "ids or me",
    "study": "id",
    "tag": "whole tag",
    "type": "name or id",
    "state": "all",
    "error": "part of it",
}
_WORDS = {"state": list(STATES), "type": list(TYPE_NAMES), "uploader": ["me"]}


class FilterField(Input):
    """One field; up and down go to its neighbours."""

    BINDINGS = [  # noqa: RUF012
        Binding("up", "neighbour(-1)", show=False),
        Binding("down", "neighbour(1)", show=False),
    ]

    def action_neighbour(self, step: int) -> None:
        """To the field above or below."""
        if step < 0:
            self.screen.focus_previous(".filter-part")
        else:
            self.screen.focus_next(".filter-part")


class Box(Checkbox):
    """A box that shows a tick when it is on and nothing when it is off."""

    BUTTON_INNER = " "

    def watch_value(self) -> None:
        """The tick itself tells, not its colour."""
        self.BUTTON_INNER = "\u2713" if self.value else " "
        super().watch_value()


class Sidebar(VerticalScroll, can_focus=False):
    """Shows and edits a RunFilter. Enter in any field applies all of them."""

    BINDINGS = [Binding("ctrl+u", "clear_field", show=False)]  # noqa: RUF012

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._filter = RunFilter()
        self._filled = False

    def compose(self) -> ComposeResult:
        yield Label("Filter", classes="pane-title", markup=False)

    def fill(self) -> None:
        """Puts the fields in, once; done after the first rows, which they would hold back."""
        if self._filled:
            return
        self._filled = True
        rows: list[Widget] = []
        for key in _FIELDS:
            words = _WORDS.get(key)
            field = FilterField(
                placeholder=_HOLDERS[key],
                compact=True,
                id=f"field-{key}",
                classes="filter-part",
                suggester=SuggestFromList(words, case_sensitive=False) if words else None,
                select_on_focus=False,
            )
            field.cursor_blink = False
            name = Label(key, classes="field-name", markup=False)
            rows.append(Horizontal(name, field, classes="field"))
        rows += [
            Box("only mine", compact=True, id="only-mine", classes="filter-part"),
            Box("hide eval errors", compact=True, id="hide-errors", classes="filter-part"),
            Static("enter applies", markup=False, id="sidebar-note"),
        ]
        self.mount(*rows)
        self.call_after_refresh(lambda: self.show(self._filter))

    def show(self, filter: RunFilter) -> None:
        """Shows a filter, whoever set it."""
        self._filter = filter
        if not self.query("#sidebar-note"):
            return  # shown once the fields are there
        texts = fields(filter)
        with self.prevent(Input.Changed, Checkbox.Changed):
            for key in _FIELDS:
                text = texts.get(key, "")
                if key == "uploader":
                    text = ",".join(map(str, filter.uploader))
                field = self._field(key)
                if field.value != text:
                    field.value = text
                field.remove_class("-wrong")
            self.query_one("#only-mine", Checkbox).value = filter.mine
            self.query_one("#hide-errors", Checkbox).value = not filter.show_errors
        self._say("enter applies")

    def show_again(self) -> None:
        """Shows the filter in force in place of what was typed."""
        self.show(self._filter)

    def _field(self, key: str) -> FilterField:
        return self.query_one(f"#field-{key}", FilterField)

    def focus_first(self) -> None:
        """Puts the cursor into the first field that is set, else into the task."""
        if not self.query("#sidebar-note"):
            return
        texts = fields(self._filter)
        self._field(next((key for key in _FIELDS if texts.get(key)), "task")).focus()

    def _say(self, text: str, *, wrong: bool = False) -> None:
        note = self.query_one("#sidebar-note", Static)
        note.update(display(text, 200))
        note.set_class(wrong, "-wrong")

    def _read(self) -> RunFilter | None:
        """The filter in the fields; None, with the first mistake in words, if one is wrong."""
        filter = RunFilter()
        mistake = ""
        for key in _FIELDS:
            field = self._field(key)
            try:
                filter = set_field(filter, key, field.value)
                field.remove_class("-wrong")
            except ValueError as error:
                field.add_class("-wrong")
                mistake = mistake or f"{key}: {error}"
        if mistake:
            self._say(mistake, wrong=True)
            return None
        mine = self.query_one("#only-mine", Checkbox).value
        hidden = self.query_one("#hide-errors", Checkbox).value
        return replace(filter, mine=filter.mine or mine, show_errors=not hidden)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Checks as typed."""
        event.stop()
        filter = self._read()
        if filter is not None:
            changed = filter != self._filter
            self._say("enter applies the change" if changed else "enter applies")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Applies all fields."""
        event.stop()
        self._apply()

    def on_checkbox_changed(self, event: Checkbox.Changed) -> None:
        """A box applies at once."""
        event.stop()
        self._apply()

    def _apply(self) -> None:
        filter = self._read()
        if filter is not None:
            self.post_message(FilterChanged(filter))

    def action_clear_field(self) -> None:
        """Empties the field with the cursor."""
        if isinstance(self.screen.focused, FilterField):
            self.screen.focused.value = ""

    def on_focus(self, event: events.Focus) -> None:
        """The pane itself is never in focus, its fields are."""
        self.focus_first()
