"""The mirror as a source of the browser: lists, names and scores come from here.

Single runs, files and traces still come from the server or the cache, and changes go there.
"""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from runbrowser.errors import UsageError
from runbrowser.mirror.folder import MirrorError, MirrorFolder
from runbrowser.mirror.lists import OpenedList
from runbrowser.mirror.places import Place
from runbrowser.mirror.reading import Mirror
from runbrowser.mirror.search import NEWEST_FIRST, SORTABLE, Order, condition, order_of
from runbrowser.models import EvaluationRow, Facts, Run, RunFilter, RunRow, RunState, Trace
from runbrowser.openml.base import (
    Abilities,
    GroupCount,
    NameBook,
    Progress,
    Sort,
    SourcePage,
    Tally,
)

if TYPE_CHECKING:
    from runbrowser.client.http import AsyncHTTPClient
    from runbrowser.openml.live import LiveSource

T = TypeVar("T")

_BLOCK = 10_000  # rows of a walk that are read at a time
_KEPT_LISTS = 8
_GROUPS = 10_000


class MirrorSource:
    """Lists of a mirror, beside the live source of the server that it is a copy of.

    Pages are found by the place of the row before them, so that any page of any order costs about
    the same. A newer version of the mirror is taken up with the next page. Raises UsageError
    when there is no mirror, MirrorError when it cannot be read.
    """

    def __init__(self, folder: MirrorFolder, live: LiveSource) -> None:
        self.live = live
        self._folder = folder
        self._lock = threading.Lock()
        self._mirror = Mirror(folder)
        self._lists: OrderedDict[tuple[RunFilter, Order, int], OpenedList] = OrderedDict()
        self.names: NameBook = live.names
        self.address = live.address
        self.key_origin = live.key_origin
        self.user_id = live.user_id
        self.why_read_only = live.why_read_only
        self.abilities = Abilities(
            counts=True,
            sorts=frozenset(SORTABLE),
            searches_text=True,
            writes=live.abilities.writes,
        )

    @property
    def label(self) -> str:
        """Which mirror, and how old it is."""
        return f"mirror of {self.live.label.split()[-1]}, {age(self._mirror.synced_at)} old"

    @property
    def version(self) -> Path:
        """The file that is read."""
        return self._mirror.path

    @property
    def http(self) -> AsyncHTTPClient:
        """Changes go to the server."""
        return self.live.http

    def refusal(self, filter: RunFilter) -> str:
        """Why the mirror cannot look for a filter, in words; '' when it can."""
        try:
            condition(self._resolve(filter))
        except UsageError as error:
            return str(error)
        return ""

    async def _ask(self, question: Callable[[Mirror], T]) -> T:
        """Puts a question to the current version, beside the event loop."""
        return await asyncio.to_thread(lambda: question(self._mirror))

    def _take_newest(self) -> None:
        with self._lock:
            if self._mirror.is_current:
                return
            try:
                newest = Mirror(self._folder)
            except (MirrorError, UsageError):
                return  # purged, or made by other code: what is open can still be read
            # not closed: another thread may be reading it; it goes with the last who does
            self._mirror = newest

    # -- pages ---------------------------------------------------------------------------------

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
        """One page of all runs that match, in any order of ``abilities.sorts``."""
        asked = self._resolve(filter)
        await asyncio.to_thread(self._take_newest)
        order = order_of(sort, self._mirror.main_measure, oldest_first=oldest_first)
        return await self._ask(lambda mirror: self._read(mirror, asked, order, number, size))

    def _read(
        self,
        mirror: Mirror,
        asked: RunFilter,
        order: Order,
        number: int,
        size: int,
    ) -> SourcePage:
        key = asked, order, size
        with self._lock:
            opened = self._lists.get(key)
        gone = self._folder.changes.gone()
        if opened is None or opened.gone != gone or opened.version != mirror.path:
            earlier, opened = opened, OpenedList(mirror.path, mirror.count(asked), gone)
            if earlier is not None and earlier.gone == gone and not SORTABLE[order.column].names:
                # values and ids are the same in any version, the places of names are not
                opened.go_on(earlier, number)
            with self._lock:
                self._lists[key] = opened
                while len(self._lists) > _KEPT_LISTS:
                    self._lists.popitem(last=False)
        rows: list[RunRow] = []
        if number * size < opened.total:
            before, skipped = opened.before(number)
            rows, place = mirror.page(asked, size, order, before, skip=skipped * size)
            opened.places[number + 1] = place
        return SourcePage(
            rows=tuple(rows),
            number=number,
            size=size,
            last=(number + 1) * size >= opened.total,
            total=opened.total,
            looked_at=len(rows),
            newest_first=order == NEWEST_FIRST,
        )

    async def finish(self, filter: RunFilter) -> None:
        """No page is provisional."""

    async def count(self, filter: RunFilter) -> bool:
        """All pages tell how many match."""
        return True

    def whole(self, filter: RunFilter) -> Sequence[RunRow] | None:
        """Lists are not held."""
        return None

    async def walk(
        self,
        filter: RunFilter,
        *,
        most: int | None = None,
        progress: Progress | None = None,
        tally: Tally | None = None,
    ) -> AsyncIterator[Sequence[RunRow]]:
        """All runs that match, the newest first, of one version."""
        asked, mirror = self._resolve(filter), self._mirror
        tally = tally or Tally()
        place: Place | None = None
        while most is None or tally.found < most:
            size = _BLOCK if most is None else min(_BLOCK, most - tally.found)
            after = place
            rows, place = await asyncio.to_thread(mirror.page, asked, size, NEWEST_FIRST, after)
            tally.looked_at += len(rows)
            tally.found += len(rows)
            if rows:
                yield rows
            if len(rows) < size:
                return

    async def group_counts(self, filter: RunFilter, by: str) -> list[GroupCount]:
        """Groups of all runs that match."""
        asked = self._resolve(filter)
        return await self._ask(lambda mirror: mirror.groups(asked, by, _GROUPS))

    async def matches(self, rows: Sequence[RunRow], filter: RunFilter) -> list[RunRow]:
        """Those of some rows that a filter lets through."""
        wanted = tuple(row.run_id for row in rows)
        if not wanted:
            return []
        asked = replace(self._resolve(filter), ids=wanted)
        found, _ = await self._ask(lambda mirror: mirror.page(asked, len(wanted)))
        ids = {row.run_id for row in found}
        return [row for row in rows if row.run_id in ids]

    def _resolve(self, filter: RunFilter) -> RunFilter:
        if not filter.mine:
            return filter
        if self.user_id is None:
            raise UsageError("Who uploader:me is has to be known: set RUNBROWSER_USER_ID.")
        uploader = tuple(dict.fromkeys((*filter.uploader, self.user_id)))
        return replace(filter, uploader=uploader, mine=False)

    # -- what is known beside the rows ---------------------------------------------------------

    async def learning(
        self,
        rows: Sequence[RunRow],
        told: Callable[[dict[int, Facts]], None],
        following: Sequence[RunRow] = (),
    ) -> AsyncGenerator[str]:
        """Names, states and scores of rows; no request is sent for them."""
        await self.learn(rows, told)
        nothing: tuple[str, ...] = ()
        for step in nothing:
            yield step

    async def learn(
        self,
        rows: Sequence[RunRow],
        told: Callable[[dict[int, Facts]], None],
        *,
        names: bool = True,
        states: bool = True,
    ) -> None:
        """As :meth:`learning`. Runs without error and score may wait for their evaluation or have
        failed in it: that the mirror does not tell.
        """
        if names:
            await self.learn_names(rows)
        told(await self._ask(lambda mirror: _facts(mirror, rows)) if states else {})

    async def learn_names(self, rows: Sequence[RunRow]) -> None:
        """Names for rows, as they were copied."""
        flows, tasks, users = await self._ask(lambda mirror: mirror.names(rows))
        self.names.flows.update(flows)
        self.names.tasks.update(tasks)
        self.names.users.update(users)

    async def scores(
        self, run_ids: Sequence[int], measure: str, *, per_fold: bool = False
    ) -> list[EvaluationRow]:
        """Measures that were copied; others, and values per fold, from the server."""
        if per_fold or measure not in await self.measures_copied():
            return await self.live.scores(run_ids, measure, per_fold=per_fold)
        found = await self._ask(lambda mirror: mirror.scores(run_ids, measure))
        return [_evaluation(run_id, measure, value) for run_id, value in found.items()]

    async def measures_copied(self) -> list[str]:
        """The measures of which the mirror has the values."""
        return await self._ask(lambda mirror: mirror.measures())

    async def measures(self) -> list[str]:
        """All measures of the server: what was not copied is asked for."""
        return await self.live.measures()

    async def best(
        self, task_id: int, measure: str, *, highest_first: bool, limit: int
    ) -> list[EvaluationRow]:
        """Of a measure that was copied; the server knows the others."""
        if measure not in await self.measures_copied():
            return await self.live.best(task_id, measure, highest_first=highest_first, limit=limit)
        asked, order = RunFilter(task=(task_id,)), Order("score", highest_first, measure)
        rows, _ = await self._ask(lambda mirror: mirror.page(asked, limit, order))
        await self.learn_names(rows)
        ids = [row.run_id for row in rows]
        values = await self._ask(lambda mirror: mirror.scores(ids, measure))
        return [
            _evaluation(row.run_id, measure, values[row.run_id], row, self.names)
            for row in rows
            if row.run_id in values
        ]

    # -- what the server does ------------------------------------------------------------------

    def note_changes(self, run_ids: Iterable[int], gone: Iterable[int]) -> None:
        """Runs that were changed on the server: those that are gone are hidden at once, all are
        looked at by the next sync.
        """
        self._folder.changes.add(run_ids, gone)

    async def run(self, run_id: int, *, fresh: bool = False) -> Run:
        """One run, from the server or the cache."""
        return await self.live.run(run_id, fresh=fresh)

    async def with_files(self, run: Run) -> Run:
        """The run with the addresses of its files, from the server."""
        return await self.live.with_files(run)

    async def trace(self, run_id: int) -> Trace:
        """What a run's search tried, from the server."""
        return await self.live.trace(run_id)

    async def download_file(
        self, url: str, target: Path, progress: Callable[[int, int | None], None] | None = None
    ) -> int:
        """A run's file, from the server."""
        return await self.live.download_file(url, target, progress)

    async def name_flow(self, flow_id: int) -> None:
        """Names and defaults of a flow, from the server."""
        await self.live.name_flow(flow_id)

    async def tags(self) -> list[str]:
        """All tags in use, from the server."""
        return await self.live.tags()

    def run_page(self, run_id: int) -> str:
        """The address of a run's page."""
        return self.live.run_page(run_id)

    async def close(self) -> None:
        """Closes the connections to the server, and lets go of the mirror."""
        await self.live.close()
        self._mirror.close()


