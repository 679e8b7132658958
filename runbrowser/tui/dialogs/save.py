"""Asks for a path and writes a file there, whole or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input

from runbrowser.paths import whole_file
from runbrowser.text import display
from runbrowser.tui.actions import bindings
from runbrowser.tui.dialogs.dialog import Dialog, Field
from runbrowser.tui.keystrokes import Question
from runbrowser.tui.places import SCREENS


class SaveDialog(Dialog[str | None]):
    """Enter writes, Esc leaves; a file that is there is replaced only by a second Enter. Gives
    words for what was written.
    """

    PLACES = SCREENS["field"]
    BINDINGS = bindings(*PLACES)  # type: ignore[assignment]

    def __init__(self, title: str, name: str, note: str, content: Callable[[str], str]) -> None:
        """``name`` is offered first; ``content`` makes the text for the name that was chosen."""
        super().__init__()
        self._title = title
        self._offered = name
        self._words = note
        self._content = content
        self._replaces = Question(self)  # the file that a second Enter replaces

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield self.heading(self._title)
            yield Field(self._offered, id="save-path")
            keys = self.keys(("submit", "writes"), ("cancel", "leaves"))
            yield self.note(f"{self._words}\n{keys}")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Another path is asked about anew."""
        event.stop()
        self._replaces.drop()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Writes, or says why not."""
        event.stop()
        given = event.value.strip()
        if given:
            path = Path(given).expanduser()
            if self._replaces.is_about(path):
                self._replaces.answer(lambda: self._start(path, replaces=True))
            else:
                self._start(path)

    def _start(self, path: Path, *, replaces: bool = False) -> None:
        self.start(partial(self._write, path, replaces))

    async def _write(self, path: Path, replaces: bool) -> None:
        content = self._content(path.name).encode()

        def write() -> bool:
            """Whether it was written; not over a file that nobody was asked about."""
            if path.is_dir():
                raise IsADirectoryError(0, "it is a folder")
            if path.exists() and not replaces:
                return False
            with whole_file(path) as stream:
                stream.write(content)
            return True

        try:
            written = await asyncio.to_thread(write)
        except OSError as error:
            reason = error.strerror or str(error)
            self.say(f"{path} cannot be written: {reason}", wrong=True)
            return
        if not written:
            self._replaces.ask(path)
            self.say(f"{path} is there already; enter again replaces it", wrong=True)
            return
        self.dismiss(display(f"written to {path}", 300))
