"""What an operation on runs is: how it is planned, performed and undone, and what it changes.

Each is an object in a module of its own in ``operations/``; plans, journals, reports, pages and the
browser ask it, and none of them knows which operations there are.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from runbrowser.bulk.plan import Item, LeftOut, Plan, once
from runbrowser.bulk.remarks import Remark
from runbrowser.models import Run

if TYPE_CHECKING:
    from runbrowser.bulk.context import Context
    from runbrowser.bulk.outcome import Outcome, Progress, Report


class Verb(NamedTuple):
    """An operation in words: "delete", "deleting", "deleted"."""

    stem: str
    doing: str
    done: str


class Terms(NamedTuple):
    """What a plan is made under: see :meth:`Operation.plan`."""

    tag: str
    user_id: int | None
    is_admin: bool | None
    refused: Collection[int]
    kept: bool


class Operation(ABC):
    """One thing that can be done to runs.

    ``name`` is what it is called in journals, in JSON and on the command line. ``title`` is a plan
    in one line, with ``{runs}`` for how many runs and ``{tag}`` for the tag. ``destroys``: what it
    does cannot be undone on the server. ``removes``: a run that it was done to is not there any
    more. ``changes_rows``: lists hold other runs afterwards. ``resumed_by`` are the words of the
    command line that take it up when it broke off, '' where the same command does.
    """

    name: ClassVar[str]
    verb: ClassVar[Verb]
    title: ClassVar[str]
    destroys: ClassVar[bool] = False
    removes: ClassVar[bool] = False
    changes_rows: ClassVar[bool] = False
    resumed_by: ClassVar[str] = ""

    def __repr__(self) -> str:
        return f"<operation {self.name}>"

    def plan(
        self,
        items: Iterable[Item],
        tag: str = "",
        *,
        user_id: int | None = None,
        is_admin: bool | None = None,
        refused: Collection[int] = (),
        kept: bool = True,
    ) -> Plan:
        """What is to be done to which of the runs, what is left out, and what to know before.

        ``tag`` is for operations on tags; ``user_id`` is whose key it is, None where that is not
        known; ``refused`` are runs for which the server refused it before; ``kept``: whether a
        copy goes to the trash first. Raises UsageError for a tag that cannot be.
        """
        terms = Terms(self.checked(tag), user_id, is_admin, refused, kept)
        todo: list[Item] = []
        left: list[LeftOut] = []
        for item in once(items):
            why = self.obstacle(item, terms)
            if why is None:
                todo.append(item)
            else:
                left.append(LeftOut(item.run_id, why))
        lost, notes = self.lost(todo, terms), self.notes(todo, terms)
        return Plan(self, tuple(todo), terms.tag, tuple(left), tuple(lost), tuple(notes))

    def checked(self, tag: str) -> str:
        """The tag of a plan, '' for an operation without one. Raises UsageError."""
        return ""

    def obstacle(self, item: Item, terms: Terms) -> Remark | None:
        """Why a run is left out; None where there is nothing against it."""
        return None

    def lost(self, items: Sequence[Item], terms: Terms) -> Iterable[Remark]:
        """What cannot be got back when it was done to these runs."""
        return ()

    def notes(self, items: Sequence[Item], terms: Terms) -> Iterable[Remark]:
        """What else to know before it is done to these runs."""
        return ()

    async def prepare(self, context: Context, items: Sequence[Item]) -> None:
        """Asks once for all runs what each of them would be asked for. Raises HaltError."""
        return

    @abstractmethod
    async def perform(self, context: Context, plan: Plan, item: Item, seen: Progress) -> Outcome:
        """Does it to one run. ``seen`` is how far it was when it broke off.

        Calls ``context.begin_sending`` before its request leaves. Raises HaltError when nothing
        can go on, StoppedError when the user stopped first, OpenMLServerError when the server
        refused.
        """

    @abstractmethod
    def inverse(self, report: Report) -> Plan:
        """The plan that undoes a report: only the runs that it really changed.

        Raises UsageError when it cannot be undone.
        """

    def after(self, run: Run, plan: Plan) -> Run:
        """A run that stays, as it is when the plan was carried out."""
        return run
