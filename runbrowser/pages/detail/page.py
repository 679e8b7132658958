"""A run as one readable page: error first, then overview, scores, folds, parameters, files."""

from __future__ import annotations

import time
from collections.abc import Sequence

from textual.content import Content

from runbrowser.models import Run, RunRow, RunState
from runbrowser.openml.base import NameBook
from runbrowser.pages.detail.classes import per_class
from runbrowser.pages.detail.evaluations import evaluations, fold_table
from runbrowser.pages.detail.overview import overview
from runbrowser.pages.detail.parameters import parameters
from runbrowser.pages.detail.parts import FAINT, title, told
from runbrowser.pages.detail.runtime import runtime
from runbrowser.pages.detail.spread import fold_spread
from runbrowser.pages.rows import LOOKS, state_text
from runbrowser.text import display, display_lines

_STATE_STYLES = {
    "ok": "$text-success",
    "failed": "$text-error",
    "evaluation-failed": "$text-warning",
    "not-evaluated": "$text-secondary",
    "faint": "$text-muted",
}
_ERROR_LIMIT = 20_000  # characters of an error shown; nothing longer was ever recorded


def detail(
    run: Run,
    row: RunRow | None,
    names: NameBook,
    width: int,
    *,
    offers: Sequence[tuple[str, str, str]] = (),
) -> Content:
    """The whole page for one run, laid out for ``width`` cells.

    ``offers`` are (key, words, style) of what more can be asked for.
    """
    parts = [
        *_head(run, row),
        *_errors(run),
        *overview(run, row, names, width),
        *_offers(offers, width),
        *evaluations(run, width),
        *fold_spread(run, width),
        *per_class(run, names.classes.get(run.task_id or 0), width),
        *fold_table(run, width),
        *runtime(run, width),
        *parameters(run, names, width),
        *_tags(run),
        *_files(run),
        *_setup(run),
    ]
    return Content("\n").join(parts)


def preview(
    run_id: int, row: RunRow | None, names: NameBook, width: int, *, failure: str = ""
) -> Content:
    """What the row tells while the run is being fetched, or could not be."""
    when = f"  {display(row.upload_time, 19)}" if row is not None and row.upload_time else ""
    lines = [Content.assemble((f"Run {run_id}", "bold"), (when, FAINT)), Content("")]
    if failure:
        lines += [Content.styled(display(failure, 2_000), "$text-error"), Content("")]
        lines += [Content.styled("r tries again", FAINT)]
    else:
        lines.append(Content.styled("reading\u2026", FAINT))
    if row is not None and row.error_message:
        lines += title("Error reported by the uploader")
        shown = display_lines(row.error_message.strip(), _ERROR_LIMIT)
        lines += [Content.styled(line, "$text-error") for line in shown.split("\n")]
    return Content("\n").join(lines)


def age(then: float, now: float | None = None) -> str:
    """How long ago, in words; times in seconds since 1970."""
    passed = max(0.0, (time.time() if now is None else now) - then)
    for unit, seconds in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        count = int(passed // seconds)
        if count:
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"


def _head(run: Run, row: RunRow | None) -> list[Content]:
    look = _STATE_STYLES[LOOKS[run.state]]
    when = f"  {display(row.upload_time, 19)}" if row is not None and row.upload_time else ""
    lines = [
        Content.assemble(
            (f"Run {run.run_id}", "bold"),
            "  ",
            (state_text(run.state), f"bold {look}"),
            (when, FAINT),
        )
    ]
    if run.kept_at is not None:
        lines.append(Content.styled(f"as read {age(run.kept_at)}; r reads it again", FAINT))
    return lines


def _offers(offers: Sequence[tuple[str, str, str]], width: int) -> list[Content]:
    lines = []
    for key, words, style in offers:
        first, *rest = told(words, width - 4, style)
        lines.append(Content.assemble((f"{key:<4}", "bold $text-primary"), first))
        lines += [Content("    ") + line for line in rest]
    return [Content(""), *lines] if lines else []


def _errors(run: Run) -> list[Content]:
    lines: list[Content] = []
    for words, text in (
        ("Error reported by the uploader", run.error_message),
        ("The server could not evaluate this run", run.evaluation_error),
    ):
        if text:
            lines += title(words)
            shown = display_lines(text.strip(), _ERROR_LIMIT)
            lines += [Content.styled(line, "$text-error") for line in shown.split("\n")]
    if run.state is RunState.NOT_EVALUATED:
        lines += [Content(""), Content.styled("The server has not evaluated this run yet.", FAINT)]
    return lines


def _tags(run: Run) -> list[Content]:
    if not run.tags:
        return []
    tags = Content("  ").join(Content.styled(display(tag, 70), "$text-accent") for tag in run.tags)
    return [*title("Tags", f"  {len(run.tags)}"), tags]


def _files(run: Run) -> list[Content]:
    if not run.files:
        return []
    lines = title("Files")
    for file in run.files:
        lines.append(
            Content.assemble(
                f"{display(file.name, 24):<14}",
                (f"#{file.file_id}  {display(file.url or '', 300)}", FAINT),
            )
        )
    return lines


def _setup(run: Run) -> list[Content]:
    if not run.setup_string:
        return []
    return [
        *title("Setup"),
        Content.styled(display_lines(run.setup_string, 3_000), FAINT),
    ]
