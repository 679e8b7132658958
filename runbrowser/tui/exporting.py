"""An export under way while the user goes on browsing: its state, without any widget."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from textual.screen import Screen

from runbrowser.errors import RunbrowserError
from runbrowser.fields.filters import to_text
from runbrowser.files.export import (
    PIECE,
    FileIsThereError,
    Gathered,
    Sheet,
    StoppedError,
    scores_of,
    write,
)
from runbrowser.models import RunFilter, RunRow
from runbrowser.openml.base import Facts, RunSource
from runbrowser.openml.scores import ScoreBook
from runbrowser.text import display
from runbrowser.tui.dialogs.export import Choice, ExportDialog, Wish


def file_name(filter: RunFilter, thing: str = "runs") -> str:
    """A name that tells what is in the file, such as ``runs-task-9101-state-failed``."""
    words = re.sub(r"[^A-Za-z0-9_]+", "-", to_text(filter)).strip("-")[:48]
    return f"{thing}-{words}".strip("-")


def choice_of(
    words: str,
    rows: Sequence[RunRow],
    facts: Mapping[int, Facts],
    book: ScoreBook | None = None,
    measures: Sequence[str] = (),
) -> Choice:
    """Rows at hand as a choice; their scores are those that are known."""
    known = dict.fromkeys(m for row in rows for m in scores_of(row, facts, book, measures))
    return Choice(words, len(rows), scores=", ".join(known))


@dataclass(slots=True)
class Export:
    """One export. ``changed`` is called whenever its words have changed.

    Either ``sheet`` or ``rows``, of which ``facts`` and ``book`` tell states and scores, are at
    hand, or all runs that match ``filter`` are asked for.
    """

    wish: Wish
    changed: Callable[[], None]
    sheet: Sheet | None = None
    rows: Sequence[RunRow] | None = None
    facts: Mapping[int, Facts] = field(default_factory=dict)
    book: ScoreBook | None = None
    filter: RunFilter = field(default_factory=RunFilter)
    measures: Sequence[str] = ()
    stop: threading.Event = field(default_factory=threading.Event)
    looked_at: int = 0
    found: int = 0
    task: asyncio.Task[int] | None = None
    _halted: bool = False

    @property
    def words(self) -> str:
        """How far it is, for the status line."""
        if self.task is not None and not self.looked_at:
            return "exporting: asking for the first runs; X stops"
        if self.looked_at == self.found:
            return f"exporting: {self.found:,} runs so far; X stops"
        return f"exporting: {self.found:,} of {self.looked_at:,} runs match so far; X stops"

    def halt(self) -> None:
        """Stops it; nothing is written."""
        self._halted = True
        self.stop.set()
        if self.task is not None:
            self.task.cancel()

    async def run(self, source: RunSource | None) -> tuple[str, str]:
        """Writes the file; words for what became of it, and their kind.

        Whoever waits may be cancelled: the file is then not written.
        """
        try:
            if self.sheet is not None or source is None:
                count = await self._write(self.sheet) if self.sheet is not None else 0
            else:
                self.task = asyncio.create_task(self._gather(source), name="export")
                count = await self.task
        except (StoppedError, asyncio.CancelledError):
            if not self._halted:
                raise  # the browser is being left
            return "export stopped; nothing was written", "info"
        except FileIsThereError as error:
            return f"{error} Nothing was written; x asks again.", "error"
        except RunbrowserError as error:
            return f"export: {error} Nothing was written.", "error"
        except OSError as error:
            reason = display(error.strerror or error)
            return f"{self.wish.path} cannot be written: {reason}", "error"
        runs = "1 run" if count == 1 else f"{count:,} runs"
        return f"{runs} written to {self.wish.path}", "done"

    async def _gather(self, source: RunSource) -> int:
        def told(looked_at: int, found: int) -> None:
            self.looked_at, self.found = looked_at, found
            self.changed()

        wish = self.wish
        with Gathered(wish.detail) as gathered:
            if self.rows is not None:
                for start in range(0, len(self.rows), PIECE):
                    some, facts = self.rows[start : start + PIECE], self.facts
                    known = facts if wish.scores else None
                    await gathered.add(source, some, known, self.book, self.measures)
            else:
                await gathered.gather(
                    source,
                    self.filter,
                    scores=wish.scores,
                    measures=self.measures,
                    told=told,
                )
            return await self._write(gathered.sheet())

    async def _write(self, sheet: Sheet) -> int:
        wish = self.wish
        writing = asyncio.ensure_future(
            asyncio.to_thread(
                write, wish.path, wish.format, sheet, overwrite=wish.overwrite, stop=self.stop
            )
        )
        try:
            return await asyncio.shield(writing)
        except asyncio.CancelledError:
            # the thread reads what is about to be closed: it is told, and waited for
            self.stop.set()
            await asyncio.gather(writing, return_exceptions=True)
            raise


def ask_and_write(
    screen: Screen[Any],
    title: str,
    name: str,
    offers: Sequence[tuple[Choice, Sheet]],
    tell: Callable[[str], None],
    *,
    verb: str = "list",
) -> None:
    """Asks on a screen beside the main one, and writes what it has at hand; ``tell`` hears what
    became of it.
    """

    async def carry(wish: Wish) -> None:
        words, kind = await Export(wish, lambda: None, offers[wish.choice][1]).run(None)
        tell(f"\u2713 {words}" if kind == "done" else f"\u2717 {words}")

    def wished(wish: Wish | None) -> None:
        if wish is not None:
            start: Callable[[], Awaitable[None]] = partial(carry, wish)
            screen.run_worker(start, group="export", exit_on_error=False)

    dialog = ExportDialog(title, [choice for choice, _ in offers], name, verb)
    screen.app.push_screen(dialog, wished)
