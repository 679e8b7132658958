"""What is done to one run: tag, untag, delete. Each step is noted before it is taken."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field, replace

from runbrowser.bulk.copies import NotKeptError, keep
from runbrowser.bulk.delivery import Delivery, DoubtError, HaltError
from runbrowser.bulk.journal import Journal, Progress
from runbrowser.bulk.outcome import Outcome, State
from runbrowser.bulk.plan import Item, way_out
from runbrowser.bulk.studies import MOST_AFTER_REFUSAL, Membership, studies_of
from runbrowser.bulk.trash import Entry, Trash
from runbrowser.client.calls import v1
from runbrowser.errors import OpenMLServerError, OpenMLServerException, UsageError
from runbrowser.models import Run, RunRow
from runbrowser.text import display

ALREADY_TAGGED, OTHER_CAPITALS, NOT_TAGGED, NOT_THE_TAGGER = 473, 474, 475, 476
GONE_BEFORE, NOT_THE_OWNER, NOT_WHILE_LISTED = 392, 393, 394
HAS_THE_TAG = "nothing to do: it has the tag already"
HAS_NOT_THE_TAG = "nothing to do: it does not have the tag"
_LOST = "the server's reply was lost, so the run was looked at"


class StoppedError(Exception):
    """The user stopped before this run's request left."""


