"""``runbrowser get``: one run with everything it has."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any

import click

from runbrowser.cli import output
from runbrowser.cli.options import connection_options, settings
from runbrowser.cli.run_ids import read_runs, run_ids_argument
from runbrowser.cli.session import Session, session
from runbrowser.errors import (
    ExitCode,
    OpenMLServerError,
    UsageError,
    exit_code,
    overall_exit_code,
)
from runbrowser.models import Run, RunFilter, RunRow
from runbrowser.text import display_lines, to_json

_AFRESH = "--reset-cache reads it again"
_TEXT_WIDTH = 100  # columns, where stdout has no width of its own


def as_object(run: Run) -> dict[str, Any]:
    """All that is known of a run, under openml-python's names, for JSON.

    ``evaluations`` is ``{measure: value or array text}``, ``fold_evaluations``
    ``{measure: {repeat: {fold: value}}}``; JSON's keys being texts, repeats and folds are too.
    """
    return {
        "run_id": run.run_id,
        "state": run.state.value,
        "uploader": run.uploader,
        "uploader_name": run.uploader_name,
        "task_id": run.task_id,
        "task_type": run.task_type,
        "task_evaluation_measure": run.task_evaluation_measure,
        "flow_id": run.flow_id,
        "flow_name": run.flow_name,
        "setup_id": run.setup_id,
        "setup_string": run.setup_string,
        "dataset_id": run.dataset_id,
        "input_data": [
            {"dataset_id": data.dataset_id, "name": data.name, "url": data.url}
            for data in run.input_data
        ],
        "error_message": run.error_message,
        "evaluation_error": run.evaluation_error,
        "run_details": run.run_details,
        "parameter_settings": [
            {"name": p.name, "value": p.value, "component": p.component}
            for p in run.parameter_settings
        ],
        "tags": list(run.tags),
        "evaluations": run.evaluations,
        "array_data": {
            e.name: e.array_data
            for e in run.evaluation_list
            if e.fold is None and e.array_data is not None
        },
        "fold_evaluations": run.fold_evaluations,
        "sample_evaluations": run.sample_evaluations,
        "output_files": run.output_files,
        "files": [
            {"name": file.name, "file_id": file.file_id, "url": file.url} for file in run.files
        ],
        "predictions_url": run.predictions_url,
        "api": run.api,
    }


def _width() -> int:
    return output.width() or _TEXT_WIDTH


class PageWriter:
    """The pages of runs, as the browser's detail pane shows them, as plain lines.

    When runs were uploaded, what their components are called and which parameters are at their
    default is asked for besides: in one list for all runs, and once for each flow. A server that
    does not tell only leaves them out.
    """

    def __init__(self, opened: Session, ids: Sequence[int]) -> None:
        from runbrowser.openml.base import NameBook

        self._opened = opened
        self._ids = ids
        self._rows: dict[int, RunRow] | None = None
        self._names = NameBook()
        self._flows: set[int] = set()

    def __call__(self, run: Run) -> str:
        """The page about a run."""
        from runbrowser.pages.detail import detail

        row: RunRow | None = None
        if self._opened.uses_v1:
            if self._rows is None:
                self._rows = self._listed()
            row = self._rows.get(run.run_id)
            self._name(run)
        page = detail(run, row, self._names, _width(), fold=False, afresh=_AFRESH)
        return page.plain + "\n"

    def _listed(self) -> dict[int, RunRow]:
        rows: dict[int, RunRow] = {}
        with suppress(OpenMLServerError):
            for page in self._opened.v1.pages(RunFilter(ids=tuple(self._ids))):
                rows |= {row.run_id: row for row in page}
        return rows

    def _name(self, run: Run) -> None:
        from runbrowser.client.calls import v1

        if not run.parameter_settings or run.flow_id is None or run.flow_id in self._flows:
            return
        self._flows.add(run.flow_id)
        with suppress(OpenMLServerError):
            flow = self._opened.http.send(v1.get_flow(run.flow_id))
            self._names.flows.update(flow.names)
            self._names.defaults.update(flow.defaults)


def _writer(format: str, opened: Session, ids: Sequence[int]) -> Callable[[Run], bytes]:
    """What makes the text of one run."""
    if format == "text":
        page = PageWriter(opened, ids)
        return lambda run: output.encoded(page(run))
    if format == "json":
        return lambda run: output.encoded(to_json(as_object(run), indent=2) + "\n")
    if output.on_terminal():  # a terminal would obey what stands in it
        return lambda run: output.encoded(display_lines(run.description_text))
    return lambda run: run.description_text.encode()


def _several(
    found: Iterable[tuple[int, Run | OpenMLServerError]],
    ids: Sequence[int],
    written: Callable[[Run], bytes],
    format: str,
) -> int:
    """Writes runs as they come, and on stderr why others do not; the exit code."""
    first, between, last, nothing = {
        "json": (b"[\n", b",\n", b"\n]\n", b"[]\n"),
        "text": (b"", output.encoded(f"\n{'─' * _width()}\n\n"), b"", b""),
        "xml": (b"", b"", b"", b""),
    }[format]
    codes = []
    for _, result in found:
        if not isinstance(result, Run):
            output.say(f"runbrowser: {result}")
            codes.append(exit_code(result))
            continue
        text = written(result).rstrip(b"\n") + b"\n"
        if format == "json":
            text = b"  " + text[:-1].replace(b"\n", b"\n  ")  # no text of JSON holds a line's end
        output.write_bytes((between if ExitCode.DONE in codes else first) + text)
        codes.append(ExitCode.DONE)
    output.write_bytes(last if ExitCode.DONE in codes else nothing)
    if len(codes) < len(ids):
        left = len(ids) - len(codes)
        output.say(f"runbrowser: the server does not answer; {left:,} more were not asked for.")
        codes.append(ExitCode.FAILED)
    return overall_exit_code(codes)


@click.command("get")
@connection_options
@run_ids_argument
@click.option(
    "--format",
    type=click.Choice(["text", "json", "xml"]),
    default="text",
    show_default=True,
    help="As a page, as JSON, or V1's description as the server gave it. Several runs are pages "
    "with a line between them, one JSON array, or one description after the other.",
)
@click.option("--reset-cache", is_flag=True, help="Ask the server even if its reply was kept.")
@click.pass_context
def get(ctx: click.Context, run_ids: tuple[int, ...], format: str, reset_cache: bool) -> int:
    """Show runs: their errors, overview, evaluations, folds, parameters, tags and files.

    Each run once, in the order of the ids. The exit code is 3 when there is none of them, 5 when
    only some could be read.
    """
    loaded = settings(ctx)
    ids = tuple(dict.fromkeys(run_ids))
    with session(loaded) as opened:
        if format == "xml" and loaded.api_version == "v2":
            raise UsageError("V2 has no XML; take --format json, or --api-version v1.")
        written = _writer(format, opened, ids)
        if len(ids) == 1:
            output.write_bytes(written(opened.get(ids[0], reset_cache=reset_cache)))
            return ExitCode.DONE
        return _several(read_runs(opened, ids, reset_cache=reset_cache), ids, written, format)
