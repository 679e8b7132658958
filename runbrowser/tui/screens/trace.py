"""What the search of a run tried, one fold at a time: a chart over the attempts' table."""

from __future__ import annotations

from collections.abc import Sequence

from textual.timer import Timer

from runbrowser.errors import RunbrowserError
from runbrowser.openml.base import RunSource
from runbrowser.pages import trace as present
from runbrowser.pages.lines import Lines
from runbrowser.pages.rows import Cell
from runbrowser.text import display
from runbrowser.triage.searches import Attempt, Search, searches
from runbrowser.tui.actions import bindings
from runbrowser.tui.places import SCREENS
from runbrowser.tui.screens.listing import ListScreen
from runbrowser.tui.threads import in_thread

_AT_ONCE = 100  # rows drawn at once: more would hold up keys
_FIXED = (("", 2), ("try", 5), ("score", 9), ("to best", 8))


class TraceScreen(ListScreen[Attempt, None]):
    """Attempts in their order or by score; n and p go to the next and the previous fold."""

    PLACES = SCREENS["trace"]
    BINDINGS = bindings(*PLACES)  # type: ignore[assignment]

    def __init__(self, source: RunSource, run_id: int) -> None:
        super().__init__()
        self._source = source
        self._run_id = run_id
        self._searches: tuple[Search, ...] = ()
        self._varying: tuple[str, ...] = ()
        self._at = 0
        self._by_score = False
        self._waiting: list[int] = []  # places of attempts that are still to be drawn
        self._places: dict[int, int] = {}  # of attempts by their identity: equal ones are two
        self._shown: list[tuple[str, int]] = []
        self._left: list[str] = []
        self._timer: Timer | None = None

    def on_mount(self) -> None:
        """Asks for the trace."""
        self.tell("")
        self.head(f"Run {self._run_id}: asking for the attempts of its search")
        self.start(self._read, "trace")

    async def _read(self) -> None:
        try:
            trace = await self._source.trace(self._run_id)
        except RunbrowserError as error:
            self.head(str(error))
            return
        found = await in_thread(lambda stop: searches(trace, stop=stop))
        self._searches, self._varying = found
        if not self._searches:
            self.head(f"Run {self._run_id}: its trace holds no attempts")
            return
        self._show_fold()

    @property
    def search(self) -> Search:
        """The search of the fold that is shown."""
        return self._searches[self._at]

    def _show_fold(self) -> None:
        many = len({search.repeat for search in self._searches}) > 1
        words = present.summary(self.search, self._at, len(self._searches), many_repeats=many)
        self.head(f"Run {self._run_id}  {words}")
        self.draw()

    def draw(self) -> None:
        """Draws the fold's attempts, the first of them at once."""
        if not self._searches:
            return
        if self._timer is not None:
            self._timer.stop()
        attempts = self.search.attempts
        order = list(range(len(attempts)))
        self._places = {id(attempt): place for place, attempt in enumerate(attempts)}
        if self._by_score:
            order.sort(key=lambda place: _rank(attempts[place].score))
        room = self.size.width - sum(width + 2 for _, width in _FIXED) - 3
        self._shown, self._left = present.columns(self.search, self._varying, room)
        first = max(_AT_ONCE, self.table.cursor_row + 1)
        self.lines = [attempts[place] for place in order[:first]]
        self._waiting = order[first:]
        super().draw()
        if self._waiting:
            self._timer = self.set_interval(0.03, self._draw_more)

    def columns(self) -> tuple[Sequence[tuple[str, int]], str]:
        """The parameters that vary have columns, as far as there is room."""
        last = display(self._left[0], 30) if len(self._left) == 1 else "parameters"
        return [*_FIXED, *((display(name, width), width) for name, width in self._shown)], last

    def _draw_more(self) -> None:
        some, self._waiting = self._waiting[:_AT_ONCE], self._waiting[_AT_ONCE:]
        for place in some:
            attempt = self.search.attempts[place]
            self.lines.append(attempt)
            self.table.add_row(*map(self._text, self._cells(place, self._rest)))
        if not self._waiting and self._timer is not None:
            self._timer.stop()

    def _cells(self, place: int, width: int) -> Sequence[Cell]:
        attempt = self.search.attempts[place]
        return present.cells(attempt, place, self.search, self._shown, self._left, width)

    def cells(self, line: Attempt, width: int) -> Sequence[Cell]:
        """Marks, number, score, distance, parameters."""
        return self._cells(self._places[id(line)], width)

    def page(self, line: Attempt, width: int) -> Lines:
        """The chart and the attempt in full."""
        return present.page(self.search, line, self._places[id(line)], width)

    def action_next_fold(self) -> None:
        """n."""
        self._turn(1)

    def action_previous_fold(self) -> None:
        """p."""
        self._turn(-1)

    def _turn(self, step: int) -> None:
        if self._searches:
            self._at = (self._at + step) % len(self._searches)
            self.table.move_cursor(row=0, animate=False)
            self._show_fold()

    def action_sort(self) -> None:
        """By score, or in their order again."""
        self._by_score = not self._by_score
        self.draw()


def _rank(score: float | None) -> float:
    return float("inf") if score is None else -score
