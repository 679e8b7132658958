"""The predictions of one run: fetched when asked for, evaluated anew, shown on one page."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import urlsplit

from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Static

from runbrowser.errors import RunbrowserError
from runbrowser.models import Run, RunState
from runbrowser.openml.base import RunSource
from runbrowser.pages.lines import FAINT, Lines, sentence, spans
from runbrowser.pages.predictions import predictions_page
from runbrowser.pages.status import foot
from runbrowser.text import display
from runbrowser.triage.predictions import MOST_BYTES, read_predictions
from runbrowser.triage.recompute import Analysis, analyse
from runbrowser.tui.actions import bindings, hints
from runbrowser.tui.content import content
from runbrowser.tui.keymap import in_force
from runbrowser.tui.places import SCREENS
from runbrowser.tui.threads import in_thread
from runbrowser.tui.widgets.detail import DetailPane

_TELL_EVERY = 0.25  # seconds between two words about how far it is

_WHY_NONE = {
    RunState.FAILED: "it failed before it predicted anything",
    RunState.NOT_EVALUATED: "its uploader sent none",
}


class TooLargeError(RunbrowserError):
    """The file is larger than what is read here."""


class PredictionsScreen(Screen[Analysis | None]):
    """Fetches and reads while it says how far it is; esc gives up, or goes back."""

    PLACES = SCREENS["predictions"]
    BINDINGS = bindings("app", "page", "predictions")  # type: ignore[assignment]

    def __init__(self, source: RunSource, run: Run, known: Analysis | None = None) -> None:
        """``known`` is what an earlier look at the same run gave."""
        super().__init__()
        self._source = source
        self._of = run
        self._found = known

    def compose(self) -> ComposeResult:
        yield Static("", markup=False, classes="page-head")
        yield DetailPane(id="page")
        yield Static("", markup=False, classes="page-foot")

    def on_mount(self) -> None:
        """Shows what is known, or fetches it."""
        self.query_one(DetailPane).focus()
        if self._found is not None:
            self._show(self._found)
        else:
            self.action_refresh()

    def on_resize(self) -> None:
        """As many keys as there is room for."""
        self.tell("")

    def tell(self, words: str, kind: str = "info") -> None:
        """Says something beside the keys."""
        width = max(20, self.size.width - 2)
        pairs = hints(actions=in_force(self.app).actions, places=self.PLACES)
        told = [spans(display(words, width))] if words else []
        self.query_one(".page-foot", Static).update(content(foot(told, pairs, width)))

    def action_refresh(self) -> None:
        """Fetches the file anew."""
        self._found = None
        # a function: a coroutine that is called off before it began would be left behind
        read: Callable[[], Awaitable[None]] = self._read
        self.run_worker(read, group="predictions", exclusive=True, exit_on_error=False)

    def action_leave(self) -> None:
        """Ends a search; else back, and what is under way is given up."""
        pane = self.query_one(DetailPane)
        if pane.searching:
            pane.leave_search()
            return
        self.workers.cancel_node(self)
        self.dismiss(self._found)

    def _head(self, words: str) -> None:
        text = f"Run {self._of.run_id}  {words}"
        self.query_one(".page-head", Static).update(display(text, max(20, self.size.width - 2)))

    def _say(self, words: str, look: str = FAINT) -> None:
        pane = self.query_one(DetailPane)
        pane.show(self._of.run_id, lambda width: Lines([sentence(words, width, look)]))

    async def _read(self) -> None:
        self._head("predictions")
        self._say("asking for the file of predictions; esc gives up")
        try:
            found = await self._analysis()
        except RunbrowserError as error:
            self._say(f"{display(error, 2_000)} r tries again.", "bad")
            return
        except OSError as error:
            why = display(error.strerror or error, 300)
            self._say(f"The file could not be kept meanwhile: {why}. r tries again.", "bad")
            return
        if found is not None:
            self._found = found
            self._show(found)

    def _show(self, found: Analysis) -> None:
        run = self._of
        if found.labels is not None and run.task_id is not None:
            self._source.names.classes[run.task_id] = found.labels
        data = ", ".join(display(d.name, 60) for d in run.input_data)
        self._head("  ".join(part for part in ("predictions", data, f"task {run.task_id}") if part))
        self.query_one(DetailPane).show(
            run.run_id, lambda width: predictions_page(run, found, width)
        )

    async def _address(self) -> str:
        """Where the file is."""
        run = await self._source.with_files(self._of)
        url = run.predictions_url or ""
        if urlsplit(url).scheme not in ("http", "https"):
            why = _WHY_NONE.get(run.state, "the server names no such file")
            raise RunbrowserError(f"Run {run.run_id} has no predictions: {why}.")
        return url

    async def _analysis(self) -> Analysis | None:
        url = await self._address()
        with tempfile.TemporaryDirectory(prefix="runbrowser-") as folder:
            path = Path(folder) / "predictions.arff"
            await self._source.download_file(url, path, self._progress())
            self._say(f"reading {path.stat().st_size:,} bytes; esc gives up")
            run = self._of

            def work(stop: Callable[[], bool]) -> Analysis | None:
                with path.open("rb") as stream:
                    found = read_predictions(stream, stop=stop)
                return None if found is None else analyse(run, found, stop=stop)

            return await in_thread(work)

    def _progress(self) -> Callable[[int, int | None], None]:
        last = time.monotonic()

        def tell(had: int, total: int | None) -> None:
            nonlocal last
            if max(had, total or 0) > MOST_BYTES:
                raise TooLargeError(
                    f"The file of predictions is {max(had, total or 0):,} bytes large, more than "
                    f"the {MOST_BYTES:,} that are read here. On the command line `runbrowser "
                    f"download {self._of.run_id} --file predictions` fetches it."
                )
            if time.monotonic() - last >= _TELL_EVERY:
                last = time.monotonic()
                of = f" of {total:,}" if total else ""
                self._say(f"fetched {had:,}{of} bytes; esc gives up")

        return tell
