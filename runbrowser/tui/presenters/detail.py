"""A run as one readable page: error first, then overview, scores, folds, parameters, files."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from math import isfinite
from textwrap import wrap

from textual.content import Content

from runbrowser.models import ParameterSetting, Run, RunRow, RunState
from runbrowser.sources.base import NameBook
from runbrowser.text import display, display_lines
from runbrowser.triage.flow_names import short_name
from runbrowser.triage.measures import measure
from runbrowser.tui.presenters.rows import LOOKS, number, state_text

_BLOCKS = "\u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588"
_STATE_STYLES = {
    "ok": "$text-success",
    "failed": "$text-error",
    "evaluation-failed": "$text-warning",
    "not-evaluated": "$text-secondary",
    "faint": "$text-muted",
}
_FAINT = "$text-muted"
_INDENT = 11  # where the overview's values stand
_ERROR_LIMIT = 20_000  # characters of an error shown; nothing longer was ever recorded


def blocks(values: Sequence[float | None]) -> str:
    """One block a value, the lowest value lowest; '\u00b7' for a missing or infinite one."""
    known = _finite(values)
    if not known:
        return ""
    low, high = min(known) / 2, max(known) / 2  # halves: their difference is always a number
    span = high - low
    return "".join(
        "\u00b7"
        if value is None or not isfinite(value)
        else _BLOCKS[round((value / 2 - low) / span * 7)]
        if span > 0
        else _BLOCKS[3]
        for value in values
    )


def _finite(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None and isfinite(value)]


def _spread(values: Sequence[float]) -> str:
    """The standard deviation over folds, as it is shown; '' where there is none."""
    from statistics import stdev

    try:
        return f"\u00b1 {number(stdev(values))}" if len(values) > 1 else ""
    except OverflowError:  # larger than any float
        return ""


def detail(run: Run, row: RunRow | None, names: NameBook, width: int) -> Content:
    """The whole page for one run, laid out for ``width`` cells."""
    parts = [
        *_head(run, row),
        *_errors(run),
        *_overview(run, row, names, width),
        *_evaluations(run, width),
        *_folds(run, width),
        *_parameters(run, names, width),
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
    lines = [Content.assemble((f"Run {run_id}", "bold"), (when, _FAINT)), Content("")]
    if failure:
        lines += [Content.styled(display(failure, 2_000), "$text-error"), Content("")]
        lines += [Content.styled("r tries again", _FAINT)]
    else:
        lines.append(Content.styled("reading\u2026", _FAINT))
    if row is not None and row.error_message:
        lines += _title("Error reported by the uploader")
        shown = display_lines(row.error_message.strip(), _ERROR_LIMIT)
        lines += [Content.styled(line, "$text-error") for line in shown.split("\n")]
    return Content("\n").join(lines)


def _title(text: str, after: str = "") -> list[Content]:
    return [Content(""), Content.assemble((text, "bold $text-primary"), (after, _FAINT))]


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
            (when, _FAINT),
        )
    ]
    if run.kept_at is not None:
        lines.append(Content.styled(f"as read {age(run.kept_at)}; r reads it again", _FAINT))
    return lines


def _errors(run: Run) -> list[Content]:
    lines: list[Content] = []
    for title, text in (
        ("Error reported by the uploader", run.error_message),
        ("The server could not evaluate this run", run.evaluation_error),
    ):
        if text:
            lines += _title(title)
            shown = display_lines(text.strip(), _ERROR_LIMIT)
            lines += [Content.styled(line, "$text-error") for line in shown.split("\n")]
    if run.state is RunState.NOT_EVALUATED:
        lines += [Content(""), Content.styled("The server has not evaluated this run yet.", _FAINT)]
    return lines


def _hang(name: str, value: str, width: int, indent: int, style: str = "") -> list[Content]:
    """A name and its value, the value's further lines standing under its first."""
    room = max(12, width - indent)
    pieces = wrap(value, room, break_on_hyphens=False, replace_whitespace=False) or [""]
    first = Content.assemble((f"{name:<{indent}}", _FAINT), (pieces[0], style))
    return [first, *(Content.styled(" " * indent + piece, style) for piece in pieces[1:])]


def _with_id(name: str | None, number_: int | None) -> str:
    if number_ is None:
        return display(name or "", 200)
    return f"{display(name, 200)}  #{number_}" if name else f"#{number_}"


def _overview(run: Run, row: RunRow | None, names: NameBook, width: int) -> list[Content]:
    data = ", ".join(_with_id(d.name, d.dataset_id) for d in run.input_data)
    if not data and run.task_id in names.tasks:
        task = names.tasks[run.task_id]
        data = _with_id(task.dataset_name, task.dataset_id)
    flow = short_name(run.flow_name) if run.flow_name else ""
    pairs = [
        ("flow", _with_id(flow, run.flow_id)),
        ("data set", data),
        ("task", _with_id(run.task_type, run.task_id)),
        ("measure", display(run.task_evaluation_measure or "", 100)),
        ("uploader", _with_id(run.uploader_name, run.uploader)),
        ("setup", "" if run.setup_id is None else f"#{run.setup_id}"),
        ("details", display(run.run_details or "", 600)),
    ]
    lines = [Content("")]
    for name, value in pairs:
        if value:
            lines += _hang(name, value, width, _INDENT)
    if run.flow_name and flow != run.flow_name:
        lines += _hang("full name", display(run.flow_name, 1100), width, _INDENT, _FAINT)
    if run.api == "v2":
        told = "V2 does not tell run details, file addresses and evaluation errors."
        lines.append(Content.styled(told, _FAINT))
    return lines


