"""Changing runs: tag, untag, delete, restore, publish; what is asked before a job."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from runbrowser.errors import RunbrowserError
from runbrowser.models import RunRow
from runbrowser.openml.base import RunSource
from runbrowser.pages.status import Note
from runbrowser.tui.dispatch import Handler
from runbrowser.tui.features.bulk_jobs import BulkJobs
from runbrowser.tui.features.ui import UI
from runbrowser.tui.workspace import Change, Workspace, unknown_row

if TYPE_CHECKING:
    from runbrowser.bulk.outcome import Report
    from runbrowser.bulk.plan import Item, Plan
    from runbrowser.tui.dialogs.destroy import DestroyDialog
    from runbrowser.tui.dialogs.tag import TagDialog

_READ_FIRST = 60  # runs that are read before a delete, so that the dialog can name their tags
_AT_ONCE = 4

# Nothing here is on the first picture: what acting needs is imported when it is first wanted.


class Changes:
    """The keys that change runs: each opens a dialog that says what is going to be done."""

    def __init__(self, workspace: Workspace, ui: UI, jobs: BulkJobs) -> None:
        self._workspace = workspace
        self._ui = ui
        self._jobs = jobs
        self._tags_in_use: list[str] = []
        self._refused: set[tuple[int, str]] = set()  # tags that somebody else set (476)
        workspace.reported.subscribe(self._on_report)

    def handlers(self) -> dict[str, Handler]:
        """What it does."""
        return {
            "tag": Handler(lambda: self.ask_tag(self._workspace.chosen()), self._why_not),
            "untag": Handler(lambda: self.ask_untag(self._workspace.chosen()), self._why_not),
            "delete": Handler(lambda: self.ask_delete(self._workspace.chosen()), self._why_not),
            "publish": Handler(self.publish, self._jobs.why_not_now),
            "trash": Handler(self.trash),
        }

    def _why_not(self) -> str | Note:
        return self._jobs.why_not_now() if self._workspace.chosen() else ""

    def _items(self, rows: list[RunRow]) -> list[Item]:
        """The rows with all that is known of them."""
        from runbrowser.bulk.plan import item_of_row

        facts, names = self._workspace.pager.facts, self._workspace.names
        return [
            item_of_row(row, names, facts.get(row.run_id), self._known_tags(row.run_id))
            for row in rows
        ]

    def _known_tags(self, run_id: int) -> tuple[str, ...] | None:
        run = self._workspace.runs.get(run_id)
        return run.tags if run is not None else None

    async def _read_items(self, source: RunSource, items: list[Item], *, fresh: bool) -> list[Item]:
        """The same runs with what the server tells of them now, a few requests at a time."""
        from runbrowser.bulk.plan import item_of_run

        gate = asyncio.Semaphore(_AT_ONCE)

        async def read(known: Item) -> Item:
            async with gate:
                try:
                    return item_of_run(await source.run(known.run_id, fresh=fresh))
                except RunbrowserError:
                    return known  # the action itself will tell

        return list(await asyncio.gather(*map(read, items)))

    # -- tags ----------------------------------------------------------------------------------

    def ask_tag(self, rows: list[RunRow]) -> None:
        """Asks for a tag and gives it to these runs."""
        from runbrowser.bulk.operations import TAG
        from runbrowser.bulk.tags import check_tag
        from runbrowser.tui.dialogs.tag import TagDialog

        if rows and self._jobs.may_act():
            items = self._items(rows)
            dialog = TagDialog(
                "Tag",
                items,
                lambda tag: TAG.plan(items, tag),
                lambda text: check_tag(text) == text,
                self._tags_in_use,
            )
            self._ask_tag(dialog, items, read=False)

    def ask_untag(self, rows: list[RunRow]) -> None:
        """Asks for a tag and takes it from these runs."""
        from runbrowser.bulk.operations import UNTAG
        from runbrowser.tui.dialogs.tag import TagDialog

        if rows and self._jobs.may_act():
            items = self._items(rows)
            user_id = self._workspace.source.user_id

            def plan(tag: str) -> Plan:
                refused = [run_id for run_id, known in self._refused if known == tag.casefold()]
                return UNTAG.plan(items, tag, user_id=user_id, refused=refused)

            dialog = TagDialog(
                "Remove a tag", items, plan, lambda text: True, self._tags_in_use, removes=True
            )
            self._ask_tag(dialog, items, read=True)

    def _ask_tag(self, dialog: TagDialog, items: list[Item], *, read: bool) -> None:
        def given(plan: Plan | None) -> None:
            if plan is not None:
                self._jobs.start(plan)

        self._jobs.ask(dialog, given)
        self._ui.work(partial(self._read_tags, dialog, items, read), "tags")

    async def _read_tags(self, dialog: TagDialog, items: list[Item], read: bool) -> None:
        """Tags to complete from: those on the runs, where one is to be removed, and those in use.

        ``items`` is changed in place, so that the plan leaves out runs without the tag.
        """
        source = self._workspace.source
        if read and len(items) <= _READ_FIRST:
            items[:] = await self._read_items(source, items, fresh=False)
            dialog.learn(self._tags_in_use)
        try:
            self._tags_in_use = await source.tags()
        except RunbrowserError:
            return  # completion is a help, no more
        dialog.learn(self._tags_in_use)

    def _on_report(self, report: Report) -> None:
        """Notes whose tags others have set, so that it is said before it is tried again."""
        from runbrowser.bulk.remarks import Reason

        self._refused |= {
            (outcome.run_id, report.plan.tag.casefold())
            for outcome in report.outcomes
            if outcome.reason is Reason.NOT_THE_TAGGER
        }

    # -- delete --------------------------------------------------------------------------------

    def ask_delete(self, rows: list[RunRow]) -> None:
        """Asks whether these runs are to be deleted, and deletes them."""
        from runbrowser.bulk.operations import DELETE
        from runbrowser.tui.dialogs.destroy import DestroyDialog

        if not rows or not self._jobs.may_act():
            return
        unread = [row.run_id for row in rows if row == unknown_row(row.run_id)]
        if unread:  # whose it is decides whether it may be deleted
            self._ui.tell(f"run {unread[0]} is still being read; nothing was deleted", "info")
            return
        source = self._workspace.source
        items = self._items(rows)
        plan = DELETE.plan(items, user_id=source.user_id)
        if not plan.items:
            self._say_none_left(plan)
            return
        chosen = [plan]

        def answered(really: bool | None) -> None:
            if really:
                self._jobs.start(chosen[0])
            elif self._jobs.may_act():
                self._ui.tell("nothing was deleted", "info")

        dialog = DestroyDialog("Delete?")
        self._jobs.ask(dialog, answered)
        self._ui.work(partial(self._read_what_is_lost, dialog, chosen, source), "ask")

    def _say_none_left(self, plan: Plan) -> None:
        """None of the runs can be deleted: the reason, without a dialog about nothing."""

        from runbrowser.pages.remarks import sentence

        first = plan.left_out[0]
        words = sentence(first.remark)
        rest = len(plan.left_out) - 1
        others = f", and {rest:,} more are not yours either" if rest else ""
        self._ui.tell(f"not deleted: run {first.run_id} {words}{others}", "error")

    async def _read_what_is_lost(
        self, dialog: DestroyDialog, chosen: list[Plan], source: RunSource
    ) -> None:
        """The dialog stands while the runs are read, and takes no confirmation before that."""
        from runbrowser.bulk.operations import DELETE
        from runbrowser.bulk.remarks import Reason, Remark, remark
        from runbrowser.bulk.studies import with_studies
        from runbrowser.pages.plans import plan_page

        before = chosen[0]
        notes: tuple[Remark, ...] = ()
        items = list(before.items)
        if len(items) <= _READ_FIRST:
            items = await self._read_items(source, items, fresh=True)
            items = await with_studies(source.http, items)
        else:
            notes = (remark(Reason.TAGS_UNREAD, _READ_FIRST),)
        plan = DELETE.plan(items, user_id=source.user_id)
        left = tuple(dict.fromkeys((*before.left_out, *plan.left_out)))
        chosen[0] = replace(plan, left_out=left, notes=(*plan.notes, *notes))
        dialog.show(plan_page(chosen[0]), len(chosen[0].items))

    # -- trash and publish ---------------------------------------------------------------------

    def trash(self) -> None:
        """Copies of deleted runs, to be restored or purged."""
        from runbrowser import paths
        from runbrowser.bulk.entry import Entry
        from runbrowser.bulk.operations import RESTORE
        from runbrowser.bulk.restoration import as_item
        from runbrowser.bulk.trash import Trash
        from runbrowser.tui.screens.trash import TrashScreen

        def chosen(entries: list[Entry] | None) -> None:
            if entries and self._jobs.may_act():
                self._jobs.start(RESTORE.plan(as_item(entry) for entry in entries))

        trash = Trash(paths.state_dir())
        self._ui.ask(TrashScreen(trash, self._workspace.source.address), chosen)

    def publish(self) -> None:
        """Asks for the files of a new run."""
        from runbrowser.tui.dialogs.publish import PublishDialog

        source = self._workspace.source

        def published(run_id: int | None) -> None:
            if run_id is not None:
                self._ui.tell_outcome(f"published as run {run_id}", "done")
                self._workspace.changed.emit(Change((run_id,), rows=True))
                self._workspace.want_run(run_id)

        dialog = PublishDialog(source.http, source.user_id, source.key_origin)
        self._jobs.ask(dialog, published)
