"""``runbrowser matrix``: runs as a table to learn from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from runbrowser.cli import formats, output
from runbrowser.cli.options import (
    connection_options,
    filter_options,
    run_filter,
    settings,
    words_filter,
)
from runbrowser.cli.session import session
from runbrowser.errors import ExitCode

_PIECE = 1_000


@click.command("matrix")
@connection_options
@filter_options
@click.option(
    "--measures",
    metavar="NAMES",
    default="predictive_accuracy",
    show_default=True,
    help="Evaluation measures that are columns, as a,b.",
)
@click.option(
    "--per-fold",
    is_flag=True,
    help="A row for each repeat and fold; each run's description is read, or taken from the cache.",
)
@click.option("--format", type=click.Choice(formats.FORMATS), help="How to write it (by -o).")
@click.option(
    "-o", "path", type=click.Path(path_type=Path), metavar="FILE", help="Write to a file."
)
@click.argument("words", metavar="[FILTER]...", nargs=-1)
@click.pass_context
def matrix(
    ctx: click.Context,
    /,
    words: tuple[str, ...],
    measures: str,
    per_fold: bool,
    format: str | None,
    path: Path | None,
    **given: Any,
) -> int:
    """One row a run: ids, names, a typed column for each hyper-parameter and measure.

    \b
      runbrowser matrix task:59 -o task59.parquet --measures predictive_accuracy,kappa

    Lists are asked for in bulk. Setups, and with --per-fold the runs' descriptions, are kept in the
    cache, so that an interrupted matrix goes on with them. What could not be had is told, with
    exit code 5.
    """
    from runbrowser.fields import filters
    from runbrowser.matrices.table import build, said_of

    filter = run_filter(given)
    if words:
        filter = filters.over(words_filter(words), filter)
    format = formats.choose(format, path)
    names = [name.strip() for name in measures.split(",") if name.strip()]
    loaded = settings(ctx)
    progress = _Progress()
    with session(loaded) as opened:
        api = opened.listing()
        try:
            found = build(
                api, opened.resolved(filter), names, per_fold=per_fold, on_progress=progress
            )
        finally:
            progress.clear()
    rows = list(found.rows())

    def as_table(shown: list[formats.Row]) -> str:
        right = [at for at, kind in enumerate(found.types.values()) if kind in (int, float)]
        return output.table(list(found.types), shown, right=right)

    with output.destination(path) as stream:
        writer = formats.writer(format, stream, found.types, as_table)
        for start in range(0, len(rows), _PIECE):
            writer.rows(rows[start : start + _PIECE])
        writer.end()
    settings_count = sum("." in name for name in found.types)
    output.say(
        f"runbrowser: {len(rows):,} rows, {settings_count:,} hyper-parameters, "
        f"{len(names):,} measures."
    )
    for sentence in said_of(found.missing):
        output.say(f"runbrowser: {sentence}.")
    return ExitCode.PARTLY if found.missing else 0


class _Progress:
    """How far it is, on a terminal."""

    def __init__(self) -> None:
        self._shown = output.Progress()

    def __call__(self, what: str, done: int, of: int) -> None:
        self._shown.tell(f"{what}: {done:,}{f' of {of:,}' if of else ''}")

    def clear(self) -> None:
        """Takes the line away."""
        self._shown.clear()
