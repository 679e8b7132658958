"""``runbrowser man``: the manual page, made from the commands and their help."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click

from runbrowser import __version__
from runbrowser.cli import output
from runbrowser.errors import ExitCode

_ENVIRONMENT = (
    ("RUNBROWSER_SERVER, OPENML_SERVER", "The server: its URL, or production, test, local."),
    ("RUNBROWSER_API_KEY, OPENML_APIKEY", "The API key; it is sent to the server that is set."),
    ("RUNBROWSER_USER_ID", "Who uploader:me is."),
    ("NO_COLOR", "No colours."),
    ("HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY", "Proxies; never for this machine."),
)
_CODES = {
    ExitCode.DONE: "done; an empty list too",
    ExitCode.FAILED: "the server or the network failed",
    ExitCode.USAGE: "wrong use",
    ExitCode.NOT_FOUND: "not found",
    ExitCode.NOT_ALLOWED: "not allowed: no key, a wrong key, or not yours",
    ExitCode.PARTLY: "part of a bulk action failed",
    ExitCode.STOPPED: "stopped with ctrl-c",
}


@click.command("man")
@click.pass_context
def man(ctx: click.Context) -> int:
    """Print the manual page, for man(1).

    \b
      runbrowser man | man -l -
      runbrowser man > ~/.local/share/man/man1/runbrowser.1
    """
    root = ctx.find_root()
    output.write_text(page(root.command, root))
    return 0


def page(command: click.Command, ctx: click.Context) -> str:
    """The manual page of a command and all below it, in troff with the macros of man(7)."""
    return "\n".join(_lines(command, ctx)) + "\n"


def _lines(command: click.Command, ctx: click.Context) -> Iterator[str]:
    yield f'.TH RUNBROWSER 1 "" "runbrowser {__version__}"'
    yield ".SH NAME"
    yield r"runbrowser \- browse the machine-learning runs on OpenML"
    yield ".SH SYNOPSIS"
    yield f".B runbrowser\n{_text(' '.join(command.collect_usage_pieces(ctx)))}"
    yield ".SH DESCRIPTION"
    yield from _help(command)
    yield from _options(command, ctx)
    yield ".SH COMMANDS"
    for words, one, inner in _below(command, ctx, ()):
        yield f".SS {_text(' '.join(words))}"
        yield from _help(one)
        yield from _options(one, inner)
    yield ".SH ENVIRONMENT"
    for names, meaning in _ENVIRONMENT:
        yield f".TP\n.B {_text(names)}\n{_text(meaning)}"
    yield ".SH EXIT STATUS"
    for code, meaning in _CODES.items():
        yield f".TP\n.B {int(code)}\n{_text(meaning)}"


def _below(
    command: click.Command, ctx: click.Context, before: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], click.Command, click.Context]]:
    if not isinstance(command, click.Group):
        return
    for name in command.list_commands(ctx):
        one = command.get_command(ctx, name)
        if one is None:
            continue
        inner = click.Context(one, info_name=name, parent=ctx)
        words = (*before, name)
        pieces = [] if isinstance(one, click.Group) else one.collect_usage_pieces(inner)
        yield (*words, *pieces), one, inner
        yield from _below(one, inner, words)


def _help(command: click.Command) -> Iterator[str]:
    """The help's paragraphs; one after a ``\\b`` keeps its lines."""
    for paragraph in re.split(r"\n\s*\n", (command.help or "").strip()):
        lines = paragraph.splitlines()
        if lines and lines[0].strip() == "\b":
            yield ".PP\n.nf"
            yield from map(_text, lines[1:])
            yield ".fi"
        else:
            yield f".PP\n{_text(' '.join(line.strip() for line in lines))}"


def _options(command: click.Command, ctx: click.Context) -> Iterator[str]:
    for param in command.get_params(ctx):
        record = param.get_help_record(ctx)
        if record is not None:
            yield f".TP\n.B {_text(record[0])}\n{_text(record[1])}"


def _text(text: str) -> str:
    """Text as troff prints it: no dot or quote at the beginning of a line is a request."""
    escaped = text.replace("\\", r"\e").replace("-", r"\-")
    return rf"\&{escaped}" if escaped[:1] in (".", "'") else escaped
