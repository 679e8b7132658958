"""Publishes deleted runs again from their copies in the trash, and says plainly what is new.

How far it is stands beside the copy, so that nothing is published twice, whatever breaks off.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from runbrowser.bulk.context import Context, StoppedError, refused
from runbrowser.bulk.delivery import DoubtError, HaltError
from runbrowser.bulk.entry import Entry
from runbrowser.bulk.operation import Operation, Terms, Verb
from runbrowser.bulk.operations.tag import set_tag
from runbrowser.bulk.outcome import Outcome, Progress, Report, State
from runbrowser.bulk.plan import Item, Plan
from runbrowser.bulk.publication import find_published, send_upload
from runbrowser.bulk.remarks import Reason, Remark, message, remark
from runbrowser.bulk.restoration import again
from runbrowser.bulk.tags import check_tag
from runbrowser.errors import OpenMLServerException, RunbrowserError, UsageError
from runbrowser.text import display


class Restore(Operation):
    """Publishes deleted runs again; every item of its plans has an ``entry``."""

    name = "restore"
    verb = Verb("restore", "restoring", "restored")
    title = "restore {runs}"
    changes_rows = True

    def obstacle(self, item: Item, terms: Terms) -> Remark | None:
        """There is no copy of it."""
        return None if item.entry else remark(Reason.NO_COPY)

    def notes(self, items: Sequence[Item], terms: Terms) -> Iterable[Remark]:
        """What comes back are new runs."""
        return (remark(Reason.NEW_RUNS),)

    async def perform(self, context: Context, plan: Plan, item: Item, seen: Progress) -> Outcome:
        """Publishes the run of a copy again, sets its tags again and notes the new id beside it."""
        trash, run_id = context.trash, item.run_id
        if trash is None or item.entry is None:
            return Outcome(run_id, State.FAILED, (remark(Reason.NO_COPY),))
        try:
            entry = await asyncio.to_thread(trash.get, item.entry)
            before = await _published_before(context, item, entry)
            if isinstance(before, Outcome):
                return before
            new_id, notes = before if before is not None else await _publish(context, item, entry)
            context.sending_now.add(run_id)
            tagged = await _set_tags(context, entry, new_id)
            await _note(context, entry, {**entry.restoring, "new_id": new_id, "finished": True})
        except UsageError as error:
            return Outcome(run_id, State.FAILED, (message(error),), entry=item.entry)
        except OpenMLServerException as error:
            return replace(refused(run_id, error), entry=item.entry)
        except _LostError as error:
            lost = remark(Reason.UPLOAD_LOST, str(error))
            return Outcome(run_id, State.DOUBTFUL, (lost,), entry=item.entry)
        said = (remark(Reason.PUBLISHED_AGAIN, new_id), *notes, *tagged, *_not_restored(entry))
        return Outcome(run_id, State.DONE, said, entry=item.entry, new_id=new_id)

    def inverse(self, report: Report) -> Plan:
        """What was restored is undone by deleting it, which is a plan of its own: no items."""
        return Plan(self, (), notes=(remark(Reason.UNDONE_BY_DELETING),))


RESTORE = Restore()


class _LostError(RunbrowserError):
    """Nobody knows whether the run was published."""


async def _published_before(
    context: Context, item: Item, entry: Entry
) -> Outcome | tuple[int, list[Remark]] | None:
    """What an earlier restore of the copy came to: an outcome, the id that still wants its tags,
    or None when it has to be published.
    """
    told = entry.restoring
    if told.get("finished"):
        why = remark(Reason.RESTORED_BEFORE, entry.restored_as)
        return Outcome(
            item.run_id, State.ALREADY, (why,), entry=item.entry, new_id=entry.restored_as
        )
    delivery = context.delivery
    if entry.server != delivery.http.server:
        raise UsageError(f"This copy is of a run on {display(entry.server, 100)}.")
    if entry.restored_as is not None:
        return entry.restored_as, []
    if "token" in told:
        found = await _find(context, entry)
        # Not found at once: an upload may be slow, and nothing is published twice.
        rest = delivery.patience.upload - (time.time() - float(told.get("sent_at", 0)))
        if found is None and rest > 0:
            delivery.say(remark(Reason.ON_ITS_WAY, item.run_id, rest))
            if await delivery.stopped_within(rest):
                raise StoppedError
            found = await _find(context, entry)
        if found is not None:
            return found, [remark(Reason.REPLY_LOST)]
    if await delivery.look(item.run_id) is not None:
        why = remark(Reason.STILL_ON_SERVER)
        return Outcome(item.run_id, State.ALREADY, (why,), entry=item.entry)
    return None


async def _publish(context: Context, item: Item, entry: Entry) -> tuple[int, list[Remark]]:
    token = secrets.token_hex(8)
    upload, notes = await asyncio.to_thread(again, entry, token)
    if upload.problems:
        said = "; ".join(map(str, upload.problems[:3]))
        raise UsageError(f"The server would refuse the description: {said}.")
    # Ids are given once: the new run's is above the old one's, and its mark tells which it is.
    sent = {"token": token, "sent_at": time.time(), "above": entry.run_id}
    await _note(context, entry, sent)
    try:
        await context.begin_sending(item.run_id)
        new_id = await send_upload(context.delivery, upload)
    except DoubtError as doubt:
        found = await _find(context, entry)
        if found is None:
            raise _LostError(str(doubt)) from doubt
        new_id, notes = found, [remark(Reason.REPLY_LOST), *notes]
    except (StoppedError, HaltError, OpenMLServerException):
        await _note(context, entry, {})  # it never left, or was refused
        raise
    await _note(context, entry, {"token": token, "new_id": new_id, "restored_at": time.time()})
    return new_id, notes


async def _find(context: Context, entry: Entry) -> int | None:
    """The run that was published from the copy, by its mark; None when it is not found."""
    told = entry.restoring
    upload, _ = await asyncio.to_thread(again, entry, str(told["token"]))
    mark = str(told["token"]).encode()
    return await find_published(
        context.delivery,
        upload.description,
        context.user_id,
        lambda content: mark in content,
        above=int(told.get("above", entry.run_id)),
    )


async def _set_tags(context: Context, entry: Entry, new_id: int) -> list[Remark]:
    """Sets the old run's tags on the new one; what was set and what was not."""
    done: list[str] = []
    refused: list[Remark] = []
    for tag in dict.fromkeys(entry.tags):
        try:
            outcome = await set_tag(context, Item(new_id), check_tag(tag))
        except UsageError:
            refused.append(remark(Reason.TAG_REFUSED, tag))
            continue
        if outcome.state is State.FAILED:
            refused.append(remark(Reason.TAG_NOT_SET, tag, *outcome.remarks[0].details))
        else:
            done.append(tag)
    return ([remark(Reason.TAGGED_BY_YOU, tuple(done))] if done else []) + refused


async def _note(context: Context, entry: Entry, told: Mapping[str, Any]) -> None:
    trash = context.trash
    assert trash is not None  # noqa: S101 restore() has looked
    try:
        await asyncio.to_thread(trash.note_restoring, entry, told)
    except OSError as error:
        reason = display(error.strerror or error)
        raise HaltError(f"The trash cannot be written ({reason}).") from error


def _not_restored(entry: Entry) -> list[Remark]:
    said = []
    studies = entry.told.get("studies")
    if studies:
        said.append(remark(Reason.WAS_IN_STUDIES, tuple(map(tuple, studies))))
    elif studies is None:
        said.append(remark(Reason.STUDIES_UNKNOWN))
    if entry.named("trace") is None and any(f["name"] == "trace" for f in entry.files):
        said.append(remark(Reason.TRACE_STAYS))
    if entry.missing:
        said.append(remark(Reason.COPY_LACKED, entry.missing))
    return [*said, remark(Reason.EVALUATED_ANEW)]
