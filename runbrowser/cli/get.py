"""``runbrowser get``: one run with everything it has."""

from __future__ import annotations

from typing import Any

import click

from runbrowser.cli import output
from runbrowser.cli.options import connection_options, settings
from runbrowser.cli.session import Session, session
from runbrowser.errors import OpenMLServerError, UsageError
from runbrowser.fields import filters
from runbrowser.models import Run, RunFilter, RunRow
from runbrowser.text import display, display_lines, to_json

_TEXT_WIDTH = 100  # columns, where stdout has no width of its own


class RunId(click.ParamType):  # type: ignore[type-arg]
    """A run's number, as the command line takes it."""

    name = "run id"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        try:
            (run_id,) = filters.parse_ids(str(value))
        except ValueError:
            self.fail(f"{display(value, 40)!r} is no run id: give a whole number.", param, ctx)
        return run_id


run_id_argument = click.argument("run_id", metavar="RUN_ID", type=RunId())


def as_object(run: Run) -> dict[str, Any]:
    """All that is known of a run, under openml-python's names (FIELD 3.11), for JSON.

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


def as_text(opened: Session, run: Run) -> str:
    """The page that the browser's detail pane shows, as plain lines.

    When it was uploaded, what its components are called and which parameters are at their default
    is asked for besides; a server that does not tell only leaves them out.
    """
    from runbrowser.client.calls import v1
    from runbrowser.openml.base import NameBook
    from runbrowser.pages.detail import detail

    names = NameBook()
    row: RunRow | None = None
    if opened.uses_v1:
        try:
            row = next(iter(opened.v1.page(RunFilter(ids=(run.run_id,)), 1)), None)
            if run.parameter_settings and run.flow_id is not None:
                flow = opened.http.send(v1.get_flow(run.flow_id))
                names.flows.update(flow.names)
                names.defaults.update(flow.defaults)
        except OpenMLServerError:
            pass
    return detail(run, row, names, output.width() or _TEXT_WIDTH, fold=False).plain + "\n"


@click.command("get")
@connection_options
@run_id_argument
@click.option(
    "--format",
    type=click.Choice(["text", "json", "xml"]),
    default="text",
    show_default=True,
    help="As a page, as JSON, or V1's description as the server gave it.",
)
@click.option("--reset-cache", is_flag=True, help="Ask the server even if its reply was kept.")
@click.pass_context
def get(ctx: click.Context, run_id: int, format: str, reset_cache: bool) -> int:
    """Show one run: its error, overview, evaluations, folds, parameters, tags and files."""
    loaded = settings(ctx)
    with session(loaded) as opened:
        if format == "xml" and loaded.api_version == "v2":
            raise UsageError("V2 has no XML; take --format json, or --api-version v1.")
        run = opened.get(run_id, reset_cache=reset_cache)
        if format == "text":
            output.write_text(as_text(opened, run))
        elif format == "json":
            output.write_text(to_json(as_object(run), indent=2) + "\n")
        elif output.on_terminal():  # a terminal would obey what stands in it
            output.write_text(display_lines(run.description_text))
        else:
            output.write_bytes(run.description_text.encode())
    return 0
