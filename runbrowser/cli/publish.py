"""``runbrowser publish``: uploads a run's description and files."""

from __future__ import annotations

from pathlib import Path

import click

from runbrowser.cli import output
from runbrowser.cli.options import connection_options, settings
from runbrowser.cli.session import session
from runbrowser.errors import UsageError
from runbrowser.text import display


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        reason = display(error.strerror or error)
        raise UsageError(f"{display(path)} cannot be read: {reason}.") from None


@click.command("publish")
@connection_options
@click.argument("description", metavar="DESCRIPTION.xml", type=click.Path(path_type=Path))
@click.option(
    "--file",
    "named",
    multiple=True,
    metavar="NAME=FILE",
    help="A file of the run, such as predictions=predictions.arff; may be given several times.",
)
@click.pass_context
def publish(ctx: click.Context, description: Path, named: tuple[str, ...]) -> int:
    """Upload a run, and print its new id.

    The upload is sent once. If the answer is lost the run may be there all the same: look before
    you try again.
    """
    files: dict[str, tuple[str, bytes, str]] = {
        "description": ("description.xml", _read(description), "text/xml")
    }
    for text in named:
        name, sign, place = text.partition("=")
        if not (sign and name and place):
            raise UsageError(f"--file wants NAME=FILE, not {display(text, 100)!r}.")
        if name in files:
            raise UsageError(f"--file {display(name, 40)} is given twice.")
        path = Path(place)
        files[name] = (path.name, _read(path), "application/octet-stream")
    with session(settings(ctx)) as opened:
        run_id = opened.writing().publish("run", files)
    output.write_text(f"{run_id}\n")
    return 0