@dataclass
class Performer:
    """Does what a plan wants to one run at a time; several runs may be under way at once.

    ``trash`` is None where no copies are wanted. ``sending_now`` holds the runs whose request is
    under way: they must not be cancelled. ``leaving`` is set when nothing more may begin.
    """

    delivery: Delivery
    journal: Journal
    trash: Trash | None
    user_id: int | None = None
    is_admin: bool | None = None
    delete_unkept: bool = False
    studies: Membership = field(default_factory=dict)
    rows: dict[int, RunRow] = field(default_factory=dict)
    sending_now: set[int] = field(default_factory=set)
    leaving: bool = False
    _unknown: set[int] = field(default_factory=set)  # deletes in doubt
    _looking_up: asyncio.Lock = field(default_factory=asyncio.Lock)
    _looked_up: bool = False  # whether studies were asked after a refusal

    async def note(
        self, step: str, run_id: int, entry: str | None = None, outcome: Outcome | None = None
    ) -> None:
        """Puts a step on the disk. HaltError when the disk does not take it."""
        try:
            await asyncio.to_thread(self.journal.note, step, run_id, entry=entry, outcome=outcome)
        except OSError as error:
            reason = display(error.strerror or error)
            raise HaltError(f"The journal of this action cannot be written ({reason}).") from error

    async def begin_sending(self, run_id: int) -> None:
        """From here on the run's request may leave; StoppedError when the user stopped before."""
        if self.leaving or self.delivery.stop.is_set():
            raise StoppedError
        self.sending_now.add(run_id)
        await self.note("sent", run_id)

    async def tag(self, item: Item, tag: str, seen: Progress) -> Outcome:
        """Tags a run: 473 means that it has the tag already, 105 and doubts are looked into."""
        if seen.sent and await self._has_tag(item.run_id, tag):
            return self._tag_found(item, tag)
        await self.begin_sending(item.run_id)
        return await self.set_tag(item, tag)

    async def set_tag(self, item: Item, tag: str) -> Outcome:
        """Sends the tag and makes sure of it."""
        run_id = item.run_id
        try:
            tags = await self.delivery.write(v1.tag(run_id, tag))
        except DoubtError as doubt:
            if not await self.delivery.settle(run_id, lambda run: _has(run, tag)):
                return _not_done(run_id, doubt, "it does not have the tag")
            return self._tag_found(item, tag, doubt)
        except OpenMLServerException as error:
            if error.code == ALREADY_TAGGED:
                return Outcome(run_id, State.ALREADY, HAS_THE_TAG, error.code)
            if error.code == OTHER_CAPITALS:
                words = f"{HAS_THE_TAG}, in other capitals"
                return Outcome(run_id, State.ALREADY, words, error.code)
            return _refused(run_id, error)
        return Outcome(run_id, State.DONE, f"tagged; tags: {_listed(tags)}", undoable=True)

    def _tag_found(self, item: Item, tag: str, doubt: DoubtError | None = None) -> Outcome:
        certain = item.tags is not None or (doubt is not None and doubt.code is not None)
        words = "tagged; " + (_index_words(doubt) or f"{_LOST}: it has the tag")
        code = doubt.code if doubt else None
        return Outcome(item.run_id, State.DONE, words, code, undoable=certain)

    async def _has_tag(self, run_id: int, tag: str) -> bool:
        return _has(await self.delivery.look(run_id), tag)

    async def untag(self, item: Item, tag: str, seen: Progress) -> Outcome:
        """Removes a tag: 475 means that it was not there, 476 that somebody else set it."""
        run_id = item.run_id
        if seen.sent:
            run = await self.delivery.look(run_id)
            if run is not None and not _has_any_case(run, tag):
                return self._untagged(item)
        await self.begin_sending(run_id)
        try:
            tags = await self.delivery.write(v1.untag(run_id, tag))
        except DoubtError as doubt:
            gone = await self.delivery.settle(
                run_id, lambda run: run is not None and not _has_any_case(run, tag)
            )
            if not gone:
                return _not_done(run_id, doubt, "it still has the tag")
            return self._untagged(item, doubt)
        except OpenMLServerException as error:
            if error.code == NOT_TAGGED:
                return Outcome(run_id, State.ALREADY, HAS_NOT_THE_TAG, error.code)
            if error.code == NOT_THE_TAGGER:
                words = "somebody else set this tag; only they or an administrator may remove it"
                return Outcome(run_id, State.FAILED, words, error.code)
            return _refused(run_id, error)
        return Outcome(run_id, State.DONE, f"untagged; tags: {_listed(tags)}", undoable=True)

    def _untagged(self, item: Item, doubt: DoubtError | None = None) -> Outcome:
        certain = item.tags is not None or (doubt is not None and doubt.code is not None)
        words = "untagged; " + (_index_words(doubt) or f"{_LOST}: the tag is gone")
        code = doubt.code if doubt else None
        return Outcome(item.run_id, State.DONE, words, code, undoable=certain)

    async def delete(self, item: Item, seen: Progress) -> Outcome:
        """Keeps a whole copy of a run, then deletes it: 392 after a doubt means that it is gone."""
        run_id = item.run_id
        run = await self.delivery.look(run_id)
        if run is None:
            return await self._gone(run_id, seen)
        whose = self.user_id
        if whose is not None and not self.is_admin and run.uploader != whose:
            words = f"uploaded by user {run.uploader}, not by you"
            return Outcome(run_id, State.LEFT_OUT, words)
        entry, words = await self._copy(run)
        if entry is None and await self.delivery.look(run_id) is None:
            return await self._gone(run_id, seen)  # deleted by somebody while it was being read
        if entry is None and self.trash is not None and not self.delete_unkept:
            words = f"was not deleted, since no whole copy could be made: {words}"
            return Outcome(run_id, State.FAILED, words)
        try:
            if entry is not None:
                await self._kept(run_id, entry, seen)
            await self.begin_sending(run_id)
            return await self._delete(run_id, entry, words)
        except (StoppedError, HaltError, OpenMLServerException, asyncio.CancelledError) as error:
            cut_off = isinstance(error, asyncio.CancelledError) and run_id in self.sending_now
            doubted = cut_off or seen.sent or run_id in self._unknown
            if entry is not None and not doubted:
                await asyncio.shield(asyncio.to_thread(_drop, self.trash, entry))
            if isinstance(error, OpenMLServerException):
                if error.code == NOT_WHILE_LISTED:
                    return await self._listed(item, error)
                return _delete_refused(run_id, error)
            raise

    async def _listed(self, item: Item, error: OpenMLServerException) -> Outcome:
        """The outcome for a run that the server refused to delete, as it does for those that
        studies list: which studies, and the way out. They are asked once, for all such runs.
        """
        async with self._looking_up:
            if not self.studies.get(item.run_id) and not self._looked_up:
                self._looked_up = True
                http, ids = self.delivery.http, list(self.journal.plan.run_ids)
                self.studies |= await studies_of(http, ids, MOST_AFTER_REFUSAL) or {}
        inside = self.studies.get(item.run_id)
        if inside:
            named = " and ".join(map(str, inside))
            words = f"was not deleted ({error}): it is in {named}"
        elif inside is None:
            words = f"was not deleted ({error}): a study may list it"
        else:
            return _refused(item.run_id, error)
        words += f". {way_out(replace(item, studies=inside))}"
        return Outcome(item.run_id, State.FAILED, words, error.code)

    async def _gone(self, run_id: int, seen: Progress) -> Outcome:
        """The outcome for a run that is not there, and the copy that was made of it."""
        entry = None
        if self.trash is not None:
            server = self.delivery.http.server
            entry = await asyncio.to_thread(_newest, self.trash, run_id, server)
        name = entry.name if entry is not None else None
        if not seen.sent:
            words = "is not there: it was deleted before, or never was"
            if name is not None:
                words = "was deleted before; a copy is in the trash"
            return Outcome(run_id, State.ALREADY, words, 236, entry=name)
        if entry is not None and self.trash is not None:
            await asyncio.to_thread(self.trash.supersede, entry)
        return _deleted(run_id, name, f"{_LOST}: it is gone")

    async def _copy(self, run: Run) -> tuple[Entry | None, str]:
        """A copy in the trash, and words: what it lacks, or why there is none."""
        if self.trash is None:
            return None, "no copy was kept"
        studies, row = self.studies.get(run.run_id), self.rows.get(run.run_id)
        try:
            entry = await keep(
                self.delivery.http, run, self.trash, studies,
                row=row, missing_ok=self.delete_unkept, ask=self.delivery.read,
            )  # fmt: skip
        except (NotKeptError, OpenMLServerError, UsageError) as error:
            return None, str(error)
        lacks = f", which lacks {'; '.join(entry.missing)}" if entry.missing else ""
        return entry, f"a copy is in the trash{lacks}"

    async def _kept(self, run_id: int, entry: Entry, seen: Progress) -> None:
        await self.note("kept", run_id, entry=entry.name)
        before = seen.entry if seen.entry != entry.name else None
        # A copy made before the crash goes; one that was dropped may have had this very name.
        if before is not None and self.trash is not None:
            await asyncio.to_thread(_drop_named, self.trash, before)

    async def _delete(self, run_id: int, entry: Entry | None, kept: str) -> Outcome:
        name = entry.name if entry is not None else None
        try:
            done = await self.delivery.write(v1.delete(run_id))
            doubt = None if done else DoubtError("the server's answer does not confirm it")
        except DoubtError as error:
            doubt = error
        except OpenMLServerException as error:
            if error.code == GONE_BEFORE:  # somebody was quicker: the copy is all there is
                words = f"was deleted meanwhile; {kept}"
                return Outcome(run_id, State.ALREADY, words, error.code, entry=name)
            raise
        if doubt is not None:
            self._unknown.add(run_id)
            if not await self.delivery.settle(run_id, lambda run: run is None):
                # The copy stays: a slow server may do it yet.
                return _not_done(run_id, doubt, "it is still there", name)
        if entry is not None and self.trash is not None:
            await asyncio.to_thread(self.trash.supersede, entry)
        if doubt is None:
            return _deleted(run_id, name, kept)
        words = _index_words(doubt) or f"{_LOST}: it is gone"
        return _deleted(run_id, name, f"{words}; {kept}", doubt.code)


