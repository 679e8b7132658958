"""Lines of a comparison: one column a run, beside a first column that always stays.

The screen and the command line draw the same lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from textwrap import wrap

from runbrowser.pages.lines import FAINT, Line, text_of
from runbrowser.text import cells, display, fit

BASELINE, BEST, NONE = "\u25c6", "\u2605", "\u2013"
_LEAST, _MOST = 16, 36  # columns of a run
_CELL_LINES = 3  # lines that a long value may take
_LONGEST = 1_100  # characters of a value that are looked at


@dataclass(frozen=True, slots=True)
class Layout:
    """Where columns stand: ``shown`` are the places of the runs that there is room for."""

    width: int
    label: int
    column: int
    shown: range
    count: int
    fine: bool = False  # whether text can be drawn with its colours reversed


@dataclass(slots=True)
class Page:
    """Lines, and at which of them sections begin."""

    lines: list[Line] = field(default_factory=list)
    sections: list[int] = field(default_factory=list)

    @property
    def plain(self) -> str:
        """The lines as one text."""
        return "\n".join(text_of(line).rstrip() for line in self.lines)


def lay_out(count: int, width: int, first: int = 0, *, fine: bool = False) -> Layout:
    """Columns for so many runs, from the one at place ``first`` on if not all have room."""
    label = 24 if width >= 110 else 20 if width >= 76 else 15
    fits = max(1, min(count, (width - label) // (_LEAST + 1)))
    column = max(8, min(_MOST, (width - label) // fits - 1))
    first = max(0, min(first, count - fits))
    return Layout(width, label, column, range(first, first + fits), count, fine)


def differ(count: int) -> str:
    """The verb for so many."""
    return "differs" if count == 1 else "differ"


def pad(text: str, width: int) -> str:
    text = fit(text, width)
    return text + " " * (width - cells(text))


def wrapped(words: str, width: int, look: str, indent: int = 0) -> Iterator[Line]:
    for piece in wrap(words, max(12, width - indent), break_on_hyphens=False):
        yield [(" " * indent + piece, look)]


def section(text: str, remark: str, width: int) -> Iterator[Line]:
    """A section's name, and beside it what is to be known of the whole section."""
    pieces = wrap(remark, width, initial_indent=" " * (len(text) + 2), break_on_hyphens=False)
    first, *rest = pieces or [""]
    yield [(text, "title"), (first[len(text) :], "faint")]
    for piece in rest:
        yield [(piece, "faint")]


def side_by_side(
    layout: Layout, label: str, columns: Sequence[tuple[list[str], str]]
) -> Iterator[Line]:
    for number in range(max((len(lines) for lines, _ in columns), default=0)):
        line: Line = [(pad(label if not number else "", layout.label - 1) + " ", FAINT)]
        for lines, look in columns:
            text = lines[number] if number < len(lines) else ""
            line += [(pad(text, layout.column), look if text.strip() else ""), (" ", "")]
        yield line


def different(values: Sequence[str | None], width: int) -> list[str | None]:
    """Values made harmless; where long ones begin alike, from shortly before they differ."""
    texts = [None if value is None else display(value, _LONGEST) for value in values]
    known = {text for text in texts if text is not None}
    room = width * _CELL_LINES
    if len(known) < 2 or max(map(len, known)) <= room:
        return texts
    alike = min(known)
    other = max(known)
    common = next(
        (n for n, (a, b) in enumerate(zip(alike, other, strict=False)) if a != b),
        min(len(alike), len(other)),
    )
    skip = common - width // 2
    if skip < width:
        return texts
    return [None if text is None else f"\u2026{text[skip:]}" for text in texts]


def folded(text: str, width: int) -> list[str]:
    """A value in a few lines, the last one cut where it is longer still."""
    lines = [""]
    for word in text.split(" "):
        joined = f"{lines[-1]} {word}" if lines[-1] else word
        if cells(joined) <= width:
            lines[-1] = joined
            continue
        if lines[-1]:
            lines.append("")
        while cells(word) > width:  # a word that no line has room for
            if len(lines) >= _CELL_LINES:
                break
            part = word[:width]
            while cells(part) > width:
                part = part[:-1]
            lines[-1] = part
            lines.append("")
            word = word[len(part) :]
        lines[-1] = word
    if len(lines) > _CELL_LINES:
        lines[_CELL_LINES - 1 :] = [" ".join(lines[_CELL_LINES - 1 :])]
    lines[-1] = fit(lines[-1], width)
    return lines
