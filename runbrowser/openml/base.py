"""What the screen asks of a place where rows come from."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from runbrowser.models import (
    EvaluationRow,
    Facts,
    NameBook,
    Run,
    RunFilter,
    RunRow,
    Trace,
)

if TYPE_CHECKING:
    from runbrowser.client.http import AsyncHTTPClient

__all__ = [
    "Abilities",
    "Facts",
    "GroupCount",
    "NameBook",
    "Progress",
    "RunSource",
    "Sort",
    "SourcePage",
    "Tally",
]


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a source can do beyond giving pages; the screen promises no more than this."""

    counts: bool = False  # knows how many runs match
    sorts: frozenset[str] = frozenset()  # columns by which it orders all matching runs
    searches_text: bool = False  # looks for error text itself
    writes: bool = False  # may tag, untag, delete and publish


class Sort(NamedTuple):
    """An order of all runs that match: by a column, turned round or not; ``measure`` is that of a
    score, '' for the source's own.
    """

    column: str
    reverse: bool = False
    measure: str = ""


@dataclass(frozen=True, slots=True)
class SourcePage:
    """A page of rows as it is shown. ``number`` counts from 0.

    ``last``: nothing comes after it. ``looked_at`` counts the server's rows that were read for the
    page; with a filter that only the rows can tell, that is more than ``rows``. ``stopped`` tells
    that the search went on long enough and was given up for now, not that there are no more.

    ``total`` counts all runs that match, where that is known; ``about`` estimates it. ``first_of``
    is set when the rows are ordered among the first so many of a larger list only. ``provisional``:
    all rows are being read, after which the page has its final order. ``following`` are rows of the
    next pages that are at hand; ``requests`` is what the page cost. ``facts``: what was found out
    of the rows while they were looked for, by run id.
    """

    rows: tuple[RunRow, ...]
    number: int
    size: int
    last: bool
    total: int | None = None
    looked_at: int = 0
    unread: int = 0
    repeated: int = 0  # rows sent twice, for runs that two engines evaluated
    stopped: bool = False
    about: int | None = None
    first_of: int | None = None
    newest_first: bool = False
    provisional: bool = False
    following: tuple[RunRow, ...] = ()
    requests: int = 0
    facts: Mapping[int, Facts] = field(default_factory=dict)


Progress = Callable[[str], None]
"""Told in words how far a long search is."""


@dataclass(slots=True)
class Tally:
    """How far a walk has come: rows looked at, runs found among them, rows that nobody can read."""

    looked_at: int = 0
    found: int = 0
    unread: int = 0


@dataclass(frozen=True, slots=True)
class GroupCount:
    """How many runs have something in common: ``value`` is the id of it, or the essence of their
    errors; ``name`` what is shown with it.
    """

    value: int | str | None
    name: str | None
    runs: int
    failed: int
    example: int  # the newest run of the group


