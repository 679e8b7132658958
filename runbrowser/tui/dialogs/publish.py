"""Publishes a run from files: which, what is wrong with them, how far the upload is."""

from __future__ import annotations

import asyncio
from pathlib import Path

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Label, Static

from runbrowser.actions.publish import Upload, prepare, publish
from runbrowser.client.http import AsyncHTTPClient
from runbrowser.errors import RunbrowserError
from runbrowser.text import display

_FIELDS = (
    ("description", "path of description.xml"),
    ("predictions", "path of predictions.arff, or empty"),
    ("trace", "path of trace.arff, or empty"),
)


class PathField(Input):
    """A path; up and down go to the neighbours."""

    BINDINGS = [  # noqa: RUF012
        Binding("up", "screen.focus_previous", show=False),
        Binding("down", "screen.focus_next", show=False),
    ]


class PublishDialog(ModalScreen[int | None]):
    """Enter checks the files and, if nothing is wrong with them, publishes; Esc leaves. Gives the
    new run's id.
    """

    BINDINGS = [Binding("escape", "leave", show=False)]  # noqa: RUF012

    def __init__(self, http: AsyncHTTPClient, user_id: int | None) -> None:
        super().__init__()
        self._http = http
        self._user_id = user_id
        self._checked: Upload | None = None
        self._sending = False

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog -large"):
            yield Label("Publish a run", classes="pane-title", markup=False)
            for name, words in _FIELDS:
                with Horizontal(classes="field"):
                    yield Label(name, classes="field-name -wide", markup=False)
                    field = PathField(placeholder=words, compact=True, id=f"path-{name}")
                    field.cursor_blink = False
                    yield field
            yield Static("enter checks the files, esc leaves", markup=False, classes="note")

    def _say(self, words: str | Content, *, wrong: bool = False) -> None:
        note = self.query_one(".note", Static)
        note.update(words)
        note.set_class(wrong, "-wrong")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Other files want to be checked anew."""
        event.stop()
        self._checked = None

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Checks; a second Enter publishes what was checked."""
        event.stop()
        if self._sending:
            return
        worker = self._check() if self._checked is None else self._publish(self._checked)
        self.run_worker(worker, exclusive=True, exit_on_error=False)

    def _paths(self) -> dict[str, Path]:
        values = {name: self.query_one(f"#path-{name}", Input).value for name, _ in _FIELDS}
        return {
            name: Path(value.strip()).expanduser()
            for name, value in values.items()
            if value.strip()
        }

    async def _check(self) -> None:
        paths = self._paths()
        description = paths.pop("description", None)
        if description is None:
            self._say("the description is wanted first", wrong=True)
            return
        try:
            upload = await asyncio.to_thread(prepare, description, paths)
        except RunbrowserError as error:
            self._say(display(error, 400), wrong=True)
            return
        if upload.problems:
            lines = [display(problem, 300) for problem in upload.problems[:12]]
            self._say("\n".join(["the server would refuse this:", *lines]), wrong=True)
            return
        self._checked = upload
        self._say(f"nothing is wrong with these {upload.size:,} bytes; enter publishes them")

    async def _publish(self, upload: Upload) -> None:
        def progress(sent: int, total: int) -> None:
            self._say(f"{sent:,} of {total:,} bytes have left")

        self._sending = True
        try:
            published = await publish(self._http, upload, user_id=self._user_id, progress=progress)
        except RunbrowserError as error:
            self._say(display(error, 600), wrong=True)
            return
        finally:
            self._sending = False
        if published.run_id is None:
            self._say(display(published.words, 600), wrong=True)
            return
        self.dismiss(published.run_id)

    def action_leave(self) -> None:
        """Leaves; an upload under way is not cut off."""
        if self._sending:
            self._say("the upload is under way; its end is waited for")
            return
        self.dismiss(None)
