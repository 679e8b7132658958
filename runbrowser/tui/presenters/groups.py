"""Error groups as the lines of a table and as words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from textual.content import Content

from runbrowser.sources.base import NameBook
from runbrowser.text import display, display_lines
from runbrowser.triage.flow_names import short_name
from runbrowser.triage.signatures import ErrorGroup
from runbrowser.tui.presenters.rows import MARK, Cell, error_line

PART_MARKED = "\u25d0"  # some of a group's runs are marked, not all


class Column(NamedTuple):
    """``least`` is the width of the screen in cells from which the column is shown."""

    label: str
    width: int
    least: int = 0


COLUMNS = (
    Column("    runs", 8),
    Column("share", 6, 70),
    Column("first seen", 10, 100),
    Column("last seen", 10, 80),
    Column("flows", 5, 70),
)
"""Every column but the last, which takes the rest: the error."""


def columns(width: int) -> list[Column]:
    """The columns for which a screen has room, without starving the error."""
    return [column for column in COLUMNS if width >= column.least]


def cells(
    group: ErrorGroup, total: int, shown: Sequence[Column], width: int, *, marked: int = 0
) -> list[Cell]:
    """One line of the table; ``width`` is that of the error column, ``marked`` counts the group's
    runs that are marked.
    """
    share = 100 * group.count / total if total else 0
    mark = " " if not marked else MARK if marked >= group.count else PART_MARKED
    texts = {
        "    runs": Cell(f"{mark} {group.count:>6,}", "mark" if marked else ""),
        "share": Cell(f"{share:5.1f}%", "faint"),
        "first seen": Cell(display(group.first_seen or "")[:10], "faint"),
        "last seen": Cell(display(group.last_seen or "")[:10]),
        "flows": Cell(f"{len(group.flows):>5}"),
    }
    error = Cell(error_line(group.signature, width), "error")
    return [*(texts[column.label] for column in shown), error]


def _most(counter: Counter[int], names: dict[int, str], most: int = 5) -> str:
    parts = [
        f"{display(names.get(number) or f'#{number}', 40)} ({count})"
        for number, count in counter.most_common(most)
    ]
    more = len(counter) - most
    return ", ".join(parts) + (f" and {more} more" if more > 0 else "")


def page(group: ErrorGroup, total: int, names: NameBook) -> Content:
    """What is known of one group, with an example in full."""
    flows = {number: short_name(name) for number, name in names.flows.items()}
    tasks = {
        number: f"{task.dataset_name} #{number}"
        for number, task in names.tasks.items()
        if task.dataset_name
    }
    share = 100 * group.count / total if total else 0
    lines = [
        Content.assemble(
            (f"{group.count:,} runs", "bold $text-error"),
            (f"  {share:.1f} % of {total:,} failed runs", "$text-muted"),
        ),
        Content.assemble(("flows      ", "$text-muted"), _most(group.flows, flows)),
        Content.assemble(("tasks      ", "$text-muted"), _most(group.tasks, tasks)),
        Content.assemble(("uploaders  ", "$text-muted"), _most(group.uploaders, names.users)),
        Content.assemble(
            ("seen       ", "$text-muted"),
            f"{display(group.first_seen or '?', 19)} to {display(group.last_seen or '?', 19)}",
        ),
        Content(""),
        Content.styled(f"for example run {group.example.run_id}", "$text-muted"),
    ]
    example = display_lines((group.example.error_message or "").strip(), 4_000)
    lines += [Content.styled(line, "$text-error") for line in example.split("\n")]
    return Content("\n").join(lines)
