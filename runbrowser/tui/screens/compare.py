"""Two to eight runs side by side: what differs, who is best, what the folds say of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import cached_property, partial

from textual import events
from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Static
from textual.worker import Worker, WorkerState

from runbrowser.errors import RunbrowserError
from runbrowser.openml.base import RunSource
from runbrowser.pages.comparison.head import header, summary, title
from runbrowser.pages.comparison.layout import Page, lay_out
from runbrowser.pages.comparison.page import page
from runbrowser.pages.lines import spans
from runbrowser.pages.status import foot
from runbrowser.text import display, fit
from runbrowser.triage.comparison import MOST, Comparison, Entry, compare_runs
from runbrowser.triage.measures import direction
from runbrowser.tui.actions import bindings, hints
from runbrowser.tui.content import content
from runbrowser.tui.dispatch import Handler, Handlers
from runbrowser.tui.keymap import in_force
from runbrowser.tui.places import SCREENS
from runbrowser.tui.widgets.page_view import PageView, moves

_AT_ONCE = 4  # runs that are read at the same time; be polite


class CompareScreen(Screen[int | None]):
    """A column a run beside the names of things, which stay; gives the run that is to be read."""

    PLACES = SCREENS["compare"]
    BINDINGS = bindings(*PLACES)  # type: ignore[assignment]
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-normal")]  # noqa: RUF012

    def __init__(
        self, source: RunSource, entries: Sequence[Entry], measure: str | None = None
    ) -> None:
        """``entries`` with runs that are at hand are not read again; ``measure`` is that of the
        paired test, None takes the task's own.
        """
        super().__init__()
        self._source = source
        self._entries = list(entries)
        self._baseline = 0
        self._chosen = 0
        self._first = 0  # the first column shown
        self._measure = measure
        self._everything = False
        self._said = ""
        self._gate = asyncio.Semaphore(_AT_ONCE)
        self._named: set[int] = set()  # flows whose components were asked for
        self._page = Page()
        self._drawn_for: tuple[int, int] = (0, 0)
        self.comparison: Comparison | None = None

    def compose(self) -> ComposeResult:
        yield Static("", markup=False, id="compare-title")
        yield Static("", markup=False, id="compare-summary")
        yield Static("", markup=False, id="compare-head")
        yield PageView(id="compare-page")
        yield Static("", markup=False, id="compare-foot")

    def on_mount(self) -> None:
        """Shows what is at hand and asks for the rest."""
        self._changed()
        for place, entry in enumerate(self._entries):
            if entry.run is None:
                self._ask(place)
            else:
                self._ask_names(place)

    # -- reading -------------------------------------------------------------------------------

    def _ask(self, place: int, *, fresh: bool = False) -> None:
        work = partial(self._read, place, fresh)
        self._start(work, f"run-{place}", exclusive=True)

    def _start(
        self, work: Callable[[], Awaitable[None]], group: str, *, exclusive: bool = False
    ) -> None:
        """Work of a group in the background; given as a function, since one that is called off
        before it began must not leave a coroutine behind.
        """
        self.run_worker(work, group=group, exclusive=exclusive, exit_on_error=False)

    async def _read(self, place: int, fresh: bool) -> None:
        """One run; whatever becomes of it, the others are compared."""
        entry = self._entries[place]
        async with self._gate:
            try:
                run = await self._source.run(entry.run_id, fresh=fresh)
            except RunbrowserError as error:
                self._entries[place] = replace(entry, run=None, failure=str(error))
                self._changed()
                return
            except Exception as error:  # noqa: BLE001 - a fault of ours costs one column
                from runbrowser.tui.faults import where_logged

                words = f"something went wrong in runbrowser; {where_logged(error)}"
                self._entries[place] = replace(entry, run=None, failure=words)
                self._changed()
                return
        self._entries[place] = replace(entry, run=run, failure="")
        self._changed()
        await self._name_components(place)

    def _ask_names(self, place: int) -> None:
        self._start(partial(self._name_components, place), f"run-{place}")

    async def _name_components(self, place: int) -> None:
        """Names of the parts of a flow, asked once for each flow, where they are not known."""
        run, known = self._entries[place].run, self._source.names.flows
        if run is None or run.flow_id is None or run.flow_id in self._named:
            return
        components = {setting.component for setting in run.parameter_settings} - {run.flow_id}
        if any(component and component not in known for component in components):
            self._named.add(run.flow_id)
            async with self._gate:
                await self._source.name_flow(run.flow_id)
            self._changed()

    def _changed(self) -> None:
        """Compares anew, off the event loop; only the last of several changes is drawn."""
        self._start(self._compare, "compare", exclusive=True)

    async def _compare(self) -> None:
        names = self._source.names
        self.comparison = await asyncio.to_thread(
            compare_runs,
            tuple(self._entries),
            dict(names.flows),
            dict(names.tasks),
            baseline=self._baseline,
            measure=self._measure,
        )
        self._draw()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A fault of ours in a worker is told in words and logged."""
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            from runbrowser.tui.faults import where_logged

            where = where_logged(event.worker.error)
            self.tell(f"something went wrong in runbrowser itself; {where}")

    # -- drawing -------------------------------------------------------------------------------

    @property
    def _body(self) -> PageView:
        return self.query_one("#compare-page", PageView)

    def _draw(self) -> None:
        found = self.comparison
        if found is None or not self.is_attached or not self.size.width:
            return
        width = max(30, self.size.width - 4)  # a margin on each side of text and scroll bar
        layout = lay_out(len(found.entries), width, self._first, fine=True)
        if self._chosen not in layout.shown:
            before = self._chosen < layout.shown[0]
            first = self._chosen if before else self._chosen - len(layout.shown) + 1
            layout = lay_out(len(found.entries), width, first, fine=True)
        self._first = layout.shown[0]
        words, wrong = title(found)
        head_line = self.query_one("#compare-title", Static)
        head_line.set_class(wrong, "-warning")
        head_line.update(fit(display(words), width))
        self.query_one("#compare-summary", Static).update(summary(found, width))
        plain = self.app.no_color
        head = header(found, layout, self._chosen)
        self.query_one("#compare-head", Static).update(content(head, no_color=plain))
        self._page = page(found, layout, everything=self._everything)
        self._body.show_rows(self._page.lines, width, keep_place=True)
        self._show_foot()

    def on_resize(self, event: events.Resize) -> None:
        """Another width, other columns."""
        if (self.size.width, self.size.height) != self._drawn_for:
            self._drawn_for = (self.size.width, self.size.height)
            self._draw()

    def tell(self, words: str, kind: str = "info") -> None:
        """Says something beside the keys, until the next one."""
        self._said = words
        self._show_foot()

    def _show_foot(self) -> None:
        width = max(30, self.size.width - 2)
        said = [spans((fit(display(self._said, 400), width), ""))] if self._said else []
        pairs = hints(actions=in_force(self.app).actions, places=self.PLACES)
        self.query_one("#compare-foot", Static).update(content(foot(said, pairs, width)))

    def on_key(self, event: events.Key) -> None:
        """What was said has been read."""
        if self._said:
            self.tell("")

    # -- moving --------------------------------------------------------------------------------

    def _step(self, step: int) -> None:
        """Another column; those out of sight move in."""
        self._chosen = (self._chosen + step) % len(self._entries)
        self._draw()

    def action_next_run(self) -> None:
        """To the right."""
        self._step(1)

    def action_previous_run(self) -> None:
        """To the left."""
        self._step(-1)

    def action_next_section(self) -> None:
        """n."""
        here = round(self._body.scroll_y)
        self._go_to(next((line for line in self._page.sections if line > here), None))

    def action_previous_section(self) -> None:
        """p."""
        here = round(self._body.scroll_y)
        self._go_to(next((line for line in reversed(self._page.sections) if line < here), None))

    def _go_to(self, line: int | None) -> None:
        if line is not None:
            self._body.to_row(line)

    # -- choosing ------------------------------------------------------------------------------

    @cached_property
    def actions(self) -> Handlers:
        """What moves the page, and the runs by their numbers; all else are methods."""
        numbers = {
            f"baseline_{number + 1}": Handler(partial(self._take_baseline, number))
            for number in range(MOST)
        }
        return {**moves(lambda: self._body, lines=1), **numbers}

    def action_baseline(self) -> None:
        """The chosen run is what the others are compared to."""
        self._take_baseline(self._chosen)

    def _take_baseline(self, place: int) -> None:
        if place >= len(self._entries):
            self.tell(f"there are {len(self._entries)} runs here")
            return
        self._baseline = self._chosen = place
        self._changed()

    def action_everything(self) -> None:
        """What is the same in all runs is shown, or hidden again."""
        self._everything = not self._everything
        self._draw()

    def action_measure(self) -> None:
        """The measure of the fold by fold comparison."""
        from runbrowser.tui.dialogs.choose import ChooseDialog

        found = self.comparison
        if found is None or not found.measures:
            self.tell("none of these runs has a score")
            return
        choices = []
        for line in found.measures:
            way = direction(line.name) or "neither"
            choices.append((line.name, display(line.name, 30), way))

        def chosen(name: str | None) -> None:
            if name is not None:
                self._measure = name
                self._changed()

        dialog = ChooseDialog(
            "Measure, and which values are better", choices, current=found.measure
        )
        self.app.push_screen(dialog, chosen)

    def action_open(self) -> None:
        """Leaves for the chosen run."""
        self.dismiss(self._entries[self._chosen].run_id)

    def action_refresh(self) -> None:
        """Reads all runs anew."""
        for place, entry in enumerate(self._entries):
            self._entries[place] = replace(entry, failure="")
            self._ask(place, fresh=True)
        self._changed()

    def action_export(self) -> None:
        """Into a file, as its name ends."""
        from runbrowser.pages.comparison.export import SUFFIXES, export
        from runbrowser.tui.dialogs.save import SaveDialog

        found = self.comparison
        if found is None:
            return

        def made(name: str) -> str:
            suffix = f".{name.rpartition('.')[2].lower()}"
            return export(found, SUFFIXES.get(suffix, "markdown"), everything=self._everything)

        def written(words: str | None) -> None:
            if words:
                self.tell(words)

        name = f"compare-{'-'.join(str(entry.run_id) for entry in self._entries[:3])}"
        name += "-and-more.md" if len(self._entries) > 3 else ".md"
        note = ".md Markdown, .csv or .json with all numbers in full"
        self.app.push_screen(SaveDialog("Export the comparison", name, note, made), written)

    def action_copy(self) -> None:
        """Copies the comparison as Markdown."""
        self._start(self._copy, "copy", exclusive=True)

    async def _copy(self) -> None:
        from runbrowser.pages.comparison.export import as_markdown
        from runbrowser.tui.clipboard import copy

        if self.comparison is not None:
            found = await asyncio.to_thread(
                as_markdown, self.comparison, everything=self._everything
            )
            self.tell(f"the comparison as Markdown: {await copy(self.app, found)}")

    def action_leave(self) -> None:
        """Back."""
        self.dismiss(None)
