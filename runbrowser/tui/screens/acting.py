"""Changing runs: tag, untag, delete, undo. What the main screen does with plans and jobs."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from runbrowser.errors import RunbrowserError
from runbrowser.models import RunFilter, RunRow
from runbrowser.tui.screens.paging import OpenSource
from runbrowser.tui.screens.taking import Taking

if TYPE_CHECKING:
    from runbrowser.actions.journal import Journal, Recorded
    from runbrowser.actions.outcome import Report
    from runbrowser.actions.plan import Item, Plan
    from runbrowser.tui.jobs import Job

_READ_FIRST = 60  # runs that are read before a delete, so that the dialog can name their tags
_AT_ONCE = 4

# Nothing here is on the first picture: what acting needs is imported when it is first wanted.


class Acting(Taking):
    """One job at a time goes on in the background; its report can be read, undone, tried again."""

    def __init__(self, open_source: OpenSource, filter: RunFilter, page_size: int) -> None:
        super().__init__(open_source, filter, page_size)
        self.job: Job | None = None
        self.report: Report | None = None
        self._tags_in_use: list[str] = []
        self._leaving = False

    # -- what every action asks first ----------------------------------------------------------

    def _may_act(self) -> bool:
        """Whether something can be changed now; says why if not."""
        if self.source is None:
            return False
        if self.source.why_read_only:
            self.say(self.source.why_read_only, "error")
            return False
        if self.job is not None:
            self.say(f"{self.job.words}; one action at a time", "info")
            return False
        return True

    def _items(self, rows: list[RunRow]) -> list[Item]:
        """The rows with all that is known of them."""
        from runbrowser.actions.plan import item_of_row

        facts = self.pager.facts if self.pager is not None else {}
        return [
            item_of_row(row, self.names, facts.get(row.run_id), self._known_tags(row.run_id))
            for row in rows
        ]

    def _known_tags(self, run_id: int) -> tuple[str, ...] | None:
        run = self.read_before(run_id)
        return run.tags if run is not None else None

    # -- tags ----------------------------------------------------------------------------------

    def action_tag(self) -> None:
        from runbrowser.actions.plan import check_tag, plan_tag

        rows = self.chosen()
        if rows and self._may_act():
            items = self._items(rows)
            self._ask_tag("Tag", items, check_tag, lambda tag: plan_tag(items, tag), ())

    def action_untag(self) -> None:
        from runbrowser.actions.plan import check_old_tag, plan_untag

        rows = self.chosen()
        if rows and self._may_act():
            items = self._items(rows)
            user_id = self.source.user_id if self.source is not None else None
            on_runs = tuple(dict.fromkeys(tag for item in items for tag in item.tags or ()))
            self._ask_tag(
                "Remove a tag",
                items,
                check_old_tag,
                lambda tag: plan_untag(items, tag, user_id=user_id),
                on_runs,
            )

    def _ask_tag(self, title, items, check, plan_of, first) -> None:  # type: ignore[no-untyped-def]
        from runbrowser.actions.plan import count_runs
        from runbrowser.text import display
        from runbrowser.tui.dialogs.tag import TagDialog

        which = f"run {items[0].run_id}" if len(items) == 1 else count_runs(len(items))
        words = f"for {which}"
        if first:
            words += f"; on it now: {display(', '.join(first), 120)}"
        dialog = TagDialog(title, words, [*first, *self._tags_in_use], check)

        def given(tag: str | None) -> None:
            if tag is None:
                return
            try:
                plan = plan_of(tag)
            except RunbrowserError as error:
                self.say(str(error), "error")
                return
            self.start_job(plan)

        self.app.push_screen(dialog, given)
        self.run_worker(self._read_tags(dialog, first), group="tags", exit_on_error=False)

    async def _read_tags(self, dialog, first) -> None:  # type: ignore[no-untyped-def]
        if self.source is None:
            return
        try:
            self._tags_in_use = await self.source.tags()
        except RunbrowserError:
            return  # completion is a help, no more
        if dialog.is_mounted:
            dialog.complete_from([*first, *self._tags_in_use])

    # -- delete --------------------------------------------------------------------------------

    def action_delete(self) -> None:
        rows = self.chosen()
        if rows and self._may_act():
            self.say("reading what would be lost", "busy")
            self.run_worker(
                self._ask_delete(rows), group="ask", exclusive=True, exit_on_error=False
            )

    async def _ask_delete(self, rows: list[RunRow]) -> None:
        from runbrowser.actions.plan import item_of_run, plan_delete
        from runbrowser.tui.dialogs.destroy import DestroyDialog
        from runbrowser.tui.presenters.plans import plan_page

        source = self.source
        if source is None:
            return
        gate = asyncio.Semaphore(_AT_ONCE)

        async def item(row: RunRow, known: Item) -> Item:
            async with gate:
                try:
                    return item_of_run(await source.run(row.run_id, fresh=True))
                except RunbrowserError:
                    return known  # the delete itself will tell

        items = self._items(rows)
        if len(rows) <= _READ_FIRST:
            items = list(await asyncio.gather(*map(item, rows, items)))
        self.say("")
        plan = plan_delete(items, user_id=source.user_id)

        def answered(really: bool | None) -> None:
            if really:
                self.start_job(plan)

        dialog = DestroyDialog("Delete?", plan_page(plan), len(plan.items))
        self.app.push_screen(dialog, answered)

    # -- jobs ----------------------------------------------------------------------------------

    def start_job(self, plan: Plan, journal: Journal | None = None) -> None:
        """Carries a plan out in the background."""
        from runbrowser.tui.jobs import Job

        if not self._may_act():
            return
        if not plan.items:
            why = plan.left_out[0].words if plan.left_out else "nothing is left to be done"
            self.say(f"nothing to do: {why}", "info")
            return
        self.job = Job(plan, self._show_job)
        self._show_job()
        self.run_worker(self._carry_out(self.job, journal), group="job", exit_on_error=False)

    def _show_job(self) -> None:
        if self.job is not None:
            self.say(self.job.words, "busy")

    async def _carry_out(self, job: Job, journal: Journal | None) -> None:
        from runbrowser import paths
        from runbrowser.actions.journal import Journal

        source, state_dir = self.source, paths.state_dir()
        if source is None:
            return
        try:
            if journal is None:
                journal = await asyncio.to_thread(
                    Journal.create, state_dir, job.plan, source.http.server
                )
            self.report = await job.run(
                source.http,
                journal,
                state_dir=state_dir,
                user_id=source.user_id,
                key_origin=source.key_origin,
            )
        except OSError as error:
            self.job = None
            self.say(f"nothing was changed: the journal cannot be written ({error})", "error")
            return
        except RunbrowserError as error:
            self.job = None
            self.say(str(error), "error")
            return
        self.job = None
        self._after(self.report)

    def _after(self, report: Report) -> None:
        """Shows what has become of a job's runs, and how to go on."""
        from runbrowser.actions.outcome import State
        from runbrowser.actions.plan import Kind

        fine = [o.run_id for o in report.outcomes if o.state in (State.DONE, State.ALREADY)]
        self.marks.remove(fine)
        self.forget_read(fine)
        self.show_marks()
        if report.ok:
            undo = "; z undoes" if any(o.undoable for o in report.outcomes) else ""
            only = report.outcomes[0] if len(report.outcomes) == 1 else None
            said = f"run {only.run_id} {only.words}" if only is not None else report.headline
            self.say(f"{said}{undo}", "done")
        else:
            self.say(f"{report.headline}. {report.stopped}".strip() + "  ! shows each", "error")
        if self._leaving:
            self.app.exit(0)
            return
        if report.plan.kind in (Kind.DELETE, Kind.RESTORE):
            self.reload_rows()
        else:
            self.read_again()

    def reload_rows(self) -> None:
        """The same page anew, what was told last staying in the status line."""
        page = self.status.page
        number, cursor = (page.number if page is not None else 0), max(0, self.table.cursor_row)
        self.start_over(number=number, cursor=cursor, note=self.status.note)

    def action_undo(self) -> None:
        from runbrowser.actions.again import inverse

        if self.report is None:
            self.say("nothing was done yet that could be undone", "info")
            return
        if not self._may_act():
            return
        try:
            plan = inverse(self.report)
        except RunbrowserError as error:
            self.say(str(error), "error")
            return
        self.start_job(plan)

    def action_stop_job(self) -> None:
        if self.job is None:
            self.say("no action is under way", "info")
            return
        self.job.stop.set()
        self._show_job()

    def action_show_report(self) -> None:
        from runbrowser.tui.screens.report import ReportScreen

        if self.report is None:
            self.say("there is no report yet", "info")
            return

        def answered(wish: str | None) -> None:
            from runbrowser.actions.again import retry

            if wish == "retry" and self.report is not None and self._may_act():
                self.start_job(retry(self.report))

        self.app.push_screen(ReportScreen(self.report), answered)

    # -- trash and publish ---------------------------------------------------------------------

    def action_trash(self) -> None:
        from runbrowser import paths
        from runbrowser.actions.plan import Item, plan_restore
        from runbrowser.actions.trash import Entry, Trash
        from runbrowser.tui.screens.trash import TrashScreen

        if self.source is None:
            return

        def chosen(entries: list[Entry] | None) -> None:
            if entries and self._may_act():
                items = [Item(e.run_id, tags=e.tags, entry=e.name) for e in entries]
                self.start_job(plan_restore(items))

        trash = Trash(paths.state_dir())
        self.app.push_screen(TrashScreen(trash, self.source.http.server), chosen)

    def action_publish(self) -> None:
        from runbrowser.tui.dialogs.publish import PublishDialog

        if not self._may_act() or self.source is None:
            return

        def published(run_id: int | None) -> None:
            if run_id is not None:
                self.say(f"published as run {run_id}", "done")
                self.reload_rows()
                self.read_run(run_id)

        self.app.push_screen(PublishDialog(self.source.http, self.source.user_id), published)

    # -- what broke off, and leaving -----------------------------------------------------------

    async def connected(self) -> None:
        """Asks what to do with an action that broke off when runbrowser last ended."""
        from runbrowser import paths
        from runbrowser.actions.journal import Journal, forget, unfinished
        from runbrowser.tui.dialogs.choose import ChooseDialog

        source = self.source
        if source is None or source.why_read_only:
            return
        found = await asyncio.to_thread(unfinished, paths.state_dir(), source.http.server)
        if not found:
            return
        recorded: Recorded = found[0]

        def chosen(wish: str | None) -> None:
            try:
                if wish == "take up":
                    self.start_job(recorded.plan, Journal.reopen(recorded.path))
                elif wish == "forget":
                    self.report = forget(recorded.path)
                    self.say("forgotten; ! shows what was done", "info")
            except RunbrowserError as error:
                self.say(str(error), "error")

        choices = [
            ("take up", "take it up", "looks at each run first; nothing is done twice"),
            ("later", "ask again next time", ""),
            ("forget", "leave it as it is", "what was not done stays undone"),
        ]
        self.app.push_screen(ChooseDialog(f"Broke off: {recorded.words}", choices), chosen)

    def action_quit(self) -> None:
        from runbrowser.tui.dialogs.choose import ChooseDialog

        if self.job is None:
            self.app.exit(0)
            return

        def chosen(wish: str | None) -> None:
            if wish == "stop" and self.job is not None:
                self._leaving = True
                self.action_stop_job()
            elif wish == "stop" or (wish == "stay" and self._leaving):
                self.app.exit(0)

        choices = [
            ("stay", "stay", "the action goes on"),
            ("stop", "stop it and quit", "what is under way is waited for; the rest is on disk"),
        ]
        self.app.push_screen(ChooseDialog(self.job.plan.title.capitalize(), choices), chosen)
