"""``runbrowser sync``, ``mirror`` and ``query``: a local copy of a server's runs in DuckDB."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from runbrowser.cli import formats, output, suggestions
from runbrowser.cli.options import (
    connection_options,
    filter_options,
    run_filter,
    settings,
    words_filter,
)
from runbrowser.cli.session import session
from runbrowser.models import RunFilter
from runbrowser.text import display, to_json

if TYPE_CHECKING:
    from runbrowser.config import Settings
    from runbrowser.mirror.folder import MirrorFolder
    from runbrowser.mirror.sync import Progress, Result


class _Told:
    """How far a sync is, on stderr: a line that is rewritten on a terminal, else one in a while."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._last = 0.0

    def __call__(self, progress: Progress) -> None:
        now = time.monotonic()
        if now - self._last < (0.2 if self._live else 10.0):
            return
        self._last = now
        total = f" of {progress.total:,}" if progress.total else ""
        left = progress.left
        rest = f", about {_span(left)} left" if left is not None else ""
        text = (
            f"{progress.what}: {progress.rows:,}{total} rows, {progress.rate:,.0f} a second{rest}"
        )
        if self._live:
            sys.stderr.write(f"\r\x1b[K{text}")
            sys.stderr.flush()
        else:
            output.say(text)

    def clear(self) -> None:
        """Takes the rewritten line away."""
        if self._live:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def _span(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5_400 else f"{seconds / 3_600:.1f} h"


@click.command("sync")
@connection_options
@filter_options
@click.option(
    "--measures",
    metavar="NAMES",
    shell_complete=suggestions.measures,
    help="Evaluation measures to copy, as a,b; none for no scores (predictive_accuracy).",
)
@click.option("--full", is_flag=True, help="Copy everything anew, not only what changed.")
@click.option(
    "--watch", type=click.IntRange(min=5), metavar="SECONDS", help="Sync again and again."
)
@click.argument("words", metavar="[FILTER]...", nargs=-1)
@click.pass_context
def sync(
    ctx: click.Context,
    /,
    words: tuple[str, ...],
    measures: str | None,
    full: bool,
    watch: int | None,
    **given: Any,
) -> int:
    """Copy runs, scores and names into a mirror on this machine, or bring it up to date.

    The first time all runs that FILTER lets through are copied; later only new ones are asked for,
    and the most recent ones again. An interrupted sync is taken up where it was.
    """
    from runbrowser.mirror.folder import folder_of

    filter = _combined(run_filter(given), words)
    loaded = settings(ctx)
    folder = folder_of(loaded.server)
    while True:
        _once(loaded, folder, filter, measures, full)
        if watch is None:
            return 0
        full = False
        time.sleep(watch)


def _combined(options: RunFilter, words: tuple[str, ...]) -> RunFilter:
    if not words:
        return options
    from runbrowser.fields import filters

    return filters.over(words_filter(words), options)


def _once(
    loaded: Settings, folder: MirrorFolder, filter: RunFilter, measures: str | None, full: bool
) -> None:
    from runbrowser.fields import filters
    from runbrowser.mirror.reading import Mirror
    from runbrowser.mirror.sync import DEFAULT_MEASURES, Sync

    if filter.empty and folder.current() is not None:
        with Mirror(folder) as mirror:  # without a filter a mirror goes on with its own
            filter = filters.parse(mirror.filter_text)
            measures = measures or mirror.facts.get("measures") or "none"
    names: Sequence[str] = DEFAULT_MEASURES
    if measures is not None:
        names = [
            name.strip() for name in measures.split(",") if name.strip() and measures != "none"
        ]
    told = _Told()
    with session(loaded) as opened:
        opened.listing()
        try:
            result = Sync(
                folder,
                opened.http,
                opened.resolved(filter),
                measures=names,
                whole=full,
                on_progress=told,
            ).run()
        finally:
            told.clear()
    _say(result)


def _say(result: Result) -> None:
    changes = [f"{result.new:,} new"] + ([f"{result.gone:,} gone"] if result.gone else [])
    output.say(
        f"The mirror holds {result.runs:,} runs ({', '.join(changes)}); "
        f"{result.requests:,} requests, {_span(result.seconds)}."
    )
    if result.gaps:
        output.say(
            f"{result.gaps:,} parts of the server's list could not be read: "
            "`runbrowser mirror check` names them."
        )
    if not result.whole and result.server_rows is not None and result.server_rows < result.runs:
        output.say(
            f"The server counts {result.server_rows:,} rows, so some older runs are gone there: "
            "`runbrowser sync --full` finds out which."
        )


@click.group("mirror", no_args_is_help=True)
def mirror_group() -> None:
    """Look at the mirror that `runbrowser sync` makes: what it holds, what it lacks."""


_format_option = click.option(
    "--format", type=click.Choice(["table", "json"]), default="table", show_default=True,
    help="How to write it.",
)  # fmt: skip


@mirror_group.command("info")
@connection_options
@_format_option
@click.option("--schema", is_flag=True, help="Show the tables that `runbrowser query` can ask.")
@click.pass_context
def info(ctx: click.Context, format: str, schema: bool) -> int:
    """Tell what the mirror holds, how old it is and how large."""
    from runbrowser.mirror.folder import folder_of
    from runbrowser.mirror.reading import Mirror

    loaded = settings(ctx)
    if schema:
        output.write_text(_schema_text())
        return 0
    with Mirror(folder_of(loaded.server)) as mirror:
        told: dict[str, Any] = {
            "server": mirror.folder.server,
            "filter": mirror.filter_text,
            "synced_at": mirror.synced_at,
            "measures": mirror.measures(),
            "file": str(mirror.path),
            "bytes": mirror.path.stat().st_size,
            "rows": mirror.sizes(),
        }
    if format == "json":
        output.write_text(to_json(told) + "\n")
        return 0
    shown = [
        ("server", told["server"]),
        ("holds", told["filter"] or "all runs"),
        ("synced", f"{told['synced_at']} UTC"),
        ("measures", ", ".join(told["measures"]) or "none"),
        ("file", told["file"]),
        ("size", f"{told['bytes'] / 1e6:,.1f} MB"),
        *((name, f"{count:,}") for name, count in told["rows"].items()),
    ]
    output.write_text("\n".join(output.pairs(shown, "")) + "\n")
    return 0


def _schema_text() -> str:
    from runbrowser.mirror import schema

    lines = []
    for name, (purpose, definition) in (schema.TABLES | schema.VIEWS).items():
        columns = definition[definition.find("(") + 1 : definition.rfind(")")]
        if name in schema.VIEWS:
            columns = ", ".join(schema.columns_of_view(name))
        lines += [f"{name}: {purpose}", f"    {' '.join(columns.split())}", ""]
    return "\n".join(lines)


@mirror_group.command("check")
@connection_options
@_format_option
@click.pass_context
def check(ctx: click.Context, format: str) -> int:
    """List what could not be read from the server: never silently missing."""
    from runbrowser.mirror.folder import folder_of
    from runbrowser.mirror.reading import Mirror

    with Mirror(folder_of(settings(ctx).server)) as mirror:
        gaps = mirror.gaps()
    if format == "json":
        output.write_text(to_json([{"part": part, "reason": why} for part, why in gaps]) + "\n")
    elif gaps:
        output.write_text(output.table(("part of the list", "reason"), gaps))
    else:
        output.say("Everything that the server lists was read.")
    return 0


@mirror_group.command("export")
@connection_options
@click.argument("target", metavar="DIR|s3://BUCKET/FOLDER")
@click.pass_context
def export(ctx: click.Context, target: str) -> int:
    """Write the mirror as Parquet files in folders: runs by year, scores by measure.

    DuckDB and clusters read them in place. An earlier export to the same place is replaced. For S3
    and MinIO the usual variables hold: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_ENDPOINT_URL.
    """
    from runbrowser.mirror.folder import folder_of
    from runbrowser.mirror.reading import Mirror

    with Mirror(folder_of(settings(ctx).server)) as mirror:
        from runbrowser.mirror.export import export as write

        runs = write(mirror, target)
    output.say(f"{runs:,} runs were written to {display(target, 200)}.")
    return 0


@mirror_group.command("purge")
@connection_options
@click.pass_context
def purge(ctx: click.Context) -> int:
    """Take the mirror away."""
    from runbrowser.mirror.folder import folder_of

    freed = folder_of(settings(ctx).server).purge()
    output.say(f"The mirror is gone; {freed / 1e6:,.1f} MB are free again.")
    return 0


@click.command("query")
@connection_options
@click.argument("sql")
@click.option("--format", type=click.Choice(formats.FORMATS), help="How to write it (table).")
@click.option(
    "-o", "path", type=click.Path(path_type=Path), metavar="FILE", help="Write to a file."
)
@click.option(
    "--seconds", type=click.FloatRange(min=0.1), default=60.0, show_default=True,
    help="The longest it may take.",
)  # fmt: skip
@click.pass_context
def query(
    ctx: click.Context, sql: str, format: str | None, path: Path | None, seconds: float
) -> int:
    """Ask the mirror in SQL; `runbrowser mirror info --schema` lists its tables.

    \b
      runbrowser query "SELECT flow, count(*) FROM all_runs WHERE state = 'failed'
                        GROUP BY flow ORDER BY 2 DESC LIMIT 10"
    """
    from runbrowser.mirror.folder import folder_of
    from runbrowser.mirror.reading import Mirror

    format = formats.choose(format, path)
    with (
        Mirror(folder_of(settings(ctx).server)) as mirror,
        mirror.query(sql, seconds) as (columns, pieces),
    ):

        def as_table(rows: list[formats.Row]) -> str:
            right = [at for at, kind in enumerate(columns.values()) if kind in (int, float)]
            return output.table(list(columns), rows, right=right)

        with output.destination(path) as stream:
            writer = formats.writer(format, stream, columns, as_table)
            for piece in pieces:
                writer.rows([_plain(row, columns) for row in piece])
            writer.end()
    return 0


def _plain(row: Sequence[Any], columns: dict[str, type]) -> tuple[Any, ...]:
    """Values as writers take them: times, lists and decimals as text and numbers."""
    return tuple(
        value if value is None or isinstance(value, kind) else kind(value)
        for value, kind in zip(row, columns.values(), strict=True)
    )