class RunSource(Protocol):
    """Gives pages of rows, single runs, and what is known beside the rows."""

    address: str  # the server's base URL, '' for a local copy
    abilities: Abilities
    names: NameBook
    why_read_only: str  # why nothing can be changed here, in words; '' when it can
    key_origin: str  # where the API key came from, should it be refused
    user_id: int | None  # who ``uploader:me`` is, if that is known

    @property
    def label(self) -> str:
        """Where the rows come from, for the status line."""
        ...

    async def page(
        self,
        filter: RunFilter,
        number: int,
        size: int,
        progress: Progress | None = None,
        *,
        fresh: bool = False,
        oldest_first: bool = False,
        sort: Sort | None = None,
    ) -> SourcePage:
        """One page of the runs that match, the newest first where the source can tell; ``fresh``
        asks for what was read before anew, ``sort`` is for a source whose abilities name its
        column. Raises OpenMLServerError and its kinds.
        """
        ...

    def refusal(self, filter: RunFilter) -> str:
        """Why it cannot look for a filter, in words that say what can; '' when it can."""
        ...

    def note_changes(self, run_ids: Iterable[int], gone: Iterable[int]) -> None:
        """Runs that were changed through ``http``, and those of them that are no more."""
        ...

    async def finish(self, filter: RunFilter) -> None:
        """Reads the rest of a list whose first page was provisional."""
        ...

    def whole(self, filter: RunFilter) -> Sequence[RunRow] | None:
        """All runs that match, if all were read."""
        ...

    async def count(self, filter: RunFilter) -> bool:
        """Counts the runs that match, by one request at most; whether it could. Pages asked for
        from then on tell the number. Raises OpenMLServerError and its kinds.
        """
        ...

    def walk(
        self,
        filter: RunFilter,
        *,
        most: int | None = None,
        progress: Progress | None = None,
        tally: Tally | None = None,
    ) -> AsyncIterator[Sequence[RunRow]]:
        """All runs that match, each once, in pieces; at most ``most`` of them. ``tally`` is kept
        up to date, also when ``progress`` is told.
        """
        ...

    async def group_counts(self, filter: RunFilter, by: str) -> list[GroupCount] | None:
        """All runs that match grouped by ``error``, ``flow``, ``task`` or ``uploader``, the largest
        group first, at most 10,000; None where the runs have to be read for that.
        """
        ...

    async def matches(self, rows: Sequence[RunRow], filter: RunFilter) -> list[RunRow]:
        """The rows that a filter on state or error text lets through."""
        ...

    async def run(self, run_id: int, *, fresh: bool = False) -> Run:
        """One run with everything it has; ``fresh`` passes over kept replies."""
        ...

    async def with_files(self, run: Run) -> Run:
        """The run with the addresses of its files, which V2 does not tell."""
        ...

    async def trace(self, run_id: int) -> Trace:
        """What the search of a run tried. Raises OpenMLServerException when it has no trace."""
        ...

    async def download_file(
        self, url: str, target: Path, progress: Callable[[int, int | None], None] | None = None
    ) -> int:
        """Fetches a run's file; its size in bytes. ``progress`` is told the bytes so far and in
        all, None where that is not known.
        """
        ...

    def learning(
        self,
        rows: Sequence[RunRow],
        told: Callable[[dict[int, Facts]], None],
        following: Sequence[RunRow] = (),
    ) -> AsyncGenerator[str]:
        """Finds states, scores and names for rows by the cheapest calls, a request a step: yields
        before each what it is for, 'state' or 'name'. ``told`` hears the news (names go into the
        name book before it is called); what comes along of ``following`` rows is noted, too.
        """
        ...

    async def learn(
        self,
        rows: Sequence[RunRow],
        told: Callable[[dict[int, Facts]], None],
        *,
        names: bool = True,
        states: bool = True,
    ) -> None:
        """As :meth:`learning`, all steps at once; ``names`` or ``states`` (with scores) alone."""
        ...

    async def learn_names(self, rows: Sequence[RunRow]) -> None:
        """Finds names for rows, by two requests at the most."""
        ...

    async def name_flow(self, flow_id: int) -> None:
        """Notes names and defaults of a flow and its components, if they can be had."""
        ...

    async def scores(
        self, run_ids: Sequence[int], measure: str, *, per_fold: bool = False
    ) -> list[EvaluationRow]:
        """One measure of some runs, or its values per fold; runs without it are left out."""
        ...

    async def measures(self) -> list[str]:
        """The names of all measures that the source knows."""
        ...

    async def best(
        self, task_id: int, measure: str, *, highest_first: bool, limit: int
    ) -> list[EvaluationRow]:
        """The runs of a task in the order of one measure, from the best; names are noted."""
        ...

    @property
    def http(self) -> AsyncHTTPClient:
        """The client that changes go through, where ``why_read_only`` allows any."""
        ...

    async def tags(self) -> list[str]:
        """All tags in use, for completion."""
        ...

    def run_page(self, run_id: int) -> str:
        """The address of a run's page on the website."""
        ...

    async def close(self) -> None:
        """Ends all that the source holds open."""
        ...
