"""The head of a comparison: what is compared, the answer in a line, and who the runs are."""

from __future__ import annotations

from runbrowser.pages.comparison.layout import BASELINE, Layout, differ, pad
from runbrowser.pages.comparison.words import headline
from runbrowser.pages.lines import Line, Span
from runbrowser.pages.rows import LOOKS
from runbrowser.text import cells, display, fit
from runbrowser.triage.comparison.model import Comparison, Entry
from runbrowser.triage.flow_names import short_name
from runbrowser.triage.measures import direction, measure


def title(comparison: Comparison) -> tuple[str, bool]:
    """The first line, and whether it is a warning."""
    forbidden = headline(comparison)
    if forbidden:
        return forbidden, True
    words = f"Compare {len(comparison.entries)} runs"
    run = next((entry.run for entry in comparison.entries if entry.run is not None), None)
    if run is not None and run.task_id is not None:
        words += f" of task {run.task_id}"
        data = next((fact for fact in comparison.facts if fact.name == "data set"), None)
        if data is not None and not data.differs:
            words += f" on {display(data.values[comparison.entries.index(_read(comparison))], 60)}"
    return words, False


def _read(comparison: Comparison) -> Entry:
    """The first run that was read."""
    return next(entry for entry in comparison.entries if entry.run is not None)


def summary(comparison: Comparison, width: int) -> str:
    """The second line: how far the reading is, or who is best and what the folds say of it."""
    count = len(comparison.entries)
    if comparison.unread:
        return f"read {count - comparison.unread} of {count} runs"
    name = comparison.measure
    line = next((m for m in comparison.measures if m.name == name), None)
    if line is None or name is None:
        return "no scores to compare"
    best = [
        str(entry.run_id)
        for entry, score in zip(comparison.entries, line.scores, strict=True)
        if score is not None and score.best
    ]
    if headline(comparison) and not best:
        return "between different tasks none is best"
    values = {score.value for score in line.scores if score is not None}
    if best:
        which = f"best {'are runs' if len(best) > 1 else 'is run'} {_listed(best)}"
    elif direction(name) is None:
        which = "no value is better than another"
    else:
        which = "equal in all runs" if len(values) == 1 else "none is best"
    said = _said_by_folds(comparison)
    words = f"{display(name, 60)}: {which}{said}"
    return words if cells(words) <= width else fit(f"{measure(name).label}: {which}{said}", width)


def _listed(run_ids: list[str]) -> str:
    *before, last = run_ids
    return f"{', '.join(before)} and {last}" if before else last


def _said_by_folds(comparison: Comparison) -> str:
    decided = [test for test in comparison.tests if test.sign is not None]
    if len(decided) == 1:
        test, p = decided[0].test, decided[0].p
        if test is not None and p is None and test.mean == 0:
            return ", the same in every fold"
        sign = decided[0].sign
        told = "no sign beyond chance" if sign == "no" else f"{sign} sign of a difference"
        return f"; {told}" + (f" (p = {p:.2g})" if p is not None else "")
    if not decided:
        return ""
    clear = sum(test.sign in ("clear", "some") for test in decided)
    return f"; {clear} of {len(decided)} {differ(clear)} beyond chance"


def header(comparison: Comparison, layout: Layout, chosen: int | None = None) -> list[Line]:
    """Number, id, state, flow and uploader of each run; ``chosen`` is the column with the keys."""
    first, last = layout.shown[0], layout.shown[-1]
    hidden = ""
    if len(layout.shown) < layout.count:
        before, after = ("\u2039" if first else " "), ("\u203a" if last + 1 < layout.count else "")
        which = f"{first + 1}-{last + 1}" if last > first else f"{last + 1}"
        hidden = f"{before} {which} of {layout.count} {after}"
    lines: list[Line] = [
        [(pad(hidden, layout.label), "faint")],
        *([(pad(name, layout.label), "faint")] for name in ("state", "flow", "uploader")),
    ]
    for place in layout.shown:
        entry = comparison.entries[place]
        mark = f" {BASELINE}" if place == comparison.baseline else ""
        look = "chosen" if place == chosen else "strong-accent" if mark else "strong"
        lines[0] += [(pad(f"{place + 1} {entry.run_id}{mark}", layout.column), look), (" ", "")]
        for line, (text, style) in zip(lines[1:], _about(entry, layout.column), strict=True):
            line += [(pad(text, layout.column), style), (" ", "")]
    return lines


def _about(entry: Entry, width: int) -> list[Span]:
    run = entry.run
    if run is None:
        words = ("not read", "failed") if entry.failure else ("reading\u2026", "faint")
        return [words, ("", ""), ("", "")]
    flow = display(short_name(run.flow_name, width), 200) if run.flow_name else f"#{run.flow_id}"
    return [
        (f"{run.state.glyph} {run.state.value}", LOOKS[run.state]),
        (flow, ""),
        (display(run.uploader_name or f"#{run.uploader}", 200), "faint"),
    ]
