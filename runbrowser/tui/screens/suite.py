"""Flows over the tasks of a suite: their scores, who wins, and whether that is chance."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import cached_property

from textual import events
from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Static

from runbrowser.errors import RunbrowserError, UsageError
from runbrowser.fields.values import parse_ids
from runbrowser.openml.base import RunSource
from runbrowser.openml.suites import SuiteQuestion, SuiteScores, suite_scores
from runbrowser.pages.lines import Lines, sentence, spans
from runbrowser.pages.status import foot
from runbrowser.pages.suite.page import page
from runbrowser.pages.suite.words import title
from runbrowser.text import display
from runbrowser.triage.measures import MEASURES
from runbrowser.triage.suite.model import CELLS, CellKind, SuiteComparison
from runbrowser.tui.actions import bindings, hints
from runbrowser.tui.content import content
from runbrowser.tui.dispatch import Handlers
from runbrowser.tui.keymap import in_force
from runbrowser.tui.places import SCREENS
from runbrowser.tui.widgets.page_view import PageView, moves


class SuiteScreen(Screen[None]):
    """``x`` writes it to a file, LaTeX unless another end is given; ``y`` copies it as Markdown."""

    PLACES = SCREENS["suite"]
    BINDINGS = bindings(*PLACES)  # type: ignore[assignment]

    def __init__(self, source: RunSource, question: SuiteQuestion) -> None:
        super().__init__()
        self._source = source
        self._question = question
        self._kind: CellKind = CELLS[0]
        self._scores: SuiteScores | None = None
        self.comparison: SuiteComparison | None = None
        self._head = Static("", markup=False, id="suite-title")
        self._foot = Static("", markup=False, id="suite-foot")

    def compose(self) -> ComposeResult:
        yield self._head
        yield PageView(id="suite-page")
        yield self._foot

    def on_mount(self) -> None:
        """Asks for the scores."""
        self._ask()

    @property
    def _page(self) -> PageView:
        return self.query_one("#suite-page", PageView)

    @cached_property
    def actions(self) -> Handlers:
        """What moves the page; all else are methods."""
        return moves(lambda: self._page, lines=1)

    # -- asking --------------------------------------------------------------------------------

    def _ask(self) -> None:
        self._head.update("Flows over tasks: asking for the scores")
        self._start(self._read, "scores")

    def _start(self, work: Callable[[], Awaitable[None]], group: str) -> None:
        self.run_worker(work, group=group, exclusive=True, exit_on_error=False)

    async def _read(self) -> None:
        source = self._source
        try:
            self._scores = await suite_scores(source.http, source.names, self._question)
            await self._compare()
        except (RunbrowserError, ValueError) as error:
            self._show_failure(str(error))

    async def _compare(self) -> None:
        if self._scores is None:
            return
        self.comparison = found = await asyncio.to_thread(self._scores.compared, self._kind)
        self._head.update(display(title(found), max(20, self.size.width - 2)))
        self._page.show(lambda width: page(found, width), keep_place=True)
        self.tell("")

    def _show_failure(self, words: str) -> None:
        self.comparison = None
        self._head.update("Flows over tasks")
        self._page.show(lambda width: Lines([sentence(display(words, 600), width, "warning")]))
        self.tell("")

    # -- saying --------------------------------------------------------------------------------

    def tell(self, words: str, kind: str = "info") -> None:
        """Says something beside the keys, until the next one."""
        width = max(30, self.size.width - 2)
        said = [spans(display(words, width))] if words else []
        pairs = hints(actions=in_force(self.app).actions, places=self.PLACES)
        self._foot.update(content(foot(said, pairs, width)))

    def on_resize(self, event: events.Resize) -> None:
        """Another width, other hints; the page lays itself out."""
        if self.comparison is not None:
            self._head.update(display(title(self.comparison), max(20, self.size.width - 2)))
        self.tell("")

    # -- choosing ------------------------------------------------------------------------------

    async def action_cell(self) -> None:
        """The best run of each cell, or the mean of all."""
        self._kind = CELLS[(CELLS.index(self._kind) + 1) % len(CELLS)]
        await self._compare()

    def action_measure(self) -> None:
        """Another measure."""
        from runbrowser.tui.dialogs.choose import ChooseDialog

        choices = [
            (m.name, m.name, f"{m.label}, {m.direction} is better")
            for m in MEASURES.values()
            if m.direction
        ]
        current = self._scores.measure if self._scores is not None else None

        def chosen(name: str | None) -> None:
            if name is not None:
                self._question = replace(self._question, measure=name)
                self._ask()

        self.app.push_screen(ChooseDialog("Measure", choices, current=current), chosen)

    def action_suite(self) -> None:
        """Over another suite."""
        from runbrowser.tui.dialogs.name import NameDialog

        def check(text: str) -> tuple[str, str]:
            try:
                (number,) = parse_ids(text)
            except ValueError:
                raise UsageError("a suite's number, such as 99") from None
            return str(number), ""

        def named(text: str | None) -> None:
            if text:
                self._question = replace(self._question, study=int(text), tasks=())
                self._ask()

        note = "the id of a suite of tasks, or of a study of runs"
        self.app.push_screen(NameDialog("Compare over a suite", "", note, check), named)

    def action_refresh(self) -> None:
        """Asks the server again."""
        self._ask()

    # -- taking along --------------------------------------------------------------------------

    def action_export(self) -> None:
        """Into a file, as its name ends."""
        from runbrowser.pages.suite.export import SUFFIXES, export
        from runbrowser.tui.dialogs.save import SaveDialog

        found = self.comparison
        if found is None:
            self.tell("there is nothing to write yet")
            return

        def made(name: str) -> str:
            suffix = f".{name.rpartition('.')[2].lower()}"
            return export(found, SUFFIXES.get(suffix, "latex"))

        def written(words: str | None) -> None:
            if words:
                self.tell(words)

        over = f"suite-{self._question.study}" if self._question.study is not None else "tasks"
        name = f"flows-over-{over}.tex"
        note = ".tex LaTeX, .md Markdown, .csv or .json with all numbers in full"
        self.app.push_screen(SaveDialog("Export the comparison", name, note, made), written)

    async def action_copy(self) -> None:
        """Copies it as Markdown."""
        from runbrowser.pages.suite.export import as_markdown
        from runbrowser.tui.clipboard import copy

        if self.comparison is not None:
            text = await asyncio.to_thread(as_markdown, self.comparison)
            self.tell(f"the comparison as Markdown: {await copy(self.app, text)}")

    def action_leave(self) -> None:
        """Back."""
        self.dismiss(None)
