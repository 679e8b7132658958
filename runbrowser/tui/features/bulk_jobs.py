"""Jobs under way: what the main screen does with a plan once it was agreed to, and afterwards."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from textual.screen import ModalScreen
from textual.timer import Timer

from runbrowser.errors import RunbrowserError
from runbrowser.models import RunFilter
from runbrowser.openml.base import SourcePage
from runbrowser.pages.status import Note
from runbrowser.tui.features.clipboard import Taking
from runbrowser.tui.features.pages import OpenSource
from runbrowser.tui.signals import Signal

if TYPE_CHECKING:
    from runbrowser.bulk.journal import Journal, Recorded
    from runbrowser.bulk.outcome import Report
    from runbrowser.bulk.plan import Plan
    from runbrowser.tui.jobs import Job

T = TypeVar("T")

_READABLE = 2.0  # seconds for which another word stands before a job's progress takes its place
_SHOWN_EVERY = 0.5  # seconds after which a job's progress is shown again

# Nothing here is on the first picture: what acting needs is imported when it is first wanted.


class Working(Taking):
    """One job at a time goes on in the background; its report can be read, undone, tried again."""

    def __init__(self, open_source: OpenSource, filter: RunFilter, page_size: int) -> None:
        super().__init__(open_source, filter, page_size)
        self.reported: Signal[Report] = Signal()  # a job has ended, and what has become of it
        self.job: Job | None = None
        self.report: Report | None = None
        self._job_note: Note | None = None
        self._said_at = 0.0
        self._ticking: Timer | None = None
        self._leaving = False
        self._going_back = False
        self._last_journal: Path | None = None
        self._put_off: set[Path] = set()  # journals that broke off, to be asked about next time
        self._key_checked = False

    # -- what every action asks first ----------------------------------------------------------

    def may_act(self) -> bool:
        """Whether something can be changed now; says why if not."""
        if self.source is None:
            self.say("there is no connection yet", "info")
            return False
        if self.source.why_read_only:
            self.say(self.source.why_read_only, "error")
            return False
        if self.job is not None:
            self.say(f"{self.job.plan.title} goes on: one action at a time, X stops it", "info")
            return False
        return True

    def ask(self, dialog: ModalScreen[T], answered: Callable[[T | None], None]) -> None:
        """Opens a dialog of an action; meanwhile the server is asked, once, whether the key may
        write at all.
        """
        self.app.push_screen(dialog, answered)
        if not self._key_checked:
            self.run_worker(
                self._check_key(dialog), group="key", exclusive=True, exit_on_error=False
            )

    async def _check_key(self, dialog: ModalScreen[T]) -> None:
        """A key that may not write is told at once, and from then on by every key that acts."""
        from runbrowser.bulk.permission import ask_why_read_only

        source = self.source
        if source is None:
            return
        try:
            why = await ask_why_read_only(source.http, source.key_origin)
        except RunbrowserError:
            return  # the action itself will tell
        self._key_checked = True
        if why:
            source.why_read_only = why
            if dialog.is_current:
                dialog.dismiss(None)
            self.say(why, "error")

    # -- jobs ----------------------------------------------------------------------------------

    def say(self, text: str, kind: str = "info") -> None:
        """As for every screen; what is said while a job goes on stays long enough to be read."""
        self._said_at = time.monotonic()
        super().say(text, kind)

    @property
    def shows_job(self) -> bool:
        """Whether the status line tells how far a job is: nothing that esc could take away."""
        return self.job is not None and self.status.note is self._job_note

    def start_job(
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
        from runbrowser.tui.jobs import Job

        if not self.may_act():
            return
        if not plan.items:
            whys = [*dict.fromkeys(left.words for left in plan.left_out), *plan.notes]
            self.say(f"nothing to do: {'; '.join(whys) or 'nothing was changed'}", "info")
            return
        self.say_outcome("")
        self.job = Job(plan, self._show_job)
        self._show_at_once(plan)
        self._said_at = 0.0
        self._show_job()
        self._ticking = self.set_interval(_SHOWN_EVERY, self._show_job)
        before = self._last_journal if goes_on else None
        self.run_worker(
            self._carry_out(self.job, journal, again, before), group="job", exit_on_error=False
        )

    def _show_job(self) -> None:
        note = self.status.note
        if self.job is None:
            return
        others = note is not self._job_note
        if others and note is not None:
            fresh = time.monotonic() - self._said_at < _READABLE
            if fresh or note.kind == "busy":
                return
        words = self.job.words
        if others or note is None or note.text != words:
            self._job_note = Note(words, "busy")
            self.status.note = self._job_note

    def _show_at_once(self, plan: Plan) -> None:
        """Tags of runs at hand as they will be; they are read again when the job is done."""
        from runbrowser.bulk.plan import Kind

        if plan.kind not in (Kind.TAG, Kind.UNTAG):
            return
        for run_id in plan.run_ids:
            run = self.read_before(run_id)
            if run is None:
                continue
            tags = tuple(tag for tag in run.tags if tag.casefold() != plan.tag.casefold())
            if plan.kind is Kind.TAG:
                tags = (*tags, plan.tag)
            self._read[run_id] = replace(run, tags=tags)
            if self.pane.display and self.pane.run_id == run_id:
                self._lay_out(self._read[run_id], keep_place=True)

    async def _carry_out(
        self, job: Job, journal: Journal | None, again: Report | None, before: Path | None
    ) -> None:
        from runbrowser import paths
        from runbrowser.bulk.journal import Journal, forget
        from runbrowser.text import display
        from runbrowser.tui.jobs import merged

        source, state_dir = self.source, paths.state_dir()
        if source is None:
            return
        failure = ""
        try:
            if journal is None:
                journal = await asyncio.to_thread(
                    Journal.create, state_dir, job.plan, source.http.server
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
            self._end_job()
            if journal is not None:  # with something left to do it stays, for the next start
                self._put_off.add(journal.path)
                self._last_journal = journal.path
        if failure:
            self.forget_read(list(job.plan.run_ids))
            self.read_again()
            self.say_outcome(failure, "error")
        else:
            self.report = report if again is None else merged(again, report)
            self._after(self.report)
        if self._leaving:
            self.app.exit(0)

    def _end_job(self) -> None:
        self.job = None
        if self._ticking is not None:
            self._ticking.stop()
        if self.status.note is self._job_note:
            self.say("")

    def _after(self, report: Report) -> None:
        """Shows what has become of a job's runs, and how to go on."""
        from runbrowser.bulk.plan import Kind
        from runbrowser.pages.reports import gone, story

        deleted = gone(report)
        self.marks.remove(deleted)
        self.forget_read(list(report.plan.run_ids))
        self.show_marks()
        self.say_outcome(story(report), "done" if report.ok else "error")
        if report.plan.kind in (Kind.DELETE, Kind.RESTORE):
            if self.pane.display and self.pane.run_id in deleted:
                self.close_detail()
            self.reload_rows()
        else:
            self.read_again()
        self.reported.emit(report)
        if not self._leaving:
            self.run_worker(self.connected(), group="broke off", exit_on_error=False)

    def reload_rows(self) -> None:
        """The same page anew."""
        page = self.status.page
        number, cursor = (page.number if page is not None else 0), max(0, self.table.cursor_row)
        self._going_back = True
        self.start_over(number=number, cursor=cursor)

    def _show(self, page: SourcePage, cursor: int) -> None:
        """When the last pages were deleted, the page before them is shown."""
        if self._going_back and not page.rows and page.number > 0:
            self.turn_to(page.number - 1)
            return
        self._going_back = False
        super()._show(page, cursor)

    def action_undo(self) -> None:
        from runbrowser.bulk.followup import inverse
        from runbrowser.bulk.outcome import State

        if self.report is None:
            self.say("nothing was done yet that could be undone", "info")
            return
        if not self.may_act():
            return
        try:
            plan = inverse(self.report)
        except RunbrowserError as error:
            self.say(str(error), "error")
            return
        in_doubt = any(o.state is State.DOUBTFUL for o in self.report.outcomes)
        self.start_job(plan, goes_on=not in_doubt)

    def action_stop_job(self) -> None:
        if self.job is None:
            self.say("no action is under way", "info")
            return
        self.job.stop.set()
        self._said_at = 0.0
        self._show_job()

    def action_show_report(self) -> None:
        from runbrowser.tui.screens.report import ReportScreen

        if self.report is None:
            self.say("there is no report yet", "info")
            return

        def answered(wish: str | None) -> None:
            from runbrowser.bulk.followup import retry

            if wish == "retry" and self.report is not None and self.may_act():
                self.start_job(retry(self.report), again=self.report, goes_on=True)

        self.app.push_screen(ReportScreen(self.report), answered)

    # -- what broke off, and leaving -----------------------------------------------------------

    async def connected(self) -> None:
        """Asks what to do with actions that broke off when runbrowser last ended, one by one."""
        from runbrowser import paths
        from runbrowser.bulk.journal import unfinished

        source = self.source
        if source is None or source.why_read_only or self.job is not None:
            return
        found = await asyncio.to_thread(unfinished, paths.state_dir(), source.http.server)
        found = [recorded for recorded in found if recorded.path not in self._put_off]
        if found and self.job is None:
            self._ask_broken(found[0])

    def _ask_broken(self, recorded: Recorded) -> None:
        from runbrowser.bulk.journal import Journal, forget
        from runbrowser.tui.dialogs.choose import ChooseDialog

        def chosen(wish: str | None) -> None:
            self._put_off.add(recorded.path)
            try:
                if wish == "take up":
                    self.start_job(recorded.plan, Journal.reopen(recorded.path))
                    return
                if wish == "forget":
                    self.report = forget(recorded.path)
                    self.say("forgotten; ! shows what was done", "info")
            except RunbrowserError as error:
                self.say(str(error), "error")
            self.run_worker(self.connected(), group="broke off", exit_on_error=False)

        choices = [
            ("take up", "take it up", "looks first: nothing twice"),
            ("later", "ask next time", "nothing is done now"),
            ("forget", "leave it as it is", "the rest stays undone"),
        ]
        self.app.push_screen(ChooseDialog(f"Broke off: {recorded.words}", choices), chosen)

    def action_quit(self) -> None:
        from runbrowser.tui.dialogs.choose import ChooseDialog

        if self.job is None:
            self.app.exit(0)
            return

        def chosen(wish: str | None) -> None:
            if wish is None or wish == "stay":
                self._leaving = False
            elif wish == "now" or self.job is None:
                self.app.exit(0)
            else:
                self._leaving = True
                self.action_stop_job()

        choices = [
            ("stay", "stay", "the action goes on"),
            ("stop", "stop it and quit", "what was sent is waited for"),
        ]
        if self.job.stop.is_set():
            choices = [
                ("wait", "quit when it has stopped", "waits for replies"),
                ("now", "quit now", "the next start looks"),
                ("stay", "stay", ""),
            ]
        title = f"Under way: {self.job.plan.title}. What is not done is on disk."
        self.app.push_screen(ChooseDialog(title, choices), chosen)
