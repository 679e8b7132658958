"""The ``runbrowser`` command: finds the verb, and ends every failure in one sentence."""

from __future__ import annotations

import errno
import os
import signal
import sys
import threading
from collections.abc import Sequence
from importlib import import_module
from types import FrameType

import click

from runbrowser import __version__
from runbrowser.cli.options import (
    connection_options,
    mirror_option,
    page_size_option,
    plain_option,
)
from runbrowser.cli.streams import forget_stdout, output_failed
from runbrowser.cli.views import fresh_option, view_option
from runbrowser.errors import ExitCode, RunbrowserError, exit_code

VERBS: dict[str, tuple[str, str]] = {
    "list": ("listing:list_runs", "List runs: A table, JSON, CSV, Parquet or Markdown."),
    "get": ("get:get", "Show one run with everything it has."),
    "show": ("show:show", "Show a flow, task, data set, uploader...: what it is, its runs."),
    "trace": ("trace:trace", "Show what a hyper-parameter search tried."),
    "evaluations": (
        "evaluations:evaluations",
        "List one evaluation measure of many runs.",
    ),
    "compare": ("compare:compare", "Compare runs: what differs, and which is best."),
    "tag": ("tagging:tag", "Give runs a tag."),
    "untag": ("tagging:untag", "Take a tag from runs."),
    "delete": ("delete:delete", "Delete runs; copies go to the trash."),
    "trash": ("trash:trash_group", "Look into the trash, restore deleted runs."),
    "publish": ("publish:publish", "Upload a run."),
    "download": ("download:download", "Fetch the files of a run."),
    "sync": ("mirror:sync", "Copy runs into a mirror on this machine, or bring it up to date."),
    "mirror": ("mirror:mirror_group", "Look at the mirror: what it holds, what it lacks."),
    "matrix": ("matrix:matrix", "Runs as a table to learn from: hyper-parameters and measures."),
    "query": ("mirror:query", "Ask the mirror in SQL."),
    "demo": ("demo:demo", "Serve a small OpenML of its own on this machine."),
    "config": ("settings:settings_group", "Show and check the settings."),
    "web": ("web:web", "Show the browser in a web browser on this machine."),
    "man": ("manual:man", "Print the manual page."),
    "completion": ("completion:completion", "Teach a shell to complete commands and options."),
}
"""Verbs with the place of their code and one line of help; the code is loaded when it is needed."""

_OF_OUTPUT = (errno.ENOSPC, errno.EBADF, errno.EIO, errno.EDQUOT, errno.EFBIG, errno.ENXIO)
"""Why writing to stdout fails: a full disk, a closed stream, a terminal that is gone."""

_BROWSE = "browse:browse"
_COMPLETE = "_RUNBROWSER_COMPLETE"


class Verbs(click.Group):
    """Verbs are loaded on use; words that are none open the browser, as a filter."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return _load(VERBS[cmd_name][0]) if cmd_name in VERBS else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] in VERBS:
            return super().resolve_command(ctx, args)
        return "", _load(_BROWSE), args  # a command, but none that has a name

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, help) for name, (_, help) in VERBS.items()])


def _load(place: str) -> click.Command:
    module, name = place.split(":")
    command: click.Command = getattr(import_module(f"runbrowser.cli.{module}"), name)
    return command


@click.command(
    cls=Verbs,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    subcommand_metavar="[FILTER... | COMMAND ...]",
)
@connection_options
@page_size_option
@view_option
@fresh_option
@mirror_option
@plain_option
@click.version_option(__version__, message="%(prog)s %(version)s")
@click.pass_context
def cli(
    ctx: click.Context,
    page_size: int | None,
    view: str | None,
    fresh: bool,
    mirror: bool,
    plain: bool,
) -> int | None:
    """Browse the machine-learning runs on OpenML.

    Without a command the browser opens, on the runs that FILTER lets through:

    \b
      runbrowser task:59 state:failed
      runbrowser 'error~"out of memory"' uploader:me
    """
    ctx.meta["runbrowser.page_size"] = page_size
    ctx.meta["runbrowser.mirror"], ctx.meta["runbrowser.plain"] = mirror, plain
    ctx.meta["runbrowser.view"], ctx.meta["runbrowser.fresh"] = view, fresh
    if ctx.invoked_subcommand is None:
        browse = _load(_BROWSE)
        with browse.make_context(None, [], parent=ctx) as inner:
            result: int | None = browse.invoke(inner)
            return result
    return None


def run(argv: Sequence[str] | None = None) -> int:
    """Runs one command; the result is the exit code.

    Nothing escapes: a failure is one sentence on stderr, and what nobody foresaw has its traceback
    in the log alone.
    """
    instruction = os.environ.get(_COMPLETE)
    if instruction and argv is None:
        from click.shell_completion import shell_complete

        return shell_complete(cli, {}, "runbrowser", _COMPLETE, instruction)
    _end_on_termination()
    try:
        code = _invoke(list(sys.argv[1:] if argv is None else argv))
        sys.stdout.flush()
        return code
    except BrokenPipeError:  # the reader has seen enough
        forget_stdout()
        return 0
    except OSError as error:
        return output_failed(error)


def _invoke(argv: list[str]) -> int:
    from runbrowser.cli.output import say

    meta: dict[str, object] = {}
    try:
        with cli.make_context("runbrowser", argv) as ctx:
            meta = ctx.meta
            return int(cli.invoke(ctx) or 0)
    except click.exceptions.Exit as finished:
        return finished.exit_code
    except click.UsageError as error:
        command = error.ctx.command_path.strip() if error.ctx else "runbrowser"
        message = error.format_message().rstrip(".")
        say(f"runbrowser: {message}. See '{command} --help'.")
        return ExitCode.USAGE
    except (KeyboardInterrupt, click.Abort):
        say("runbrowser: stopped.")
        return ExitCode.STOPPED
    except BrokenPipeError:
        raise
    except OSError as error:
        if error.filename is None and error.errno in _OF_OUTPUT:
            return output_failed(error)
        return _fault(error)
    except RunbrowserError as error:
        say(f"runbrowser: {error}")
        if exit_code(error) is ExitCode.NOT_ALLOWED:
            for note in getattr(meta.get("runbrowser.settings"), "notes", ()):
                say(f"runbrowser: {note}")
        return exit_code(error)
    except Exception as error:  # noqa: BLE001 - the last door: words, never a traceback
        return _fault(error)


def _fault(error: Exception) -> int:
    """Says in a sentence what nobody foresaw; its traceback goes into the log. The exit code."""
    from runbrowser.cli.output import say
    from runbrowser.tui.faults import where_logged

    where = where_logged(error)
    if isinstance(error, OSError) and error.filename is not None:  # the machine's fault, not ours
        reason = error.strerror or type(error).__name__
        say(f"runbrowser: {error.filename} cannot be used: {reason}.")
    else:
        say(f"runbrowser: something went wrong inside ({type(error).__name__}); {where}.")
    return ExitCode.FAILED


def _end_on_termination() -> None:
    """SIGTERM unwinds as an exit does, so that half-written files and servers do not stay."""

    def leave(number: int, _: FrameType | None) -> None:
        raise SystemExit(128 + number)

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, leave)
