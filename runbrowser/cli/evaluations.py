"""``runbrowser evaluations``: one evaluation measure of many runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from runbrowser.cli import formats, output, suggestions
from runbrowser.cli.options import connection_options, filter_options, run_filter, settings
from runbrowser.cli.session import Session, session
from runbrowser.errors import UsageError
from runbrowser.fields.filters import in_force
from runbrowser.files.columns import EVALUATION_COLUMNS
from runbrowser.models import EvaluationRow, RunFilter
from runbrowser.triage.flow_names import short_name

_MOST = 10_000  # evaluations that V1 gives in one answer (code 546 above)


def as_table(rows: Sequence[formats.Row]) -> str:
    """Evaluations for the eye: run, task, data set, value, flow."""
    lines = []
    for row in rows:
        one = EvaluationRow(*row)
        value = one.values or one.array_data if one.value is None else f"{one.value:.6g}"
        flow = short_name(one.flow_name) if one.flow_name else one.flow_id
        lines.append((one.run_id, one.task_id, one.data_name, one.uploader, value, flow))
    headers = ("run", "task", "data set", "uploader", "value", "flow")
    return output.table(headers, lines, right=(0, 1, 3))


@click.command("evaluations")
@connection_options
@click.option(
    "--function",
    required=True,
    metavar="NAME",
    shell_complete=suggestions.measures,
    help="An evaluation measure.",
)
@filter_options
@click.option("--per-fold", is_flag=True, help="The values of the folds, as the server's text.")
@click.option(
    "--sort", "order", type=click.Choice(["asc", "desc"]), help="By value; slow on the server."
)
@click.option(
    "--limit", type=click.IntRange(min=1), default=100, metavar="N", help="At most so many (100)."
)
@click.option(
    "--offset", type=click.IntRange(min=0), default=0, metavar="N", help="Pass over so many first."
)
@click.option("--all", "everything", is_flag=True, help="All that match, however many.")
@click.option("--format", type=click.Choice(formats.FORMATS), help="How to write them (table).")
@click.option(
    "-o", "path", type=click.Path(path_type=Path), metavar="FILE", help="Write to a file."
)
@click.pass_context
def evaluations(
    ctx: click.Context,
    /,
    function: str,
    per_fold: bool,
    order: str | None,
    limit: int,
    offset: int,
    everything: bool,
    format: str | None,
    path: Path | None,
    **given: Any,
) -> int:
    """List one evaluation measure of runs, with the names of flow and data set.

    Runs that do not have the measure are left out by the server.
    """
    filter = run_filter(given)
    refused = [field.name for field in in_force(filter) if field.evaluations == "refused"]
    if refused:
        raise UsageError(
            f"The server's list of evaluations knows no {' or '.join(refused)}: "
            "leave it out, or take 'runbrowser list'."
        )
    format = formats.choose(format, path)
    with session(settings(ctx)) as opened:
        pieces = _pieces(
            opened, filter, function, None if everything else limit, offset, per_fold, order
        )
        first = next(pieces, [])
        with output.destination(path) as stream:
            writer = formats.writer(format, stream, EVALUATION_COLUMNS, as_table)
            writer.rows(first)
            for piece in pieces:
                writer.rows(piece)
            writer.end()
    if not first:
        output.say(f"runbrowser: no run that matches has a value of {function}.")
    return 0


def _pieces(
    opened: Session,
    filter: RunFilter,
    function: str,
    limit: int | None,
    offset: int,
    per_fold: bool,
    order: str | None,
) -> Iterator[list[EvaluationRow]]:
    """Pages of evaluations; a page without any is the end, the server telling no total."""
    from runbrowser.client.calls import v1

    opened.listing()
    asked = opened.resolved(filter)
    position = 0
    while limit is None or position < limit:
        size = _MOST if limit is None else min(_MOST, limit - position)
        rows = opened.http.send(
            v1.list_evaluations(
                asked,
                function,
                limit=size,
                offset=offset + position,
                per_fold=per_fold,
                sort_order=order,
            )
        )
        if not rows:
            return
        yield rows
        position += size
