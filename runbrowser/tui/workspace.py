"""What is being browsed, without any widget: which runs, what is known of them, and the one run
that every key acts on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from runbrowser.fields.columns import Need, record_of, split
from runbrowser.models import Run, RunFilter, RunRow
from runbrowser.openml.base import NameBook, RunSource, Sort, SourcePage
from runbrowser.openml.order import Order
from runbrowser.openml.pager import Pager
from runbrowser.openml.scores import Wish
from runbrowser.tui.marks import Marks
from runbrowser.tui.recent import (
    MOST_CHARACTERS,
    MOST_NUMBERS,
    MOST_RUNS,
    Recent,
    weight_of_analysis,
    weight_of_run,
)
from runbrowser.tui.signals import Signal
from runbrowser.views.arrangement import Arrangement
from runbrowser.views.view import View

if TYPE_CHECKING:
    from runbrowser.bulk.outcome import Report
    from runbrowser.triage.recompute import Analysis
    from runbrowser.tui.jobs import Job


def row_of_run(run: Run) -> RunRow:
    """What a list would tell of a run that is no row of the page; its upload time no page has."""
    return RunRow(
        run_id=run.run_id,
        task_id=run.task_id,
        task_type_id=None,
        setup_id=run.setup_id,
        flow_id=run.flow_id,
        uploader=run.uploader,
        upload_time=None,
        error_message=run.error_message,
        run_details=run.run_details,
    )


def unknown_row(run_id: int) -> RunRow:
    """A run of which nothing but its id is known yet."""
    return RunRow(run_id, None, None, None, None, None, None, None, None)


@dataclass(frozen=True, slots=True)
class RunFocus:
    """The run in focus: the open one while the pane has the keys, else the one under the cursor.

    What is shown there is what every key acts on, whatever else is on the page.
    """

    cursor: RunRow | None = None
    """The row under the table's cursor."""
    opened: int | None = None
    """The run in the detail pane, while that is open."""
    in_pane: bool = False
    """Whether the pane has, or had last, the keys."""

    @property
    def run_id(self) -> int | None:
        """The run that keys act on."""
        if self.in_pane and self.opened is not None:
            return self.opened
        return self.cursor.run_id if self.cursor is not None else None

    @property
    def is_elsewhere(self) -> bool:
        """Whether the run in focus is another one than that under the cursor."""
        return self.run_id is not None and (
            self.cursor is None or self.cursor.run_id != self.run_id
        )

    def row(
        self, find_row: Callable[[int], RunRow | None], find_run: Callable[[int], Run | None]
    ) -> RunRow | None:
        """The row of the run in focus: from the pages seen, else from the run as it was read."""
        run_id = self.run_id
        if run_id is None:
            return None
        if self.cursor is not None and self.cursor.run_id == run_id:
            return self.cursor
        run = find_run(run_id)
        return find_row(run_id) or (row_of_run(run) if run is not None else unknown_row(run_id))


class Selection:
    """Which runs are to be shown and how; it is there before any source is."""

    def __init__(self, view: View = View()) -> None:  # noqa: B008 - a plain value
        self.filtered: Signal[RunFilter] = Signal()  # another filter, or the same one again
        self.arranged: Signal[Arrangement] = Signal()
        self.refusal: Callable[[RunFilter], str] = lambda filter: ""
        """Why a filter cannot be put in force, in words; '' when it can."""
        self.name = view.name
        """Of the saved view in force, changed or not; '' for none."""
        self._filter = view.filter
        self._arrangement = view.arrangement

    @property
    def filter(self) -> RunFilter:
        """Which runs are shown."""
        return self._filter

    @property
    def arrangement(self) -> Arrangement:
        """Columns, measure and order of the table."""
        return self._arrangement

    def show(self, filter: RunFilter) -> None:
        """Puts another filter in force."""
        self._filter = filter
        self.filtered.emit(filter)

    def arrange(self, arrangement: Arrangement) -> None:
        """Puts another arrangement in force."""
        self._arrangement = arrangement
        self.arranged.emit(arrangement)

    def show_view(self, view: View, *, anew: bool = False) -> None:
        """Puts filter and arrangement of a view in force; runs are asked for again only where
        there are other ones, or when they are wanted ``anew``.
        """
        other = anew or view.filter != self._filter
        self.name = view.name
        self._arrangement, self._filter = view.arrangement, view.filter
        if other:
            self.filtered.emit(view.filter)
        else:
            self.arranged.emit(view.arrangement)