def _deleted(run_id: int, entry: str | None, words: str, code: int | None = None) -> Outcome:
    return Outcome(
        run_id, State.DONE, f"deleted; {words}", code, entry=entry, undoable=entry is not None
    )


def _delete_refused(run_id: int, error: OpenMLServerException) -> Outcome:
    if error.code == NOT_THE_OWNER:
        words = "not yours: only its uploader or an administrator may delete it"
        return Outcome(run_id, State.FAILED, words, error.code)
    return _refused(run_id, error)


def _refused(run_id: int, error: OpenMLServerException) -> Outcome:
    return Outcome(run_id, State.FAILED, str(error), error.code)


def _not_done(run_id: int, doubt: DoubtError, found: str, entry: str | None = None) -> Outcome:
    words = f"{doubt}. The run was looked at again: {found}."
    return Outcome(run_id, State.FAILED, words, doubt.code, entry=entry)


def _index_words(doubt: DoubtError | None) -> str:
    return "the server's search index does not know it yet" if doubt and doubt.code else ""


def _has(run: Run | None, tag: str) -> bool:
    return run is not None and tag in run.tags


def _has_any_case(run: Run, tag: str) -> bool:
    return tag.casefold() in (known.casefold() for known in run.tags)


def _listed(tags: list[str]) -> str:
    return ", ".join(display(tag, 64) for tag in tags) or "none"


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
