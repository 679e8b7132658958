"""Arranging the table: columns, the measure of the scores, the order of the rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from runbrowser.models import RunRow
from runbrowser.openml.scores import Wish
from runbrowser.tui.features.pages import Paging
from runbrowser.tui.messages import ColumnsPlaced
from runbrowser.views.arrangement import Arrangement

if TYPE_CHECKING:
    from runbrowser.tui.dialogs.narrow import NarrowDialog


class Arranging(Paging):
    """What the main screen does with an Arrangement; another one is applied at once."""

    _known_measures: Sequence[str] = ()  # of the server, once it was asked

    # -- what holds ----------------------------------------------------------------------------

    def wishes(self) -> Sequence[Wish]:
        """The scores that columns and order need."""
        return [Wish(*score) for score in self.arrangement.scores()]

    def in_order(self, rows: Sequence[RunRow]) -> Sequence[RunRow]:
        """Sorted, if an order was chosen."""
        pager, arranged = self.pager, self.arrangement
        if pager is None or not arranged.sort:
            return rows
        from runbrowser.pages.sorting import sort_rows

        return sort_rows(
            rows,
            arranged.sort,
            pager.facts,
            pager.source.names,
            reverse=arranged.reverse,
            scores=pager.scores,
            tags=self.table.tags,
            measure=arranged.measure_of("score"),
        )

    def rearrange(self, arrangement: Arrangement) -> None:
        """Puts another arrangement in force; what it lacks is asked for."""
        run_id = self._run_under_cursor()
        self.arrangement = arrangement
        self._draw_page()
        self._put_cursor(run_id)
        pager, page = self.pager, self._page
        if pager is not None:
            pager.wish(self.wishes())
            if page is not None:
                pager.learn(page)

    def _run_under_cursor(self) -> int | None:
        row = self.table.current
        return None if row is None else row.run_id

    def _put_cursor(self, run_id: int | None) -> None:
        place = None if run_id is None else self.table.place_of(run_id)
        if place is not None:
            self.table.move_cursor(row=place, animate=False)

    def _show_news(self) -> None:
        """Rows whose order hangs on the news change places; the cursor stays on its run."""
        page = self._page
        if page is not None and self.arrangement.sort:
            before = [row.run_id for row in self.table.runs]
            if before != [row.run_id for row in self.in_order(page.rows)]:
                run_id, at_the_top = self._run_under_cursor(), self.table.cursor_row <= 0
                self._draw_page()
                if not at_the_top:  # who has not moved wants to see what is first
                    self._put_cursor(run_id)
        super()._show_news()

    def on_columns_placed(self, event: ColumnsPlaced) -> None:
        """Columns that are wanted and not seen are told."""
        event.stop()
        self.status.columns = event.words

    # -- order ---------------------------------------------------------------------------------

    def action_sort(self) -> None:
        from runbrowser.pages.sorting import keys
        from runbrowser.tui.dialogs.choose import ChooseDialog

        choices = [("", "as the server sends them", "")]
        choices += [(key, words, way) for key, (words, way) in keys(self.arrangement).items()]

        def chosen(key: str | None) -> None:
            if key is None:
                return
            self._order(replace(self.arrangement, sort=key, reverse=False))

        dialog = ChooseDialog("Order by", choices, current=self.arrangement.sort)
        self.app.push_screen(dialog, chosen)

    def action_reverse(self) -> None:
        if not self.arrangement.sort:
            self.say("s orders the rows first", "info")
            return
        self._order(replace(self.arrangement, reverse=not self.arrangement.reverse))

    def _order(self, arrangement: Arrangement) -> None:
        from runbrowser.pages.sorting import told

        self.rearrange(arrangement)
        if self.table.runs:
            self.table.move_cursor(row=0, animate=False)
        self.say(told(arrangement, len(self.table.runs)), "info")

    # -- the measure of the score column -------------------------------------------------------

    def action_measure(self) -> None:
        from runbrowser.pages.measures import choices
        from runbrowser.tui.dialogs.narrow import NarrowDialog

        def chosen(name: str | None) -> None:
            if name is not None:
                self._choose_measure(name)

        types = {row.task_type_id for row in self.table.runs}
        dialog = NarrowDialog(
            "Measure of the score column",
            [("", "the task's own", "what each task asks for"), *choices(types)],
            current=self.arrangement.measure,
        )
        self.app.push_screen(dialog, chosen)
        self.more_measures(dialog)

    def more_measures(self, dialog: NarrowDialog) -> None:
        """Adds the measures that only the server knows to a dialog, once they were asked for."""
        self.run_worker(self._more_measures(dialog), group="measures", exit_on_error=False)

    async def _more_measures(self, dialog: NarrowDialog) -> None:
        from runbrowser.errors import RunbrowserError
        from runbrowser.pages.measures import others

        if self.source is None:
            return
        if not self._known_measures:
            try:
                self._known_measures = await self.source.measures()
            except RunbrowserError:
                return  # the measures that everybody knows are offered anyway
        dialog.add(others(self._known_measures))

    def _choose_measure(self, name: str) -> None:
        from runbrowser.pages.measures import told

        arranged = replace(self.arrangement, measure=name)
        if arranged.columns and "score" not in arranged.columns:
            arranged = arranged.with_columns((*arranged.columns, "score"))
        self.rearrange(arranged)
        self.say(told(name), "info")

    # -- columns -------------------------------------------------------------------------------

    def _columns_told(self) -> str:
        """Which columns are there, and which are not for want of room."""
        from runbrowser.pages.columns import label
        from runbrowser.text import display

        arranged, table = self.arrangement, self.table
        heads = [label(column, arranged) for column in table.left_out]
        parts = []
        if not arranged.columns:
            parts.append("columns as there is room for them")
        elif heads:
            parts.append(f"no room for {', '.join(heads)}: \u2192 brings them into sight")
        else:
            parts.append(f"{len(arranged.wanted)} columns")
        if table.folded:
            said = [
                f"{label(column, arranged)} ({display(text, 30) or 'empty'})"
                for column, text in table.folded.items()
            ]
            parts.append(f"folded away: {', '.join(said)}")
        return "; ".join(parts)

    def action_columns(self) -> None:
        from runbrowser.tui.dialogs.columns import ColumnsDialog

        def answered(arrangement: Arrangement | None) -> None:
            if arrangement is not None and arrangement != self.arrangement:
                self.rearrange(arrangement)
            self.say(self._columns_told(), "info")

        types = {row.task_type_id for row in self.table.runs}
        dialog = ColumnsDialog(self.arrangement, self.rearrange, types, self.more_measures)
        self.app.push_screen(dialog, answered)
