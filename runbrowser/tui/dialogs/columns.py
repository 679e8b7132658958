"""The columns of the table: on, off, in which order."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from runbrowser.pages import chooser
from runbrowser.pages.measures import choices
from runbrowser.text import display
from runbrowser.tui.actions import bindings
from runbrowser.tui.dialogs.dialog import Dialog
from runbrowser.tui.dialogs.filter_list import FilterList
from runbrowser.tui.places import SCREENS
from runbrowser.tui.widgets.options import Options
from runbrowser.views.arrangement import Arrangement

_HEAD = 16  # cells for the head of a column
_MOST_WIDTH = 46
_FRAME = 10  # cells of a dialog that are not its text
_SHORT = 30  # lines of a screen below which the dialog spares blank lines
_HELP = (
    ("switch", "on or off"),
    ("move_down", "move it down"),
    ("move_up", "move it up"),
    ("measure", "add a measure"),
    ("reset_columns", "as at first"),
)


class ColumnsDialog(Dialog[Arrangement | None]):
    """Every change shows in the table at once; Enter keeps it, Esc leaves all as it was."""

    PLACES = SCREENS["columns"]
    BINDINGS = bindings(*PLACES)  # type: ignore[assignment]

    def __init__(
        self,
        arrangement: Arrangement,
        apply: Callable[[Arrangement], None],
        types: Collection[int | None],
        more_measures: Callable[[FilterList], None],
    ) -> None:
        """``apply`` shows an arrangement in the table; ``types`` are the task types at hand, whose
        measures are offered first, ``more_measures`` adds those that only the server knows.
        """
        super().__init__()
        self._before = self._now = arrangement
        self._apply = apply
        self._types = types
        self._more_measures = more_measures
        self._lines = chooser.lines_of(arrangement)

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog -columns"):
            yield self.heading("Columns")
            yield Options(id="columns", compact=True, markup=False)
            yield Static("", markup=False, id="columns-fold")
            yield Static(self._help(), markup=False, id="columns-help")

    def on_mount(self) -> None:
        """The cursor stands below the run, which stays as it is."""
        self._draw(1)

    def on_resize(self) -> None:
        """The list takes the lines that are left; more of it is scrolled to."""
        height = self.app.size.height
        short = height < _SHORT
        self.query_one(".dialog").set_class(short, "-short")
        self._options.styles.max_height = height - (8 if short else 15)
        self.query_one("#columns-help", Static).update(self._help())

    @property
    def _options(self) -> OptionList:
        return self.query_one("#columns", OptionList)

    @property
    def _place(self) -> int:
        return self._options.highlighted or 0

    def _help(self) -> Content:
        keys = [(self.key(name), label) for name, label in _HELP]
        last = self.keys(("keep", "keeps"), ("cancel", "leaves all as it was"))
        if self.app.size.height < _SHORT:
            short = "  ".join(f"{key} {label}" for key, label in keys)
            return Content.styled(f"{short}\n{last}", "$text-muted")
        key, _, words = last.partition(" ")
        lines = [
            Content.assemble((f"{key:<6}", "bold $text-primary"), (words, "$text-muted"))
            for key, words in (*keys, (key, words))
        ]
        return Content("\n").join(lines)

    def _draw(self, place: int) -> None:
        options = self._options
        room = min(_MOST_WIDTH, self.app.size.width - _FRAME)
        options.clear_options()
        options.add_options(Option(self._line(line, room)) for line in self._lines)
        options.highlighted = place
        box = "\u2713" if self._now.fold else " "
        words = display("fold away empty and constant ones", room - 7)
        self.query_one("#columns-fold", Static).update(
            Content.assemble((f"[{box}] ", "$text-accent"), words, (" f", "bold $text-primary"))
        )

    def _line(self, line: chooser.Line, room: int) -> Content:
        head, words = chooser.words(line, self._now)
        box = "[\u2713] " if line.on else "[ ] "
        head = display(head, _HEAD)
        return Content.assemble(
            (box, "$text-accent" if line.on else "$text-muted"),
            (f"{head:<{_HEAD}}", "" if line.on else "$text-muted"),
            (display(words, max(1, room - len(box) - _HEAD)), "$text-muted"),
        )

    def _change(self, lines: list[chooser.Line], place: int) -> None:
        self._lines = lines
        self._now = chooser.arranged(lines, self._now)
        self._draw(place)
        self._apply(self._now)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A click on a column."""
        event.stop()
        self._change(chooser.toggled(self._lines, event.option_index), event.option_index)

    def action_switch(self) -> None:
        """Space."""
        self._change(chooser.toggled(self._lines, self._place), self._place)

    def action_cursor_down(self) -> None:
        """j."""
        self._options.action_cursor_down()

    def action_cursor_up(self) -> None:
        """k."""
        self._options.action_cursor_up()

    def action_move_down(self) -> None:
        """J."""
        self._move(1)

    def action_move_up(self) -> None:
        """K."""
        self._move(-1)

    def _move(self, step: int) -> None:
        lines, place = chooser.moved(self._lines, self._place, step)
        if lines is not self._lines:
            self._change(lines, place)

    def action_fold_columns(self) -> None:
        """f."""
        self._now = replace(self._now, fold=not self._now.fold)
        self._draw(self._place)
        self._apply(self._now)

    def action_reset_columns(self) -> None:
        """r: the columns for which the width has room."""
        self._now = replace(self._now, columns=(), fold=False)
        self._lines = chooser.lines_of(self._now)
        self._draw(1)
        self._apply(self._now)

    def action_measure(self) -> None:
        """M."""

        def chosen(name: str | None) -> None:
            if name:
                self._change(*chooser.with_measure(self._lines, name))

        dialog = FilterList("A column for", choices(self._types))
        self.app.push_screen(dialog, chosen)
        self._more_measures(dialog)

    def action_keep(self) -> None:
        """Enter."""
        self.dismiss(self._now)

    def action_leave(self) -> None:
        """Esc."""
        if self._now != self._before:
            self._apply(self._before)
        self.dismiss(None)
