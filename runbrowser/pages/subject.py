"""A page about a flow, a task, a data set, a setup, an uploader, a study or a tag, as lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from runbrowser.fields.filters import to_text
from runbrowser.fields.subjects import Subject
from runbrowser.models import EvaluationRow, NameBook, RunFilter, RunRow, RunState
from runbrowser.openml.subjects import About
from runbrowser.pages.lines import (
    BLANK,
    FAINT,
    Line,
    Lines,
    Link,
    broken,
    hang,
    sentence,
    spans,
    title,
)
from runbrowser.pages.numbers import number
from runbrowser.pages.rows import LOOKS, error_line
from runbrowser.text import cells, display
from runbrowser.triage.flow_names import short_name

_MOST_INDENT = 32  # where the values of facts stand at most
_LONGEST = 1_500  # characters of a fact
_WORDS = {
    RunState.OK: "ok",
    RunState.FAILED: "failed",
    RunState.UNKNOWN: "without scores: they wait, or their evaluation failed",
}


def subject_page(about: About, names: NameBook, width: int) -> Lines:
    """What is known of a subject so far, laid out for ``width`` cells; what leads on is a link."""
    lines: list[Line] = [_head(about)]
    indent = min(_MOST_INDENT, max((len(fact.name) for fact in about.facts), default=0) + 2)
    lines += [BLANK] if about.facts else []
    for fact in about.facts:
        look = "" if fact.subject is None else Link("", fact.subject)
        lines += hang(
            display(fact.name, indent - 2), display(fact.text, _LONGEST), width, indent, look
        )
    lines += _runs(about, width)
    lines += _best(about, names, width)
    lines += _tasks(about, names, width)
    lines += _latest(about, names, width)
    lines += _errors(about, width)
    for failure in about.failures:
        lines += [BLANK, *sentence(display(failure, 600), width, "warning")]
    return Lines([broken(lines, width)])


def _head(about: About) -> Line:
    name = display(about.name, 300)
    return spans((about.subject.title, "strong"), "  " if name else "", name)


def _runs(about: About, width: int) -> list[Line]:
    filter = about.filter
    if filter is None:
        words = "Its runs cannot be listed." if about.done or about.facts else "reading\u2026"
        return [BLANK, spans((words, FAINT))]
    count = f"  {about.total:,}" if about.total is not None else ""
    lines = title("Runs", count)
    if not about.read and not about.done:
        return [*lines, spans(("reading\u2026", FAINT))]
    if about.read and about.total != about.read:
        lines.append(spans((f"of {about.read:,} looked at:", FAINT)))
    tally: list[str | tuple[str, str]] = []
    for state, words in _WORDS.items():
        if about.states[state]:
            text = f"{state.glyph} {about.states[state]:,} {words}"
            tally += ["   " if tally else "", (text, LOOKS[state])]
    lines += [spans(*tally)] if tally else []
    lines.append(_to_runs("show them", filter, width))
    if about.states[RunState.FAILED]:
        lines.append(
            _to_runs("show the failed ones", replace(filter, state=RunState.FAILED), width)
        )
    return lines


def _to_runs(words: str, filter: RunFilter, width: int) -> Line:
    room = max(12, width - cells(words) - 5)
    return spans(
        ("\u2192 ", FAINT),
        (words, Link("accent", filter)),
        (f"  {display(to_text(filter), room)}", FAINT),
    )


def _run_link(run_id: int, task: int | None = None) -> tuple[str, str]:
    return f"run {run_id}", Link("accent", Subject("run", run_id, task))


def _value(row: EvaluationRow) -> str:
    return f"{'' if row.value is None else number(row.value):>9}  "


def _task_name(task_id: int | None, names: NameBook) -> str:
    task = names.tasks.get(task_id or 0)
    return f"task {task_id}" + (f", {display(task.dataset_name, 60)}" if task is not None else "")


def _named(name: str | None, id: int | None, width: int) -> str:
    if name:
        return display(name, max(8, width))
    return "" if id is None else f"#{id}"


def _best(about: About, names: NameBook, width: int) -> list[Line]:
    if not about.best:
        return []
    where = _task_name(about.best[0].task_id, names) if about.subject.kind != "task" else ""
    lines = title(f"Best by {about.measure}", f"  {where}" if where else "")
    for row in about.best:
        flow = row.flow_name or names.flows.get(row.flow_id or 0)
        user = _named(names.users.get(row.uploader or 0), row.uploader, 20)
        room = width - 28 - cells(user)
        what = "" if about.subject.kind == "flow" else _flow(flow, row.flow_id, room)
        lines.append(spans(_value(row), _run_link(row.run_id), f"  {what}", (f"  {user}", FAINT)))
    return lines


def _flow(name: str | None, id: int | None, room: int) -> str:
    room = max(8, room)
    return display(short_name(name, room), room) if name else _named(None, id, room)


def _tasks(about: About, names: NameBook, width: int) -> list[Line]:
    if not about.tasks:
        return []
    lines = title("Its tasks", f"  most runs first, the best by {about.measure}")
    for one in about.tasks:
        subject = Subject("task", one.task_id)
        count = f"{one.count:,} run{'s' if one.count != 1 else ''}"
        room = max(12, width - 36)
        name = display(_task_name(one.task_id, names), room)
        lines.append(
            spans(_value(one.best), _run_link(one.best.run_id, one.task_id), "  ",
                  (name, Link("", subject)), (f"  {count}", FAINT))
        )  # fmt: skip
    return lines


def _latest(about: About, names: NameBook, width: int) -> list[Line]:
    if not about.latest:
        return []
    lines = title("Latest")
    for row in about.latest:
        failed = RunState.FAILED if row.error_message else None
        sign = (f"{failed.glyph} ", LOOKS[failed]) if failed is not None else "  "
        when = display(row.upload_time or "", 19)[:16]
        what = _what(about, row, names, width - 36)
        lines.append(spans(sign, _run_link(row.run_id), (f"  {when}  ", FAINT), what))
    return lines


def _what(about: About, row: RunRow, names: NameBook, room: int) -> str:
    task = names.tasks.get(row.task_id or 0)
    data = task.dataset_name if task is not None else f"task {row.task_id}"
    if about.subject.kind == "flow":
        return display(data, max(8, room))
    flow = _flow(names.flows.get(row.flow_id or 0), row.flow_id, room - 16)
    if about.subject.kind in ("task", "data"):
        return flow
    return display(f"{flow} on {data}", max(8, room))


def _errors(about: About, width: int) -> list[Line]:
    if not about.errors or about.filter is None:
        return []
    lines = title("What fails")
    for group in about.errors:
        runs = group.within(about.filter)
        text = error_line(group.signature, max(12, width - 9))
        lines.append(spans(f"{group.count:>7,}  ", (text, Link("bad", runs))))
    return lines


# -- for programs ----------------------------------------------------------------------------------


def subject_object(about: About, names: NameBook, address: str) -> dict[str, object]:
    """All of it as plain values, for JSON. ``address``: of its page on the website."""
    return {
        "subject": about.subject.text,
        "kind": about.subject.kind,
        "id": about.subject.id,
        "name": about.name,
        "facts": [
            {"name": fact.name, "value": fact.text,
             "subject": fact.subject.text if fact.subject is not None else None}
            for fact in about.facts
        ],
        "runs": about.total,
        "looked_at": about.read,
        "states": {
            "ok": about.states[RunState.OK],
            "failed": about.states[RunState.FAILED],
            "without_scores": about.states[RunState.UNKNOWN],
        },
        "filter": to_text(about.filter) if about.filter is not None else None,
        "measure": about.measure or None,
        "best": [_evaluation(row, names) for row in about.best],
        "tasks": [
            {"task_id": one.task_id, "runs": one.count, "best": _evaluation(one.best, names)}
            for one in about.tasks
        ],
        "latest": [row._asdict() for row in about.latest],
        "errors": [
            {"error": group.signature, "runs": group.count} for group in about.errors
        ],
        "page": address or None,
        "failures": about.failures,
    }  # fmt: skip


def _evaluation(row: EvaluationRow, names: NameBook) -> dict[str, object]:
    return {
        "run_id": row.run_id,
        "value": row.value,
        "task_id": row.task_id,
        "data_name": row.data_name,
        "flow_id": row.flow_id,
        "flow_name": row.flow_name or names.flows.get(row.flow_id or 0),
        "setup_id": row.setup_id,
        "uploader": row.uploader,
        "uploader_name": names.users.get(row.uploader or 0),
        "upload_time": row.upload_time,
    }


def subject_markdown(about: About, names: NameBook, address: str) -> str:
    """The page as Markdown."""
    from runbrowser.text import markdown

    head = f"# {about.subject.title}" + (f": {markdown(about.name, 300)}" if about.name else "")
    parts = [head, ""]
    parts += [f"- {fact.name or 'also'}: {markdown(fact.text, _LONGEST)}" for fact in about.facts]
    parts += [f"- page: <{address}>"] if address else []
    runs = f"{about.total:,}" if about.total is not None else f"more than {about.read:,}"
    told = (f"{count:,} {_WORDS[state].partition(':')[0]}" for state, count in _in_order(about))
    parts += ["", f"Runs: {runs} ({', '.join(told)})" if about.read else f"Runs: {runs}"]
    rows = about.best or [one.best for one in about.tasks]
    if rows:
        parts += ["", f"## Best by {about.measure}", "", "| value | run | flow | task | uploader |",
                  "|---:|---:|---|---|---|"]  # fmt: skip
        for row in rows:
            one = _evaluation(row, names)
            flow = markdown(short_name(str(one["flow_name"] or one["flow_id"] or "")), 120)
            task = f"{markdown(row.data_name or '', 60)} #{row.task_id}"
            user = markdown(one["uploader_name"] or one["uploader"] or "", 60)
            value = "" if row.value is None else number(row.value)
            parts.append(f"| {value} | {row.run_id} | {flow} | {task} | {user} |")
    if about.errors:
        parts += ["", "## What fails", ""]
        parts += [f"- {g.count:,} x {markdown(error_line(g.signature, 200))}" for g in about.errors]
    return "\n".join([*parts, ""])


def _in_order(about: About) -> Sequence[tuple[RunState, int]]:
    return [(state, about.states[state]) for state in _WORDS if about.states[state]]
