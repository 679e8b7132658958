"""Jobs under way: what is done with a plan once it was agreed to, and afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from textual.screen import ModalScreen

from runbrowser.errors import RunbrowserError
from runbrowser.pages.status import Note
from runbrowser.tui.dispatch import Handler
from runbrowser.tui.features.ui import UI, Timer
from runbrowser.tui.status_line import Progress
from runbrowser.tui.workspace import Change, Workspace

if TYPE_CHECKING:
    from runbrowser.bulk.journal import Journal, Recorded
    from runbrowser.bulk.outcome import Report
    from runbrowser.bulk.plan import Plan
    from runbrowser.tui.jobs import Job

T = TypeVar("T")

_SHOWN_EVERY = 0.5  # seconds after which a job's progress is shown again

# Nothing here is on the first picture: what acting needs is imported when it is first wanted.


class BulkJobs:
    """One job at a time goes on in the background; its report can be read, undone, tried again."""

    def __init__(self, workspace: Workspace, ui: UI) -> None:
        self._workspace = workspace
        self._ui = ui
        self._progress = Progress(ui.line, over_busy=False)
        self._ticking: Timer | None = None
        self._leaving = False
        self._last_journal: Path | None = None
        self._put_off: set[Path] = set()  # journals that broke off, to be asked about next time
        self.key_checked = False
        """Whether it is known that the key may write."""

    def handlers(self) -> dict[str, Handler]:
        """What it does."""
        return {
            "undo": Handler(self.undo, self._why_no_undo),
            "stop_job": Handler(self.stop_job, self._why_no_stop),
            "show_report": Handler(self.show_report, self._why_no_report),
            "quit": Handler(self.quit),
        }

    # -- what every action asks first ----------------------------------------------------------

    def why_not_now(self) -> str | Note:
        """Why nothing can be changed now, '' when something can."""
        if self._workspace.source.why_read_only:
            return Note(self._workspace.source.why_read_only, "error")
        job = self._workspace.job
        if job is not None:
            from runbrowser.pages.plans import title

            return f"{title(job.plan)} goes on: one action at a time, X stops it"
        return ""

    def may_act(self) -> bool:
        """Whether something can be changed now; says why if not."""
        why = self.why_not_now()
        if why:
            note = why if isinstance(why, Note) else Note(why)
            self._ui.tell(note.text, note.kind)
        return not why

    def ask(self, dialog: ModalScreen[T], answered: Callable[[T | None], None]) -> None:
        """Opens a dialog of an action; meanwhile the server is asked, once, whether the key may
        write at all.
        """
        self._ui.ask(dialog, answered)
        if not self.key_checked:
            self._ui.work(partial(self._check_key, dialog), "key")

    async def _check_key(self, dialog: ModalScreen[T]) -> None:
        """A key that may not write is told at once, and from then on by every key that acts."""
        from runbrowser.bulk.permission import ask_why_read_only

        source = self._workspace.source
        try:
            why = await ask_why_read_only(source.http, source.key_origin)
        except RunbrowserError:
            return  # the action itself will tell
        self.key_checked = True
        if why:
            source.why_read_only = why
            if dialog.is_current:
                dialog.dismiss(None)
            self._ui.tell(why, "error")

    # -- jobs ----------------------------------------------------------------------------------

    @property
    def is_shown(self) -> bool:
        """Whether the status line tells how far a job is: nothing that esc could take away."""
        return self._workspace.job is not None and self._progress.is_shown

    def start(
        self,
        plan: Plan,
        journal: Journal | None = None,
        *,
        again: Report | None = None,
        goes_on: bool = False,
    ) -> None:
        """Carries a plan out in the background; ``again`` is the report whose failures it is.

        ``goes_on``: it takes the last action up or back, of which nothing is left to be done then.
        """
        from runbrowser.pages.plans import why_nothing
        from runbrowser.tui.jobs import Job

        if not self.may_act():
            return
        if not plan.items:
            self._ui.tell(f"nothing to do: {why_nothing(plan)}", "info")
            return
        self._ui.tell_outcome("")
        job = Job(plan, self._show_progress)
        self._workspace.job = job
        self._show_at_once(plan)
        self._show_progress(at_once=True)
        self._ticking = self._ui.every(_SHOWN_EVERY, self._show_progress)
        before = self._last_journal if goes_on else None
        self._ui.work(partial(self._carry_out, job, journal, again, before), "job", exclusive=False)

    def _show_progress(self, *, at_once: bool = False) -> None:
        job = self._workspace.job
        if job is not None:
            self._progress.show(job.words, at_once=at_once)

    def _show_at_once(self, plan: Plan) -> None:
        """Runs at hand as they will be; they are read again when the job is done."""
        for run_id in plan.run_ids:
            run = self._workspace.runs.get(run_id)
            if run is None:
                continue
            changed = plan.operation.after(run, plan)
            if changed is not run:
                self._workspace.runs.amend(changed)

    async def _carry_out(
        self, job: Job, journal: Journal | None, again: Report | None, before: Path | None
    ) -> None:
        from runbrowser import paths
        from runbrowser.bulk.journal import Journal, forget
        from runbrowser.text import display
        from runbrowser.tui.jobs import merged

        source, state_dir = self._workspace.source, paths.state_dir()
        failure = ""
        try:
            if journal is None:
                journal = await asyncio.to_thread(
                    Journal.create, state_dir, job.plan, source.address
                )
                if before is not None:
                    with suppress(RunbrowserError):  # it has ended: nothing was left of it
                        await asyncio.to_thread(forget, before)
            report = await job.run(
                source.http,
                journal,
                state_dir=state_dir,
                user_id=source.user_id,
                key_origin=source.key_origin,
            )
        except OSError as error:
            reason = display(error.strerror or error)
            failure = f"Nothing was changed: the journal cannot be written ({reason})."
        except RunbrowserError as error:
            failure = str(error)
        finally:
            self._end()
            if journal is not None:  # with something left to do it stays, for the next start
                self._put_off.add(journal.path)
                self._last_journal = journal.path
        if failure:
            run_ids = tuple(job.plan.run_ids)
            self._workspace.runs.forget(run_ids)
            self._workspace.changed.emit(Change(run_ids))
            self._ui.tell_outcome(failure, "error")
        else:
            self._after(report if again is None else merged(again, report))
        if self._leaving:
            self._ui.leave()

    def _end(self) -> None:
        self._workspace.job = None
        if self._ticking is not None:
            self._ticking.stop()
        self._progress.end()

    def _after(self, report: Report) -> None:
        """Shows what has become of a job's runs, and how to go on."""
        from runbrowser.pages.reports import story

        workspace, deleted, run_ids = self._workspace, report.gone, tuple(report.plan.run_ids)
        workspace.report = report
        workspace.marks.remove(deleted)
        workspace.runs.forget(run_ids)
        self._ui.tell_outcome(story(report), "done" if report.ok else "error")
        rows = report.plan.operation.changes_rows
        workspace.changed.emit(Change(run_ids, frozenset(deleted), rows))
        workspace.reported.emit(report)
        if not self._leaving:
            self._ui.work(self.ask_broken_off, "broke off", exclusive=False)

    def _why_no_undo(self) -> str | Note:
        if self._workspace.report is None:
            return "nothing was done yet that could be undone"
        return self.why_not_now()

    def undo(self) -> None:
        """Takes the last action back."""
        from runbrowser.bulk.followup import inverse
        from runbrowser.bulk.outcome import State

        report = self._workspace.report
        if report is None:
            return
        try:
            plan = inverse(report)
        except RunbrowserError as error:
            self._ui.tell(str(error), "error")
            return
        in_doubt = any(o.state is State.DOUBTFUL for o in report.outcomes)
        self.start(plan, goes_on=not in_doubt)

    def _why_no_stop(self) -> str:
        return "no action is under way" if self._workspace.job is None else ""

    def stop_job(self) -> None:
        """Stops the job after what was sent."""
        if self._workspace.job is not None:
            self._workspace.job.stop.set()
            self._show_progress(at_once=True)

    def _why_no_report(self) -> str:
        return "there is no report yet" if self._workspace.report is None else ""

    def show_report(self) -> None:
        """What became of each run of the last action."""
        from runbrowser.tui.screens.report import ReportScreen

        shown = self._workspace.report
        if shown is None:
            return

        def answered(wish: str | None) -> None:
            from runbrowser.bulk.followup import retry

            report = self._workspace.report
            if wish == "retry" and report is not None and self.may_act():
                self.start(retry(report), again=report, goes_on=True)

        self._ui.ask(ReportScreen(shown), answered)

    # -- what broke off, and leaving -----------------------------------------------------------

    async def ask_broken_off(self) -> None:
        """Asks what to do with actions that broke off when runbrowser last ended, one by one."""
        from runbrowser import paths
        from runbrowser.bulk.journal import unfinished

        source = self._workspace.source
        if source.why_read_only or self._workspace.job is not None:
            return
        found = await asyncio.to_thread(unfinished, paths.state_dir(), source.address)
        found = [recorded for recorded in found if recorded.path not in self._put_off]
        if found and self._workspace.job is None:
            self._ask_broken(found[0])

    def _ask_broken(self, recorded: Recorded) -> None:
        from runbrowser.bulk.journal import Journal, forget
        from runbrowser.pages.reports import broken_off
        from runbrowser.tui.dialogs.choose import ChooseDialog

        def chosen(wish: str | None) -> None:
            self._put_off.add(recorded.path)
            try:
                if wish == "take up":
                    self.start(recorded.plan, Journal.reopen(recorded.path))
                    return
                if wish == "forget":
                    self._workspace.report = forget(recorded.path)
                    self._ui.tell("forgotten; ! shows what was done", "info")
            except RunbrowserError as error:
                self._ui.tell(str(error), "error")
            self._ui.work(self.ask_broken_off, "broke off", exclusive=False)

        choices = [
            ("take up", "take it up", "looks first: nothing twice"),
            ("later", "ask next time", "nothing is done now"),
            ("forget", "leave it as it is", "the rest stays undone"),
        ]
        self._ui.ask(ChooseDialog(f"Broke off: {broken_off(recorded)}", choices), chosen)

    def quit(self) -> None:
        """Leaves the browser; asks first while a job goes on."""
        from runbrowser.pages.plans import title
        from runbrowser.tui.dialogs.choose import ChooseDialog

        job = self._workspace.job
        if job is None:
            self._ui.leave()
            return

        def chosen(wish: str | None) -> None:
            if wish is None or wish == "stay":
                self._leaving = False
            elif wish == "now" or self._workspace.job is None:
                self._ui.leave()
            else:
                self._leaving = True
                self.stop_job()

        choices = [
            ("stay", "stay", "the action goes on"),
            ("stop", "stop it and quit", "what was sent is waited for"),
        ]
        if job.stop.is_set():
            choices = [
                ("wait", "quit when it has stopped", "waits for replies"),
                ("now", "quit now", "the next start looks"),
                ("stay", "stay", ""),
            ]
        what = f"Under way: {title(job.plan)}. What is not done is on disk."
        self._ui.ask(ChooseDialog(what, choices), chosen)
