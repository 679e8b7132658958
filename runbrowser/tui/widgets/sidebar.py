"""The filter as fields, one a line, checked as they are typed."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.suggester import SuggestFromList
from textual.widget import Widget
from textual.widgets import Checkbox, Input, Label, Static

from runbrowser.fields.filters import FIELDS
from runbrowser.fields.records import Box, FilterField
from runbrowser.models import RunFilter
from runbrowser.text import display
from runbrowser.tui.actions import bindings
from runbrowser.tui.messages import FilterChanged


def _lines() -> list[FilterField]:
    """The fields that have a line here."""
    return [field for field in FIELDS.values() if field.placeholder]


def _boxes() -> list[tuple[FilterField, Box]]:
    return [(field, box) for field in FIELDS.values() for box in field.boxes]


class FilterInput(Input):
    """One field; up and down go to its neighbours."""

    BINDINGS = bindings("sidebar")  # type: ignore[assignment]

    def action_next_field(self) -> None:
        """To the field below."""
        self.screen.focus_next(".filter-part")

    def action_previous_field(self) -> None:
        """To the field above."""
        self.screen.focus_previous(".filter-part")


class TickBox(Checkbox):
    """A box that shows a tick when it is on and nothing when it is off."""

    BUTTON_INNER = " "

    def watch_value(self) -> None:
        """The tick itself tells, not its colour."""
        self.BUTTON_INNER = "\u2713" if self.value else " "
        super().watch_value()


class Sidebar(VerticalScroll, can_focus=False):
    """Shows and edits a RunFilter. Enter in any field applies all of them."""

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
        for field in _lines():
            words = SuggestFromList(field.words, case_sensitive=False) if field.words else None
            input = FilterInput(
                placeholder=field.placeholder,
                compact=True,
                id=f"field-{field.key}",
                classes="filter-part",
                suggester=words,
                select_on_focus=False,
            )
            input.cursor_blink = False
            name = Label(field.key, classes="field-name", markup=False)
            rows.append(Horizontal(name, input, classes="field"))
        for _, box in _boxes():
            rows.append(TickBox(box.label, compact=True, id=box.id, classes="filter-part"))
        self.mount(*rows, Static("enter applies", markup=False, id="sidebar-note"))
        self.call_after_refresh(lambda: self.show(self._filter))

    def show(self, filter: RunFilter) -> None:
        """Shows a filter, whoever set it."""
        self._filter = filter
        if not self.query("#sidebar-note"):
            return  # shown once the fields are there
        with self.prevent(Input.Changed, Checkbox.Changed):
            for field in _lines():
                input, text = self._input(field.key), field.line(filter)
                if input.value != text:
                    input.value = text
                input.remove_class("-wrong")
            for field, box in _boxes():
                self._box(box).value = box.on(field.raw(filter))
        self._say("enter applies")

    def show_again(self) -> None:
        """Shows the filter in force in place of what was typed."""
        self.show(self._filter)

    def _input(self, key: str) -> FilterInput:
        return self.query_one(f"#field-{key}", FilterInput)

    def _box(self, box: Box) -> Checkbox:
        return self.query_one(f"#{box.id}", Checkbox)

    def focus_first(self) -> None:
        """Puts the cursor into the first field that is set, else into the task."""
        if not self.query("#sidebar-note"):
            return
        given = (field.key for field in _lines() if field.value(self._filter) is not None)
        self._input(next(given, "task")).focus()

    def _say(self, text: str, *, wrong: bool = False) -> None:
        note = self.query_one("#sidebar-note", Static)
        note.update(display(text, 200))
        note.set_class(wrong, "-wrong")

    def _read(self) -> RunFilter | None:
        """The filter in the fields; None, with the first mistake in words, if one is wrong."""
        filter = RunFilter()
        mistake = ""
        for field in _lines():
            input = self._input(field.key)
            try:
                filter = field.set(filter, input.value)
                input.remove_class("-wrong")
            except ValueError as error:
                input.add_class("-wrong")
                mistake = mistake or f"{field.key}: {error}"
        if mistake:
            self._say(mistake, wrong=True)
            return None
        for field, box in _boxes():
            if self._box(box).value:
                filter = field.put(filter, box.switched(field.raw(filter), True))
        return filter

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

    def on_focus(self, event: events.Focus) -> None:
        """The pane itself is never in focus, its fields are."""
        self.focus_first()
