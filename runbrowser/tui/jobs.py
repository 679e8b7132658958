"""One bulk action under way while the user goes on browsing: its state, without any widget."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from runbrowser.bulk.engine import carry_out
from runbrowser.bulk.journal import Journal
from runbrowser.bulk.outcome import Outcome, Report, State
from runbrowser.bulk.plan import Plan
from runbrowser.bulk.remarks import Remark
from runbrowser.bulk.trash import Trash
from runbrowser.client.http import AsyncHTTPClient
from runbrowser.pages.remarks import sentence

_BAR = 12  # cells


@dataclass(slots=True)
class Job:
    """A plan that is being carried out. ``changed`` is called whenever its words have changed."""

    plan: Plan
    changed: Callable[[], None]
    done: int = 0
    failed: int = 0
    said: str = ""
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def words(self) -> str:
        """How far it is, for the status line."""
        total = len(self.plan.items)
        filled = round(_BAR * self.done / total) if total else _BAR
        bar = "\u2588" * filled + "\u2591" * (_BAR - filled)
        failed = f", {self.failed} not done" if self.failed else ""
        how = "stopping" if self.stop.is_set() else "X stops"
        said = f"; {self.said}" if self.said else ""
        verb = self.plan.operation.verb.doing
        return f"{verb} {bar} {self.done} of {total}{failed}; {how}{said}"

    async def run(
        self,
        http: AsyncHTTPClient,
        journal: Journal,
        *,
        state_dir: Path,
        user_id: int | None,
        key_origin: str,
    ) -> Report:
        """Carries the plan out; every step is in the journal before it is taken."""

        def told(outcome: Outcome, done: int, total: int) -> None:
            self.done = done
            if outcome.state in (State.FAILED, State.DOUBTFUL):
                self.failed += 1
            self.said = ""
            self.changed()

        def said(remark: Remark) -> None:
            self.said = sentence(remark)
            self.changed()

        return await carry_out(
            self.plan,
            http,
            journal=journal,
            trash=Trash(state_dir),
            told=told,
            said=said,
            stop=self.stop,
            user_id=user_id,
            key_origin=key_origin,
        )


def merged(before: Report, after: Report) -> Report:
    """A report of which some runs were tried again, with what became of them; so that an undo
    still knows all that was done.
    """
    news = {outcome.run_id: outcome for outcome in after.outcomes}
    outcomes = tuple(news.get(outcome.run_id, outcome) for outcome in before.outcomes)
    return replace(before, outcomes=outcomes, stopped=after.stopped)
