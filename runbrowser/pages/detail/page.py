"""A run as one readable page: error first, then overview, scores, folds, parameters, files."""

from __future__ import annotations

from collections.abc import Sequence

from runbrowser.fields.subjects import Subject
from runbrowser.models import OutputFile, Run, RunFilter, RunRow, RunState
from runbrowser.openml.base import NameBook
from runbrowser.pages.detail.classes import per_class
from runbrowser.pages.detail.evaluations import evaluations, fold_table
from runbrowser.pages.detail.overview import overview
from runbrowser.pages.detail.parameters import parameters
from runbrowser.pages.detail.runtime import runtime
from runbrowser.pages.detail.spread import fold_spread
from runbrowser.pages.lines import (
    BLANK,
    FAINT,
    Each,
    Line,
    Lines,
    Link,
    Span,
    broken,
    broken_height,
    sentence,
    spans,
    title,
)
from runbrowser.pages.numbers import age
from runbrowser.pages.rows import LOOKS
from runbrowser.text import cells, display, display_lines

_WITHOUT_SCORES = {
    RunState.NOT_EVALUATED: "The server has not evaluated this run yet.",
    RunState.UNKNOWN: "Unknown whether this run was evaluated: the server's V2 does not tell it.",
}
_FEW = 5  # things that are named, of those that could not be read
_ERROR_LIMIT = 20_000  # characters of an error shown; nothing longer was ever recorded


def detail(
    run: Run,
    row: RunRow | None,
    names: NameBook,
    width: int,
    *,
    offers: Sequence[tuple[str, str, str]] = (),
    fold: bool = True,
    afresh: str = "r reads it again",
    state: RunState = RunState.UNKNOWN,
    in_table: bool = False,
) -> Lines:
    """The whole page for one run, laid out for ``width`` cells.

    ``offers`` are (key, words, look) of what more can be asked for. Without ``fold`` texts of the
    server's that are longer than a line are left in one piece. ``afresh`` says how a kept run is
    read again. ``state`` is what lists tell of it, for a run that does not tell its own.
    ``in_table``: a link leads to the table of runs, where more can be done with it.
    """
    if run.state is not RunState.UNKNOWN:
        state = run.state
    texts = _Texts(width, fold=fold)
    parts: list[Sequence[Line]] = [
        _head(run, row, state, afresh),
        *([_to_table(run)] if in_table else []),
        *_errors(run, state),
        _odd(run, width),
        overview(run, row, names, width),
        _offers(offers, width),
        evaluations(run, width),
        fold_spread(run, width),
        per_class(run, names.classes.get(run.task_id or 0), width),
        *fold_table(run, width),
        runtime(run, width),
        *parameters(run, names, width),
        *_tags(run, texts),
        *_files(run, texts),
        *_setup(run),
    ]
    return Lines(texts.rows(part) if isinstance(part, list) else part for part in parts)


def extent(run: Run) -> int:
    """Roughly how many things the page of a run lists: what its layout costs."""
    return (
        len(run.parameter_settings)
        + len(run.tags)
        + len(run.files)
        + len(run.evaluations)
        + len(run.input_data)
    )


class _Texts:
    """How texts of the server's become rows."""

    def __init__(self, width: int, *, fold: bool) -> None:
        self.width = width
        self.fold = fold

    def rows(self, lines: Sequence[Line]) -> Sequence[Line]:
        return broken(lines, self.width) if self.fold else lines

    def height(self, line: Line) -> int:
        return broken_height(line, self.width) if self.fold else 1


def preview(
    run_id: int, row: RunRow | None, names: NameBook, width: int, *, failure: str = ""
) -> Lines:
    """What the row tells while the run is being fetched, or could not be."""
    when = f"  {display(row.upload_time, 19)}" if row is not None and row.upload_time else ""
    lines = [spans((f"Run {run_id}", "strong"), (when, FAINT)), BLANK]
    if failure:
        lines += [spans((display(failure, 2_000), "bad")), BLANK]
        lines += [spans(("r tries again", FAINT))]
    else:
        lines.append(spans(("reading\u2026", FAINT)))
    if row is not None and row.error_message:
        lines += title("Error reported by the uploader")
        shown = display_lines(row.error_message.strip(), _ERROR_LIMIT)
        lines += [spans((line, "bad")) for line in shown.split("\n")]
    return Lines([broken(lines, width)])


