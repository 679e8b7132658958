"""``runbrowser config``: where settings come from, and whether they work."""

from __future__ import annotations

import time
from dataclasses import replace

import click

from runbrowser import config, paths
from runbrowser.cli import output
from runbrowser.cli.config_init import init
from runbrowser.cli.options import connection_options, settings
from runbrowser.cli.session import Session, session
from runbrowser.errors import (
    ExitCode,
    OpenMLAuthenticationError,
    OpenMLNotAuthorizedError,
    OpenMLServerError,
    OpenMLServerException,
    UsageError,
    exit_code,
)
from runbrowser.models import RunFilter
from runbrowser.text import display
from runbrowser.tui.environment import PLAIN_OUTPUT, is_plain


@click.group("config", no_args_is_help=False)
def settings_group() -> None:
    """Show and check the settings."""


settings_group.add_command(init)


@settings_group.command("path")
def path() -> int:
    """Print the path of runbrowser's settings file, which need not exist."""
    output.write_text(display(paths.config_file()) + "\n")
    return 0


@settings_group.command("show")
@connection_options
@click.pass_context
def show(ctx: click.Context) -> int:
    """Print every setting with the place it comes from; the API key is masked."""
    loaded = settings(ctx)
    rows: list[tuple[str, object, str]] = []
    for name in config.NAMES:
        value = getattr(loaded, name)
        if name in config.SECRETS:
            value = config.masked(value)
        elif isinstance(value, bool):
            value = "yes" if value else "no"
        rows.append((name, "" if value is None else value, loaded.origin(name)))
    for name, place in (
        ("config.toml", paths.config_file()),
        ("OpenML's config", paths.openml_config_file()),
        ("log", paths.log_file()),
    ):
        rows.append((name, place, "exists" if place.exists() else "does not exist"))
    drawn = "everything, each time" if is_plain() else "only what differs"
    rows.append(("drawing", drawn, PLAIN_OUTPUT if is_plain() else f"default; {PLAIN_OUTPUT}=1"))
    output.write_text(output.table(("setting", "value", "from"), rows))
    for note in loaded.notes:
        output.say(f"runbrowser: {note}")
    return 0


@settings_group.command("keys")
@click.option("--toml", is_flag=True, help="As a table for config.toml, to start from.")
@click.pass_context
def keys(ctx: click.Context, toml: bool) -> int:
    """Print the browser's actions with their keys.

    Other keys are given in config.toml, below [keys]: an action's name, and a key or a list of
    them; "" takes its keys away. What cannot be done is said here and when the browser starts.
    """
    loaded = settings(ctx)
    from runbrowser.tui.actions import ACTIONS
    from runbrowser.tui.keymap import as_toml, read

    found = read(loaded.keys)
    if toml:
        output.write_text(as_toml(found))
    else:
        rows = [
            (action.name, action.shown_keys, default.shown_keys, action.help)
            for action, default in zip(found.actions, ACTIONS, strict=True)
        ]
        output.write_text(output.table(("action", "keys", "by default", "what it does"), rows))
    for complaint in found.complaints:
        output.say(f"runbrowser: [keys] in config.toml: {complaint}")
    return 2 if found.complaints else 0


@settings_group.command("cache")
@click.option("--clear", is_flag=True, help="Take away all that is kept.")
@click.option("--server", "host", metavar="HOST", help="Only what is of this server.")
@click.pass_context
def cache(ctx: click.Context, clear: bool, host: str | None) -> int:
    """Show the replies that are kept on disk, or clear them."""
    from runbrowser.client.cache import ReplyCache
    from runbrowser.locks import HeldError

    kept = ReplyCache(settings(ctx).cache_dir)
    if clear:
        try:
            freed = kept.clear(host)
        except HeldError:
            raise UsageError(
                "Nothing was taken away: another process is at work on the kept replies, and does "
                "not let go of them."
            ) from None
        except OSError as error:
            reason = display(error.strerror or error)
            raise UsageError(f"Not all could be taken away: {reason}.") from None
        output.say(f"runbrowser: {freed:,} bytes were freed.")
        return 0
    rows, total = [], 0
    for held in kept.contents():
        if host in (None, held.server):
            oldest = time.strftime("%Y-%m-%d", time.localtime(held.oldest))
            rows.append((held.server, held.replies, held.size, oldest))
            total += held.size
    if rows:
        heads = ("server", "replies", "bytes", "oldest")
        output.write_text(output.table(heads, rows, right=(1, 2)))
    output.say(
        f"runbrowser: {total:,} bytes in {display(kept.folder)}; at most {kept.size:,} are kept."
    )
    return 0


