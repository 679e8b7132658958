"""Publishes a run from files: which, what is wrong with them, how far the upload is."""

from __future__ import annotations

import asyncio
import os
from functools import partial
from pathlib import Path

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.suggester import Suggester
from textual.widgets import Input, Label

from runbrowser.bulk.delivery import Delivery
from runbrowser.bulk.publication import Upload, prepare, publish
from runbrowser.client.http import AsyncHTTPClient
from runbrowser.errors import RunbrowserError
from runbrowser.pages.remarks import sentence
from runbrowser.text import display
from runbrowser.tui.actions import bindings
from runbrowser.tui.dialogs.dialog import CompletingField, Dialog
from runbrowser.tui.keystrokes import Question
from runbrowser.tui.places import SCREENS

_FIELDS = (
    ("description", "path of description.xml"),
    ("predictions", "path of predictions.arff, or empty"),
    ("trace", "path of trace.arff, or empty"),
)


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


class PublishDialog(Dialog[int | None]):
    """Enter checks the files and, if nothing is wrong with them, publishes; Esc leaves. Gives the
    new run's id.
    """

    PLACES = SCREENS["publish"]
    BINDINGS = bindings(*PLACES)  # type: ignore[assignment]

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
            yield self.heading("Publish a run")
            for name, words in _FIELDS:
                with Horizontal(classes="field"):
                    yield Label(name, classes="field-name -wide", markup=False)
                    yield CompletingField(
                        placeholder=words, id=f"path-{name}", suggester=PathSuggester()
                    )
            yield self.note(self._help)

    @property
    def _help(self) -> str:
        keys = self.keys(("complete", "completes"), ("submit", "checks"), ("cancel", "leaves"))
        return f"a folder that holds the files will do; {keys}"

    def on_input_changed(self, event: Input.Changed) -> None:
        """Other files want to be checked anew."""
        event.stop()
        if self._checked is not None:
            self._checked = None
            self.say(self._help)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Checks; a second Enter publishes what was checked."""
        event.stop()
        if self._sending:
            return
        if self._checked is None:
            self.start(self._check)
        else:
            self._agreed.answer(self._send)

    def _send(self) -> None:
        if self._checked is not None and not self._sending:
            self.start(partial(self._publish, self._checked))

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
            self.say("the description is wanted first", wrong=True)
            return
        try:
            upload = await asyncio.to_thread(prepare, description, paths)
        except RunbrowserError as error:
            self.say(display(error, 400), wrong=True)
            return
        if upload.problems:
            lines = [display(problem, 300) for problem in upload.problems[:12]]
            self.say("\n".join(["the server would refuse this:", *lines]), wrong=True)
            return
        self._checked = upload
        self._agreed.ask(upload.size)
        files = "1 file" if not upload.files else f"{1 + len(upload.files)} files"
        told = f"nothing is wrong with these {files}, {upload.size:,} bytes"
        self.say(f"{told}; enter publishes them")

    async def _publish(self, upload: Upload) -> None:
        def progress(sent: int, total: int) -> None:
            told = f"{sent:,} of {total:,} bytes have left"
            self.say(told if sent < total else f"{told}; waiting for the server's answer")

        self._sending, self._wants_to_leave = True, False
        self.say("publishing; its end is waited for")
        delivery = Delivery(
            self._http,
            said=lambda remark: self.say(sentence(remark)),
            key_origin=self._key_origin,
        )
        try:
            published = await publish(
                self._http, upload, user_id=self._user_id, progress=progress, delivery=delivery
            )
        except RunbrowserError as error:
            self.say(display(error, 600), wrong=True)
            return
        finally:
            self._sending = False
        if published.run_id is None:
            self.say(display(sentence(published.remark), 600), wrong=True)
            return
        self.dismiss(published.run_id)

    def action_leave(self) -> None:
        """Leaves; an upload under way is cut off only by a second Esc."""
        if self._sending and not self._wants_to_leave:
            self._wants_to_leave = True
            self.say(
                "the upload is under way; esc again cuts it off, and nobody knows then whether "
                "the run was published: look at your newest runs",
                wrong=True,
            )
            return
        self.dismiss(None)
