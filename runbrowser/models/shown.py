"""How a run shows itself in a Python session: a few lines of text, a small table in a notebook."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING

from runbrowser.text import display

if TYPE_CHECKING:
    from runbrowser.models.run import Run

_MOST = 6
"""Values that are named of a longer list."""
_WIDE = 88


def as_text(run: Run) -> str:
    """At most a dozen lines; foreign text is made harmless."""
    lines = [f"<Run {run.run_id}: {run.state.value}"]
    lines += [f"  {name}: {display(value, _WIDE)}" for name, value in _facts(run)]
    return "\n".join(lines) + ">"


def as_html(run: Run) -> str:
    """A table of two columns; all foreign text is escaped."""
    rows = [("run", str(run.run_id)), ("state", run.state.value), *_facts(run)]
    cells = "".join(
        f"<tr><th style='text-align:left'>{escape(name)}</th>"
        f"<td style='text-align:left'>{escape(display(value, 400))}</td></tr>"
        for name, value in rows
    )
    return f"<table>{cells}</table>"


def _facts(run: Run) -> Iterator[tuple[str, str]]:
    if run.error_message:
        yield "error", run.error_message
    if run.evaluation_error:
        yield "evaluation error", run.evaluation_error
    yield "task", _named(run.task_id, run.task_type)
    if run.input_data:
        yield "data", _list([f"{one.dataset_id} {one.name}" for one in run.input_data])
    yield "flow", _named(run.flow_id, run.flow_name)
    yield "setup", _named(run.setup_id, None)
    yield "uploader", _named(run.uploader, run.uploader_name)
    scores = [
        f"{name} {value:.6g}" for name, value in run.evaluations.items() if isinstance(value, float)
    ]
    if scores:
        yield "evaluations", _list(scores)
    if run.parameter_settings:
        yield "parameters", _list([f"{p.name}={p.value}" for p in run.parameter_settings])
    if run.tags:
        yield "tags", _list(list(run.tags))
    if run.files:
        yield "files", _list([file.name for file in run.files])


def _named(number: int | None, name: str | None) -> str:
    shown = [str(number) if number is not None else "", (name or "").strip()]
    return " ".join(word for word in shown if word) or "unknown"


def _list(values: list[str]) -> str:
    """The first values, as many as fit, and how many more there are."""
    words: list[str] = []
    for value in values[:_MOST]:
        word = display(value, 40)
        if words and len(", ".join([*words, word])) > _WIDE - 20:
            break
        words.append(word)
    more = len(values) - len(words)
    return ", ".join(words) + (f" (and {more:,} more)" if more else "")
