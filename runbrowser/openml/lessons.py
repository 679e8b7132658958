"""What is found out of the rows of pages, request by request, within bounds."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence

from runbrowser.models import Facts, RunRow, RunState
from runbrowser.openml.base import RunSource, SourcePage

RUNS_TOGETHER = 400  # runs of which one request can tell: those of a page and of the next ones
_NAMES_A_PAGE = 2  # requests for names that a page may cost
_NAME = "name"


class Lesson:
    """What is being found out of some rows, request by request."""

    def __init__(self, rows: Sequence[RunRow], steps: AsyncGenerator[str]) -> None:
        self.ids = {row.run_id for row in rows}
        self.next: str | None = ""  # what the next request is for; None: there is none
        self._steps = steps

    async def advance(self) -> None:
        """Sends the next request, if it is known what for; then finds out what comes next."""
        self.next = await anext(self._steps, None)

    def covers(self, page: SourcePage) -> bool:
        """Whether it is about rows of a page."""
        return any(row.run_id in self.ids for row in page.rows)


class Lessons:
    """The lessons of the pages of one filter: which comes next, and what it may still cost."""

    def __init__(
        self, source: RunSource, size: int, note: Callable[[Mapping[int, Facts]], None]
    ) -> None:
        self.left = 0  # requests that may still be sent
        self._names = 0  # and how many of them for names
        self._source = source
        self._size = size
        self._note = note
        self._begun: set[int] = set()  # runs that a lesson was begun of
        self._open: list[Lesson] = []  # those not at their end
        self._current: Lesson | None = None

    def allow(self, requests: int) -> None:
        """Bounds what is found out from now on."""
        self.left, self._names = requests, _NAMES_A_PAGE

    def is_about(self, page: SourcePage) -> bool:
        """Whether what was asked for last is about rows of a page."""
        return self._current is not None and self._current.covers(page)

    def is_open(self, page: SourcePage) -> bool:
        """Whether there is more to be found out of rows of a page."""
        return self._new(page.rows) or any(lesson.covers(page) for lesson in self._open)

    def forget(self, run_ids: Iterable[int]) -> None:
        """Runs whose facts are no longer kept: they are asked for again when they are seen."""
        self._begun.difference_update(run_ids)

    async def step(self, page: SourcePage, *, own_rows: bool = False) -> bool:
        """Goes on by a request: for the page first, then, unless ``own_rows``, for those after it.
        Returns False when there is nothing more, or nothing more is allowed.
        """
        if self.left <= 0:
            return False
        lesson = self._current = self._choose(page)
        if lesson is None or (own_rows and not lesson.covers(page)):
            return False
        kind = lesson.next
        try:
            await lesson.advance()
        except BaseException:
            self._open.remove(lesson)  # a generator that was left cannot be taken up
            self._begun -= lesson.ids
            raise
        if kind:
            self.left -= 1
            self._names -= kind == _NAME
        if lesson.next is None:
            self._open.remove(lesson)
        return True

    def _choose(self, page: SourcePage) -> Lesson | None:
        """The lesson to go on with: that of the page, then one that was left, then one of the
        pages to come.
        """
        if self._new(page.rows):
            return self._begin(page)
        open_ones = [one for one in self._open if self._may(one, page)]
        open_ones.sort(key=lambda one: not one.covers(page))
        if open_ones:
            return open_ones[0]
        return self._begin(page) if self._new(page.following[: self._size]) else None

    def _may(self, lesson: Lesson, page: SourcePage) -> bool:
        """Names are asked for within bounds, unless no page comes that could ask for the rest."""
        return lesson.next != _NAME or self._names > 0 or page.last

    def _new(self, rows: Sequence[RunRow]) -> bool:
        return any(row.run_id not in self._begun for row in rows)

    def _begin(self, page: SourcePage) -> Lesson:
        """The first lesson is of the page's own rows, later ones of those to come as well."""
        rows = [row for row in (*page.rows, *page.following) if row.run_id not in self._begun]
        rows = rows[: max(RUNS_TOGETHER, len(page.rows)) if self._begun else len(page.rows)]
        lesson = Lesson(rows, self._source.learning(rows, self._note, page.following))
        self._begun |= lesson.ids
        self._open.append(lesson)
        return lesson


def has_unknown_states(page: SourcePage, facts: Mapping[int, Facts]) -> bool:
    """Whether the state of a row is not known."""
    found = (facts.get(row.run_id) for row in page.rows)
    return any(fact is None or fact.state is RunState.UNKNOWN for fact in found)
