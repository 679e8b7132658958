"""Flows over the tasks of a suite, for ``runbrowser compare --suite`` and ``--flow``."""

from __future__ import annotations

from pathlib import Path

from runbrowser.cli import output
from runbrowser.cli.session import Session
from runbrowser.errors import UsageError
from runbrowser.fields.values import parse_ids
from runbrowser.openml.suites import SuiteQuestion
from runbrowser.text import display
from runbrowser.triage.suite.model import CellKind

FORMATS = ("text", "markdown", "latex", "csv", "json")
_TEXT_WIDTH = 100  # columns, where stdout has no width of its own


def ids_of(text: str | None, option: str) -> tuple[int, ...]:
    """The ids of an option, each once; UsageError for anything else."""
    if text is None:
        return ()
    try:
        return tuple(dict.fromkeys(parse_ids(text)))
    except ValueError as error:
        raise UsageError(f"{option}: {error}.") from None


def compare_over_tasks(
    opened: Session, question: SuiteQuestion, kind: CellKind, format: str, path: Path | None
) -> int:
    """Asks, compares and writes."""
    from runbrowser.openml.suites import suite_scores
    from runbrowser.pages.suite.export import export
    from runbrowser.pages.suite.page import as_text

    opened.listing()
    source = opened.source
    scores = opened.wait(suite_scores(source.http, source.names, question))
    try:
        found = scores.compared(kind)
    except ValueError as error:
        raise UsageError(display(error)) from None
    text = (
        as_text(found, output.width() or _TEXT_WIDTH) if format == "text" else export(found, format)
    )
    with output.destination(path) as stream:
        stream.write(text.encode("utf-8", "replace"))
    if not scores.rows:
        output.say(f"runbrowser: no run of these flows on these tasks has {scores.measure}.")
    return 0
