"""``runbrowser compare``: two to eight runs side by side, or flows over the tasks of a suite, as
the browser's comparisons have them.
"""

from __future__ import annotations

from pathlib import Path

import click

from runbrowser.cli import output, suggestions
from runbrowser.cli.compare_flows import FORMATS, compare_over_tasks, ids_of
from runbrowser.cli.options import connection_options, settings
from runbrowser.cli.run_ids import optional_run_ids_argument, read_runs
from runbrowser.cli.session import Session, session
from runbrowser.errors import ExitCode, OpenMLServerError, UsageError
from runbrowser.models import RunFilter
from runbrowser.openml.suites import SuiteQuestion
from runbrowser.text import display
from runbrowser.triage.comparison import LEAST, MOST, Comparison, Entry, compare_runs
from runbrowser.triage.suite.model import CELLS, CellKind

_SUFFIXES = {".md": "markdown", ".json": "json", ".csv": "csv", ".tex": "latex"}
_TEXT_WIDTH = 100  # columns, where stdout has no width of its own


@click.command("compare")
@connection_options
@optional_run_ids_argument
@click.option(
    "--measure",
    metavar="NAME",
    shell_complete=suggestions.measures,
    help="Measure of the tests (that of the task, or of most tasks).",
)
@click.option("--all", "everything", is_flag=True, help="List what is the same in all runs too.")
@click.option("--suite", metavar="ID", help="Compare flows over a suite, or a study of runs.")
@click.option("--flow", metavar="IDS", help="The flows to compare over tasks, as 1,2,3.")
@click.option("--task", metavar="IDS", help="The tasks to compare flows over.")
@click.option(
    "--cell",
    type=click.Choice(CELLS),
    help="Which of a flow's runs on a task counts: the best (default), or the mean of all.",
)
@click.option(
    "--format",
    type=click.Choice(FORMATS),
    help="How to write it (text, or as the file's name ends). LaTeX is for flows over tasks.",
)
@click.option(
    "-o", "path", type=click.Path(path_type=Path), metavar="FILE", help="Write to a file."
)
@click.pass_context
def compare(
    ctx: click.Context,
    run_ids: tuple[int, ...],
    measure: str | None,
    everything: bool,
    suite: str | None,
    flow: str | None,
    task: str | None,
    cell: CellKind | None,
    format: str | None,
    path: Path | None,
) -> int:
    """Compare runs, or flows over the tasks of a suite.

    \b
      runbrowser compare 900101 900205
      runbrowser compare --suite 99 --flow 8353,8365 --format latex

    Runs: what differs, the best of each measure, and what the folds say. The first run is the
    baseline: the others are tested against it, fold by fold, with the corrected resampled t-test
    (Nadeau and Bengio 2003).

    Flows: the score of each flow on each task of --suite or --task (without both, on all tasks
    that the flows share), wins, ties and losses, and tests by ranks (Demsar 2006): Wilcoxon's for
    two flows, Friedman's with Nemenyi's for more. For a study of runs its own runs count, and
    --flow may be left out.
    """
    if format is None:
        format = _SUFFIXES.get(path.suffix.lower(), "text") if path is not None else "text"
    if suite or flow or task:
        if run_ids:
            raise UsageError("Give runs to compare, or --suite, --flow and --task: not both.")
        studies = ids_of(suite, "--suite")
        if len(studies) > 1:
            raise UsageError("--suite takes one id.")
        question = SuiteQuestion(
            study=studies[0] if studies else None,
            flows=ids_of(flow, "--flow"),
            tasks=ids_of(task, "--task"),
            measure=measure,
        )
        with session(settings(ctx)) as opened:
            return compare_over_tasks(opened, question, cell or "best", format, path)
    if cell or format == "latex":
        named = "--cell" if cell else "LaTeX"
        raise UsageError(f"{named} is for flows over tasks: give --suite or --flow.")
    ids = tuple(dict.fromkeys(run_ids))
    if not LEAST <= len(ids) <= MOST:
        raise UsageError(f"Give {LEAST} to {MOST} different runs to compare, not {len(ids)}.")
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
