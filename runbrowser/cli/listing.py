"""``runbrowser list``: runs as a table or as data."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from runbrowser.cli import formats, output
from runbrowser.cli.options import (
    connection_options,
    filter_options,
    mirror_option,
    run_filter,
    settings,
)
from runbrowser.cli.run_sheet import Sheet
from runbrowser.cli.run_table import ColumnNames, for_the_eye, of_view, run_table
from runbrowser.cli.views import find_view, view_option
from runbrowser.fields import filters
from runbrowser.files.columns import Choice, types_of
from runbrowser.files.formats import Row

if TYPE_CHECKING:
    from runbrowser.cli.mirror_rows import MirrorRows
    from runbrowser.openml.base import RunSource

MOST = 10_000
"""The most runs of one answer of the server, and as many as are given as data unless asked."""

_TABLE = 100  # runs of a table for the eye, unless asked


@click.command("list")
@connection_options
@filter_options
@view_option
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    metavar="N",
    help=f"At most so many ({_TABLE:,} as a table, {MOST:,} as data).",
)
@click.option(
    "--offset", type=click.IntRange(min=0), default=0, metavar="N", help="Pass over so many first."
)
@click.option("--all", "everything", is_flag=True, help="All that match, however many.")
@click.option(
    "--columns",
    type=ColumnNames(),
    metavar="NAMES",
    help="These columns, as run_id,flow_name,score:kappa; 'names' are flow, data set, uploader, "
    "state and score. What a column needs is asked for.",
)
@click.option(
    "--sort",
    type=ColumnNames(signed=True),
    metavar="COLUMN",
    help="Order the runs that are listed by a column; -COLUMN turns it round.",
)
@mirror_option
@click.option("--format", type=click.Choice(formats.FORMATS), help="How to write them (table).")
@click.option(
    "-o", "path", type=click.Path(path_type=Path), metavar="FILE", help="Write to a file."
)
@click.pass_context
def list_runs(
    ctx: click.Context,
    /,
    limit: int | None,
    offset: int,
    everything: bool,
    columns: Choice | None,
    sort: tuple[str, bool] | None,
    mirror: bool,
    format: str | None,
    path: Path | None,
    view: str | None,
    **given: Any,
) -> int:
    """List runs, in the order of the server, which promises none, or by --sort.

    Options that filter are combined. A filter on state or on the error's text is looked for in the
    rows; without --all the search ends after 100,000 of them. The best scores, the newest runs and
    the failed ones come first; runs without a value last.
    """
    filter = run_filter(given)
    view = view or ctx.find_root().meta.get("runbrowser.view")
    if view is not None:
        found = find_view(view)
        filter = filters.over(found.filter, filter)
        columns = columns or of_view(found)
    format = formats.choose(format, path)
    if format == "table":
        columns = for_the_eye(columns)
    by_default = limit is None
    if limit is None:
        limit = _TABLE if format == "table" else MOST
    mirror = mirror or bool(ctx.find_root().meta.get("runbrowser.mirror"))
    sheet = Sheet(columns, None if mirror else sort)
    loaded = settings(ctx)
    from runbrowser.cli.fetch import SEARCH_MOST, Fetch
    from runbrowser.cli.session import session

    progress = output.Progress()
    many = everything or limit > MOST or filter.local
    count = 0
    with session(loaded) as opened:
        most = None if everything else limit
        fetch: Fetch | MirrorRows
        source: RunSource | None = None
        if mirror:
            from runbrowser.cli.mirror_rows import MirrorRows, say_age
            from runbrowser.mirror.opening import mirror_of

            fetch = MirrorRows(loaded, filter, most, offset, sort)
            say_age(loaded)
            source = mirror_of(opened.source) if sheet.asks else None
        else:
            on_progress = progress if many else lambda looked_at, found: None
            fetch = Fetch(opened, filter, most, offset, on_progress)
        pieces = iter(sheet.pieces(opened, fetch, source))
        try:
            piece: Sequence[Row] | None = next(
                pieces, []
            )  # nothing is written unless the server answers
            with output.destination(path) as stream:
                as_table = partial(run_table, sheet.choice)
                writer = formats.writer(format, stream, types_of(sheet.choice), as_table)
                while piece is not None:
                    count += len(piece)
                    if piece:
                        progress.clear()
                        writer.rows(piece)
                    piece = next(pieces, None)
                progress.clear()
                writer.end()
        finally:
            progress.clear()
    if not count:
        said = filters.to_text(filter)
        output.say(f"runbrowser: no runs match{f' {said}' if said else ''}.")
    if fetch.stopped:
        output.say(
            f"runbrowser: looked at the first {SEARCH_MOST:,} runs only; --all looks at all."
        )
    elif fetch.more and (by_default or (sort is not None and not mirror)):
        first = "these are" if sort is None or mirror else "what is ordered are"
        output.say(
            f"runbrowser: {first} the first {limit:,}; --limit N gives more, --all gives all."
        )
    if sheet.measures:
        output.say(
            "runbrowser: the scores are of different measures, ordered each by itself: "
            f"{', '.join(sheet.measures)}."
        )
    report_unread(fetch.unread)
    return 0


def report_unread(unread: Sequence[str]) -> None:
    """Says how many rows of a list could not be read, and which, as far as they tell."""
    if not unread:
        return
    found = (re.search(r"<oml:run_id>\s*(\d+)", text) for text in unread)
    ids = [match[1] for match in found if match]
    which = f" (runs {', '.join(ids[:10])}{', ...' if len(ids) > 10 else ''})" if ids else ""
    rows = "1 row" if len(unread) == 1 else f"{len(unread):,} rows"
    output.say(f"runbrowser: {rows} of the server's list could not be read{which}.")
