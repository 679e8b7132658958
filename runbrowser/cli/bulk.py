"""What the verbs that change many runs share: carrying a plan out, its report, its exit code."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from typing import TYPE_CHECKING

import click

from runbrowser import paths
from runbrowser.cli import output
from runbrowser.cli.session import Session
from runbrowser.errors import (
    AUTHENTICATION_CODES,
    NOT_AUTHORIZED_CODES,
    NOT_FOUND_CODES,
    ExitCode,
    OpenMLAuthenticationError,
    UsageError,
    overall_exit_code,
)
from runbrowser.text import display

if TYPE_CHECKING:
    from runbrowser.bulk.journal import Journal
    from runbrowser.bulk.outcome import Outcome, Report
    from runbrowser.bulk.plan import Plan
    from runbrowser.bulk.trash import Trash
    from runbrowser.client.http import AsyncHTTPClient

report_format = click.option(
    "--format",
    type=click.Choice(["text", "json", "csv"]),
    default="text",
    show_default=True,
    help="How to write what became of each run.",
)
yes_option = click.option("--yes", "-y", is_flag=True, help="Do it without asking.")


def check_may_write(opened: Session) -> None:
    """Raises before anything is done: UsageError when only reading is allowed, and
    OpenMLAuthenticationError without a key.
    """
    opened.writing()
    if opened.settings.api_key is None:
        raise OpenMLAuthenticationError(
            "Nothing was changed: there is no API key. Set OPENML_APIKEY, or apikey in OpenML's "
            "config file.",
            102,
        )


def confirm(plan: Plan, yes: bool) -> bool:
    """Shows a plan that destroys and asks: 'y' for one run, their number for several.

    UsageError where nobody can answer.
    """
    from runbrowser.pages.plans import title
    from runbrowser.pages.remarks import sentence

    number = len(plan.items)
    if yes or not number:
        return True
    for item in plan.items[:50]:
        tags = f"tags: {', '.join(item.tags)}" if item.tags else ""
        owner = f"user {item.uploader}" if item.uploader is not None else ""
        words = "  ".join(filter(None, (owner, item.about, item.score, item.error, tags)))
        output.say(f"  {item.run_id}  {words}")
    if number > 50:
        output.say(f"  and {number - 50:,} more")
    for remark in (*plan.notes, *plan.lost):
        output.say(f"  {sentence(remark)}")
    return agreed(title(plan), number, yes)


def agreed(what: str, number: int, yes: bool) -> bool:
    """Asks whether to do what destroys: 'y' for one, the number for several.

    UsageError where nobody can answer.
    """
    if yes:
        return True
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError(f"To {what} without being asked, say --yes.")
    wanted = "y" if number == 1 else str(number)
    prompt = f"{what[0].upper()}{what[1:]}? Type {wanted} to go on"
    answer = click.prompt(prompt, default="", show_default=False, err=True)
    return str(answer).strip().lower() == wanted


def new_journal(opened: Session, plan: Plan) -> Journal:
    """A journal for a plan. UsageError when the disk does not take it: nothing was done then."""
    from runbrowser.bulk.journal import Journal

    state = paths.state_dir()
    try:
        return Journal.create(state, plan, opened.http.server)
    except OSError as error:
        reason = display(error.strerror or error)
        raise UsageError(
            f"Nothing was changed: the journal of this action cannot be written in "
            f"{display(state)} ({reason}). RUNBROWSER_STATE_DIR names another folder."
        ) from None


def carry_out(
    opened: Session, plan: Plan, journal: Journal, trash: Trash | None, *, delete_unkept: bool
) -> Report:
    """Carries a plan out, telling its progress on stderr.

    Interrupted once, no further run is begun and the report is of what was done; interrupted
    twice, it breaks off, and the journal is there to be taken up.
    """
    return asyncio.run(_carry_out(opened, plan, journal, trash, delete_unkept))


def async_client(opened: Session) -> AsyncHTTPClient:
    """A client with coroutines for the same server, key, patience and kept replies."""
    return opened.access.async_client()


async def _carry_out(
    opened: Session, plan: Plan, journal: Journal, trash: Trash | None, delete_unkept: bool
) -> Report:
    from runbrowser.bulk.engine import carry_out as act
    from runbrowser.pages.remarks import sentence

    settings, shown = opened.settings, _Progress()
    stop = asyncio.Event()
    task = asyncio.current_task()

    def interrupted() -> None:
        if stop.is_set() and task is not None:
            task.cancel()
            return
        stop.set()
        shown.say("stopping; what has been sent is waited for")

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, interrupted)
    http = async_client(opened)
    try:
        return await act(
            plan,
            http,
            journal=journal,
            trash=trash,
            told=lambda outcome, done, total: shown.step(done, total),
            said=lambda remark: shown.say(sentence(remark)),
            stop=stop,
            delete_unkept=delete_unkept,
            user_id=settings.user_id,
            key_origin=settings.origin("api_key"),
        )
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
    finally:
        shown.clear()
        await http.close()


class _Progress:
    """How far it is, on stderr: one line that is rewritten, on a terminal alone."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"

    def step(self, done: int, total: int) -> None:
        if self._live:
            sys.stderr.write(f"\r\x1b[K{done:,} of {total:,}")
            sys.stderr.flush()

    def say(self, words: str) -> None:
        self.clear()
        output.say(f"runbrowser: {words}")

    def clear(self) -> None:
        if self._live:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def tell(report: Report, format: str, *, failures_apart: bool = False) -> int:
    """Writes what became of each run to stdout and the whole to stderr; the exit code.

    ``failures_apart``: in text, runs that were not done are told on stderr, and nothing else where
    all went well.

    0: all is as it was wanted. What failed for every run in the same way has its own code (3 not
    found, 4 not allowed, else 1), otherwise 5 says that part of it failed.
    """
    from runbrowser.bulk.outcome import State
    from runbrowser.bulk.plan import count_runs
    from runbrowser.files.reports import to_csv, to_json
    from runbrowser.pages.remarks import outcome_words, sentence
    from runbrowser.pages.reports import headline, run_lines

    operation = report.plan.operation
    if format == "json":
        output.write_text(to_json(report))
    elif format == "csv":
        output.write_text("\n".join(display(line) for line in to_csv(report).splitlines()) + "\n")
    else:
        apart = {o.run_id for o in report.outcomes if o.run_id in report.failed and failures_apart}
        lines = zip(report.outcomes, run_lines(report), strict=True)
        output.write_text("".join(f"{line}\n" for one, line in lines if one.run_id not in apart))
        for one in report.outcomes if not report.stopped else ():
            if one.run_id in apart:
                words = outcome_words(operation, one)
                output.say(f"runbrowser: run {one.run_id} {one.state.value}: {words}")
    if not (report.ok and failures_apart and report.outcomes):
        output.say(f"runbrowser: {headline(report)}.")
    if report.stopped is not None:
        output.say(f"runbrowser: {sentence(report.stopped)}")
    if report.resumable:
        rest = count_runs(report.count(State.STOPPED, State.DOUBTFUL))
        by = operation.resumed_by
        how = f"'runbrowser {by}'" if by else "the same command again"
        output.say(f"runbrowser: {rest} left; {how} goes on with them.")
    codes = [exit_code(outcome, report) for outcome in report.outcomes]
    return overall_exit_code(codes)


def exit_code(outcome: Outcome, report: Report) -> int:
    """The exit code for one run's outcome."""
    from runbrowser.bulk.outcome import State

    denied = AUTHENTICATION_CODES | NOT_AUTHORIZED_CODES
    match outcome.state:
        case State.DONE:
            return 0
        case State.ALREADY if outcome.code in NOT_FOUND_CODES and outcome.entry is None:
            return ExitCode.NOT_FOUND
        case State.ALREADY:
            return 0
        case State.LEFT_OUT:
            return ExitCode.NOT_ALLOWED
        case State.STOPPED:
            return ExitCode.NOT_ALLOWED if report.stopped_code in denied else ExitCode.FAILED
        case _ if outcome.code in denied:
            return ExitCode.NOT_ALLOWED
        case _ if outcome.code in NOT_FOUND_CODES:
            return ExitCode.NOT_FOUND
    return ExitCode.FAILED
