"""What became of each run of a bulk action, how far one is, and the report of all of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from runbrowser.bulk.plan import Plan
from runbrowser.bulk.remarks import Reason, Remark, remark


class State(Enum):
    """How it went for one run."""

    DONE = "done"
    ALREADY = "already so"  # nothing to do: it was so before
    LEFT_OUT = "left out"  # not tried: not yours, or nothing to do as far as was known
    FAILED = "failed"  # tried, and not done
    DOUBTFUL = "doubtful"  # sent, and nobody knows
    STOPPED = "not begun"  # the action ended before it


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one run: the ``remarks`` say so, the first of them why.

    ``code`` is the server's, where it gave one. ``entry`` names the copy in the trash that a
    delete left, ``new_id`` the run that a restore published. ``undoable``: this action changed the
    run, so undoing it is right; False too where a lost reply leaves open whether it was so before.
    """

    run_id: int
    state: State
    remarks: tuple[Remark, ...]
    code: int | None = None
    entry: str | None = None
    new_id: int | None = None
    undoable: bool = False

    @property
    def reason(self) -> Reason:
        """The reason of the first remark."""
        return self.remarks[0].reason if self.remarks else Reason.DONE


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one run is: ``entry`` names its copy in the trash; ``sent``: the request may have
    left; ``outcome`` is set at the end.
    """

    begun: bool = False
    entry: str | None = None
    sent: bool = False
    outcome: Outcome | None = None


def done(run_id: int, *remarks: Remark, code: int | None = None, undoable: bool = True) -> Outcome:
    """The outcome for a run to which it was done; ``remarks`` are what else is to be said."""
    said = (remark(Reason.DONE), *remarks)
    return Outcome(run_id, State.DONE, said, code, undoable=undoable)


@dataclass(frozen=True, slots=True)
class Report:
    """All outcomes of a plan, in its order, the runs that were left out last.

    ``stopped`` says why the whole ended early, None when it did not, and ``stopped_code`` with
    which of the server's codes, if it was one (102 to 104: the key). ``resumable``: its journal
    stays, and what has no outcome in it can be taken up.
    """

    plan: Plan
    outcomes: tuple[Outcome, ...]
    stopped: Remark | None = None
    stopped_code: int | None = None
    resumable: bool = False

    def count(self, *states: State) -> int:
        """How many runs ended so."""
        return sum(1 for outcome in self.outcomes if outcome.state in states)

    @property
    def failed(self) -> tuple[int, ...]:
        """The runs to be tried again: failed, doubtful and not begun."""
        again = (State.FAILED, State.DOUBTFUL, State.STOPPED)
        return tuple(outcome.run_id for outcome in self.outcomes if outcome.state in again)

    @property
    def ok(self) -> bool:
        """Whether every run of the plan is now as it was wanted."""
        return not self.failed

    @property
    def gone(self) -> tuple[int, ...]:
        """The runs that are no longer there: removed now, or found to have been before."""
        if not self.plan.operation.removes:
            return ()
        ends = (State.DONE, State.ALREADY)
        return tuple(outcome.run_id for outcome in self.outcomes if outcome.state in ends)

    @property
    def undoable(self) -> dict[int, Outcome]:
        """The outcomes of the runs that it changed, by run id."""
        return {outcome.run_id: outcome for outcome in self.outcomes if outcome.undoable}


def left_outcomes(plan: Plan) -> tuple[Outcome, ...]:
    """The outcomes of the runs that a plan leaves out."""
    return tuple(Outcome(left.run_id, State.LEFT_OUT, (left.remark,)) for left in plan.left_out)
