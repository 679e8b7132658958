"""The best runs of one task by one measure, as the server orders them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import cached_property

from textual.coordinate import Coordinate
from textual.widgets import DataTable

from runbrowser.errors import RunbrowserError
from runbrowser.models import EvaluationRow
from runbrowser.openml.base import RunSource
from runbrowser.openml.leaderboards import task_scores
from runbrowser.pages.leaderboard import Judged, cells, columns, names_for, page, run_cell
from runbrowser.pages.lines import Lines
from runbrowser.pages.rows import Cell
from runbrowser.triage.comparison import Entry, compare_runs
from runbrowser.triage.leaderboard import BY, By, Standing, standings, two_best
from runbrowser.triage.measures import MEASURES, default_measure, direction
from runbrowser.tui.actions import bindings
from runbrowser.tui.dispatch import Handler, Handlers
from runbrowser.tui.places import SCREENS
from runbrowser.tui.screens.listing import ListScreen

_MOST = 200
_JUDGED = 12  # lines that are read for what their folds say
_RUN_COLUMN = 1  # where the columns have the run


class LeaderboardScreen(ListScreen[Standing, int]):
    """Rank, run, score and the distance to the best, by run, setup or flow; Enter reads the run,
    = compares, V asks the folds.
    """

    PLACES = SCREENS["leaderboard"]
    BINDINGS = bindings(*PLACES)  # type: ignore[assignment]
    LAST = "flow"

    def __init__(self, source: RunSource, task_id: int, task_type_id: int | None) -> None:
        super().__init__()
        self._source = source
        self._task_id = task_id
        self._marked: dict[int, EvaluationRow] = {}
        self._by: By = BY[0]
        self._flows: dict[int, str] = {}
        self._judged: Judged | None = None
        self._asking = self._folds_wanted = False
        task = source.names.tasks.get(task_id)
        kind = task.task_type_id if task is not None else task_type_id
        self._measure = default_measure(task.evaluation_measure if task else None, kind or 1)

    def on_mount(self) -> None:
        """Asks for the best."""
        self._ask()

    def _ask(self) -> None:
        self._judged, self._asking = None, True
        self.workers.cancel_group(self, "judge")
        self.head(f"Best {self._by}s of task {self._task_id} by {self._measure}: asking")
        self.start(self._read, "best")

    async def _read(self) -> None:
        higher = direction(self._measure) != "lower"
        source = self._source
        try:
            if self._by == "run":
                rows = await source.best(
                    self._task_id, self._measure, highest_first=higher, limit=_MOST
                )
            else:
                rows = await task_scores(source.http, self._task_id, self._measure)
        except RunbrowserError as error:
            self._asking = False
            self.head(str(error))
            return
        self._asking = False
        self.lines = standings(rows, self._measure, self._by)
        self.draw()
        task = source.names.tasks.get(self._task_id)
        data = f" ({task.dataset_name})" if task is not None else ""
        way = "" if direction(self._measure) else ", which has no better or worse"
        if not self.lines:
            self.head(f"No run of task {self._task_id}{data} has {self._measure}")
            return
        most = "the best " if self._by == "run" and len(self.lines) == _MOST else ""
        of = "" if self._by == "run" else f" of {len(rows):,} runs"
        count = f"{most}{len(self.lines)} {self._by}s{of}"
        self.head(f"Task {self._task_id}{data}: {count} by {self._measure}{way}")
        if self._folds_wanted:
            self._ask_folds()

    def columns(self) -> tuple[Sequence[tuple[str, int]], str]:
        """By run or by group, with a column for what the folds say once they were asked."""
        return columns(self._by, self._judged is not None, self.size.width), self.LAST

    def draw(self) -> None:
        """Flows are named so that no two look the same in the room there is."""
        taken = sum(width + 2 for _, width in self.columns()[0])
        self._flows = names_for(self.lines, self.size.width - taken - 3)
        super().draw()

    def cells(self, line: Standing, width: int) -> Sequence[Cell]:
        """Rank, run, score, distance to the best, and what the line is of."""
        marked = line.run_id in self._marked
        names = self._source.names
        labels = [label for label, _ in self.columns()[0]]
        return cells(line, labels, names, self._flows, self._judged, marked=marked)

    def page(self, line: Standing, width: int) -> Lines:
        """The line under the cursor in full."""
        return page(line, self._by, self._judged, width)

    @cached_property
    def actions(self) -> Handlers:
        """What the folds say, and lines by another thing."""
        more = {"group_by": Handler(self._regroup), "judge": Handler(self._ask_folds)}
        return {**super().actions, **more}

    def _regroup(self) -> None:
        self._by = BY[(BY.index(self._by) + 1) % len(BY)]
        self._ask()

    def _ask_folds(self) -> None:
        self._folds_wanted = self._asking  # of the lines that are on their way
        if len(self.lines) > 1 and not self._asking:
            self.tell("reading the best runs, for what their folds say")
            self.start(self._judge, "judge")

    async def _judge(self) -> None:
        """The best runs and the one under the cursor against the best, fold by fold."""
        some = self.lines[:_JUDGED]
        if self.current is not None and self.current not in some:
            some = [*some, self.current]
        gate = asyncio.Semaphore(4)

        async def read(run_id: int) -> Entry:
            async with gate:
                try:
                    return Entry(run_id, await self._source.run(run_id))
                except RunbrowserError as error:
                    return Entry(run_id, failure=str(error))

        entries = await asyncio.gather(*(read(line.run_id) for line in some))
        names = dict(self._source.names.flows)
        found = await asyncio.to_thread(compare_runs, entries, names, {}, measure=self._measure)
        self._judged = Judged(found)
        self.draw()
        self.tell("not worse: the difference to the best may be chance (p by Holm's correction)")

    def on_data_table_row_selected(self, event: DataTable.RowSelected) -> None:
        """Enter, or a click."""
        event.stop()
        self.action_open()

    def action_open(self) -> None:
        """Reads the run."""
        if self.current is not None:
            self.dismiss(self.current.run_id)

    def action_mark(self) -> None:
        """Space marks the run, or takes its mark away, and goes on to the next."""
        line = self.current
        if line is None:
            return
        if self._marked.pop(line.run_id, None) is None:
            self._marked[line.run_id] = line.row
        # one cell and not the table: two hundred rows drawn anew would hold up the next key
        self.table.update_cell_at(
            Coordinate(self.table.cursor_row, _RUN_COLUMN),
            self._text(run_cell(line, line.run_id in self._marked)),
        )
        self.step(1)

    def action_compare(self) -> None:
        """Compares what is marked; without marks the two best that do not tie."""
        from runbrowser.tui.screens.compare import CompareScreen
        from runbrowser.tui.screens.comparing import entries_of, why_not

        rows, best = list(self._marked.values()), two_best(self.lines)
        here = self.current
        if len(self._marked) == 1 and here is not None and here.run_id not in self._marked:
            rows.append(here.row)
        reason = why_not(len(rows)) if self._marked else ""
        if not self._marked and best is not None:
            rows = [line.row for line in best]
        elif not self._marked:
            reason = "there are no two runs to compare: all have the same score; space marks runs"
        if reason:
            self.tell(reason)
            return

        def chosen(run_id: int | None) -> None:
            if run_id is not None:
                self.dismiss(run_id)

        entries = entries_of(rows, lambda run_id: None)
        self.app.push_screen(CompareScreen(self._source, entries, self._measure), chosen)

    def action_measure(self) -> None:
        """Another measure."""
        from runbrowser.tui.dialogs.choose import ChooseDialog

        task = self._source.names.tasks.get(self._task_id)
        kind = task.task_type_id if task is not None else None
        choices = [
            (m.name, m.name, f"{m.label}, {m.direction} is better")
            for m in MEASURES.values()
            if m.direction and (kind is None or kind in m.task_types)
        ]

        def chosen(name: str | None) -> None:
            if name is not None:
                self._measure = name
                self._ask()

        self.app.push_screen(ChooseDialog("Measure", choices, current=self._measure), chosen)

    def action_export(self) -> None:
        """x: the list as a file, in the columns of ``runbrowser evaluations``."""
        from runbrowser.files.columns import EVALUATION_COLUMNS
        from runbrowser.files.export import Sheet
        from runbrowser.tui.dialogs.export import Choice
        from runbrowser.tui.exporting import ask_and_write

        if self.lines:
            sheet = Sheet(EVALUATION_COLUMNS, [[line.row for line in self.lines]])
            name = f"best-of-task-{self._task_id}-{self._measure}"
            choice = Choice("this list", len(self.lines))
            offers = [(choice, sheet)]
            title = "Export evaluations"
            ask_and_write(self, title, name, offers, self.tell, verb="evaluations")