def _fold_values(run: Run) -> dict[str, list[tuple[int, int, float | None]]]:
    """(repeat, fold, value) of each measure, in order of repeat and fold."""
    return {
        name: [
            (repeat, fold, value)
            for repeat, folds in sorted(repeats.items())
            for fold, value in sorted(folds.items())
        ]
        for name, repeats in run.fold_evaluations.items()
    }


def _label(name: str) -> str:
    return measure(name).label


def _ordered(run: Run, measures: Iterable[str]) -> list[str]:
    """Measures with the task's own first, then those people look at, then the rest by name."""
    first = [run.task_evaluation_measure or "", "predictive_accuracy", "area_under_roc_curve",
             "f_measure", "kappa", "precision", "unweighted_recall", "weighted_recall",
             "root_mean_squared_error", "mean_absolute_error"]  # fmt: skip
    rank = {name: position for position, name in reversed(list(enumerate(first)))}
    return sorted(measures, key=lambda name: (rank.get(name, len(first)), name))


def _evaluations(run: Run, width: int) -> list[Content]:
    from statistics import mean

    own = {e.name: e for e in run.evaluation_list if e.fold is None}
    folds = _fold_values(run)
    if not own and not folds:
        return []
    lines = _title("Evaluations")
    room = min(34, max(16, width - 34))
    for name in _ordered(run, {*own, *folds}):
        evaluation = own.get(name)
        values = [value for _, _, value in folds.get(name, ())]
        known = _finite(values)
        value = evaluation.value if evaluation is not None else None
        if value is not None:
            shown = number(value)
        elif evaluation is not None and evaluation.array_data:
            lines.append(
                Content.assemble(
                    (f"{display(name, room):<{room}} ", ""),
                    (display(evaluation.array_data, max(20, 3 * width)), _FAINT),
                )
            )
            continue
        else:
            shown = f"({number(mean(known))})" if known else "\u2013"
        spread = _spread(known)
        style = "bold" if name == run.task_evaluation_measure else ""
        chart = blocks(values) if len(values) <= max(0, width - room - 24) else ""
        lines.append(
            Content.assemble(
                (f"{display(name, room):<{room}} ", style),
                (f"{shown:>10}", f"{style} $text-accent".strip()),
                (f" {spread:<10} ", _FAINT),
                (chart, "$text-secondary"),
            )
        )
    return lines


def _folds(run: Run, width: int) -> list[Content]:
    folds = _fold_values(run)
    if not folds:
        return []
    repeats = {repeat for values in folds.values() for repeat, _, _ in values}
    places = sorted({(repeat, fold) for values in folds.values() for repeat, fold, _ in values})
    many = len(repeats) > 1
    after = f"  {len(places)} folds" + (f" in {len(repeats)} repeats" if many else "")
    lines = _title("Per fold", after)
    head = "repeat fold" if many else "fold"
    measures = _ordered(run, folds)
    across = max(1, (width - len(head)) // 11)
    for start in range(0, len(measures), across):
        some = measures[start : start + across]
        if start:
            lines.append(Content(""))
        titles = "".join(f"{display(_label(name), 10):>11}" for name in some)
        lines.append(Content.styled(f"{head}{titles}", _FAINT))
        tables = {name: {(r, f): value for r, f, value in folds[name]} for name in some}
        for repeat, fold in places:
            place = f"{repeat:>6} {fold:>4}" if many else f"{fold:>4}"
            values = [tables[name].get((repeat, fold)) for name in some]
            cells = "".join(f"{'' if value is None else number(value):>11}" for value in values)
            lines.append(Content.assemble((place, _FAINT), cells))
    return lines


def _parameters(run: Run, names: NameBook, width: int) -> list[Content]:
    if not run.parameter_settings:
        return []
    groups: dict[int | None, list[ParameterSetting]] = {}
    for setting in run.parameter_settings:
        groups.setdefault(setting.component, []).append(setting)
    lines = _title("Parameters", f"  {len(run.parameter_settings)}")
    longest = max(len(setting.name) for setting in run.parameter_settings)
    room = min(max(longest, 8), 28, max(10, width // 2))
    for component, settings in groups.items():
        full = names.flows.get(component or 0)
        if full is None and component == run.flow_id:
            full = run.flow_name
        title = display(short_name(full), 200) if full else f"flow #{component}"
        lines.append(Content.assemble((title, "bold"), (f"  #{component}" if full else "", _FAINT)))
        for setting in settings:
            name = f"  {display(setting.name, room)}"
            lines += _hang(name, display(setting.value, 2100), width, room + 4)
    return lines


def _tags(run: Run) -> list[Content]:
    if not run.tags:
        return []
    tags = Content("  ").join(Content.styled(display(tag, 70), "$text-accent") for tag in run.tags)
    return [*_title("Tags", f"  {len(run.tags)}"), tags]


def _files(run: Run) -> list[Content]:
    if not run.files:
        return []
    lines = _title("Files")
    for file in run.files:
        lines.append(
            Content.assemble(
                f"{display(file.name, 24):<14}",
                (f"#{file.file_id}  {display(file.url or '', 300)}", _FAINT),
            )
        )
    return lines


def _setup(run: Run) -> list[Content]:
    if not run.setup_string:
        return []
    return [
        *_title("Setup"),
        Content.styled(display_lines(run.setup_string, 3_000), _FAINT),
    ]
