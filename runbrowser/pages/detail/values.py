"""Every value of a run under a name, as the server gave it: what can be copied."""

from __future__ import annotations

from runbrowser.models import Run, RunRow
from runbrowser.openml.base import NameBook
from runbrowser.pages.detail.evaluations import fold_values, ordered
from runbrowser.triage.flow_names import short_name


def values(run: Run, row: RunRow | None, names: NameBook) -> list[tuple[str, str]]:
    """(name, value), the error first; values are raw: whoever draws them makes them harmless."""
    found: list[tuple[str, str | int | float | None]] = [
        ("error", run.error_message),
        ("evaluation error", run.evaluation_error),
    ]
    own = {e.name: e for e in run.evaluation_list if e.fold is None}
    for name in ordered(run, own):
        found += [(name, own[name].value), (f"{name} per class", own[name].array_data)]
    for setting in run.parameter_settings:
        flow = names.flows.get(setting.component or 0)
        where = f"  ({short_name(flow)})" if flow and setting.component != run.flow_id else ""
        found.append((f"{setting.name}{where}", setting.value))
    found += [
        ("run id", run.run_id),
        ("flow", run.flow_name),
        ("flow id", run.flow_id),
        ("task id", run.task_id),
        ("task type", run.task_type),
        ("measure of the task", run.task_evaluation_measure),
        ("setup id", run.setup_id),
        ("setup", run.setup_string),
        ("uploader", run.uploader_name),
        ("uploader id", run.uploader),
        ("uploaded", row.upload_time if row is not None else None),
        ("details", run.run_details),
    ]
    for data in run.input_data:
        found += [("data set", data.name), ("data set id", data.dataset_id)]
        found.append(("data set address", data.url))
    found += [("tag", tag) for tag in run.tags]
    found += [(f"address of {file.name}", file.url) for file in run.files]
    found += [
        (f"{name}, repeat {repeat} fold {fold}", value)
        for name, folds in fold_values(run).items()
        for repeat, fold, value in folds
    ]
    return [(name, str(value)) for name, value in found if value is not None and value != ""]
