"""``runbrowser --plain``: the browser as questions and answers, line by line.

For a screen reader, a terminal that can draw nothing, or a pipe: nothing is drawn over, nothing is
said by colour or place alone. Pages are those of the browser, from the same source.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable, Mapping
from typing import NamedTuple

from runbrowser.cli.output import write_text
from runbrowser.cli.session import Session, session
from runbrowser.config import Settings
from runbrowser.errors import RunbrowserError
from runbrowser.fields.columns import RunInfo
from runbrowser.fields.filters import parse
from runbrowser.fields.subjects import read_subject
from runbrowser.models import RunFilter, RunRow
from runbrowser.openml.base import SourcePage
from runbrowser.openml.pager import Pager
from runbrowser.pages.sentences import page_sentence, row_sentence, run_sentences

PAGE_SIZE = 10  # runs that are read out at a time, unless it is said otherwise
_PROMPT = "runbrowser> "


class _Order(NamedTuple):
    """One thing that can be asked for: how it is written, and what it does."""

    written: str
    words: str


ORDERS = (
    _Order("enter, or n", "the next page"),
    _Order("p", "the page before"),
    _Order("a number", "reads that run of the page; 'run 59' one by its id"),
    _Order("/ FILTER", "other runs, such as '/ task:59 state:failed'; '/' alone for all"),
    _Order("show SUBJECT", "what a flow, task, data set, uploader or tag is: 'show flow:8353'"),
    _Order("r", "asks for the page anew"),
    _Order("tag, untag, delete, compare, ...", "any command of runbrowser, for runs by their ids"),
    _Order("?", "this list"),
    _Order("q", "the end"),
)


class PlainBrowser:
    """Pages of runs in sentences. ``ask`` gives the next line, None at the end; ``command`` runs a
    command of runbrowser on the same server.
    """

    def __init__(
        self,
        session: Session,
        filter: RunFilter,
        page_size: int,
        *,
        ask: Callable[[], str | None],
        command: Callable[[list[str]], object],
        verbs: Mapping[str, object],
    ) -> None:
        self._session = session
        self._size = page_size
        self._ask = ask
        self._command = command
        self._verbs = verbs
        self._trouble = ""
        self._page: SourcePage | None = None
        self._use(filter)

    def _use(self, filter: RunFilter) -> None:
        source = self._session.source
        self._filter = self._session.resolved(filter)
        self._pager = Pager(source, self._filter, self._size)
        self._pager.trouble = self._note_trouble

    def _note_trouble(self, words: str) -> None:
        self._trouble = words

    def run(self) -> int:
        """Until the end is asked for; the exit code."""
        write_text("? lists what can be typed, q ends.\n")
        self._try(lambda: self._turn(0))
        while (line := self._ask()) is not None:
            words = line.strip()
            if words in ("q", "quit", "exit"):
                break
            self._try(lambda words=words: self._do(words))  # type: ignore[misc]
        return 0

    def _try(self, act: Callable[[], object]) -> None:
        """A failure is told, and one may go on."""
        try:
            act()
        except RunbrowserError as error:
            write_text(f"Not done: {error}\n")

    def _do(self, words: str) -> None:
        number = self._page.number if self._page is not None else 0
        verb, _, rest = words.partition(" ")
        if words in ("", "n"):
            if self._page is not None and self._page.last:
                write_text("This is the last page.\n")
            else:
                self._turn(number + 1)
        elif words == "p":
            if number:
                self._turn(number - 1)
            else:
                write_text("This is the first page.\n")
        elif words == "r":
            self._use(self._filter)
            self._turn(number)
        elif words == "?":
            write_text("".join(f"{order.written}: {order.words}\n" for order in ORDERS))
        elif words.startswith("/"):
            self._use(parse(words[1:].strip()))
            self._turn(0)
        elif words.isdecimal():
            self._read_row(int(words))
        elif verb == "run" and rest.strip().isdecimal():
            self._read(int(rest), None)
        elif verb == "show":
            read_subject(rest.strip())  # said at once, if it is none
            self._command(["show", rest.strip()])
        elif verb in self._verbs:
            self._run(words)
        else:
            write_text(f"Not understood: {words}. ? lists what can be typed.\n")

    def _run(self, words: str) -> None:
        try:
            self._command(shlex.split(words))
        except ValueError as error:
            write_text(f"Not understood: {error}.\n")

    # -- pages and runs ------------------------------------------------------------------------

    def _turn(self, number: int) -> None:
        self._trouble = ""
        self._page = page = self._session.wait(self._known(number))
        write_text(page_sentence(page, self._filter) + "\n")
        for place, row in enumerate(page.rows, 1):
            write_text(f"{place}: {row_sentence(self._info(row))}\n")
        if self._trouble:
            write_text(f"Not all is known: {self._trouble}\n")

    async def _known(self, number: int) -> SourcePage:
        """A page once all is known of its rows that can be."""
        for _ in range(2):  # a list that has been read whole has its pages anew
            page = await self._pager.page(number)
            self._pager.learn(page)
            await self._pager.idle()
            self._pager.linger(page)
            await self._pager.idle()
        page = await self._pager.page(number)
        try:  # what was said cannot be drawn over once a name has come
            await self._session.source.learn_names(page.rows)
        except RunbrowserError as error:
            self._note_trouble(str(error))
        return page

    def _info(self, row: RunRow) -> RunInfo:
        names = self._session.source.names
        return RunInfo(row, self._pager.facts.get(row.run_id), names)

    def _read_row(self, place: int) -> None:
        rows = self._page.rows if self._page is not None else ()
        if not 1 <= place <= len(rows):
            write_text(
                f"There is no run {place} on this page; 'run {place}' reads one by its id.\n"
            )
            return
        self._read(rows[place - 1].run_id, rows[place - 1])

    def _read(self, run_id: int, row: RunRow | None) -> None:
        run = self._session.wait(self._session.source.run(run_id))
        self._pager.note_run(run)
        for sentence in run_sentences(run, row, self._session.source.names):
            write_text(sentence + "\n")


def ask_line() -> str | None:
    """The next line of stdin, with a prompt where somebody types; None at the end."""
    try:
        return input(_PROMPT if sys.stdin.isatty() else "")
    except EOFError:
        return None


def browse_plainly(settings: Settings, filter: RunFilter, page_size: int | None) -> int:
    """The browser in sentences, on the servers of the settings."""
    from runbrowser.cli.main import VERBS, run

    server = ["--server", settings.server]
    if settings.server_v2:
        server += ["--server-v2", settings.server_v2]
    if settings.read_only:
        server.append("--read-only")
    if settings.api_key is not None:  # never in an argument, which others may see
        os.environ["RUNBROWSER_API_KEY"] = settings.api_key.reveal()
    if settings.user_id is not None:
        os.environ["RUNBROWSER_USER_ID"] = str(settings.user_id)
    with session(settings) as opened:
        return PlainBrowser(
            opened,
            filter,
            page_size or PAGE_SIZE,
            ask=ask_line,
            command=lambda words: run([*server, *words]),
            verbs=VERBS,
        ).run()
