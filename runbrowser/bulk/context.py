"""What an operation is performed with: the server, the journal, the trash, who one is."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from runbrowser.bulk.delivery import Delivery, HaltError
from runbrowser.bulk.outcome import Outcome, State
from runbrowser.bulk.remarks import message
from runbrowser.bulk.studies import Membership
from runbrowser.bulk.trash import Trash
from runbrowser.errors import OpenMLServerException
from runbrowser.models import RunRow
from runbrowser.text import display

if TYPE_CHECKING:
    from runbrowser.bulk.journal import Journal


class StoppedError(Exception):
    """The user stopped before this run's request left."""


@dataclass
class Context:
    """What the runs of one plan have in common; several of them may be under way at once.

    ``trash`` is None where no copies are wanted. ``studies`` and ``rows`` are what was asked for
    many runs at once. ``sending_now`` holds the runs whose request is under way: they must not be
    cancelled. ``leaving`` is set when nothing more may begin. ``unknown`` holds the runs whose
    delete is in doubt; ``looking_up`` keeps studies from being asked twice after a refusal, and
    ``looked_up`` tells that they were.
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
    unknown: set[int] = field(default_factory=set)
    looking_up: asyncio.Lock = field(default_factory=asyncio.Lock)
    looked_up: bool = False

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


def refused(run_id: int, error: OpenMLServerException) -> Outcome:
    """The outcome for a run of which the server wants nothing of the kind, in its words."""
    return Outcome(run_id, State.FAILED, (message(error),), error.code)