class RunsRead:
    """The runs that were read last, and what was worked out of their files."""

    def __init__(self) -> None:
        self.read: Signal[Run] = Signal()
        self.amended: Signal[Run] = Signal()  # one that is shown otherwise than it was read
        self.tags: Mapping[int, Sequence[str]] = {}
        """Of the runs at hand, by run id."""
        self._runs: Recent[Run] = Recent(weight_of_run, MOST_RUNS, MOST_CHARACTERS)
        self._analyses: Recent[Analysis] = Recent(weight_of_analysis, MOST_RUNS, MOST_NUMBERS)

    def get(self, run_id: int | None) -> Run | None:
        """A run that was read, if it is still at hand."""
        return self._runs.get(run_id) if run_id is not None else None

    def note(self, run: Run) -> None:
        """A run that was just read."""
        self._runs.note(run.run_id, run)
        self.tags = {read.run_id: read.tags for read in self._runs}
        self.read.emit(run)

    def amend(self, run: Run) -> None:
        """What a run is taken for until it is read again."""
        self._runs.note(run.run_id, run)
        self.amended.emit(run)

    def __iter__(self) -> Iterator[Run]:
        return iter(self._runs)

    def touch(self, run_id: int) -> None:
        """Keeps a run that is looked at again longer than others."""
        self._runs.touch(run_id)

    def forget(self, run_ids: Iterable[int], *, analyses: bool = False) -> None:
        """Runs that have changed are read anew when they are next wanted."""
        run_ids = tuple(run_ids)
        self._runs.forget(run_ids)
        if analyses:
            self._analyses.forget(run_ids)

    def analysis(self, run_id: int) -> Analysis | None:
        """What the predictions of a run told, if they were read."""
        return self._analyses.get(run_id)

    def note_analysis(self, run_id: int, analysis: Analysis) -> None:
        """What the predictions of a run told."""
        self._analyses.note(run_id, analysis)


@dataclass(frozen=True, slots=True)
class Change:
    """What was done to runs of the server: those that changed, and those that are gone.

    ``rows``: runs came or went, so that pages have to be asked for again.
    """

    run_ids: tuple[int, ...] = ()
    gone: frozenset[int] = frozenset()
    rows: bool = False