@settings_group.command("check")
@connection_options
@click.pass_context
def check(ctx: click.Context) -> int:
    """Ask the server for one run, without the key and with it, and say what is wrong.

    Exit codes: 0 all is well, 1 the server does not answer as it should, 2 the browser's keys are
    not as config.toml wants them, 4 the server refuses the key.
    """
    loaded = settings(ctx)
    code = _check_keys(loaded)
    with session(replace(loaded, api_version="v1")) as opened:
        unreached = _check_server(opened, loaded)
        code = max(code, unreached or _check_key(opened, loaded))
    if loaded.server_v2 is not None:
        code = max(code, _check_v2(loaded))
    for note in loaded.notes:
        output.say(f"runbrowser: {note}")
    return code


def _line(name: str, verdict: str) -> None:
    output.write_text(f"{name:<8}  {display(verdict)}\n")


def _check_keys(loaded: config.Settings) -> int:
    if not loaded.keys:
        return 0
    from runbrowser.tui.keymap import read

    found = read(loaded.keys)
    changed = len(found.changed)
    actions = "1 action has" if changed == 1 else f"{changed} actions have"
    _line("keys", f"{actions} other keys than by default; 'runbrowser config keys' shows all")
    for complaint in found.complaints:
        _line("", complaint)
    return 2 if found.complaints else 0


def _check_server(opened: Session, loaded: config.Settings) -> int:
    start = time.perf_counter()
    try:
        opened.v1.page(RunFilter(), 1)
    except OpenMLServerError as error:
        _line("server", f"{loaded.server} ({loaded.origin('server')}): {error}")
        return exit_code(error)
    took = time.perf_counter() - start
    _line("server", f"{loaded.server} ({loaded.origin('server')}) answers in {took:.2f} s")
    return 0


def _check_key(opened: Session, loaded: config.Settings) -> int:
    from runbrowser.client.calls import v1

    if loaded.api_key is None:
        _line("key", "none: reading works; to tag, delete and publish, set OPENML_APIKEY")
        return 0
    key = f"{config.masked(loaded.api_key)} ({loaded.origin('api_key')})"
    try:
        opened.http.send(v1.list_runs(RunFilter(), 1).with_key())
    except OpenMLNotAuthorizedError as error:
        _line("key", f"{key} is accepted, but only reads: {error}")
        return 0
    except OpenMLAuthenticationError as error:
        _line("key", f"{key} is refused: {error}")
        return ExitCode.NOT_ALLOWED
    except OpenMLServerError as error:
        _line("key", f"{key} cannot be checked: {error}")
        return exit_code(error)
    _line("key", f"{key} is accepted")
    return 0


def _check_v2(loaded: config.Settings) -> int:
    place = f"{loaded.server_v2} ({loaded.origin('server_v2')})"
    with session(replace(loaded, api_version="v2", fallback=False)) as opened:
        try:
            opened.get(1)
        except OpenMLServerException as error:
            if error.code != 236:  # "run not found" is an answer of V2's as good as any
                _line("V2", f"{place}: {error}")
                return ExitCode.FAILED
        except OpenMLServerError as error:
            _line("V2", f"{place}: {error}")
            return ExitCode.FAILED
    _line("V2", f"{place} answers")
    return 0
