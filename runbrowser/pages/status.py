"""The status lines' words: what is shown, the filter in force, the source, what happened last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from textwrap import wrap

from rich.cells import get_character_cell_size
from textual.content import Content

from runbrowser.models import RunState
from runbrowser.openml.base import SourcePage
from runbrowser.text import display

_ERROR_LINES = 3  # an error says what to do next, so it may take more room than other notes
GAP = "  \u2502  "


@dataclass(frozen=True, slots=True)
class Note:
    """One thing to tell: ``kind`` is 'info', 'busy', 'done' or 'error'."""

    text: str
    kind: str = "info"


_MARKS = {"busy": ("\u2026 ", "$text-muted"), "done": ("\u2713 ", "$text-success"),
          "error": ("\u2717 ", "$text-error"), "info": ("", "")}  # fmt: skip


def shown(page: SourcePage | None) -> str:
    """Which of the runs are on the screen."""
    if page is None:
        return "no runs yet"
    if not page.rows:
        return "no runs" if page.number == 0 else f"nothing on page {page.number + 1}"
    # offsets count what the server sends, so runs that it sends twice count here as well
    first = page.number * page.size + 1
    final = first + len(page.rows) + page.repeated + page.unread - 1
    text = f"runs {first:,}\u2013{final:,}"
    if page.total is not None or page.last:
        text += f" of {final if page.total is None else page.total:,}"
    return f"{text}, page {page.number + 1}"


def _remarks(page: SourcePage | None) -> Content:
    """What is odd about the page: given up, unreadable, sent twice."""
    if page is None:
        return Content("")
    words = []
    if page.stopped:
        words.append(f"looked at {page.looked_at:,}; n looks further")
    if page.unread:
        words.append(f"{page.unread} unreadable")
    if page.repeated:
        words.append(f"{page.repeated} sent twice")
    return Content.styled(f" ({', '.join(words)})", "$text-warning") if words else Content("")


def counts(found: Mapping[RunState, int]) -> Content:
    """How many of the rows shown are in each state; states that none is in are left out."""
    from runbrowser.pages.rows import LOOKS

    styles = {
        "ok": "$text-success",
        "failed": "$text-error",
        "evaluation-failed": "$text-warning",
        "not-evaluated": "$text-secondary",
        "faint": "$text-muted",
    }
    parts = [
        Content.styled(f"{state.glyph} {found[state]}", styles[LOOKS[state]])
        for state in RunState
        if found.get(state) and state is not RunState.UNKNOWN
    ]
    return Content("  ").join(parts)


def facts_line(
    page: SourcePage | None,
    states: Mapping[RunState, int],
    filter_text: str,
    source: str,
    width: int,
    *,
    marked: int = 0,
    columns: str = "",
    watching: str = "",
) -> Content:
    """The upper status line, at most ``width`` cells: the source gives way first, then counts.

    ``columns`` tells of columns that are wanted and not seen, ``watching`` what a watch has seen.
    """
    left = Content.styled(shown(page), "bold")
    if marked:
        left += Content.styled(f"{GAP}\u25cf {marked:,} marked", "bold $text-accent")
    remarks = _remarks(page)
    seen = Content.styled(f"{GAP}{watching}", "$text-accent") if watching else Content("")
    filtered = Content("")
    if filter_text:
        room = max(12, width // 2 - 6)
        filtered = Content.assemble(
            GAP, (display(filter_text, room), "bold $text-accent"), (" esc clears", "$text-muted")
        )
    tally = counts(states)
    if tally:
        tally = Content(GAP) + tally
    right = Content.styled(display(source, 48), "$text-muted")
    if columns:
        left += Content.styled(f"{GAP}{columns}", "$text-secondary")
    for line in (
        left + remarks + seen + filtered + tally,
        left + seen + filtered + tally,
        left + seen + filtered,
        left + seen,
        left,
    ):
        rest = width - line.cell_length - right.cell_length - 2
        if rest >= 0:
            return line + Content(" " * (rest + 2)) + right
        if line.cell_length <= width:
            return line
    return left


def _folded(text: str, width: int, most: int) -> str:
    """A text as at most so many lines of ``width`` cells; what is cut ends in an ellipsis."""
    # a character that takes two cells is counted as two, with a second one that is taken out again
    counted = "".join(f"{char}\0" if get_character_cell_size(char) > 1 else char for char in text)
    lines = wrap(counted, width)
    if len(lines) > most:
        lines[most - 1] = lines[most - 1][: width - 1].rstrip() + "\u2026"
    return "\n".join(lines[:most]).replace("\0", "")


def note_line(note: Note | None, hints: Iterable[tuple[str, str]], width: int) -> Content:
    """The lower status line: the last thing told, else the keys that help now."""
    if note is not None and note.text:
        mark, style = _MARKS[note.kind]
        most = _ERROR_LINES if note.kind == "error" else 1
        return Content.styled(_folded(display(mark + note.text), max(width, 8), most), style)
    line = Content("")
    for key, label in hints:
        part = Content.assemble((key, "bold $text-primary"), (f" {label}", "$text-muted"))
        gap = Content("   " if line else "")
        if line.cell_length + gap.cell_length + part.cell_length > width:
            break
        line = line + gap + part
    return line
