"""The best runs of one task by one measure, as the server orders them."""

from __future__ import annotations

from collections.abc import Sequence

from textual.coordinate import Coordinate
from textual.widgets import DataTable

from runbrowser.errors import RunbrowserError
from runbrowser.models import EvaluationRow
from runbrowser.openml.base import RunSource
from runbrowser.pages.lines import Lines, hang, spans
from runbrowser.pages.numbers import number
from runbrowser.pages.rows import MARK, Cell
from runbrowser.text import display
from runbrowser.triage.flow_names import short_name
from runbrowser.triage.measures import MEASURES, default_measure, direction, measure
from runbrowser.tui.actions import bindings
from runbrowser.tui.places import SCREENS
from runbrowser.tui.screens.listing import ListScreen

_MOST = 200
_RUN_COLUMN = 1  # where COLUMNS has the run


class LeaderboardScreen(ListScreen[EvaluationRow, int]):
    """Rank, run, score and the distance to the best; Enter reads the run, = compares."""

    PLACES = SCREENS["leaderboard"]
    BINDINGS = bindings(*PLACES)  # type: ignore[assignment]
    COLUMNS = (("rank", 4), ("run", 9), ("score", 10), ("to best", 10), ("uploader", 16))
    LAST = "flow"

    def __init__(self, source: RunSource, task_id: int, task_type_id: int | None) -> None:
        super().__init__()
        self._source = source
        self._task_id = task_id
        self._marked: dict[int, EvaluationRow] = {}
        task = source.names.tasks.get(task_id)
        kind = task.task_type_id if task is not None else task_type_id
        self._measure = default_measure(task.evaluation_measure if task else None, kind or 1)

    def on_mount(self) -> None:
        """Asks for the best."""
        self._ask()

    def _ask(self) -> None:
        self.head(f"Best runs of task {self._task_id} by {self._measure}: asking")
        self.start(self._read, "best")

    async def _read(self) -> None:
        higher = direction(self._measure) != "lower"
        try:
            self.lines = await self._source.best(
                self._task_id, self._measure, highest_first=higher, limit=_MOST
            )
        except RunbrowserError as error:
            self.head(str(error))
            return
        self.draw()
        task = self._source.names.tasks.get(self._task_id)
        data = f" ({task.dataset_name})" if task is not None else ""
        way = "" if direction(self._measure) else ", which has no better or worse"
        if not self.lines:
            self.head(f"No run of task {self._task_id}{data} has {self._measure}")
            return
        most = "the best " if len(self.lines) == _MOST else ""
        self.head(
            f"Task {self._task_id}{data}: {most}{len(self.lines)} runs by {self._measure}{way}"
        )

    def _distance(self, row: EvaluationRow) -> float | None:
        best = self.lines[0].value
        return None if row.value is None or best is None else row.value - best

    def _rank(self, row: EvaluationRow) -> int:
        """Equal scores share a rank."""
        return 1 + sum(1 for other in self.lines if _better(other.value, row.value, self._measure))

    def cells(self, line: EvaluationRow, width: int) -> Sequence[Cell]:
        """Rank, run, score, distance to the best, uploader, flow."""
        distance = self._distance(line)
        uploader = self._source.names.users.get(line.uploader or 0) or f"#{line.uploader}"
        return (
            Cell(str(self._rank(line)), right=True),
            self._run_cell(line),
            Cell("" if line.value is None else number(line.value), "score", right=True),
            Cell(f"{distance:+.4f}" if distance else "", "faint", right=True),
            Cell(display(uploader, 16)),
            Cell(display(short_name(line.flow_name or "", width), width)),
        )

    def _run_cell(self, line: EvaluationRow) -> Cell:
        if line.run_id in self._marked:
            return Cell(f"{MARK}{line.run_id}", "mark", right=True)
        return Cell(str(line.run_id), right=True)

    def page(self, line: EvaluationRow, width: int) -> Lines:
        """The run under the cursor in a few lines."""
        known = measure(line.function)
        unit = f" {known.unit}" if known.unit else ""
        pairs = [
            ("flow", display(short_name(line.flow_name or ""), 300)),
            ("full name", display(line.flow_name or "", 1_100)),
            ("setup", f"#{line.setup_id}"),
            ("uploaded", display(line.upload_time or "", 19)),
            ("score", f"{line.value}{unit}" if line.value is not None else ""),
            ("engine", str(line.evaluation_engine_id or "")),
        ]
        lines = [spans((f"Run {line.run_id}", "strong"))]
        for name, value in pairs:
            if value:
                lines += hang(name, value, width, 12)
        return Lines([lines])

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
            self._marked[line.run_id] = line
        # one cell and not the table: two hundred rows drawn anew would hold up the next key
        self.table.update_cell_at(
            Coordinate(self.table.cursor_row, _RUN_COLUMN), self._text(self._run_cell(line))
        )
        self.step(1)

    def action_compare(self) -> None:
        """Compares what is marked; without marks the two best."""
        from runbrowser.tui.screens.compare import CompareScreen
        from runbrowser.tui.screens.comparing import entries_of, why_not

        rows = list(self._marked.values()) or self.lines[:2]
        here = self.current
        if len(self._marked) == 1 and here is not None and here.run_id not in self._marked:
            rows.append(here)
        reason = why_not(len(rows)) if self._marked else ""
        if len(rows) < 2 and not self._marked:
            reason = "there are no two runs to compare"
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
            sheet = Sheet(EVALUATION_COLUMNS, [self.lines])
            name = f"best-of-task-{self._task_id}-{self._measure}"
            choice = Choice("this list", len(self.lines))
            offers = [(choice, sheet)]
            title = "Export evaluations"
            ask_and_write(self, title, name, offers, self.tell, verb="evaluations")


def _better(one: float | None, other: float | None, name: str) -> bool:
    if one is None or other is None:
        return one is not None
    return one < other if direction(name) == "lower" else one > other
