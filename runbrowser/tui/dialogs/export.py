"""Asks which rows go into a file, in which format, and under which name."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Label

from runbrowser.errors import UsageError
from runbrowser.files.export import Detail
from runbrowser.files.formats import SUFFIXES, format_of, has_pyarrow, pyarrow
from runbrowser.tui.actions import bindings
from runbrowser.tui.dialogs.dialog import Dialog, Field
from runbrowser.tui.keystrokes import Question
from runbrowser.tui.places import SCREENS
from runbrowser.tui.widgets.choice_line import ChoiceLine

_WORDS = {"csv": "CSV", "json": "JSON", "jsonl": "JSONL", "parquet": "Parquet",
          "markdown": "Markdown"}  # fmt: skip


_DETAILS: dict[Detail, str] = {"names": "names", "ids": "ids", "parameters": "parameters"}


@dataclass(frozen=True, slots=True)
class Choice:
    """Rows that can be exported: what they are called, and how many they are, if that is known.

    ``scores`` says in words which scores come along; '' where none is known.
    """

    words: str
    count: int | None
    scores: str = ""

    @property
    def title(self) -> str:
        """What the line of choices shows."""
        return self.words if self.count is None else f"{self.words} {self.count:,}"


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for: ``choice`` is a place among the choices offered."""

    choice: int
    format: str
    path: Path
    overwrite: bool
    scores: bool
    detail: Detail = "ids"


