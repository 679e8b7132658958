"""Copies in the trash as the lines of a table and as words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from runbrowser.bulk.entry import Entry
from runbrowser.pages.lines import BLANK, FAINT, Lines, broken, spans
from runbrowser.pages.numbers import age, size_words
from runbrowser.pages.rows import MARK, Cell, error_line
from runbrowser.text import display, display_lines
from runbrowser.triage.flow_names import short_name

_FLOW = 28  # cells


class Column(NamedTuple):
    """``label`` is its head, ``least`` the width of the screen from which the column is shown."""

    key: str
    label: str
    width: int
    least: int


_COLUMNS = (
    Column("run", "  run", 9, 0),
    Column("deleted", "deleted", 14, 0),
    Column("restored", "restored", 8, 70),
    Column("size", "    size", 8, 90),
    Column("flow", "flow", _FLOW, 110),
)
_LONGEST_LIST = 300  # copies named before they are taken away for good


def columns(width: int) -> tuple[list[tuple[str, int]], str]:
    """The columns for which a screen has room, and the label of the last: the error, or the flow
    where there is little room.
    """
    shown = [(column.label, column.width) for column in _COLUMNS if width >= column.least]
    return shown, "error" if len(shown) == len(_COLUMNS) else "flow and error"


def cells(
    entry: Entry, width: int, rest: int, *, marked: bool, restored_as: int | None
) -> list[Cell]:
    """A line of the table on a screen of ``width``; ``rest`` is the width of the last column."""
    keys = [column.key for column in _COLUMNS if width >= column.least]
    flow = short_name(str(entry.told.get("flow_name") or ""))
    error = str(entry.told.get("error_message") or "")
    texts = {
        "run": Cell(f"{MARK if marked else ' '} {entry.run_id}", "mark" if marked else ""),
        "deleted": Cell(age(entry.kept_at), "faint"),
        "restored": Cell("" if restored_as is None else str(restored_as), "ok"),
        "size": Cell(size_words(entry.size), "faint", right=True),
        "flow": Cell(display(flow, _FLOW)),
    }
    if "flow" in keys:
        last = Cell(error_line(error, rest), "error")
    else:
        last = Cell(display(flow, rest)) if not error else Cell(_both(flow, error, rest))
    return [*(texts[key] for key in keys), last]


def _both(flow: str, error: str, width: int) -> str:
    """Flow and error in one cell; the flow gives way first, as the page below names it."""
    short = display(flow, max(8, width // 2))
    return f"{short}  {error_line(error, max(1, width - len(short) - 2))}"


def count(copies: int) -> str:
    """A number of copies in words."""
    return "1 copy" if copies == 1 else f"{copies:,} copies"


def head(copies: int, size: int, marked: int, due: int, damaged: int = 0) -> str:
    """The first line: how many copies, how large, how many are marked, past the bounds, damaged."""
    bad = f"{count(damaged)} damaged: 'runbrowser trash list' names them" if damaged else ""
    if not copies:
        return bad or "The trash is empty"
    words = [f"Trash   {count(copies)}, {size_words(size)}"]
    if marked:
        words.append(f"{MARK} {marked:,} marked")
    if due:
        words.append(f"{due:,} past its bounds")
    if bad:
        words.append(bad)
    return "   ".join(words)


def page(entry: Entry, restored_as: int | None, width: int) -> Lines:
    """What is known of one copy."""
    told = entry.told
    whose = {"server": "the server's "}  # what it told of the run, beside the run's own files
    files = [
        f"{whose.get(str(file['kind']), '')}{file['name']} ({size_words(int(file['size']))})"
        for file in entry.files
    ]
    pairs = [
        ("restored", f"as run {restored_as}" if restored_as is not None else ""),
        ("flow", short_name(str(told.get("flow_name") or ""))),
        ("task", f"#{told.get('task_id')}"),
        ("uploader", str(told.get("uploader_name") or told.get("uploader") or "")),
        ("tags", " ".join(f"#{tag}" for tag in entry.tags)),
        ("files", ", ".join(files)),
        ("missing", "; ".join(entry.missing)),
    ]
    looks = {"restored": "good", "tags": "accent", "missing": "warning"}
    lines = [spans((f"Run {entry.run_id}", "strong"), (f"  deleted {age(entry.kept_at)}", FAINT))]
    lines += [
        spans((f"{name:<10}", FAINT), (display(value, 300), looks.get(name, "")))
        for name, value in pairs
        if value
    ]
    error = str(told.get("error_message") or "").strip()
    if error:
        lines.append(BLANK)
        for line in display_lines(error, 4_000).split("\n"):
            lines.append(spans((line, "bad")))
    return Lines([broken(lines, width)])


def purge_page(entries: Sequence[Entry], restored: Mapping[str, int | None]) -> Lines:
    """What is taken away for good, to be read before it is."""
    never = sum(1 for entry in entries if restored.get(entry.name) is None)
    lines = [spans((f"Take {count(len(entries))} away", "strong-bad"))]
    if never and len(entries) == 1:
        lines.append(spans("It was not restored: nothing brings it back."))
    elif never:
        lines.append(spans(f"{never:,} of them were not restored: nothing brings them back."))
    else:
        lines.append(spans("What was restored from here stays on the server."))
    lines.append(BLANK)
    for entry in entries[:_LONGEST_LIST]:
        restored_as = restored.get(entry.name)
        told = f"  restored as {restored_as}" if restored_as is not None else ""
        lines.append(
            spans(
                (f"{entry.run_id}", "strong"),
                (f"  {size_words(entry.size):>8}", ""),
                (f"  deleted {age(entry.kept_at)}", FAINT),
                (told, "good"),
                (f"  {display(' '.join(f'#{tag}' for tag in entry.tags), 60)}", "accent"),
            )
        )
    if len(entries) > _LONGEST_LIST:
        lines.append(spans((f"and {len(entries) - _LONGEST_LIST:,} more", FAINT)))
    return Lines([lines])
