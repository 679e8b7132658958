"""``runbrowser web``: the browser in a page of a web browser, for this machine alone."""

from __future__ import annotations

import shlex
import sys
from importlib.util import find_spec

import click

from runbrowser.cli.options import connection_options, settings, wants_demo, words_filter
from runbrowser.cli.output import say
from runbrowser.errors import UsageError
from runbrowser.fields.filters import to_text


@click.command("web")
@connection_options
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, metavar="N",
    help="Port on 127.0.0.1; 0, the default, takes any free one.",
)  # fmt: skip
@click.option("--write", is_flag=True, help="Let the page tag, delete and publish, too.")
@click.argument("words", metavar="[FILTER]...", nargs=-1)
@click.pass_context
def web(ctx: click.Context, words: tuple[str, ...], port: int, write: bool) -> int:
    """Show the browser in a web browser on this machine, until it is stopped.

    The address on stderr holds a token made by chance, without which nothing is answered. The page
    only reads, unless --write is given. Each page that is opened is a browser of its own.
    """
    if find_spec("textual_serve") is None:
        raise UsageError("This needs one more package: pip install 'runbrowser[web]'.")
    from runbrowser.cli.web_server import WebServer

    loaded = settings(ctx, start_demo=False)
    # by the command, which any user of this machine can list, no key goes on: those of files and
    # of the environment are found again
    command = [sys.executable, "-m", "runbrowser", "--fresh"]
    command += ["--demo"] if wants_demo(ctx) else ["--server", loaded.server]
    if loaded.server_v2 is not None and not wants_demo(ctx):
        command += ["--server-v2", loaded.server_v2]
    command += ["--api-version", loaded.api_version]
    command += [] if loaded.fallback else ["--no-fallback"]
    command += [] if write and not loaded.read_only else ["--read-only"]
    text = to_text(words_filter(words))
    server = WebServer(shlex.join([*command, *([text] if text else [])]), port)

    def ready(address: str) -> None:
        say(address)
        say("Open this address; ctrl-c ends it.")

    return server.run(ready)
