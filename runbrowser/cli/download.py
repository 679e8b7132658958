"""``runbrowser download``: the files of a run."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

import click

from runbrowser.cli import output
from runbrowser.cli.options import connection_options, settings
from runbrowser.cli.run_ids import run_ids_argument
from runbrowser.cli.session import Session, session
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


def unlike_names(files: Sequence[OutputFile]) -> list[str]:
    """A name for each file, none of them twice: not even on disks that know no capitals."""
    taken: set[str] = set()
    names = []
    for file in files:
        name = file_name(file)
        number = 1
        while name.casefold() in taken:
            path = PurePosixPath(file_name(file))
            own = str(file.file_id or 0) + (f"_{number}" if number > 1 else "")
            name = f"{path.stem}_{own}{path.suffix}"
            number += 1
        taken.add(name.casefold())
        names.append(name)
    return names


@click.command("download")
@connection_options
@run_ids_argument
@click.option("--file", "name", metavar="NAME", help="One file, such as predictions; else all.")
@click.option(
    "-d",
    "folder",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Where to put them (run_RUN_ID); of several runs, each gets a folder of its own in it.",
)
@click.option("--force", is_flag=True, help="Replace files of these names that hold other bytes.")
@click.pass_context
def download(
    ctx: click.Context,
    run_ids: tuple[int, ...],
    name: str | None,
    folder: Path | None,
    force: bool,
) -> int:
    """Fetch the files of runs, and print where they are.

    A transfer that breaks off goes on where it was, now or with the next call, where the server
    tells that the file is still the same. Files of other contents are never replaced without
    --force.
    """
    ids = tuple(dict.fromkeys(run_ids))
    base = folder or Path()
    several = folder is None or len(ids) > 1
    with session(settings(ctx)) as opened:
        for run_id in ids:
            where = base / f"run_{run_id}" if several else base
            _fetch_run(opened, run_id, name, where, force)
    return 0


def _fetch_run(opened: Session, run_id: int, name: str | None, folder: Path, force: bool) -> None:
    api = opened.listing()  # V2 does not tell addresses of files
    run = api.get(run_id)
    chosen = [
        (file, own)
        for file, own in zip(run.files, unlike_names(run.files), strict=True)
        if name in (None, file.name)
    ]
    if not chosen:
        there = ", ".join(file.name for file in run.files) or "none"
        raise UsageError(f"Run {run_id} has no such file; its files: {display(there, 300)}.")
    for file, own in chosen:
        if urlsplit(file.url or "").scheme not in ("http", "https"):
            raise RunbrowserError(f"The server tells no address for {display(file.name, 60)}.")
        path = folder / own
        try:
            folder.mkdir(parents=True, exist_ok=True)
            progress = _progress(path.name)
            api.download_file(file.url or "", path, progress=progress, overwrite=force)
        except FileExistsError:
            raise UsageError(
                f"{display(path)} is there already and holds other bytes than the file of run "
                f"{run_id}: give another folder with -d, or --force to replace it."
            ) from None
        except OSError as error:
            reason = display(error.strerror or error)
            raise UsageError(f"Could not write {display(path)}: {reason}.") from None
        output.write_text(f"{display(path)}\n")
