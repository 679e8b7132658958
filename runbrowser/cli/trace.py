"""``runbrowser trace``: what the hyper-parameter search of a run tried."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from runbrowser.cli import formats, output
from runbrowser.cli.options import connection_options, settings
from runbrowser.cli.run_ids import run_id_argument
from runbrowser.cli.session import session
from runbrowser.models import TraceIteration

COLUMNS: formats.Columns = {
    "repeat": int,
    "fold": int,
    "iteration": int,
    "evaluation": float,
    "selected": bool,
    "setup_string": str,
}
_HEADERS = ("repeat", "fold", "iteration", "evaluation", "selected", "parameters")


def as_table(rows: Sequence[formats.Row]) -> str:
    """Iterations for the eye: parameters as ``name=value``."""
    lines = []
    for row in rows:
        step = TraceIteration(*row)
        parameters = ", ".join(
            f"{name.removeprefix('parameter_')}={value}" for name, value in step.parameters.items()
        )
        score = None if step.evaluation is None else f"{step.evaluation:.6g}"
        selected = "yes" if step.selected else None
        lines.append(
            (step.repeat, step.fold, step.iteration, score, selected, parameters or row[-1])
        )
    return output.table(_HEADERS, lines, right=(0, 1, 2, 3))


@click.command("trace")
@connection_options
@run_id_argument
@click.option("--format", type=click.Choice(formats.FORMATS), help="How to write it (table).")
@click.option(
    "-o", "path", type=click.Path(path_type=Path), metavar="FILE", help="Write to a file."
)
@click.pass_context
def trace(ctx: click.Context, run_id: int, format: str | None, path: Path | None) -> int:
    """Show every configuration that the search of a run tried, by repeat, fold and iteration."""
    format = formats.choose(format, path)
    with session(settings(ctx)) as opened:
        found = opened.trace(run_id)
    rows = [
        (s.repeat, s.fold, s.iteration, s.evaluation, s.selected, s.setup_string)
        for s in found.iterations
    ]
    with output.destination(path) as stream:
        writer = formats.writer(format, stream, COLUMNS, as_table)
        writer.rows(rows)
        writer.end()
    return 0
