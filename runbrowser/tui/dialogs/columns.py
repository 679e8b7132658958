"""The columns of the table: on, off, in which order."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Label, OptionList, Static
from textual.widgets.option_list import Option

from runbrowser.pages import chooser
from runbrowser.pages.measures import choices
from runbrowser.text import display
from runbrowser.tui.dialogs.narrow import NarrowDialog
from runbrowser.tui.widgets.options import Options
from runbrowser.views.arrangement import Arrangement

_HEAD = 16  # cells for the head of a column
_MOST_WIDTH = 46
_FRAME = 10  # cells of a dialog that are not its text
_SHORT = 30  # lines of a screen below which the dialog spares blank lines
_HELP = (
    ("space", "on or off"),
    ("J K", "move it down or up"),
    ("M", "a column for another measure"),
    ("r", "as at first"),
)


class ColumnsDialog(ModalScreen[Arrangement | None]):
    """Every change shows in the table at once; Enter keeps it, Esc leaves all as it was."""

    BINDINGS = [  # noqa: RUF012
        Binding("escape,q", "leave", show=False),
        Binding("enter,c", "keep", show=False, priority=True),
        Binding("space", "switch", show=False, priority=True),
        Binding("j", "step(1)", show=False),
        Binding("k", "step(-1)", show=False),
        Binding("J,shift+down", "move(1)", show=False, priority=True),
        Binding("K,shift+up", "move(-1)", show=False, priority=True),
        Binding("M", "measure", show=False),
        Binding("f", "fold", show=False),
        Binding("r", "reset", show=False),
    ]

    def __init__(
        self,
        arrangement: Arrangement,
        apply: Callable[[Arrangement], None],
        types: Collection[int | None],
        more_measures: Callable[[NarrowDialog], None],
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
            yield Label("Columns", classes="pane-title", markup=False)
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
        keys = [*_HELP, ("enter", "keeps, esc leaves all as it was")]
        if self.app.size.height < _SHORT:
            short = "space on/off  J K move  M measure  r reset\nenter keeps, esc leaves"
            return Content.styled(short, "$text-muted")
        lines = [
            Content.assemble((f"{key:<6}", "bold $text-primary"), (words, "$text-muted"))
            for key, words in keys
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

    def action_step(self, step: int) -> None:
        """j and k."""
        if step > 0:
            self._options.action_cursor_down()
        else:
            self._options.action_cursor_up()

    def action_move(self, step: int) -> None:
        """J and K."""
        lines, place = chooser.moved(self._lines, self._place, step)
        if lines is not self._lines:
            self._change(lines, place)

    def action_fold(self) -> None:
        """f."""
        self._now = replace(self._now, fold=not self._now.fold)
        self._draw(self._place)
        self._apply(self._now)

    def action_reset(self) -> None:
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

        dialog = NarrowDialog("A column for", choices(self._types))
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
