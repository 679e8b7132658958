"""Two lines at the foot: what is shown, and what happened last or which keys help."""

from __future__ import annotations

from collections.abc import Mapping

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from runbrowser.models import RunState
from runbrowser.openml.base import SourcePage
from runbrowser.pages.lines import Line
from runbrowser.pages.status import Note, facts_line, foot, note_line
from runbrowser.tui.actions import hints
from runbrowser.tui.content import content
from runbrowser.tui.keymap import in_force
from runbrowser.tui.places import Place


class StatusBar(Widget):
    """Draws the status lines from plain values; changing one draws them again."""

    page: reactive[SourcePage | None] = reactive(None)
    states: reactive[Mapping[RunState, int]] = reactive({})  # how many rows are in each
    filter_text: reactive[str] = reactive("")
    source: reactive[str] = reactive("")
    marked: reactive[int] = reactive(0)
    acts_on: reactive[int | None] = reactive(None)  # the run keys act on, if not that of the cursor
    columns: reactive[str] = reactive("")  # which columns are wanted and not seen
    watching: reactive[str] = reactive("")  # what a watch has seen, '' when there is none
    leads: reactive[str] = reactive("esc clears")  # what esc does to the filter
    note: reactive[Note | None] = reactive(None)
    outcome: reactive[Note | None] = reactive(None)  # of the last action, until the next or esc
    where: reactive[Place] = reactive[Place]("table")  # the pane that has the keys

    def set_marked(self, count: int) -> None:
        """How many runs are marked."""
        self.marked = count

    def set_watching(self, words: str) -> None:
        """What a watch has seen; '' when there is none."""
        self.watching = words

    def watch_note(self) -> None:
        """Makes room for an error of several lines, and takes it back; laying out anew costs a
        picture of the whole screen, so it is done only when the number of lines changes.
        """
        wanted = 1 + len(self._foot(max(20, self.content_size.width)))
        if self.size.height and wanted != self.size.height:
            self.styles.height = wanted

    def watch_outcome(self) -> None:
        """As for a note."""
        self.watch_note()

    def render(self) -> Content:
        """Both lines for the width at hand."""
        width = max(20, self.content_size.width)
        upper = facts_line(
            self.page,
            self.states,
            self.filter_text,
            self.source,
            width,
            marked=self.marked,
            acts_on=self.acts_on,
            columns=self.columns,
            watching=self.watching,
            leads=self.leads,
        )
        return content([upper, *self._foot(width)])

    def _foot(self, width: int) -> list[Line]:
        """What was said last, and the keys that help."""
        is_said = any(note is not None and note.text for note in (self.note, self.outcome))
        said = note_line(self.note, (), width, outcome=self.outcome) if is_said else []
        return foot(said, hints(self.where, in_force(self.app).actions), width)
