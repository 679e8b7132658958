"""``runbrowser download``: the files of a run."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

import click

from runbrowser.cli import output
from runbrowser.cli.get import run_id_argument
from runbrowser.cli.options import connection_options, settings
from runbrowser.cli.session import session
from runbrowser.errors import RunbrowserError, UsageError
from runbrowser.models import OutputFile
from runbrowser.text import display


def file_name(file: OutputFile) -> str:
    """A name for the disk: the server's, with the ending of its address, and harmless."""
    ending = PurePosixPath(unquote(urlsplit(file.url or "").path)).suffix
    name = file.name if file.name.endswith(ending) else file.name + ending
    return re.sub(r"[^A-Za-z0-9._-]", "_", name).lstrip(".")[:120] or f"file_{file.file_id}"


def _progress(name: str) -> Callable[[int, int | None], None] | None:
    """Tells how much of a file has come, where somebody is looking."""
    if not sys.stderr.isatty():
        return None

    def tell(done: int, total: int | None) -> None:
        of = f" of {total:,}" if total else ""
        end = "\n" if done == total else ""
        sys.stderr.write(f"\r{display(name, 60)}: {done:,}{of} bytes{end}")
        sys.stderr.flush()

    return tell


@click.command("download")
@connection_options
@run_id_argument
@click.option("--file", "name", metavar="NAME", help="One file, such as predictions; else all.")
@click.option(
    "-d",
    "folder",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Where to put them (run_RUN_ID).",
)
@click.pass_context
def download(ctx: click.Context, run_id: int, name: str | None, folder: Path | None) -> int:
    """Fetch the files of a run, and print where they are.

    A transfer that breaks off goes on where it was, now or with the next call.
    """
    from runbrowser.client.download import download as fetch

    folder = folder or Path(f"run_{run_id}")
    with session(settings(ctx)) as opened:
        run = opened.listing().get(run_id)  # V2 does not tell addresses of files
        files = [file for file in run.files if name in (None, file.name)]
        if not files:
            there = ", ".join(file.name for file in run.files) or "none"
            raise UsageError(f"Run {run_id} has no such file; its files: {display(there, 300)}.")
        for file in files:
            if urlsplit(file.url or "").scheme not in ("http", "https"):
                raise RunbrowserError(f"The server tells no address for {display(file.name, 60)}.")
            path = folder / file_name(file)
            try:
                folder.mkdir(parents=True, exist_ok=True)
                fetch(opened.http, file.url or "", path, progress=_progress(path.name))
            except OSError as error:
                reason = display(error.strerror or error)
                raise UsageError(f"Could not write {display(path)}: {reason}.") from None
            output.write_text(f"{display(path)}\n")
    return 0
