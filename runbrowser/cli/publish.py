"""``runbrowser publish``: checks a run's description and files, and uploads them once."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from runbrowser.cli import bulk, output
from runbrowser.cli.options import connection_options, settings
from runbrowser.cli.session import Session, session
from runbrowser.errors import (
    AUTHENTICATION_CODES,
    NOT_AUTHORIZED_CODES,
    OpenMLNotAuthorizedError,
    OpenMLServerError,
    UsageError,
)
from runbrowser.text import display

if TYPE_CHECKING:
    from runbrowser.bulk.publication import Published, Upload


@click.command("publish")
@connection_options
@click.argument("description", metavar="DESCRIPTION.xml|DIR", type=click.Path(path_type=Path))
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

    What the server would refuse is said first, with its line, and nothing is sent then. The upload
    is sent once; if its answer is lost, the server is asked whether it has the run. A folder is one
    as OpenMLRun.to_filesystem of openml-python writes it: description.xml with predictions.arff
    and, of a search, trace.arff.
    """
    files: dict[str, Path] = {}
    for text in named:
        name, sign, place = text.partition("=")
        if not (sign and name and place):
            raise UsageError(f"--file wants NAME=FILE, not {display(text, 100)!r}.")
        if name in files:
            raise UsageError(f"--file {display(name, 40)} is given twice.")
        files[name] = Path(place)
    if description.is_dir():
        from runbrowser.bulk.publication import folder_parts

        description, found = folder_parts(description)
        files = {**found, **files}
    with session(settings(ctx)) as opened:
        opened.writing()
        from runbrowser.bulk.publication import prepare

        upload = prepare(description, files)
        if upload.problems:
            for problem in upload.problems:
                output.say(f"{display(description)}: {problem}")
            raise UsageError("Nothing was sent: the server would refuse this run.")
        bulk.check_may_write(opened)
        published = asyncio.run(_publish(opened, upload))
    if published.run_id is None:
        from runbrowser.pages.remarks import sentence

        raise OpenMLServerError(sentence(published.remark))
    output.write_text(f"{published.run_id}\n")
    return 0


async def _publish(opened: Session, upload: Upload) -> Published:
    from runbrowser.bulk.delivery import HaltError
    from runbrowser.bulk.publication import publish as act

    live = sys.stderr.isatty()

    def progress(sent: int, total: int) -> None:
        if live:
            sys.stderr.write(
                f"\r{sent:,} of {total:,} bytes sent" + ("\n" if sent == total else "")
            )
            sys.stderr.flush()

    http = bulk.async_client(opened)
    try:
        return await act(http, upload, user_id=opened.settings.user_id, progress=progress)
    except HaltError as error:
        if error.code in AUTHENTICATION_CODES | NOT_AUTHORIZED_CODES:  # so that the exit code is 4
            raise OpenMLNotAuthorizedError(str(error), error.code) from None
        raise
    finally:
        await http.close()
