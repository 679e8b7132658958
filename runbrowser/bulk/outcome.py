"""What became of each run of a bulk action, and the report of all of them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import UnionType
from typing import Any

from runbrowser.bulk.plan import Plan, count_runs
from runbrowser.text import display


class State(Enum):
    """How it went for one run."""

    DONE = "done"
    ALREADY = "already so"  # nothing to do: it was so before
    LEFT_OUT = "left out"  # not tried: not yours, or nothing to do as far as was known
    FAILED = "failed"  # tried, and not done
    DOUBTFUL = "doubtful"  # sent, and nobody knows
    STOPPED = "not begun"  # the action ended before it


_KINDS: dict[str, type | UnionType] = {
    "run_id": int,
    "words": str,
    "code": int | None,
    "entry": str | None,
    "new_id": int | None,
    "undoable": bool,
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one run, in ``words``; ``code`` is the server's, where it gave one.

    ``entry`` names the copy in the trash that a delete left, ``new_id`` the run that a restore
    published. ``undoable``: this action changed the run, so undoing it is right; False too where
    a lost reply leaves open whether it was so before.
    """

    run_id: int
    state: State
    words: str
    code: int | None = None
    entry: str | None = None
    new_id: int | None = None
    undoable: bool = False

    def as_json(self) -> dict[str, Any]:
        """The outcome as plain values; what is not set is left out."""
        told: dict[str, Any] = {
            "run_id": self.run_id,
            "state": self.state.value,
            "words": self.words,
        }
        for name in ("code", "entry", "new_id"):
            if getattr(self, name) is not None:
                told[name] = getattr(self, name)
        if self.undoable:
            told["undoable"] = True
        return told

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Outcome:
        """The outcome that :meth:`as_json` wrote."""
        values = {name: told[name] for name in cls.__slots__ if name in told}
        for name, value in values.items():
            if name != "state" and not isinstance(value, _KINDS[name]):
                raise TypeError(f"{name} of an outcome is no {type(value).__name__}")
        return cls(**{**values, "state": State(told["state"])})


_COLUMNS = ("run_id", "state", "words", "code", "new_id", "entry")


@dataclass(frozen=True, slots=True)
class Report:
    """All outcomes of a plan, in its order, the runs that were left out last.

    ``stopped`` says in one sentence why the whole ended early, '' when it did not, and
    ``stopped_code`` with which of the server's codes, if it was one (102 to 104: the key).
    ``resumable``: its journal stays, and what has no outcome in it can be taken up.
    """

    plan: Plan
    outcomes: tuple[Outcome, ...]
    stopped: str = ""
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
    def headline(self) -> str:
        """The report in one line: "deleted 10 of 12 runs; 1 failed, 1 left out"."""
        asked = len(self.outcomes)
        done = self.count(State.DONE)
        of = f"{done:,} of {count_runs(asked)}" if done != asked else count_runs(asked)
        line = f"{self.plan.kind.done} {of}"
        if self.plan.tag:
            line += f" ({display(self.plan.tag, 64)})"
        rest = [
            f"{number:,} {state.value}"
            for state in State
            if state is not State.DONE and (number := self.count(state))
        ]
        return line + (f"; {', '.join(rest)}" if rest else "")

    def lines(self) -> list[str]:
        """A line for each run, harmless to draw: id, state and words."""
        wide = max((len(str(outcome.run_id)) for outcome in self.outcomes), default=0)
        return [
            display(f"{outcome.run_id:>{wide}}  {outcome.state.value:<10}  {outcome.words}")
            for outcome in self.outcomes
        ]

    def text(self) -> str:
        """The whole report as lines, to be copied."""
        return "\n".join([self.headline, *filter(None, [self.stopped]), "", *self.lines(), ""])

    def rows(self) -> list[dict[str, Any]]:
        """One mapping a run: run_id, state, words, code, new_id, entry; None where not set."""
        return [
            {
                name: getattr(outcome, name).value if name == "state" else getattr(outcome, name)
                for name in _COLUMNS
            }
            for outcome in self.outcomes
        ]

    def csv(self) -> str:
        """The rows as CSV with a header."""
        stream = io.StringIO()
        writer = csv.DictWriter(stream, _COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.rows())
        return stream.getvalue()

    def json(self) -> str:
        """The rows as JSON, with kind, tag and why it stopped."""
        told = {
            "action": self.plan.kind.value,
            "tag": self.plan.tag or None,
            "stopped": self.stopped or None,
            "runs": self.rows(),
        }
        return json.dumps(told, ensure_ascii=True, indent=2) + "\n"
