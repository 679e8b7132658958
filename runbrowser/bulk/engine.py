"""Carries out a plan: a few runs at a time, each outcome told, every step on the disk first."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from runbrowser.bulk.context import Context, StoppedError
from runbrowser.bulk.delivery import Delivery, HaltError, Patience, UnknownError
from runbrowser.bulk.journal import Journal
from runbrowser.bulk.outcome import Outcome, Progress, Report, State, left_outcomes
from runbrowser.bulk.plan import Item, Plan
from runbrowser.bulk.remarks import Reason, Remark, message, remark
from runbrowser.bulk.trash import Trash
from runbrowser.client.http import AsyncHTTPClient
from runbrowser.errors import OpenMLServerError, OpenMLServerException, RunbrowserError, UsageError

Told = Callable[[Outcome, int, int], None]
"""Told after each run: its outcome, how many runs of the plan have one now, and of how many."""

_NO_KEY = 102


async def carry_out(
    plan: Plan,
    http: AsyncHTTPClient,
    *,
    journal: Journal,
    trash: Trash | None = None,
    told: Told | None = None,
    said: Callable[[Remark], None] | None = None,
    stop: asyncio.Event | None = None,
    delete_unkept: bool = False,
    at_once: int = 3,
    user_id: int | None = None,
    is_admin: bool | None = None,
    key_origin: str = "",
    patience: Patience | None = None,
) -> Report:
    """Does what the plan says to each of its runs and reports what became of them.

    ``journal`` is new, or one that was reopened: then only what has no outcome yet is done, after
    a look at what the server has. ``trash`` keeps copies before deletes, None keeps none;
    ``delete_unkept`` deletes even when no whole copy can be made. ``told`` hears each outcome,
    ``said`` remarks such as why it pauses. Setting ``stop`` lets no further request leave; those
    under way are waited for. ``at_once`` is how many runs are worked on side by side.
    ``user_id``, where known, spares runs of others. ``key_origin`` says where the key came from,
    should it be refused.

    Cancelled, it waits shortly for requests that have left (never cutting them off itself) and
    leaves a journal that can be taken up. At the end the journal is finished, unless a run is in
    doubt or it was stopped in the middle. Raises UsageError when the journal is of another server;
    failures are outcomes.
    """
    if journal.server != http.server:
        raise UsageError(f"This action is for {journal.server}, not for {http.server}.")
    delivery = Delivery(http, stop=stop, said=said, key_origin=key_origin, patience=patience)
    context = Context(delivery, journal, trash, user_id, is_admin, delete_unkept)
    return await _Action(plan, context, told).run(at_once)


class _Action:
    """One plan on its way."""

    def __init__(self, plan: Plan, context: Context, told: Told | None) -> None:
        self._plan = plan
        self._context = context
        self._journal = context.journal
        self._stop = context.delivery.stop
        self._told = told or (lambda outcome, done, total: None)
        self._why: Remark | None = None
        self._why_code: int | None = None
        self._outcomes: dict[int, Outcome] = {
            run_id: seen.outcome
            for run_id, seen in self._journal.progress.items()
            if seen.outcome is not None
        }
        self._todo = deque(item for item in plan.items if item.run_id not in self._outcomes)
        self._begun = asyncio.Event()  # the first run has its outcome
        self._working: dict[asyncio.Task[None], int] = {}  # workers, and the run each is at

    async def run(self, at_once: int) -> Report:
        try:
            if self._todo:
                await self._prepare()
        except BaseException:
            self._journal.close()
            raise
        number = max(1, min(at_once, len(self._todo)))
        workers = [asyncio.create_task(self._work(first=not i)) for i in range(number)]
        watch = asyncio.create_task(self._cancel_idle_when_stopped(workers))
        try:
            await asyncio.wait(workers)
        except asyncio.CancelledError:
            await self._leave(workers)
            raise
        finally:
            watch.cancel()
        failures = [w.exception() for w in workers if not w.cancelled() and w.exception()]
        if failures and failures[0] is not None:
            self._journal.close()
            raise failures[0]
        return await self._report()

    async def _prepare(self) -> None:
        """What is asked once for the whole plan."""
        context = self._context
        context.studies |= {
            item.run_id: item.studies for item in self._todo if item.studies is not None
        }
        if context.delivery.http.api_key is None:
            self._halt(remark(Reason.NO_KEY), _NO_KEY)
        else:
            if context.trash is not None:
                with suppress(OSError):
                    await asyncio.to_thread(context.trash.sweep)
            try:
                await self._plan.operation.prepare(context, list(self._todo))
            except HaltError as error:
                self._halt(message(error), error.code)

    def _halt(self, why: Remark, code: int | None = None) -> None:
        if self._why is None:
            self._why = remark(Reason.STOPPED_BY_USER) if self._stop.is_set() else why
            self._why_code = code
        self._context.leaving = True

    def _over(self) -> bool:
        return self._why is not None or self._stop.is_set() or self._context.leaving

    async def _work(self, *, first: bool) -> None:
        """Takes one run after the other; all wait for the first: what ends the whole, such as a
        refused key, is asked for once.
        """
        if not first:
            await self._begun.wait()
        try:
            await self._take_runs()
        finally:
            self._begun.set()

    async def _take_runs(self) -> None:
        task = asyncio.current_task()
        while self._todo and not self._over():
            item = self._todo.popleft()
            if task is not None:
                self._working[task] = item.run_id
            outcome = await self._outcome(item)
            if outcome is None:
                return
            self._context.sending_now.discard(item.run_id)
            self._outcomes[item.run_id] = outcome
            self._told(outcome, len(self._outcomes), len(self._plan.items))
            self._begun.set()

    async def _outcome(self, item: Item) -> Outcome | None:
        """What became of one run; None when nothing was begun that anybody need know of."""
        run_id = item.run_id
        seen = self._journal.progress.get(run_id, Progress())
        try:
            await self._context.note("begin", run_id)
            outcome = await self._plan.operation.perform(self._context, self._plan, item, seen)
        except asyncio.CancelledError:
            if run_id in self._context.sending_now or not self._stop.is_set():
                raise
            return None
        except StoppedError:
            return None
        except UnknownError as error:
            self._halt(message(error), error.code)
            entry = self._journal.progress[run_id].entry
            why = remark(Reason.UNKNOWN, str(error))
            return Outcome(run_id, State.DOUBTFUL, (why,), entry=entry)
        except HaltError as error:
            self._halt(message(error), error.code)
            if run_id in self._context.sending_now and not seen.sent:
                with suppress(HaltError):  # nothing was done: it must not look like a doubt
                    await self._context.note("withdrawn", run_id)
            return None
        except OpenMLServerError as error:
            code = error.code if isinstance(error, OpenMLServerException) else None
            outcome = Outcome(run_id, State.FAILED, (message(error),), code)
        except RunbrowserError as error:
            outcome = Outcome(run_id, State.FAILED, (message(error),))
        if outcome.state is not State.DOUBTFUL:
            try:
                await self._context.note("done", run_id, outcome=outcome)
            except HaltError as error:
                self._halt(message(error), error.code)
        return outcome

    async def _cancel_idle_when_stopped(self, workers: list[asyncio.Task[None]]) -> None:
        await self._stop.wait()
        self._cancel_idle(workers)

    def _cancel_idle(self, workers: list[asyncio.Task[None]]) -> None:
        """Cancels what has not sent anything yet; a request under way is never cut off."""
        for worker in workers:
            if self._working.get(worker) not in self._context.sending_now:
                worker.cancel()

    async def _leave(self, workers: list[asyncio.Task[None]]) -> None:
        """Cancelled: what has left may still end, and is noted if it does; the rest waits for the
        next start.
        """
        self._context.leaving = True
        self._cancel_idle(workers)
        left = len(workers)

        def one_less(_: asyncio.Task[None]) -> None:
            nonlocal left
            left -= 1
            if not left:
                self._journal.close()

        for worker in workers:
            worker.add_done_callback(one_less)
        await asyncio.wait(workers, timeout=self._context.delivery.patience.grace)

    async def _report(self) -> Report:
        why = self._why
        open_ = [item for item in self._plan.items if item.run_id not in self._outcomes]
        if open_ and why is None:
            why = remark(Reason.STOPPED_BY_USER)
        outcomes = []
        for item in self._plan.items:
            begun = self._outcomes.get(item.run_id)
            outcomes.append(begun or _not_begun(item))
        report = Report(
            self._plan,
            (*outcomes, *left_outcomes(self._plan)),
            why,
            self._why_code,
        )
        by_user = why is not None and why.reason is Reason.STOPPED_BY_USER
        half_way = by_user or report.count(State.DONE)
        if report.count(State.DOUBTFUL) or (half_way and report.count(State.STOPPED)):
            report = replace(report, resumable=True)
        await asyncio.to_thread(self._end, report)
        return report

    def _end(self, report: Report) -> None:
        """Ends the journal. It stays, to be taken up, with a run in doubt, or with runs that were
        not begun when the user stopped it or others had been done: they have no outcome in it.
        """
        if not report.resumable:
            with suppress(OSError):
                self._journal.finish(report.stopped)
        self._journal.close()


def _not_begun(item: Item) -> Outcome:
    return Outcome(item.run_id, State.STOPPED, (remark(Reason.NOT_BEGUN),))
