"""What features ask of the screen they are on: nothing of them knows a widget or Textual's App."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Container, Mapping, Sequence
from typing import Protocol, TypeVar

from textual.screen import Screen

from runbrowser.models import RunRow
from runbrowser.openml.base import Facts, NameBook
from runbrowser.openml.scores import ScoreBook
from runbrowser.tui.action import Action
from runbrowser.tui.signals import Signal
from runbrowser.tui.status_line import StatusLine
from runbrowser.views.arrangement import Arrangement

T = TypeVar("T")


class Timer(Protocol):
    """Something that happens later, or again and again, until it is stopped."""

    def stop(self) -> None:
        """Ends it."""
        ...


class UI(Protocol):
    """The status line, dialogs, work in the background, time."""

    @property
    def line(self) -> StatusLine:
        """The status line."""
        ...

    def tell(self, text: str, kind: str = "info") -> None:
        """Says something in the status line; ``kind`` is that of a Note."""
        ...

    def tell_outcome(self, text: str, kind: str = "info") -> None:
        """Says what became of an action, which stays until the next one; '' takes it away."""
        ...

    def tell_fault(self, error: BaseException) -> None:
        """A fault of ours: told in words, and logged."""
        ...

    def tell_meanwhile(self, words: str) -> None:
        """Says what is going on, for as long as nothing else is told, and not for long."""
        ...

    def ask(self, dialog: Screen[T], answered: Callable[[T | None], None] | None = None) -> None:
        """Opens a dialog or another screen; ``answered`` hears its answer, None for none."""
        ...

    def work(
        self, work: Callable[[], Awaitable[None]], group: str, *, exclusive: bool = True
    ) -> None:
        """Starts work in the background; ``exclusive`` ends what is under way in its group. Given
        as a function, since what is called off before it began must not leave a coroutine behind.
        """
        ...

    def cancel(self, group: str) -> None:
        """Ends the work of a group."""
        ...

    def cancel_all(self) -> None:
        """Ends all work."""
        ...

    def after(self, seconds: float, call: Callable[[], None]) -> Timer:
        """Calls something once, later."""
        ...

    def every(self, seconds: float, call: Callable[[], None]) -> Timer:
        """Calls something again and again."""
        ...

    def after_paint(self, call: Callable[[], None]) -> None:
        """Calls something once what has changed was drawn."""
        ...

    @property
    def keys_wait(self) -> bool:
        """Whether keys were pressed that have not been handled yet."""
        ...

    @property
    def keys_pressed(self) -> int:
        """How many keys have been pressed so far."""
        ...

    def on_terminal_focus(self, call: Callable[[bool], None]) -> None:
        """Calls something whenever the terminal gets or loses the focus."""
        ...

    def copy(self, text: str) -> Awaitable[str]:
        """Copies a text; words that tell which way it took."""
        ...

    def leave(self) -> None:
        """Ends the browser."""
        ...

    @property
    def is_in_front(self) -> bool:
        """Whether no dialog and no other screen lies over this one."""
        ...

    @property
    def actions_in_force(self) -> Sequence[Action]:
        """The table of actions with the keys that hold."""
        ...


class RowsPane(Protocol):
    """The table of runs."""

    marked: Container[int]
    signs: Mapping[int, str]
    tags: Mapping[int, Sequence[str]]

    @property
    def runs(self) -> Sequence[RunRow]:
        """The rows shown, in order."""
        ...

    @property
    def current(self) -> RunRow | None:
        """The run under the cursor."""
        ...

    @property
    def cursor_row(self) -> int:
        """The place of the cursor, from 0."""
        ...

    @property
    def left_out(self) -> list[str]:
        """The columns wanted for which there is no room."""
        ...

    @property
    def folded(self) -> Mapping[str, str]:
        """The columns folded away, with what they say in every row."""
        ...

    def show_page(
        self,
        rows: Sequence[RunRow],
        facts: Mapping[int, Facts],
        names: NameBook,
        *,
        scores: ScoreBook | None = None,
        settled: bool = False,
        cursor: int = 0,
        keep_place: bool = False,
    ) -> None:
        """Shows other rows, with the cursor on a place; ``keep_place``: all stays where it is."""
        ...

    def update_rows(self, *, settled: bool | None = None) -> None:
        """Draws again what has changed in the rows shown."""
        ...

    def rearrange(self, arrangement: Arrangement) -> None:
        """Other columns; they are drawn with the next page shown."""
        ...

    def place_of(self, run_id: int) -> int | None:
        """The row of a run, if it is on the page."""
        ...

    def move_cursor(self, *, row: int | None = None, animate: bool = False) -> None:
        """Puts the cursor on a row."""
        ...

    def action_cursor_down(self) -> None:
        """Puts the cursor on the next row."""
        ...


class DetailPanes(Protocol):
    """Opens and closes the detail pane beside or over the table."""

    opened: Signal[None]
    closed: Signal[None]

    @property
    def detail_open(self) -> bool:
        """Whether the detail is there."""
        ...

    def open_detail(self) -> None:
        """Opens it; the keys stay where they are."""
        ...

    def close_detail(self) -> None:
        """Closes it; the keys go to the table."""
        ...

    def focus_detail(self) -> None:
        """Gives it the keys."""
        ...