def _facts(mirror: Mirror, rows: Sequence[RunRow]) -> dict[int, Facts]:
    measure = mirror.main_measure
    ids = [row.run_id for row in rows]
    scores, scored = mirror.scores(ids, measure), mirror.scored(ids)
    found = {}
    for row in rows:
        state = RunState.OK if row.run_id in scored else RunState.UNKNOWN
        if row.error_message:
            state = RunState.FAILED
        score = scores.get(row.run_id) if state is RunState.OK else None
        found[row.run_id] = Facts(state, measure if score is not None else None, score)
    return found


def _evaluation(
    run_id: int,
    measure: str,
    value: float,
    row: RunRow | None = None,
    names: NameBook | None = None,
) -> EvaluationRow:
    flow = row.flow_id if row is not None else None
    task = names.tasks.get(row.task_id or 0) if row is not None and names is not None else None
    return EvaluationRow(
        run_id=run_id,
        task_id=row.task_id if row is not None else None,
        setup_id=row.setup_id if row is not None else None,
        flow_id=flow,
        flow_name=names.flows.get(flow or 0) if names is not None else None,
        uploader=row.uploader if row is not None else None,
        data_id=task.dataset_id if task is not None else None,
        data_name=task.dataset_name if task is not None else None,
        function=measure,
        upload_time=row.upload_time if row is not None else None,
        value=value,
        values=None,
        array_data=None,
    )


def age(synced_at: str, now: datetime | None = None) -> str:
    """How long ago a sync was, as ``3 h``; ``synced_at`` is in UTC."""
    try:
        then = datetime.strptime(synced_at, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return "an unknown time"
    minutes = max(0.0, ((now or datetime.now(UTC)) - then).total_seconds() / 60)
    if minutes < 90:
        return f"{minutes:.0f} min"
    return f"{minutes / 60:.0f} h" if minutes < 48 * 60 else f"{minutes / 1_440:.0f} days"