class ExportDialog(Dialog[Wish | None]):
    """Tab goes through the fields, Enter writes from any of them, Esc leaves. A file that is there
    is replaced only by a second Enter.
    """

    PLACES = SCREENS["export"]
    BINDINGS = bindings(*PLACES)  # type: ignore[assignment]

    def __init__(
        self,
        title: str,
        choices: Sequence[Choice],
        name: str,
        verb: str = "list",
        *,
        detailed: bool = False,
    ) -> None:
        """``name`` is that of the file, without its end; ``verb`` the command that gives the same
        columns; ``detailed``: names and hyper-parameters can come along.
        """
        super().__init__()
        self._title = title
        self._choices = choices
        self._name = name
        self._verb = verb
        self._detailed = detailed
        self._formats = [name for name in SUFFIXES if name != "parquet" or has_pyarrow()]
        self._replaces = Question(self)  # the file that a second Enter replaces

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog -wide"):
            yield self.heading(self._title)
            with Horizontal(classes="field"):
                yield Label("rows", classes="field-name", markup=False)
                yield ChoiceLine([choice.title for choice in self._choices], id="export-rows")
            with Horizontal(classes="field", id="export-scores-field"):
                yield Label("scores", classes="field-name", markup=False)
                yield ChoiceLine(["with scores", "without"], id="export-scores")
            with Horizontal(classes="field"):
                yield Label("format", classes="field-name", markup=False)
                yield ChoiceLine(
                    [_WORDS[name] for name in self._formats],
                    unable=[] if "parquet" in self._formats else [_WORDS["parquet"]],
                    id="export-format",
                )
            with Horizontal(classes="field", id="export-detail-field"):
                yield Label("columns", classes="field-name", markup=False)
                yield ChoiceLine(list(_DETAILS.values()), id="export-detail")
            with Horizontal(classes="field"):
                yield Label("file", classes="field-name", markup=False)
                yield Field(f"{self._name}.csv", id="export-path")
            yield self.note()

    def on_mount(self) -> None:
        """The keys begin at the rows."""
        self.query_one("#export-rows").focus()
        self._explain()

    @property
    def _choice(self) -> Choice:
        return self._choices[self.query_one("#export-rows", ChoiceLine).chosen]

    @property
    def _format(self) -> str:
        return self._formats[self.query_one("#export-format", ChoiceLine).chosen]

    @property
    def _detail(self) -> Detail:
        if not self._detailed:
            return "ids"
        return list(_DETAILS)[self.query_one("#export-detail", ChoiceLine).chosen]

    def _explain(self) -> None:
        """What will be written, and which keys help."""
        choice = self._choice
        self.query_one("#export-scores-field").display = bool(choice.scores)
        self.query_one("#export-detail-field").display = self._detailed
        words = f"Columns as 'runbrowser {self._verb}' gives them"
        words += {
            "ids": "",
            "names": ", names",
            "parameters": ", names, a column for each parameter",
        }[self._detail]
        if choice.scores and self.query_one("#export-scores", ChoiceLine).chosen == 0:
            words += f", and {choice.scores}"
        if "parquet" not in self._formats:
            words += ". Parquet needs pyarrow: pip install 'runbrowser[parquet]'"
        notes = {
            "csv": "What a spreadsheet would calculate gets an apostrophe before it.",
            "markdown": "For reading: messages on one line, their markup escaped.",
        }
        keys = self.keys(("submit", "writes"), ("next_field", "goes on"), ("cancel", "leaves"))
        more = f" {notes[self._format]}" if self._format in notes else ""
        self.say(f"{words}.{more} {keys}.")

    def on_choice_line_changed(self, event: ChoiceLine.Changed) -> None:
        """Another format gives the file another end; the user's own end is left alone."""
        event.stop()
        field = self.query_one("#export-path", Input)
        known = format_of(field.value)
        if known is not None and known != self._format:
            field.value = field.value.rpartition(".")[0] + SUFFIXES[self._format]
        self._replaces.drop()
        self._explain()

    def on_input_changed(self, event: Input.Changed) -> None:
        """An end that is a format's own chooses it; another path is asked about anew."""
        event.stop()
        self._replaces.drop()
        known = format_of(event.value)
        if known is not None and known != self._format and known in self._formats:
            self.query_one("#export-format", ChoiceLine).chosen = self._formats.index(known)
        self._explain()

    def on_key(self, event: events.Key) -> None:
        """A letter chooses what begins with it: in the line that has the keys, else in the next."""
        focused = self.focused
        if not isinstance(focused, ChoiceLine) or not (event.character or "").isalpha():
            return
        lines = [line for line in self.query(ChoiceLine) if line.parent and line.parent.display]
        here = lines.index(focused)
        for line in (*lines[here:], *lines[:here]):
            if line.choose(event.character or ""):
                event.stop()
                return

    def on_choice_line_submitted(self, event: ChoiceLine.Submitted) -> None:
        """Enter on a choice."""
        event.stop()
        self._submit()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter on the name."""
        event.stop()
        self._submit()

    def _submit(self) -> None:
        given = self.query_one("#export-path", Input).value.strip()
        if given:
            path = Path(given).expanduser()
            if self._replaces.is_about(path):
                self._replaces.answer(lambda: self._start(path, overwrite=True))
            else:
                self._start(path)
        else:
            self.say("The file has no name yet.", wrong=True)

    def _start(self, path: Path, *, overwrite: bool = False) -> None:
        self.start(partial(self._check, path, overwrite))

    async def _check(self, path: Path, overwrite: bool) -> None:
        """Says what is in the way before anything is asked of a server."""
        format = self._format
        if format_of(path.name) == "parquet":
            format = "parquet"

        def trouble() -> str:
            if format == "parquet":
                try:
                    pyarrow()
                except UsageError as error:
                    return str(error)
            if path.is_dir():
                return f"{path} is a folder."
            if not path.parent.is_dir():
                return f"There is no folder {path.parent}."
            if path.exists() and not overwrite:
                self._replaces.ask(path)
                return f"{path} is there already; enter again replaces it."
            return ""

        try:
            words = await asyncio.to_thread(trouble)
        except OSError as error:
            words = f"{path}: {error.strerror or error}"
        if words:
            self.say(words, wrong=True)
            return
        self.dismiss(
            Wish(
                choice=self.query_one("#export-rows", ChoiceLine).chosen,
                format=format,
                path=path,
                overwrite=overwrite,
                scores=self.query_one("#export-scores", ChoiceLine).chosen == 0,
                detail=self._detail,
            )
        )
