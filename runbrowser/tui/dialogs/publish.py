"""Publishes a run from files: which, what is wrong with them, how far the upload is."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.suggester import Suggester
from textual.widgets import Input, Label, Static

from runbrowser.bulk.delivery import Delivery
from runbrowser.bulk.publication import Upload, prepare, publish
from runbrowser.client.http import AsyncHTTPClient
from runbrowser.errors import RunbrowserError
from runbrowser.text import display
from runbrowser.tui.keystrokes import Question

_FIELDS = (
    ("description", "path of description.xml"),
    ("predictions", "path of predictions.arff, or empty"),
    ("trace", "path of trace.arff, or empty"),
)


_HELP = "a folder that holds the files will do; tab completes, enter checks, esc leaves"


class PathSuggester(Suggester):
    """Completes a path with the first name in its folder that goes on so."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        """The whole path; a folder ends with a slash. No names that cannot be drawn."""
        return await asyncio.to_thread(self._find, value)

    @staticmethod
    def _find(value: str) -> str | None:
        folder, begun = os.path.split(value)
        try:
            names = sorted(path.name for path in Path(folder or ".").expanduser().iterdir())
        except (OSError, RuntimeError):
            return None
        for name in names:
            if begun and name.startswith(begun) and display(name) == name:
                whole = str(Path(folder) / name)
                is_folder = Path(whole).expanduser().is_dir()
                found = value + name[len(begun) :] + ("/" if is_folder else "")
                return found if found != value else None
        return None


class PathField(Input):
    """A path; tab takes the completion, else goes on; up and down go to the neighbours."""

    BINDINGS = [  # noqa: RUF012
        Binding("up", "screen.focus_previous", show=False),
        Binding("down", "screen.focus_next", show=False),
        Binding("tab", "complete", show=False),
    ]

    def action_complete(self) -> None:
        """Takes what is offered; with nothing offered, the next field."""
        before = self.value
        self.action_cursor_right()
        if self.value == before:
            self.screen.focus_next()


class PublishDialog(ModalScreen[int | None]):
    """Enter checks the files and, if nothing is wrong with them, publishes; Esc leaves. Gives the
    new run's id.
    """

    BINDINGS = [Binding("escape", "leave", show=False)]  # noqa: RUF012

    def __init__(self, http: AsyncHTTPClient, user_id: int | None, key_origin: str = "") -> None:
        super().__init__()
        self._http = http
        self._user_id = user_id
        self._key_origin = key_origin
        self._checked: Upload | None = None
        self._agreed = Question(self)  # whether the checked files are to be published
        self._sending = False
        self._wants_to_leave = False

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog -large"):
            yield Label("Publish a run", classes="pane-title", markup=False)
            for name, words in _FIELDS:
                with Horizontal(classes="field"):
                    yield Label(name, classes="field-name -wide", markup=False)
                    field = PathField(
                        placeholder=words,
                        compact=True,
                        id=f"path-{name}",
                        suggester=PathSuggester(),
                    )
                    field.cursor_blink = False
                    yield field
            yield Static(_HELP, markup=False, classes="note")

    def _say(self, words: str | Content, *, wrong: bool = False) -> None:
        note = self.query_one(".note", Static)
        note.update(words)
        note.set_class(wrong, "-wrong")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Other files want to be checked anew."""
        event.stop()
        if self._checked is not None:
            self._checked = None
            self._say(_HELP)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Checks; a second Enter publishes what was checked."""
        event.stop()
        if self._sending:
            return
        if self._checked is None:
            self.run_worker(self._check(), exclusive=True, exit_on_error=False)
        else:
            self._agreed.answer(self._send)

    def _send(self) -> None:
        if self._checked is not None and not self._sending:
            work = self._publish(self._checked)
            self.run_worker(work, exclusive=True, exit_on_error=False)

    def _paths(self) -> dict[str, Path]:
        values = {name: self.query_one(f"#path-{name}", Input).value for name, _ in _FIELDS}
        return {
            name: Path(value.strip()).expanduser()
            for name, value in values.items()
            if value.strip()
        }

    async def _fill(self) -> None:
        """A folder stands for the files in it, by the names that OpenML's clients give them."""
        given = self._paths().get("description")
        if given is None or not await asyncio.to_thread(given.is_dir):
            return
        for name, _ in _FIELDS:
            path = given / (f"{name}.xml" if name == "description" else f"{name}.arff")
            field = self.query_one(f"#path-{name}", Input)
            if name == "description" or (
                not field.value.strip() and await asyncio.to_thread(path.is_file)
            ):
                with field.prevent(Input.Changed):
                    field.value = str(path)

    async def _check(self) -> None:
        await self._fill()
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
        self._agreed.ask(upload.size)
        files = "1 file" if not upload.files else f"{1 + len(upload.files)} files"
        told = f"nothing is wrong with these {files}, {upload.size:,} bytes"
        self._say(f"{told}; enter publishes them")

    async def _publish(self, upload: Upload) -> None:
        def progress(sent: int, total: int) -> None:
            told = f"{sent:,} of {total:,} bytes have left"
            self._say(told if sent < total else f"{told}; waiting for the server's answer")

        self._sending, self._wants_to_leave = True, False
        self._say("publishing; its end is waited for")
        delivery = Delivery(self._http, said=self._say, key_origin=self._key_origin)
        try:
            published = await publish(
                self._http, upload, user_id=self._user_id, progress=progress, delivery=delivery
            )
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
        """Leaves; an upload under way is cut off only by a second Esc."""
        if self._sending and not self._wants_to_leave:
            self._wants_to_leave = True
            self._say(
                "the upload is under way; esc again cuts it off, and nobody knows then whether "
                "the run was published: look at your newest runs",
                wrong=True,
            )
            return
        self.dismiss(None)
