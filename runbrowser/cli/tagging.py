"""``runbrowser tag`` and ``untag``: through plan, journal and engine, each outcome told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

import click

from runbrowser import paths
from runbrowser.cli import bulk, output, suggestions
from runbrowser.cli.options import connection_options, settings, words_filter
from runbrowser.cli.run_ids import RunId
from runbrowser.cli.session import Session, session
from runbrowser.errors import UsageError, overall_exit_code

if TYPE_CHECKING:
    from runbrowser.bulk.operation import Operation
    from runbrowser.bulk.plan import Item

F = TypeVar("F", bound=Callable[..., int])


def _runs_options(function: F) -> F:
    """The tag, the runs by id or by a filter, and how to write the report."""
    for option in (
        bulk.report_format,
        click.option("--where", metavar="FILTER", help="All runs that match: 'task:59 state:ok'."),
        click.argument("run_ids", metavar="RUN_ID...", nargs=-1, type=RunId()),
        click.argument("tag_text", metavar="TAG", shell_complete=suggestions.tags),
        connection_options,
    ):
        function = option(function)
    return function


@click.command("tag")
@_runs_options
@click.pass_context
def tag(
    ctx: click.Context, tag_text: str, run_ids: tuple[int, ...], where: str | None, format: str
) -> int:
    """Give runs a tag. A run that has it already counts as done.

    If it breaks off in the middle, the same command again goes on without doing anything twice.
    """
    from runbrowser.bulk.operations import TAG

    return _act(ctx, TAG, tag_text, run_ids, where, format)


@click.command("untag")
@_runs_options
@click.pass_context
def untag(
    ctx: click.Context, tag_text: str, run_ids: tuple[int, ...], where: str | None, format: str
) -> int:
    """Take a tag from runs. Only who set it may, or an administrator."""
    from runbrowser.bulk.operations import UNTAG

    return _act(ctx, UNTAG, tag_text, run_ids, where, format)


def _act(
    ctx: click.Context,
    operation: Operation,
    tag: str,
    run_ids: tuple[int, ...],
    where: str | None,
    format: str,
) -> int:
    from runbrowser.bulk.journal import Journal, unfinished
    from runbrowser.bulk.plan import Item
    from runbrowser.pages.reports import broken_off

    if bool(run_ids) == (where is not None):
        raise UsageError("Give the ids of runs, or --where FILTER.")
    operation.plan((), tag)  # a tag that cannot be is refused before anything is asked
    with session(settings(ctx)) as opened:
        bulk.check_may_write(opened)
        items = [Item(i) for i in dict.fromkeys(run_ids)] if run_ids else _matching(opened, where)
        plan = operation.plan(items, tag, user_id=opened.settings.user_id)
        codes = []
        wanted = set(plan.run_ids)
        for one in unfinished(paths.state_dir(), opened.http.server):
            if (one.plan.operation, one.plan.tag) != (plan.operation, plan.tag) or not one.open:
                continue
            if set(one.open) <= wanted:  # the same command once more
                output.say(f"runbrowser: going on with what broke off: {broken_off(one)}.")
                journal = Journal.reopen(one.path)
                report = bulk.carry_out(opened, journal.plan, journal, None, delete_unkept=False)
                codes.append(bulk.tell(report, format, failures_apart=True))
                wanted -= set(one.plan.run_ids)
        left = replace(plan, items=tuple(i for i in plan.items if i.run_id in wanted))
        if left.items or left.left_out or not codes:
            journal = bulk.new_journal(opened, left)
            report = bulk.carry_out(opened, left, journal, None, delete_unkept=False)
            codes.append(bulk.tell(report, format, failures_apart=True))
    return overall_exit_code(codes)


def _matching(opened: Session, where: str | None) -> list[Item]:
    """The runs that match a filter, with what their rows tell."""
    from runbrowser.bulk.plan import item_of_row
    from runbrowser.cli.fetch import Fetch
    from runbrowser.cli.listing import report_unread

    filter = words_filter((where or "",))
    if filter.empty:
        raise UsageError("--where wants a filter, such as 'task:59 uploader:me'.")
    progress = output.Progress()
    fetch = Fetch(opened, filter, None, 0, progress)
    try:
        items = [item_of_row(row) for piece in fetch for row in piece]
    finally:
        progress.clear()
    report_unread(fetch.unread)
    if not items:
        output.say("runbrowser: no runs match.")
    return items
