"""Opens the browser: what ``runbrowser`` does without a command."""

from __future__ import annotations

import click

from runbrowser.cli.options import (
    connection_options,
    page_size_option,
    settings,
    wants_demo,
    words_filter,
)
from runbrowser.cli.output import say
from runbrowser.filters import FilterError
from runbrowser.tui.environment import no_terminal


@click.command("runbrowser")
@connection_options
@page_size_option
@click.argument("words", metavar="[FILTER]...", nargs=-1)
@click.pass_context
def browse(ctx: click.Context, words: tuple[str, ...], page_size: int | None) -> int:
    """Open the browser on the runs that FILTER lets through."""
    reason = no_terminal()
    if reason is not None:
        say(f"{reason}; 'runbrowser list' prints runs anywhere.")
        return 2
    try:
        filter = words_filter(words)
    except FilterError as error:
        commands = ", ".join(ctx.find_root().command.list_commands(ctx))  # type: ignore[attr-defined]
        raise click.UsageError(f"{error} (commands: {commands})") from None
    if page_size is None:
        page_size = ctx.find_root().meta.get("runbrowser.page_size")
    loaded = settings(ctx, start_demo=False, page_size=page_size)
    from runbrowser.tui.app import run

    # the browser starts the demo itself, so that it is on the screen before the server is up
    return run(loaded, filter, page_size=loaded.page_size, demo=wants_demo(ctx))
