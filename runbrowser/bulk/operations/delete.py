"""Deletes runs; a whole copy of each goes to the trash first."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from runbrowser.bulk.context import Context, StoppedError, refused
from runbrowser.bulk.copies import NoRoomError, NotKeptError, keep
from runbrowser.bulk.delivery import DoubtError, HaltError
from runbrowser.bulk.entry import Entry
from runbrowser.bulk.operation import Operation, Terms, Verb
from runbrowser.bulk.operations.restore import RESTORE
from runbrowser.bulk.outcome import Outcome, Progress, Report, State, done
from runbrowser.bulk.plan import Item, Plan
from runbrowser.bulk.remarks import Reason, Remark, remark
from runbrowser.bulk.studies import MOST_AFTER_REFUSAL, studies_of, with_studies
from runbrowser.bulk.trash import Trash
from runbrowser.client.calls import actions, v1
from runbrowser.errors import OpenMLServerError, OpenMLServerException, UsageError
from runbrowser.models import Run, RunFilter
from runbrowser.openml.states import parts

GONE_BEFORE, NOT_THE_OWNER, NOT_WHILE_LISTED = 392, 393, 394
_NO_SUCH_RUN = 236
_STUDY_TAG = re.compile(r"study_\d+\Z")


class Delete(Operation):
    """Deletes runs of one's own; an administrator may delete anybody's."""

    name = "delete"
    verb = Verb("delete", "deleting", "deleted")
    title = "delete {runs}"
    destroys = True
    removes = True
    changes_rows = True
    resumed_by = "delete --resume"

    def obstacle(self, item: Item, terms: Terms) -> Remark | None:
        """It is another's, where it is known whose key it is."""
        if terms.user_id is None or terms.is_admin or item.uploader == terms.user_id:
            return None
        if item.uploader is None:
            return remark(Reason.OF_NOBODY)
        return remark(Reason.NOT_YOURS, item.uploader, item.uploader_name or "")

    def lost(self, items: Sequence[Item], terms: Terms) -> Iterable[Remark]:
        """Whether a copy is kept decides it."""
        copied = (Reason.IDS_ARE_LOST, Reason.SCORES_ARE_LOST, Reason.TAGGERS_ARE_LOST)
        return map(remark, copied if terms.kept else (Reason.ALL_IS_LOST,))

    def notes(self, items: Sequence[Item], terms: Terms) -> Iterable[Remark]:
        """Whether it may be refused, and what keeps or brings back the runs."""
        if terms.user_id is None and not terms.is_admin:
            yield remark(Reason.KEY_OF_UNKNOWN)
        if terms.kept:
            yield remark(Reason.COPY_FIRST)
        by_tag = sum(1 for item in items if any(_STUDY_TAG.match(t) for t in item.tags or ()))
        if by_tag:
            yield remark(Reason.IN_STUDIES_BY_TAG, by_tag)
        yield from _studies_of_plan(items)

    async def prepare(self, context: Context, items: Sequence[Item]) -> None:
        """What belongs into the copies and is asked for many runs at once."""
        if context.trash is None:
            return
        try:
            for some in parts([item.run_id for item in items]):
                ids = tuple(some)
                wanted = actions.list_own(RunFilter(ids=ids), 2 * len(ids))
                context.rows |= {row.run_id: row for row in await context.delivery.read(wanted)}
        except HaltError:
            raise
        except OpenMLServerError:  # each run is looked for on its own then
            pass
        there = [item for item in items if item.run_id in context.rows]
        for item in await with_studies(context.delivery.http, there):
            if item.studies is not None:
                context.studies[item.run_id] = item.studies

    async def perform(self, context: Context, plan: Plan, item: Item, seen: Progress) -> Outcome:
        """Keeps a whole copy, then deletes: 392 after a doubt means that it is gone."""
        return await _Deletion(context, plan, item, seen).perform()

    def inverse(self, report: Report) -> Plan:
        """What was deleted is restored from the trash."""
        items = [item for item in report.plan.items if item.run_id in report.undoable]
        return RESTORE.plan(
            replace(item, entry=report.undoable[item.run_id].entry) for item in items
        )