def _head(run: Run, row: RunRow | None, state: RunState, afresh: str) -> list[Line]:
    when = f"  {display(row.upload_time, 19)}" if row is not None and row.upload_time else ""
    lines = [
        spans(
            (f"Run {run.run_id}", "strong"),
            "  ",
            (f"{state.glyph} {state.value}", f"strong-{LOOKS[state]}"),
            (when, FAINT),
        )
    ]
    if run.kept_at is not None:
        lines.append(spans((f"as read {age(run.kept_at)}; {afresh}", FAINT)))
    return lines


def _to_table(run: Run) -> list[Line]:
    link = Link("accent", RunFilter(ids=(run.run_id,)))
    return [
        spans(("\u2192 ", FAINT), ("show it in the table", link), ("  to tag, compare ...", FAINT))
    ]


def _offers(offers: Sequence[tuple[str, str, str]], width: int) -> list[Line]:
    lines: list[Line] = []
    for key, words, look in offers:
        first, *rest = sentence(words, width - 4, look)
        lines.append([*spans((f"{key:<4}", "key")), *first])
        lines += [[*spans("    "), *line] for line in rest]
    return [BLANK, *lines] if lines else []


def _errors(run: Run, state: RunState) -> list[Sequence[Line]]:
    parts: list[Sequence[Line]] = []
    for words, text in (
        ("Error reported by the uploader", run.error_message),
        ("The server could not evaluate this run", run.evaluation_error),
    ):
        if text:
            shown = display_lines(text.strip(), _ERROR_LIMIT)
            lines = [spans((line, "bad")) for line in shown.split("\n")]
            parts += [title(words), lines]
    words = _WITHOUT_SCORES.get(state, "")
    if state is RunState.EVALUATION_FAILED and run.evaluation_error is None:
        words = "The server could not evaluate this run; its V2 does not tell why."
    if words:
        parts.append([BLANK, spans((words, FAINT))])
    return parts


def _odd(run: Run, width: int) -> list[Line]:
    """What of the server's answer could not be read, and what stood beside it."""
    lines: list[Line] = []
    if run.unread:
        named = ", ".join(display(name, 60) for name in run.unread[:_FEW])
        more = f" and {len(run.unread) - _FEW:,} more" if len(run.unread) > _FEW else ""
        lines += sentence(f"Could not be read: {named}{more}.", width, "warning")
    for notice in run.notices[:_FEW]:
        lines += sentence(display(notice, 600), width, "warning")
    return [BLANK, *lines] if lines else []


def _tags(run: Run, texts: _Texts) -> list[Sequence[Line]]:
    if not run.tags:
        return []
    tags = [(display(tag, 70), Link("accent", Subject("tag", tag))) for tag in run.tags]
    head = title("Tags", f"  {len(tags)}")
    if not texts.fold:
        return [head, [_joined(tags)]]
    rows, used, start = list[range](), 0, 0
    for number, tag in enumerate(tags):
        wide = cells(tag[0])
        if used and used + wide > texts.width:
            rows.append(range(start, number))
            used, start = 0, number
        used += wide + 2
    rows.append(range(start, len(tags)))

    def draw(row: range) -> Line:
        return _joined(tags[row.start : row.stop])

    # a tag that is wider than the page has rows of its own
    return [head, Each(rows, lambda r: texts.rows([draw(r)]), lambda r: texts.height(draw(r)))]


def _joined(tags: Sequence[Span]) -> Line:
    line: Line = []
    for tag in tags:
        line += spans("  " if line else "", tag)
    return line


def _files(run: Run, texts: _Texts) -> list[Sequence[Line]]:
    if not run.files:
        return []

    def draw(file: OutputFile) -> Line:
        return spans(
            f"{display(file.name, 24):<14}",
            (f"#{file.file_id}  {display(file.url or '', 300)}", FAINT),
        )

    def rows(file: OutputFile) -> Sequence[Line]:
        return texts.rows([draw(file)])

    return [title("Files"), Each(run.files, rows, lambda file: texts.height(draw(file)))]


def _setup(run: Run) -> list[Sequence[Line]]:
    if not run.setup_string:
        return []
    shown = display_lines(run.setup_string, 3_000).split("\n")
    return [title("Setup"), [spans((line, FAINT)) for line in shown]]
