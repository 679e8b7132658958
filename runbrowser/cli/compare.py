"""``runbrowser compare``: two to eight runs side by side, as the browser's comparison has them."""

from __future__ import annotations

from pathlib import Path

import click

from runbrowser.cli import output, suggestions
from runbrowser.cli.options import connection_options, settings
from runbrowser.cli.run_ids import read_runs, run_ids_argument
from runbrowser.cli.session import Session, session
from runbrowser.errors import ExitCode, OpenMLServerError, UsageError
from runbrowser.models import RunFilter
from runbrowser.text import display
from runbrowser.triage.comparison import LEAST, MOST, Comparison, Entry, compare_runs

_FORMATS = ("text", "markdown", "json", "csv")
_SUFFIXES = {".md": "markdown", ".json": "json", ".csv": "csv"}
_TEXT_WIDTH = 100  # columns, where stdout has no width of its own


@click.command("compare")
@connection_options
@run_ids_argument
@click.option(
    "--measure",
    metavar="NAME",
    shell_complete=suggestions.measures,
    help="Measure of the paired tests (the task's own).",
)
@click.option("--all", "everything", is_flag=True, help="List what is the same in all runs too.")
@click.option("--format", type=click.Choice(_FORMATS), help="How to write it (text).")
@click.option(
    "-o", "path", type=click.Path(path_type=Path), metavar="FILE", help="Write to a file."
)
@click.pass_context
def compare(
    ctx: click.Context,
    run_ids: tuple[int, ...],
    measure: str | None,
    everything: bool,
    format: str | None,
    path: Path | None,
) -> int:
    """Compare runs: what differs, the best of each measure, and what the folds say.

    The first run is the baseline: the others are tested against it, fold by fold, with the
    corrected resampled t-test (Nadeau and Bengio 2003).
    """
    ids = tuple(dict.fromkeys(run_ids))
    if not LEAST <= len(ids) <= MOST:
        raise UsageError(f"Give {LEAST} to {MOST} different runs to compare, not {len(ids)}.")
    if format is None:
        format = _SUFFIXES.get(path.suffix.lower(), "text") if path is not None else "text"
    with session(settings(ctx)) as opened:
        entries, failed = _read(opened, ids)
        if len(entries) - len(failed) < LEAST:
            raise failed[0]
        found = compare_runs(entries, _flow_names(opened, entries), {}, measure=measure)
    known = [line.name for line in found.measures]
    if measure is not None and measure not in known:
        raise UsageError(
            f"None of these runs has {display(measure, 60)}; they have "
            f"{display(', '.join(known[:8])) or 'no scores'}."
        )
    with output.destination(path) as stream:
        stream.write(_written(found, format, everything).encode("utf-8", "replace"))
    for error in failed:
        output.say(f"runbrowser: {error}")
    return ExitCode.PARTLY if failed else 0


def _read(opened: Session, ids: tuple[int, ...]) -> tuple[list[Entry], list[OpenMLServerError]]:
    """Every run, with the time of its upload where the server tells; and what went wrong."""
    uploaded: dict[int, str | None] = {}
    if opened.uses_v1:
        try:
            page = opened.v1.page(RunFilter(ids=ids), 2 * MOST)
            uploaded = {row.run_id: row.upload_time for row in page}
        except OpenMLServerError:
            pass  # a time less to compare
    entries: list[Entry] = []
    failed: list[OpenMLServerError] = []
    for run_id, found in read_runs(opened, ids):
        when = uploaded.get(run_id)
        if isinstance(found, OpenMLServerError):
            failed.append(found)
            entries.append(Entry(run_id, uploaded=when, failure=str(found)))
        else:
            entries.append(Entry(run_id, found, when))
    return entries, failed


def _flow_names(opened: Session, entries: list[Entry]) -> dict[int, str]:
    """Names of the parts of flows; parts whose flow cannot be read stay numbers."""
    from runbrowser.client.calls import v1

    names: dict[int, str] = {}
    for entry in entries:
        run = entry.run
        if run is None or run.flow_id is None or not opened.uses_v1:
            continue
        parts = {setting.component for setting in run.parameter_settings} - {run.flow_id}
        if any(part and part not in names for part in parts):
            try:
                told = opened.http.send(v1.get_flow_names(run.flow_id))
            except OpenMLServerError:
                continue
            names.update(told)
    return names


def _written(found: Comparison, format: str, everything: bool) -> str:
    if format != "text":
        from runbrowser.pages.comparison.export import export

        return export(found, format, everything=everything)
    from runbrowser.pages.comparison.plain import as_text

    return as_text(found, output.width() or _TEXT_WIDTH, everything=everything)
