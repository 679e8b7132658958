"""Error groups as the lines of a table and as words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from runbrowser.openml.base import NameBook
from runbrowser.pages.lines import BLANK, FAINT, Line, Lines, broken, spans
from runbrowser.pages.rows import MARK, Cell, error_line
from runbrowser.text import display, display_lines
from runbrowser.triage.flow_names import short_name
from runbrowser.triage.signatures import By, ErrorGroup

PART_MARKED = "\u25d0"  # some of a group's runs are marked, not all


class Column(NamedTuple):
    """``label`` is its head, ``least`` the width of the screen in cells from which it is shown."""

    key: str
    label: str
    width: int
    least: int = 0
    by: tuple[By, ...] = ("message", "flow", "task")


COLUMNS = (
    Column("runs", "    runs", 8),
    Column("share", "share", 6, 70),
    Column("rate", "   rate of", 14, 0, ("flow", "task")),
    Column("first_seen", "first seen", 10, 100),
    Column("last_seen", "last seen", 10, 80),
    Column("flows", "flows", 5, 70, ("message", "task")),
    Column("kinds", "kinds", 5, 70, ("flow", "task")),
    Column("flow", "flow", 24, 0, ("flow",)),
    Column("task", "task", 24, 0, ("task",)),
)
"""Every column but the last, which takes the rest: the error, or what most runs say."""


def columns(width: int, by: By = "message", *, rated: bool = False) -> list[Column]:
    """The columns for which a screen has room, without starving the error; ``rated``: how often
    each fails for what it ran, in place of its share of all failures.
    """
    other = "share" if rated else "rate"
    return [
        column
        for column in COLUMNS
        if width >= column.least and by in column.by and column.key != other
    ]


def cells(
    group: ErrorGroup,
    total: int,
    shown: Sequence[Column],
    width: int,
    names: NameBook,
    *,
    marked: int = 0,
) -> list[Cell]:
    """One line of the table; ``width`` is that of the error column, ``marked`` counts the group's
    runs that are marked.
    """
    name = Cell(_shared(group, names, 24))
    share = 100 * group.count / total if total else 0
    mark = " " if not marked else MARK if marked >= group.count else PART_MARKED
    texts = {
        "runs": Cell(f"{mark} {group.count:>6,}", "mark" if marked else ""),
        "share": Cell(f"{share:5.1f}%", "faint"),
        "rate": Cell(f"{100 * group.rate:5.1f}% {group.seen:>7,}"),
        "first_seen": Cell(display(group.first_seen or "")[:10], "faint"),
        "last_seen": Cell(display(group.last_seen or "")[:10]),
        "flows": Cell(f"{len(group.flows):>5}"),
        "kinds": Cell(f"{len(group.messages):>5}"),
        "flow": name,
        "task": name,
    }
    error = Cell(error_line(group.signature, width), "error")
    return [*(texts[column.key] for column in shown), error]


def _tasks(names: NameBook) -> dict[int, str]:
    return {
        number: f"{task.dataset_name} #{number}"
        for number, task in names.tasks.items()
        if task.dataset_name
    }


def _shared(group: ErrorGroup, names: NameBook, width: int) -> str:
    """The flow or task that the runs of a group share."""
    if group.number is None:
        return "" if group.by == "message" else "not told"
    if group.by == "flow" and group.number in names.flows:
        number = f"  #{group.number}"  # two versions of a flow have one name
        room = width - len(number)
        return display(short_name(names.flows[group.number], room), room) + number
    return display(_tasks(names).get(group.number, f"#{group.number}"), width)


def _most(counter: Counter[int], names: dict[int, str], most: int = 5) -> str:
    parts = [
        f"{display(names.get(number) or f'#{number}', 40)} ({count})"
        for number, count in counter.most_common(most)
    ]
    more = len(counter) - most
    return ", ".join(parts) + (f" and {more} more" if more > 0 else "")


def _counted(title: str, counter: Counter[int], names: dict[int, str]) -> Line:
    return spans((f"{title:<11}", FAINT), _most(counter, names))


def page(group: ErrorGroup, total: int, names: NameBook, width: int) -> Lines:
    """What is known of one group, with an example in full, for ``width`` cells."""
    flows = {number: short_name(name) for number, name in names.flows.items()}
    tasks = _tasks(names)
    share = 100 * group.count / total if total else 0
    lines = [
        spans(
            (f"{group.count:,} run{'s' if group.count != 1 else ''}", "strong-bad"),
            (f"  {share:.1f} % of {total:,} failed runs", FAINT),
            (f"  {_shared(group, names, 200)}", "strong"),
        ),
        *_read(group),
        *_messages(group, width),
        *([] if group.by == "flow" else [_counted("flows", group.flows, flows)]),
        *([] if group.by == "task" else [_counted("tasks", group.tasks, tasks)]),
        _counted("uploaders", group.uploaders, names.users),
        spans(
            ("seen       ", FAINT),
            f"{display(group.first_seen or '?', 19)} to {display(group.last_seen or '?', 19)}",
        ),
        BLANK,
        spans((f"for example run {group.example.run_id}", FAINT)),
    ]
    example = display_lines((group.example.error_message or "").strip(), 4_000)
    lines += [spans((line, "bad")) for line in example.split("\n")]
    return Lines([broken(lines, width)])


def _read(group: ErrorGroup) -> list[Line]:
    """Of which runs the rest is told, where not all were read."""
    read = len(group.run_ids)
    if group.count <= read:
        return []
    which = f"the newest {read:,} of them were read" if read > 1 else "the newest of them was read"
    return [spans((f"{which}: what follows, marks and exports are of these", FAINT))]


def _messages(group: ErrorGroup, width: int) -> list[Line]:
    """What the runs of a group say, if not all say the same."""
    if len(group.messages) < 2 or group.by == "message":
        return []
    most = group.messages.most_common(5)
    lines = [
        spans(
            ("messages   " if not place else " " * 11, FAINT),
            f"{count:>5,}  ",
            (error_line(sign, max(20, width - 18)), "bad"),
        )
        for place, (sign, count) in enumerate(most)
    ]
    more = len(group.messages) - len(most)
    if more > 0:
        lines.append(spans((f"{'':18}and {more:,} kinds more", FAINT)))
    return lines
