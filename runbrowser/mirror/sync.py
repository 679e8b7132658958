"""Brings a mirror up to date: a whole copy the first time, then what is new, changed or gone."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

from runbrowser.client.http import HTTPClient
from runbrowser.client.resources.names import NameV1API, in_parts
from runbrowser.client.resources.paging import split
from runbrowser.errors import UsageError
from runbrowser.fields.filters import to_text
from runbrowser.mirror import work
from runbrowser.mirror.asking import AT_ONCE, Block, Server, is_too_deep, side_by_side
from runbrowser.mirror.build import Building
from runbrowser.mirror.folder import MirrorFolder
from runbrowser.mirror.work import Piece
from runbrowser.models import RunFilter, RunPage
from runbrowser.openml.newest import find_newest
from runbrowser.openml.newest_listing import ids_in_a_path
from runbrowser.text import display

DEFAULT_MEASURES = ("predictive_accuracy",)
"""Evaluation measures that are copied unless others are named."""

RECENT = 8_000
"""Runs whose rows are looked at again by each sync: a changed or deleted run is nearly always a
recent one."""

_LONGEST_LIST = 100_000  # rows of a list by tasks, where the whole one is too deep for the server


@dataclass
class Progress:
    """How far a sync is, told after each request that brought rows."""

    rows: int = 0
    total: int | None = None  # rows that are to come in all, where that is known
    what: str = "runs"
    began: float = field(default_factory=time.monotonic)

    @property
    def rate(self) -> float:
        """Rows a second."""
        return self.rows / max(time.monotonic() - self.began, 1e-9)

    @property
    def left(self) -> float | None:
        """Seconds to go, None where nobody knows."""
        if self.total is None or not self.rows:
            return None
        return max(self.total - self.rows, 0) / max(self.rate, 1e-9)


@dataclass(frozen=True, slots=True)
class Result:
    """What a sync did. ``gaps``: parts of the list that could not be read."""

    runs: int  # in the mirror now
    new: int
    gone: int
    requests: int
    gaps: int
    whole: bool
    server_rows: int | None  # as the server counts them
    seconds: float


class Sync:
    """One sync of the mirror in ``folder`` from the server behind ``http``."""

    def __init__(
        self,
        folder: MirrorFolder,
        http: HTTPClient,
        filter: RunFilter,
        *,
        measures: Sequence[str] = DEFAULT_MEASURES,
        whole: bool = False,
        on_progress: Callable[[Progress], None] = lambda progress: None,
    ) -> None:
        if filter.local or filter.mine:
            raise UsageError(
                "A mirror is filled by what the server can look for: leave out state and error. "
                "They can be asked of the mirror afterwards."
            )
        self._folder = folder
        self._server = Server(http)
        self._names = NameV1API(http)
        self._filter = filter
        self._measures = tuple(measures)
        self._whole = whole
        self._tell = on_progress
        self._progress = Progress()
        self._server_rows: int | None = None

    def run(self) -> Result:
        """Makes the next version and makes it the current one. Raises OpenMLServerError when the
        server cannot be asked; what was read by then is taken up by the next sync.
        """
        began = time.monotonic()
        with self._folder.syncing():
            building = self._begin()
            try:
                before = building.count()
                changed, settled = self._folder.changes.pending()
                whole = self._whole or not before or building.meta("way") == "whole"
                building.set_meta("way", "whole" if whole else "news")
                if whole:
                    self._copy(building)
                else:
                    self._catch_up(building, changed)
                self._learn_names(building)
                gaps = building.gaps()
                requests = self._server.requests
                new, gone, runs = building.finish(whole=whole)
                self._folder.publish()
                self._folder.changes.settle(settled)
            finally:
                building.close()
        return Result(
            runs, new, gone, requests, gaps, whole, self._server_rows, time.monotonic() - began
        )

    def _begin(self) -> Building:
        wanted = to_text(self._filter)
        building = Building(self._folder)
        begun_for = building.meta("filter")
        if begun_for is not None and begun_for != wanted:
            if not building.begun or self._folder.current() is not None:
                building.close()
                self._folder.drop_building()
                raise UsageError(
                    f"The mirror holds {display(begun_for) or 'all runs'}, not "
                    f"{display(wanted) or 'all runs'}: `runbrowser mirror purge` takes it away."
                )
            building.close()  # the first sync was interrupted, and another one is wanted now
            self._folder.drop_building()
            building = Building(self._folder)
        building.set_meta("filter", wanted)
        building.set_meta("measures", ",".join(self._measures))
        return building

    # -- everything ----------------------------------------------------------------------------

    def _copy(self, building: Building) -> None:
        building.forget_gaps()
        total = building.meta("rows_expected")
        if total is None:
            found = self._server.total(work.countable(self._filter))
            building.set_meta("rows_expected", "" if found is None else found)
            self._server_rows = found
        else:
            self._server_rows = int(total) if total else None
        self._walk(building, None, self._server_rows)
        for measure in self._measures:
            self._walk(building, measure, None)

    def _walk(self, building: Building, measure: str | None, total: int | None) -> None:
        """One list from its beginning to its end, past what was done before."""
        done = building.done()
        self._progress = Progress(total=total, what=measure or "runs")
        parts = split(self._filter)
        pieces: list[Piece] = []
        for part in parts:
            known = total is not None and len(parts) == 1
            if known and total is not None:
                pieces += work.blocks(part, total, measure)
            else:
                pieces += work.chains(part, measure, AT_ONCE)
        name = f"deep {measure or 'runs'}"
        deep = building.meta(name)
        if deep:
            pieces = [piece for piece in pieces if piece.offset < int(deep)]
            pieces += self._by_tasks(building, measure, int(deep))

        def take(piece: Piece, future: Future[Block]) -> Iterable[Piece]:
            nonlocal deep
            error = future.exception()
            if error is None:
                block = future.result()
                self._lay(building, piece, block)
                return [piece.next()] if piece.follow and block.is_full else []
            if not is_too_deep(error) or (not piece.offset and len(piece.filter.task) < 2):
                raise error
            if piece.filter.task and piece.filter != self._filter:
                smaller = work.halves(piece)
                if not smaller:
                    building.add_gap(piece.step, display(str(error), 500))
                building.note(piece.step)
                return smaller
            if deep and int(deep) <= piece.offset:
                return []  # asked for by tasks already
            first_time = not deep
            deep = str(piece.offset)
            building.set_meta(name, deep)
            return self._by_tasks(building, measure, piece.offset) if first_time else []

        side_by_side(self._server.fetch, list(self._left(pieces, done)), take)

    def _left(self, pieces: Iterable[Piece], done: dict[str, int]) -> Iterable[Piece]:
        """Pieces that were not done yet; a list whose length nobody knows is taken up where it
        was left.
        """
        for piece in pieces:
            received = done.get(piece.step)
            while received is not None:
                self._progress.rows += received
                if not piece.follow or received < work.BLOCK:
                    break
                piece = piece.next()
                received = done.get(piece.step)
            else:
                yield piece

    def _lay(self, building: Building, piece: Piece, block: Block) -> None:
        if isinstance(block.rows, RunPage):
            building.add_rows(piece.step, block.rows)
            for text in block.rows.unread:
                building.add_gap(piece.step, f"a row could not be read: {display(text, 200)}")
        else:
            building.add_scores(piece.step, block.rows, block.received)
            flows = {r.flow_id: r.flow_name for r in block.rows if r.flow_id and r.flow_name}
            building.add_names(flows, {}, {})
        self._progress.rows += block.received
        self._tell(self._progress)

    def _by_tasks(self, building: Building, measure: str | None, deep: int) -> list[Piece]:
        tasks = building.task_ids()
        if not tasks:
            building.add_names({}, self._server.all_tasks(), {})
            tasks = building.task_ids()
        rows_a_task = (self._server_rows or _LONGEST_LIST) / max(len(tasks), 1)
        most = min(_LONGEST_LIST, max(deep // 2, work.BLOCK))
        pieces = work.by_tasks(self._filter, tasks, rows_a_task, most, measure)
        return list(self._left(pieces, building.done()))

    # -- what is new ---------------------------------------------------------------------------

    def _catch_up(self, building: Building, changed: Iterable[int]) -> None:
        self._progress = Progress(what="new and recent runs")
        self._server_rows = self._server.total(work.countable(self._filter))
        known = building.newest()
        newest = self._find_newest(known)
        recent = building.newest_runs(RECENT)
        ids = list(dict.fromkeys((*range(newest, known, -1), *recent, *changed)))
        if self._filter.ids:
            ids = list(self._filter.ids)
        lookups = list(work.windows(ids, self._filter)) if ids else []
        found: list[int] = []

        def take(asked: RunFilter, future: Future[RunPage]) -> Iterable[RunFilter]:
            page = future.result()
            building.add_look_up(f"ids {asked.ids[0]}-{asked.ids[-1]}", asked.ids, page)
            found.extend(page.columns[0])
            self._progress.rows += page.received
            self._tell(self._progress)
            return []

        side_by_side(self._server.look_up, lookups, take)
        open_runs = building.without_scores(found)
        for measure in self._measures if open_runs else ():
            pieces = [
                Piece(RunFilter(ids=tuple(part)), 0, measure)
                for part in in_parts(open_runs, _IDS_IN_A_PATH)
            ]
            side_by_side(self._server.fetch, pieces, self._laid_in(building))

    def _laid_in(self, building: Building) -> Callable[[Piece, Future[Block]], Iterable[Piece]]:
        def take(piece: Piece, future: Future[Block]) -> Iterable[Piece]:
            self._lay(building, piece, future.result())
            return []

        return take

    def _find_newest(self, known: int) -> int:
        search = find_newest(known, ids_in_a_path)
        try:
            ids = next(search)
            while True:
                page = self._server.look_up(RunFilter(ids=tuple(ids)))
                ids = search.send(set(page.columns[0]))
        except StopIteration as end:
            newest: int = end.value
        return newest

    # -- names ---------------------------------------------------------------------------------

    def _learn_names(self, building: Building) -> None:
        flows, tasks, users = building.unnamed()
        if flows:
            building.add_names(self._server.ask(self._names.all_flows), {}, {})
        if len(tasks) > 1_000:
            building.add_names({}, self._server.all_tasks(), {})
            _, tasks, _ = building.unnamed()
        if tasks:
            building.add_names({}, self._server.ask(lambda: self._names.tasks(tasks)), {})
        if users:
            building.add_names({}, {}, self._server.ask(lambda: self._names.users(users)))


_IDS_IN_A_PATH = 3_800  # bytes
