"""What a sync asks for, as values: pieces of lists, and how a list is cut where offsets fail.

No I/O. A piece is a filter with an offset. Where the server's list ends is known (its length was
told) or not (the list is followed until a page is short); what lies too deep for the server, which
times out on far offsets, is asked for by groups of tasks instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from runbrowser.client.calls.v1 import MAX_LIMIT, filter_segments
from runbrowser.client.resources.paging import split
from runbrowser.fields.filters import to_text
from runbrowser.models import RunFilter

BLOCK = MAX_LIMIT
"""Rows of a piece."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A block of a list. ``measure`` None: of runs, else of the values of that measure.

    ``follow``: nobody knows how long the list is, so after a full block the one that begins
    ``stride`` rows further is asked for.
    """

    filter: RunFilter
    offset: int = 0
    measure: str | None = None
    follow: bool = True
    stride: int = BLOCK

    @property
    def step(self) -> str:
        """The piece as text, by which a sync remembers that it was done."""
        return f"{self.measure or 'runs'} | {to_text(self.filter)} | {self.offset}"

    def next(self) -> Piece:
        """The block that follows this one."""
        return replace(self, offset=self.offset + self.stride)


def blocks(filter: RunFilter, total: int, measure: str | None = None) -> list[Piece]:
    """All blocks of a list of ``total`` rows."""
    return [
        Piece(filter, offset, measure, follow=False) for offset in range(0, max(total, 1), BLOCK)
    ]


def chains(filter: RunFilter, measure: str | None, at_once: int) -> list[Piece]:
    """The beginnings of a list of unknown length that is read by several at once."""
    return [
        Piece(filter, number * BLOCK, measure, stride=at_once * BLOCK) for number in range(at_once)
    ]


def by_tasks(
    filter: RunFilter, tasks: Sequence[int], rows_a_task: float, most: int, measure: str | None
) -> list[Piece]:
    """The beginnings of lists that together are the whole one, each of one group of tasks and
    probably not longer than ``most`` rows.
    """
    wanted = [task for task in tasks if not filter.task or task in filter.task]
    size = max(1, int(most / max(rows_a_task, 1)))
    pieces: list[Piece] = []
    for start in range(0, len(wanted), size):
        group = replace(filter, task=tuple(wanted[start : start + size]))
        pieces += [Piece(part, 0, measure) for part in split(group)]
    return pieces


def halves(piece: Piece) -> list[Piece]:
    """The piece's list as the lists of two groups of its tasks; empty when it has but one."""
    tasks = piece.filter.task
    if len(tasks) < 2:
        return []
    middle = len(tasks) // 2
    return [
        Piece(replace(piece.filter, task=part), 0, piece.measure)
        for part in (tasks[:middle], tasks[middle:])
    ]


def windows(ids: Sequence[int], filter: RunFilter) -> Iterator[RunFilter]:
    """Look-ups of ids, as many in each as a path takes."""
    yield from split(replace(filter, ids=tuple(ids)))


_EVERY_TYPE = tuple(range(1, 40))


def countable(filter: RunFilter) -> RunFilter:
    """The filter as V1 counts it: without any it counts nothing, but every run has a task type."""
    bare = not filter_segments(replace(filter, show_errors=False))
    return replace(filter, task_type=_EVERY_TYPE) if bare else filter
