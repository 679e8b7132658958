"""Runs in sentences, one fact after the other: to be read aloud, or anywhere without a picture."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import stdev

from runbrowser.fields.columns import RunInfo
from runbrowser.fields.filters import to_text
from runbrowser.models import Run, RunFilter, RunRow, RunState
from runbrowser.openml.base import NameBook, SourcePage
from runbrowser.pages.numbers import number
from runbrowser.text import display, display_lines, first_line
from runbrowser.triage.flow_names import short_name

_NO_STATE = "state not known"


def page_sentence(page: SourcePage, filter: RunFilter) -> str:
    """Which runs these are, and of how many."""
    words = to_text(filter)
    under = f" under {words}" if words else ""
    if not page.rows:
        return f"No runs{under}." if page.number == 0 else f"Page {page.number + 1} has no runs."
    first = page.number * page.size + 1
    final = first + len(page.rows) - 1
    total = ""
    if page.total is not None or page.last:
        total = f" of {final if page.total is None else page.total:,}"
    elif page.about is not None:
        total = f" of about {page.about:,}"
    odd = f" {page.unread} rows could not be read." if page.unread else ""
    return f"Runs {first:,} to {final:,}{total}{under}, page {page.number + 1}.{odd}"


def row_sentence(info: RunInfo) -> str:
    """One run of a list."""
    row, names = info.row, info.names
    flow = names.flows.get(row.flow_id or 0)
    what = short_name(flow) if flow else f"flow {row.flow_id}"
    task = info.task
    where = task.dataset_name if task is not None and task.dataset_name else f"task {row.task_id}"
    uploader = names.users.get(row.uploader or 0) or f"user {row.uploader}"
    parts = [f"run {row.run_id}", _state(info.state), f"{what} on {where}"]
    fact = info.facts
    if fact is not None and fact.score is not None:
        parts.append(f"{fact.measure or 'score'} {number(fact.score)}")
    parts.append(f"by {uploader}")
    if row.upload_time:
        parts.append(row.upload_time[:10])
    if row.error_message:
        parts.append(f"error: {first_line(row.error_message)}")
    return display(", ".join(parts))


def _state(state: RunState) -> str:
    return _NO_STATE if state is RunState.UNKNOWN else state.value


def run_sentences(run: Run, row: RunRow | None, names: NameBook) -> Iterator[str]:
    """Everything about one run, a line each, what matters most first."""
    yield f"Run {run.run_id}, {_state(run.state)}."
    for title, text in (("Error", run.error_message), ("Evaluation error", run.evaluation_error)):
        if text:
            yield f"{title}: {display_lines(text)}"
    yield f"Flow {run.flow_id}: {display(run.flow_name or 'name not known')}"
    data = ", ".join(display(found.name) for found in run.input_data if found.name)
    kind = f", {display(run.task_type)}" if run.task_type else ""
    yield f"Task {run.task_id}{kind}{f', on {data}' if data else ''}"
    when = f", {row.upload_time}" if row is not None and row.upload_time else ""
    who = run.uploader_name or names.users.get(run.uploader or 0) or ""
    yield display(f"Uploaded by {who or 'user'}, user {run.uploader}{when}")
    if run.tags:
        yield f"Tags: {', '.join(map(display, run.tags))}"
    yield from _measures(run)
    if run.parameter_settings:
        yield f"{len(run.parameter_settings)} parameters"
        for parameter in run.parameter_settings:
            yield f"  {display(parameter.name)} = {display(parameter.value)}"
    if run.files:
        yield f"Files: {', '.join(display(file.name) for file in run.files)}"


def _measures(run: Run) -> Iterator[str]:
    folds = run.fold_evaluations
    if run.evaluations or folds:
        yield "Evaluation measures"
    for measure in dict.fromkeys((*run.evaluations, *folds)):
        value = run.evaluations.get(measure)
        values = [v for each in folds.get(measure, {}).values() for v in each.values()]
        known = [v for v in values if v is not None]
        words = number(value) if isinstance(value, float) else ""
        if not words and known:
            words = f"mean {number(sum(known) / len(known))}"
        if len(known) > 1:
            words += f", deviation {number(stdev(known))} over {len(known)} folds"
        if words:
            yield f"  {display(measure)}: {words}"
