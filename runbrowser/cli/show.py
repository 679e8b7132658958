"""``runbrowser show``: a page about a flow, task, data set, setup, uploader, study, tag or run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from runbrowser.cli import output
from runbrowser.cli.options import connection_options, settings
from runbrowser.cli.session import Session, session
from runbrowser.errors import ExitCode, RunbrowserError, UsageError, exit_code, overall_exit_code
from runbrowser.fields.subjects import Subject, read_subject, web_page
from runbrowser.text import to_json

if TYPE_CHECKING:
    from runbrowser.openml.subjects import About

_TEXT_WIDTH = 100  # columns, where stdout has no width of its own


@click.command("show")
@connection_options
@click.argument("subjects", nargs=-1, required=True, metavar="SUBJECT...")
@click.option(
    "--format",
    type=click.Choice(["text", "json", "markdown"]),
    default="text",
    show_default=True,
    help="As a page, as JSON (an array where several are asked for), or as Markdown.",
)
@click.pass_context
def show(ctx: click.Context, subjects: tuple[str, ...], format: str) -> int:
    """Show what a flow, task, data set, setup, uploader, study or tag is, and its runs.

    \b
      runbrowser show flow:8353
      runbrowser show task:59 data:61 --format json

    How many runs there are and how they ended, the best and the latest, and what fails most. The
    exit code is 3 when there is no such thing.
    """
    asked = [read_subject(text) for text in subjects]
    several = len(asked) > 1
    if format == "markdown" and any(subject.kind == "run" for subject in asked):
        raise UsageError("A run has no page in Markdown; take --format text or json.")
    codes: list[int] = []
    found: list[object] = []
    with session(settings(ctx)) as opened:
        for subject in asked:
            try:
                told = _told(opened, subject, format)
            except RunbrowserError as error:
                if not several:
                    raise
                output.say(f"runbrowser: {error}")
                codes.append(exit_code(error))
                continue
            codes.append(ExitCode.DONE)
            if format == "json":
                found.append(told)
            else:
                output.write_text(("\n" if len(codes) > 1 else "") + str(told))
    if format == "json":
        output.write_text(to_json(found if several else found[0], indent=2) + "\n")
    return overall_exit_code(codes)


def _told(opened: Session, subject: Subject, format: str) -> object:
    """The page of one subject in a format; for JSON an object."""
    if subject.kind == "run":
        from runbrowser.cli.get import PageWriter, as_object

        run = opened.get(int(subject.id))
        return as_object(run) if format == "json" else PageWriter(opened, [run.run_id])(run)
    from runbrowser.pages.subject import subject_markdown, subject_object, subject_page

    opened.listing()  # V2 alone cannot tell
    about = opened.wait(_read(opened, subject))
    names, address = opened.source.names, web_page(subject, opened.source.address)
    for failure in about.failures:
        output.say(f"runbrowser: {failure}")
    if format == "json":
        return subject_object(about, names, address)
    if format == "markdown":
        return subject_markdown(about, names, address)
    page = subject_page(about, names, output.width() or _TEXT_WIDTH)
    return page.plain + "\n" + (f"\n{address}\n" if address else "")


async def _read(opened: Session, subject: Subject) -> About:
    from runbrowser.openml.subjects import read_about

    return [about async for about in read_about(opened.source, subject)][-1]
