"""How the table is arranged: columns, the measure of the scores, the order of the rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from runbrowser.tui.dispatch import Handler
from runbrowser.tui.features.ui import UI, RowsPane
from runbrowser.tui.workspace import Workspace
from runbrowser.views.arrangement import Arrangement

if TYPE_CHECKING:
    from runbrowser.tui.dialogs.filter_list import FilterList


class Order:
    """Asks for another arrangement, which is applied at once."""

    def __init__(self, workspace: Workspace, ui: UI, rows: RowsPane) -> None:
        self._workspace = workspace
        self._ui = ui
        self._rows = rows
        self._known_measures: Sequence[str] = ()  # of the server, once it was asked

    def handlers(self) -> dict[str, Handler]:
        """What it does."""
        return {
            "sort": Handler(self.sort),
            "reverse": Handler(self.reverse, self._why_not_reverse),
            "measure": Handler(self.measure),
            "columns": Handler(self.columns),
        }

    # -- order ---------------------------------------------------------------------------------

    def sort(self) -> None:
        """Asks for the column that the rows of the page are ordered by."""
        from runbrowser.pages.sorting import keys
        from runbrowser.tui.dialogs.choose import ChooseDialog

        arranged = self._workspace.arrangement
        choices = [("", "as the server sends them", "")]
        choices += [(key, words, way) for key, (words, way) in keys(arranged).items()]

        def chosen(key: str | None) -> None:
            if key is not None:
                self._order(replace(self._workspace.arrangement, sort=key, reverse=False))

        self._ui.ask(ChooseDialog("Order by", choices, current=arranged.sort), chosen)

    def _why_not_reverse(self) -> str:
        return "" if self._workspace.arrangement.sort else "s orders the rows first"

    def reverse(self) -> None:
        """Turns the order round."""
        arranged = self._workspace.arrangement
        self._order(replace(arranged, reverse=not arranged.reverse))

    def _order(self, arrangement: Arrangement) -> None:
        from runbrowser.pages.sorting import measures_of, told

        workspace = self._workspace
        whole = workspace.source.whole(workspace.filter)
        total = len(whole) if whole is not None else None
        workspace.selection.arrange(arrangement)
        if self._rows.runs:
            self._rows.move_cursor(row=0, animate=False)
        rows, facts = self._rows.runs, workspace.pager.facts
        measures = measures_of(rows, facts, arrangement, arrangement.sort or "run_id")
        by_id = workspace.filter.empty and arrangement.sort in ("run_id", "uploaded")
        words = told(
            arrangement,
            len(rows),
            measures,
            total=total if workspace.order is not None else None,
            from_end=by_id and whole is None,
        )
        self._ui.tell(words, "info")

    # -- the measure of the score column -------------------------------------------------------

    def measure(self) -> None:
        """Asks for the measure of the score column."""
        from runbrowser.pages.measures import choices
        from runbrowser.tui.dialogs.filter_list import FilterList

        def chosen(name: str | None) -> None:
            if name is not None:
                self.choose_measure(name)

        types = {row.task_type_id for row in self._rows.runs}
        dialog = FilterList(
            "Measure of the score column",
            [("", "the task's own", "what each task asks for"), *choices(types)],
            current=self._workspace.arrangement.measure,
        )
        self._ui.ask(dialog, chosen)
        self._add_measures(dialog)

    def _add_measures(self, dialog: FilterList) -> None:
        """Adds the measures that only the server knows to a dialog, once they were asked for."""
        self._ui.work(partial(self._ask_measures, dialog), "measures", exclusive=False)

    async def _ask_measures(self, dialog: FilterList) -> None:
        from runbrowser.errors import RunbrowserError
        from runbrowser.pages.measures import others

        if not self._known_measures:
            try:
                self._known_measures = await self._workspace.source.measures()
            except RunbrowserError:
                return  # the measures that everybody knows are offered anyway
        dialog.add(others(self._known_measures))

    def choose_measure(self, name: str) -> None:
        """Shows the scores of one measure; '' for what each task asks for."""
        from runbrowser.pages.measures import told

        arranged = replace(self._workspace.arrangement, measure=name)
        if arranged.columns and "score" not in arranged.columns:
            arranged = arranged.with_columns((*arranged.columns, "score"))
        self._workspace.selection.arrange(arranged)
        self._ui.tell(told(name), "info")

    # -- columns -------------------------------------------------------------------------------

    def _columns_told(self) -> str:
        """Which columns are there, and which are not for want of room."""
        from runbrowser.pages.columns import label
        from runbrowser.text import display

        arranged, rows = self._workspace.arrangement, self._rows
        heads = [label(column, arranged) for column in rows.left_out]
        sentences = []
        if not arranged.columns:
            sentences.append("columns as there is room for them")
        elif heads:
            sentences.append(f"no room for {', '.join(heads)}: \u2192 brings them into sight")
        else:
            sentences.append(f"{len(arranged.wanted)} columns")
        if rows.folded:
            folded = [
                f"{label(column, arranged)} ({display(text, 30) or 'empty'})"
                for column, text in rows.folded.items()
            ]
            sentences.append(f"folded away: {', '.join(folded)}")
        return "; ".join(sentences)

    def columns(self) -> None:
        """Asks for the columns; every choice is shown at once."""
        from runbrowser.tui.dialogs.columns import ColumnsDialog

        selection = self._workspace.selection

        def answered(arrangement: Arrangement | None) -> None:
            if arrangement is not None and arrangement != selection.arrangement:
                selection.arrange(arrangement)
            self._ui.tell(self._columns_told(), "info")

        types = {row.task_type_id for row in self._rows.runs}
        dialog = ColumnsDialog(selection.arrangement, selection.arrange, types, self._add_measures)
        self._ui.ask(dialog, answered)