DELETE = Delete()


def _studies_of_plan(items: Iterable[Item]) -> list[Remark]:
    """Which runs are in studies, for which the server may refuse to delete them, and which of
    them the way out is told for.
    """
    inside = [item for item in items if item.studies]
    if not inside:
        return []
    named = tuple((i.run_id, tuple(map(str, i.studies or ()))) for i in inside)
    first = inside[0].studies or ()
    return [remark(Reason.IN_STUDIES, named, first[0].study_id, inside[0].run_id)]


class _Deletion:
    """One run's way out."""

    def __init__(self, context: Context, plan: Plan, item: Item, seen: Progress) -> None:
        self._context = context
        self._delivery = context.delivery
        self._trash = context.trash
        self._plan = plan
        self._item = item
        self._run_id = item.run_id
        self._seen = seen

    async def perform(self) -> Outcome:
        context, run_id, seen = self._context, self._run_id, self._seen
        run = await self._delivery.look(run_id)
        if run is None:
            return await self._gone()
        mine = context.user_id is None or context.is_admin or run.uploader == context.user_id
        if not mine:
            why = remark(Reason.NOT_YOURS, run.uploader, "")
            return Outcome(run_id, State.LEFT_OUT, (why,))
        entry, copied = await self._copy(run)
        if entry is None and await self._delivery.look(run_id) is None:
            return await self._gone()  # deleted by somebody while it was being read
        if entry is None and self._trash is not None and not context.delete_unkept:
            return Outcome(run_id, State.FAILED, (copied,))
        try:
            if entry is not None:
                await self._kept(entry)
            await context.begin_sending(run_id)
            return await self._send(entry, copied)
        except (StoppedError, HaltError, OpenMLServerException, asyncio.CancelledError) as error:
            cut_off = isinstance(error, asyncio.CancelledError) and run_id in context.sending_now
            doubted = cut_off or seen.sent or run_id in context.unknown
            if entry is not None and not doubted:
                await asyncio.shield(asyncio.to_thread(_drop, self._trash, entry))
            if isinstance(error, OpenMLServerException):
                return await self._refused(error)
            raise

    async def _refused(self, error: OpenMLServerException) -> Outcome:
        if error.code == NOT_WHILE_LISTED:
            return await self._listed(error)
        if error.code == NOT_THE_OWNER:
            why = remark(Reason.NOT_THE_OWNER)
            return Outcome(self._run_id, State.FAILED, (why,), error.code)
        return refused(self._run_id, error)

    async def _listed(self, error: OpenMLServerException) -> Outcome:
        """The outcome for a run that the server refused to delete, as it does for those that
        studies list: which studies, and the way out. They are asked once, for all such runs.
        """
        context, run_id = self._context, self._run_id
        async with context.looking_up:
            if not context.studies.get(run_id) and not context.looked_up:
                context.looked_up = True
                ids = list(self._plan.run_ids)
                asked = await studies_of(self._delivery.http, ids, MOST_AFTER_REFUSAL)
                context.studies |= asked or {}
        inside = context.studies.get(run_id)
        if inside:
            names = tuple(map(str, inside))
            why = remark(Reason.LISTED, str(error), names, inside[0].study_id, run_id)
        elif inside is None:
            why = remark(Reason.MAYBE_LISTED, str(error), run_id)
        else:
            return refused(run_id, error)
        return Outcome(run_id, State.FAILED, (why,), error.code)

    async def _gone(self) -> Outcome:
        """The outcome for a run that is not there, and the copy that was made of it."""
        entry = None
        if self._trash is not None:
            server = self._delivery.http.server
            entry = await asyncio.to_thread(_newest, self._trash, self._run_id, server)
        name = entry.name if entry is not None else None
        if not self._seen.sent:
            why = Reason.NOT_THERE if name is None else Reason.DELETED_BEFORE
            return Outcome(self._run_id, State.ALREADY, (remark(why),), _NO_SUCH_RUN, entry=name)
        if entry is not None and self._trash is not None:
            await asyncio.to_thread(self._trash.supersede, entry)
        return _deleted(self._run_id, name, remark(Reason.FOUND_GONE))

    async def _copy(self, run: Run) -> tuple[Entry | None, Remark]:
        """A copy in the trash, and what it lacks, or why there is none.

        HaltError when the disk has no room for any.
        """
        context = self._context
        if self._trash is None:
            return None, remark(Reason.NO_COPY_MADE)
        studies, row = context.studies.get(run.run_id), context.rows.get(run.run_id)
        try:
            entry = await keep(
                self._delivery.http, run, self._trash, studies,
                row=row, missing_ok=context.delete_unkept, ask=self._delivery.read,
            )  # fmt: skip
        except (NotKeptError, OpenMLServerError, UsageError) as error:
            if isinstance(error, NoRoomError) and not context.delete_unkept:
                # The next run would be fetched whole for nothing.
                raise HaltError(
                    f"No copy can be kept: {error}. Make room there, or let RUNBROWSER_STATE_DIR "
                    "name another folder."
                ) from error
            return None, remark(Reason.NO_WHOLE_COPY, str(error))
        return entry, remark(Reason.COPY_MADE, entry.missing)

    async def _kept(self, entry: Entry) -> None:
        await self._context.note("kept", self._run_id, entry=entry.name)
        before = self._seen.entry if self._seen.entry != entry.name else None
        # A copy made before the crash goes; one that was dropped may have had this very name.
        if before is not None and self._trash is not None:
            await asyncio.to_thread(_drop_named, self._trash, before)

    async def _send(self, entry: Entry | None, copied: Remark) -> Outcome:
        run_id = self._run_id
        name = entry.name if entry is not None else None
        try:
            confirmed = await self._delivery.write(v1.delete(run_id))
            doubt = None if confirmed else DoubtError("the server's answer does not confirm it")
        except DoubtError as error:
            doubt = error
        except OpenMLServerException as error:
            if error.code == GONE_BEFORE:  # somebody was quicker: the copy is all there is
                why = remark(Reason.DELETED_MEANWHILE)
                return Outcome(run_id, State.ALREADY, (why, copied), error.code, entry=name)
            raise
        if doubt is not None:
            self._context.unknown.add(run_id)
            if not await self._delivery.settle(run_id, lambda run: run is None):
                # The copy stays: a slow server may do it yet.
                why = remark(Reason.STILL_THERE, str(doubt))
                return Outcome(run_id, State.FAILED, (why,), doubt.code, entry=name)
        if entry is not None and self._trash is not None:
            await asyncio.to_thread(self._trash.supersede, entry)
        if doubt is None:
            return _deleted(run_id, name, copied)
        found = remark(Reason.INDEX_BEHIND if doubt.code else Reason.FOUND_GONE)
        return _deleted(run_id, name, found, copied, code=doubt.code)


def _deleted(run_id: int, entry: str | None, *said: Remark, code: int | None = None) -> Outcome:
    return replace(done(run_id, *said, code=code, undoable=entry is not None), entry=entry)


def _drop(trash: Trash | None, entry: Entry) -> None:
    """Takes away the copy of a run that stays; a disk that refuses leaves a copy too many."""
    if trash is not None:
        with contextlib.suppress(OSError):
            trash.purge([entry])


def _newest(trash: Trash, run_id: int, server: str) -> Entry | None:
    try:
        return trash.find(run_id, server)
    except UsageError:
        return None


def _drop_named(trash: Trash, name: str) -> None:
    with contextlib.suppress(UsageError):
        _drop(trash, trash.get(name))
