"""Opens the browser: what ``runbrowser`` does without a command."""

from __future__ import annotations

import gc

import click

from runbrowser.cli.options import (
    connection_options,
    mirror_option,
    page_size_option,
    plain_option,
    settings,
    wants_demo,
    words_filter,
)
from runbrowser.cli.output import say
from runbrowser.cli.views import find_view, fresh_option, place, view_option
from runbrowser.config import Settings
from runbrowser.errors import UsageError
from runbrowser.fields.filters import FilterError, over
from runbrowser.tui.environment import no_terminal, prepare


@click.command("runbrowser")
@connection_options
@page_size_option
@view_option
@fresh_option
@mirror_option
@plain_option
@click.argument("words", metavar="[FILTER]...", nargs=-1)
@click.pass_context
def browse(
    ctx: click.Context,
    words: tuple[str, ...],
    page_size: int | None,
    view: str | None,
    fresh: bool,
    mirror: bool,
    plain: bool,
) -> int:
    """Open the browser on the runs that FILTER lets through; without one, where it was left."""
    meta = ctx.find_root().meta
    plain = plain or bool(meta.get("runbrowser.plain"))
    reason = "" if plain else no_terminal()
    if reason:
        say(f"{reason}; 'runbrowser list' prints runs anywhere, 'runbrowser --plain' asks.")
        return 2
    try:
        filter = words_filter(words)
    except FilterError as error:
        commands = ", ".join(ctx.find_root().command.list_commands(ctx))  # type: ignore[attr-defined]
        raise click.UsageError(f"{error} (commands: {commands})") from None
    if page_size is None:
        page_size = meta.get("runbrowser.page_size")
    if plain:
        from runbrowser.cli.plain import browse_plainly

        if view is not None or meta.get("runbrowser.view"):
            filter = over(find_view(view or meta["runbrowser.view"]).filter, filter)
        return browse_plainly(settings(ctx, page_size=page_size), filter, page_size)
    loaded = settings(ctx, start_demo=False, page_size=page_size)
    mirror = mirror or bool(meta.get("runbrowser.mirror"))
    if mirror:
        check_mirror(loaded, demo=wants_demo(ctx))
    for ignored in prepare():
        say(ignored)
    gc.disable()  # until the browser is up: what is loaded now stays, so there is no garbage
    from runbrowser.tui.launch import run

    demo = wants_demo(ctx)
    server = "" if demo else loaded.server  # the next demo has another address and other runs
    begin = place(
        server,
        filter,
        view=view or meta.get("runbrowser.view"),
        fresh=fresh or bool(meta.get("runbrowser.fresh")),
        given=bool(words),
    )
    # the browser starts the demo itself, so that it is on the screen before the server is up
    return run(
        loaded,
        filter,
        demo=demo,
        mirror=mirror,
        page_size=loaded.page_size,
        place=begin,
        note_under=server,
    )


def check_mirror(loaded: Settings, *, demo: bool) -> None:
    """Raises UsageError where there is no mirror to browse, before the screen is taken."""
    from runbrowser.mirror.folder import folder_of, missing

    if demo:
        raise UsageError("The demo's address changes with each start, so it has no mirror.")
    if folder_of(loaded.server).current() is None:
        raise missing(loaded.server)
