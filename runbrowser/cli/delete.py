"""``runbrowser delete``: deletes runs, a whole copy of each going to the trash first."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from runbrowser import paths
from runbrowser.cli import bulk, output
from runbrowser.cli.options import connection_options, settings
from runbrowser.cli.run_ids import RunId
from runbrowser.cli.session import Session, session
from runbrowser.errors import OpenMLServerException, UsageError, overall_exit_code
from runbrowser.models import RunFilter

if TYPE_CHECKING:
    from runbrowser.bulk.journal import Recorded
    from runbrowser.bulk.outcome import Report
    from runbrowser.bulk.plan import Item, Plan

_MOST_DESCRIBED = 20  # runs that are read one by one to be shown before the question


@click.command("delete")
@connection_options
@click.argument("run_ids", metavar="RUN_ID...", nargs=-1, type=RunId())
@bulk.yes_option
@click.option("--no-trash", is_flag=True, help="Keep no copies: what is deleted is lost.")
@click.option(
    "--incomplete",
    is_flag=True,
    help="Delete runs even if parts of them cannot be copied (a file that the server has lost).",
)
@click.option("--resume", is_flag=True, help="Go on with deletes that broke off.")
@bulk.report_format
@click.pass_context
def delete(
    ctx: click.Context,
    run_ids: tuple[int, ...],
    yes: bool,
    no_trash: bool,
    incomplete: bool,
    resume: bool,
    format: str,
) -> int:
    """Delete runs of your own. The server cannot undo that; 'runbrowser trash restore' can.

    Each outcome is a line on stdout. If it breaks off in the middle, what was done is on disk: the
    same command again, or --resume, goes on without doing anything twice.
    """
    if bool(run_ids) == resume:
        raise UsageError("Give the ids of runs to delete, or --resume.")
    from runbrowser.pages.reports import broken_off

    with session(settings(ctx)) as opened:
        bulk.check_may_write(opened)
        broken = _broken_off(opened)
        if resume:
            if not broken:
                output.say("runbrowser: no delete has broken off.")
                return 0
            codes = [_resume(opened, one, yes, no_trash, incomplete, format) for one in broken]
            return overall_exit_code(codes)
        for one in broken:
            if set(one.open) <= set(run_ids):  # the same command once more
                output.say(f"runbrowser: going on with what broke off: {broken_off(one)}.")
                run_ids = (*one.plan.run_ids, *run_ids)
                return _go_on(opened, one, run_ids, yes, no_trash, incomplete, format)
            output.say(f"runbrowser: broke off: {broken_off(one)}; --resume goes on with it.")
        plan = _plan(opened, tuple(dict.fromkeys(run_ids)), described=not yes, kept=not no_trash)
        if not bulk.confirm(plan, yes):
            output.say("runbrowser: nothing was deleted.")
            return 0
        return bulk.tell(_carry_out(opened, plan, no_trash, incomplete), format)


def _broken_off(opened: Session) -> list[Recorded]:
    """Deletes on this server that broke off and that nobody is at work on."""
    from runbrowser.bulk.journal import Journal, unfinished
    from runbrowser.bulk.operations import DELETE

    found = []
    for recorded in unfinished(paths.state_dir(), opened.http.server):
        if recorded.plan.operation is not DELETE:
            continue
        if recorded.open:
            found.append(recorded)
        else:  # killed after the last run was done: there is nothing to go on with
            with contextlib.suppress(OSError):  # a full disk: the next delete ends it
                Journal.reopen(recorded.path).finish()
    return found


def _plan(opened: Session, run_ids: tuple[int, ...], *, described: bool, kept: bool) -> Plan:
    """The plan for the runs; ``described`` reads a few of them whole, to be shown first.

    Runs that the server does not list are not left out: what becomes of them is told in turn.
    """
    from runbrowser.bulk.operations import DELETE
    from runbrowser.bulk.plan import Item, item_of_row, item_of_run
    from runbrowser.client.calls import actions
    from runbrowser.openml.states import parts

    items: dict[int, Item] = {}
    for some in parts(run_ids):
        filter = RunFilter(ids=tuple(some))
        page = opened.http.send(actions.list_own(filter, 2 * len(some)))
        items.update((row.run_id, item_of_row(row)) for row in page if row.run_id in some)
    for run_id in list(items)[:_MOST_DESCRIBED] if described else ():
        with contextlib.suppress(OpenMLServerException):
            items[run_id] = item_of_run(opened.v1.get(run_id, reset_cache=True))
    if described:
        known = asyncio.run(_with_studies(opened, list(items.values())[:_MOST_DESCRIBED]))
        items.update((item.run_id, item) for item in known)
    plan = DELETE.plan(items.values(), user_id=opened.settings.user_id, kept=kept)
    mine = set(plan.run_ids)
    wanted = [i for i in run_ids if i in mine or i not in items]
    return replace(plan, items=tuple(items.get(i, Item(i)) for i in wanted))


async def _with_studies(opened: Session, items: list[Item]) -> list[Item]:
    from runbrowser.bulk.studies import with_studies

    http = bulk.async_client(opened)
    try:
        return await with_studies(http, items)
    finally:
        await http.close()


def _carry_out(opened: Session, plan: Plan, no_trash: bool, incomplete: bool) -> Report:
    from runbrowser.bulk.trash import Trash
    from runbrowser.pages.remarks import sentence

    state = paths.state_dir()
    trash = None if no_trash else Trash(state)
    journal = bulk.new_journal(opened, plan)
    report = bulk.carry_out(opened, plan, journal, trash, delete_unkept=incomplete)
    if trash is not None and (due := trash.due()):
        why = sentence(due[0].remark)
        output.say(
            f"runbrowser: {len(due):,} copies in the trash are past its bounds ({why}); "
            "'runbrowser trash purge --due' takes them away."
        )
    return report


def _resume(
    opened: Session, one: Recorded, yes: bool, no_trash: bool, incomplete: bool, format: str
) -> int:
    from runbrowser.bulk.journal import Journal
    from runbrowser.bulk.trash import Trash
    from runbrowser.pages.reports import broken_off

    output.say(f"runbrowser: {broken_off(one)}.")
    left = replace(
        one.plan, items=tuple(item for item in one.plan.items if item.run_id in one.open)
    )
    if not bulk.confirm(left, yes):
        output.say("runbrowser: nothing more was deleted; it can still be resumed.")
        return 0
    trash = None if no_trash else Trash(paths.state_dir())
    journal = Journal.reopen(one.path)
    report = bulk.carry_out(opened, journal.plan, journal, trash, delete_unkept=incomplete)
    return bulk.tell(report, format)


def _go_on(
    opened: Session,
    one: Recorded,
    run_ids: tuple[int, ...],
    yes: bool,
    no_trash: bool,
    incomplete: bool,
    format: str,
) -> int:
    """Takes up what broke off, then does what was asked for besides."""
    codes = [_resume(opened, one, yes, no_trash, incomplete, format)]
    rest = [i for i in dict.fromkeys(run_ids) if i not in one.plan.run_ids]
    if rest:
        plan = _plan(opened, tuple(rest), described=not yes, kept=not no_trash)
        if bulk.confirm(plan, yes):
            codes.append(bulk.tell(_carry_out(opened, plan, no_trash, incomplete), format))
    return overall_exit_code(codes)
