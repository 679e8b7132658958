"""Screens that tell of many runs at once: errors, the best of a task, a comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runbrowser.errors import UsageError
from runbrowser.fields.subjects import Subject
from runbrowser.models import RunFilter, RunRow
from runbrowser.triage.suite.model import LEAST, MOST
from runbrowser.tui.dispatch import Handler
from runbrowser.tui.features.ui import UI
from runbrowser.tui.workspace import Workspace

if TYPE_CHECKING:
    from runbrowser.triage.signatures import ErrorGroup
    from runbrowser.tui.features.bulk_jobs import BulkJobs
    from runbrowser.tui.features.changes import Changes
    from runbrowser.tui.features.history import History
    from runbrowser.tui.screens.subject import Trail


class Overviews:
    """Opens them for what is browsed, and takes up what was chosen there."""

    def __init__(
        self, workspace: Workspace, ui: UI, changes: Changes, jobs: BulkJobs, history: History
    ) -> None:
        self._workspace = workspace
        self._history = history
        self._ui = ui
        self._changes = changes
        self._jobs = jobs

    def handlers(self) -> dict[str, Handler]:
        """What it does."""
        return {
            "error_groups": Handler(self.error_groups),
            "leaderboard": Handler(self.leaderboard, self._why_no_leaderboard),
            "compare": Handler(self.compare, self._why_no_comparison),
            "compare_flows": Handler(self.compare_flows, self._why_no_flows),
        }

    def _read_chosen(self, run_id: int | None) -> None:
        if run_id is not None:
            self._workspace.want_run(run_id)

    def follow(self, target: Subject | RunFilter) -> None:
        """What a link leads to: a page about something, or the runs of a filter."""
        from runbrowser.tui.screens.subject import Trail, Visit

        if isinstance(target, Subject):
            self._browse(Trail([Visit(target)]))
        else:
            self._workspace.selection.show(target)

    def _browse(self, trail: Trail) -> None:
        from runbrowser.tui.screens.subject import SubjectScreen

        def chosen(filter: RunFilter | None) -> None:
            if filter is None:
                self._history.leave_screen(lambda: self._browse(trail))
            else:
                self._history.leave_by(lambda: self._browse(trail))
                self._workspace.selection.show(filter)
                if len(filter.ids) == 1:
                    self._workspace.want_run(filter.ids[0])

        self._ui.ask(SubjectScreen(self._workspace.source, trail), chosen)

    def error_groups(self, at: ErrorGroup | None = None) -> None:
        """Errors of the runs that match, grouped by what they say; ``at``: the group on which one
        was.
        """
        from runbrowser.tui.screens.groups import ErrorGroupsScreen

        workspace = self._workspace

        def chosen(group: ErrorGroup | None) -> None:
            if group is not None:
                self._history.leave_by(lambda: self.error_groups(group))
                workspace.selection.show(group.within(workspace.filter))

        screen = ErrorGroupsScreen(workspace, self._ui, self._changes, self._jobs)
        if at is not None:
            screen.runs.by = at.by
            here = at.number, at.signature
            screen.wanted = lambda group: (group.number, group.signature) == here
        self._ui.ask(screen, chosen)

    def _task(self) -> int | None:
        """The task that is meant: of the filter, else of the run in focus."""
        filter, row = self._workspace.filter, self._workspace.focused_row()
        if len(filter.task) == 1:
            return filter.task[0]
        return row.task_id if row is not None else None

    def _why_no_leaderboard(self) -> str:
        if self._task() is None:
            return "a run, or a filter on one task, says which task is meant"
        return ""

    def leaderboard(self) -> None:
        """The best runs of a task."""
        task, row = self._task(), self._workspace.focused_row()
        if task is not None:
            kind = row.task_type_id if row is not None and row.task_id == task else None
            self._open_leaderboard(task, kind)

    def _open_leaderboard(self, task: int, kind: int | None, at: int | None = None) -> None:
        """``at``: the run on which one was."""
        from runbrowser.tui.screens.leaderboard import LeaderboardScreen

        def chosen(run_id: int | None) -> None:
            if run_id is not None:
                self._history.note_screen(lambda: self._open_leaderboard(task, kind, run_id))
                self._workspace.want_run(run_id)

        screen = LeaderboardScreen(self._workspace.source, task, kind)
        if at is not None:
            screen.wanted = lambda row: row.run_id == at
        self._ui.ask(screen, chosen)

    def _compared(self) -> list[RunRow]:
        """The marked runs; where that is one, the run in focus as well."""
        marks, here = self._workspace.marks, self._workspace.focused_row()
        rows = list(marks)
        if len(rows) == 1 and here is not None and here.run_id not in marks:
            rows.append(here)
        return rows

    def _why_no_comparison(self) -> str:
        from runbrowser.tui.screens.comparing import why_not

        return why_not(len(self._compared()))

    def compare(self) -> None:
        """Marked runs side by side."""
        from runbrowser.tui.screens.compare import CompareScreen
        from runbrowser.tui.screens.comparing import entries_of

        entries = entries_of(self._compared(), self._workspace.runs.get)
        self._ui.ask(CompareScreen(self._workspace.source, entries), self._read_chosen)

    def _flows(self) -> tuple[int, ...]:
        """Those of the marked runs (of the run in focus, too, where they are of one flow), else
        those of the filter.
        """
        marks, here = self._workspace.marks, self._workspace.focused_row()
        flows = list(dict.fromkeys(row.flow_id for row in marks if row.flow_id is not None))
        other = here.flow_id if here is not None else None
        if len(flows) == 1 and other is not None and other not in flows:
            flows.append(other)
        return tuple(flows) if flows else self._workspace.filter.flow

    def _why_no_flows(self) -> str:
        flows = self._flows()
        if len(flows) > MOST:
            return f"{len(flows)} flows are marked; at most {MOST} are compared over tasks"
        if len(flows) >= LEAST or (not flows and self._workspace.filter.study is not None):
            return ""
        if flows:
            return "one flow is not compared: mark a run of another one with space"
        return "space marks runs: F compares their flows over all tasks that they share"

    def compare_flows(self) -> None:
        """Flows over the tasks of the filter or of its study, else over all that they share; only
        runs count that the filter's uploader and tag let through.
        """
        from runbrowser.openml.access import resolved
        from runbrowser.openml.suites import SuiteQuestion
        from runbrowser.tui.screens.suite import SuiteScreen

        source = self._workspace.source
        try:
            filter = resolved(self._workspace.filter, source.user_id)
        except UsageError as error:
            self._ui.tell(str(error), "error")
            return
        question = SuiteQuestion(
            study=filter.study,
            flows=self._flows(),
            tasks=filter.task if len(filter.task) > 1 else (),
            among=RunFilter(uploader=filter.uploader, tag=filter.tag),
        )
        self._ui.ask(SuiteScreen(source, question))