class Workspace:
    """The runs of one source under the selection in force, page by page; what is marked, what was
    read, the run in focus, the job under way. Its signals tell of every change.
    """

    def __init__(self, source: RunSource, selection: Selection, page_size: int) -> None:
        self.source = source
        self.selection = selection
        self.page_size = page_size
        self.pager = Pager(source, selection.filter, page_size)
        self.page: SourcePage | None = None
        """The page shown; None while the first one under a filter is on its way."""
        self.marks = Marks()
        self.runs = RunsRead()
        self.job: Job | None = None
        self.report: Report | None = None
        """What became of the last action."""
        self._focus = RunFocus()
        self.page_shown: Signal[SourcePage] = Signal()
        self.page_reread: Signal[SourcePage] = Signal()  # the same page, as it is now
        self.facts_changed: Signal[None] = Signal()  # states, scores, names of rows
        self.focus_changed: Signal[RunFocus] = Signal()
        self.run_wanted: Signal[int] = Signal()  # to be read and shown
        self.source_changed: Signal[RunSource] = Signal()
        self.changed: Signal[Change] = Signal()
        self.reported: Signal[Report] = Signal()  # a job has ended
        selection.refusal = self._refusal
        self.runs.read.subscribe(lambda run: self.pager.note_run(run))

    def _refusal(self, filter: RunFilter) -> str:
        if filter.mine and self.source.user_id is None:
            return (
                "OpenML does not tell whose a key is: set user_id in config.toml, or "
                "RUNBROWSER_USER_ID, to the number in your profile's address"
            )
        return self.source.refusal(filter)

    def use(self, source: RunSource) -> None:
        """Another source of the same server; its pages are yet to be asked for."""
        self.source = source
        self.source_changed.emit(source)

    # -- pages ---------------------------------------------------------------------------------

    @property
    def filter(self) -> RunFilter:
        """The filter in force."""
        return self.selection.filter

    @property
    def arrangement(self) -> Arrangement:
        """Columns, measure and order in force."""
        return self.selection.arrangement

    @property
    def names(self) -> NameBook:
        """Names known so far."""
        return self.source.names

    @property
    def wishes(self) -> list[Wish]:
        """The scores that columns and order need beyond the one every row gets."""
        return [Wish(*score) for score in self.arrangement.scores()]

    def restart(self) -> Pager:
        """Forgets all pages; the new pager asks for them under the filter in force."""
        self.pager.close()
        self.pager = Pager(
            self.source,
            self.filter,
            self.page_size,
            oldest_first=self.is_oldest_first,
            sort=self.sort,
        )
        self.pager.wish(self.wishes)
        self.pager.arrange(self.order)
        for run in self.runs:
            self.pager.note_run(run)
        return self.pager

    def show_page(self, page: SourcePage) -> None:
        """Another page is the one to be shown."""
        self.page = page
        self.page_shown.emit(page)

    def reread_page(self, page: SourcePage) -> None:
        """The page shown, as it was read again."""
        before, self.page = self.page, page
        self.pager.take_in(page)
        if before is None or page.rows != before.rows:
            self.page_reread.emit(page)

    def find_row(self, run_id: int) -> RunRow | None:
        """The row of a run, if it was on a page."""
        return self.pager.find(run_id)

    @property
    def sort(self) -> Sort | None:
        """The order in force, where the source orders all runs by it."""
        arranged = self.arrangement
        column, _ = split(arranged.sort)
        if column not in self.source.abilities.sorts:
            return None
        return Sort(column, arranged.reverse, arranged.measure_of(arranged.sort))

    def in_order(self, rows: Sequence[RunRow]) -> Sequence[RunRow]:
        """Rows of a page as they are to be shown: sorted, if an order was chosen and the source
        does not give them in it.
        """
        if not self.arrangement.sort or self.pager.is_ordered or self.pager.sort is not None:
            return rows
        return self._sorted(rows)

    def _sorted(self, rows: Sequence[RunRow]) -> Sequence[RunRow]:
        from runbrowser.pages.sorting import sort_rows

        arranged, pager = self.arrangement, self.pager
        return sort_rows(
            rows,
            arranged.sort,
            pager.facts,
            self.names,
            reverse=arranged.reverse,
            scores=pager.scores,
            tags=self.runs.tags,
            measure=arranged.measure_of("score"),
        )

    @property
    def order(self) -> Order | None:
        """The order in force, if all rows of a list can have it: not that of measures which are
        asked for page by page, nor of what only a run tells.
        """
        arranged = self.arrangement
        if not arranged.sort:
            return None
        record, measure = record_of(arranged.sort), arranged.measure_of(arranged.sort)
        if record.need in (Need.RUN, Need.SCORES) or measure:
            return None
        return Order(
            (arranged.sort, arranged.reverse),
            self._sorted,
            names=record.need is Need.NAMES,
            facts=record.need is Need.FACTS,
        )

    @property
    def is_oldest_first(self) -> bool:
        """Whether the runs of the whole server are wanted from the oldest on."""
        arranged = self.arrangement
        by = {"run_id": not arranged.reverse, "uploaded": arranged.reverse}
        return self.filter.empty and by.get(arranged.sort, False)

    # -- the run in focus ----------------------------------------------------------------------

    @property
    def focus(self) -> RunFocus:
        """Which run keys act on."""
        return self._focus

    def set_focus(self, focus: RunFocus) -> None:
        """Another run is under the cursor or in the detail, or the keys went elsewhere."""
        if focus != self._focus:
            self._focus = focus
            self.focus_changed.emit(focus)

    def set_cursor(self, row: RunRow | None) -> None:
        """The run under the table's cursor."""
        self.set_focus(replace(self._focus, cursor=row))

    def set_opened(self, run_id: int | None) -> None:
        """The run in the detail pane; None when that is closed."""
        self.set_focus(replace(self._focus, opened=run_id))

    def set_pane_has_keys(self, in_pane: bool) -> None:
        """Whether the detail pane has, or had last, the keys."""
        self.set_focus(replace(self._focus, in_pane=in_pane))

    def focused_row(self) -> RunRow | None:
        """The row of the run in focus, which need not be on the page."""
        return self._focus.row(self.find_row, self.runs.get)

    def chosen(self) -> list[RunRow]:
        """What an action is for: the marked runs, else the one in focus."""
        if len(self.marks):
            return list(self.marks)
        row = self.focused_row()
        return [row] if row is not None else []

    def want_run(self, run_id: int) -> None:
        """Asks for a run to be read and shown, whoever does that."""
        self.run_wanted.emit(run_id)
