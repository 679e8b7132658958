"""What all dialogs share: a title, fields, a note that says what is wrong or which keys help."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, ClassVar, Generic, TypeVar

from textual.content import Content
from textual.screen import ModalScreen
from textual.suggester import Suggester
from textual.widgets import Input, Label, Static

from runbrowser.text import display_lines
from runbrowser.tui.actions import bindings, shown_key_of
from runbrowser.tui.keymap import in_force
from runbrowser.tui.places import Place

Result = TypeVar("Result")

_MOST = 600  # characters of a note


class Field(Input):
    """A line to type in. The cursor stands still: nothing is drawn while nothing happens."""

    BINDINGS = bindings("field")  # type: ignore[assignment]

    def __init__(
        self,
        value: str = "",
        *,
        id: str,
        placeholder: str = "",
        max_length: int = 0,
        suggester: Suggester | None = None,
        **more: Any,
    ) -> None:
        """``max_length`` is in characters, 0 for any; ``suggester`` completes what is typed."""
        super().__init__(
            value,
            placeholder=placeholder,
            compact=True,
            id=id,
            max_length=max_length,
            suggester=suggester,
            **more,
        )
        self.cursor_blink = False


class CompletingField(Field):
    """Tab takes the completion, else goes on."""

    BINDINGS = bindings("completing")

    def action_complete(self) -> None:
        """Takes what is offered; with nothing offered, the next field."""
        before = self.value
        self.action_cursor_right()
        if self.value == before:
            self.screen.focus_next()


class Dialog(ModalScreen[Result], Generic[Result]):
    """Asks for something; None when it was left. A dialog without a note has none to be said."""

    PLACES: ClassVar[Sequence[Place]] = ()

    @staticmethod
    def heading(words: str, *, classes: str = "") -> Label:
        """The title."""
        return Label(words, classes=f"pane-title {classes}".strip(), markup=False)

    @staticmethod
    def note(words: str | Content = "", *, id: str | None = None) -> Static:
        """The place of what is said."""
        return Static(words, markup=False, id=id, classes="note")

    def keys(self, *labels: tuple[str, str]) -> str:
        """Which keys help, for the note: (name of an action of the table, what it does here)."""
        pairs = ((self.key(name), label) for name, label in labels)
        return ", ".join(f"{key} {label}" for key, label in pairs if key)

    def key(self, name: str) -> str:
        """The key of an action here, as people read it."""
        return shown_key_of(name, self.PLACES, in_force(self.app).actions)

    def say(self, words: str | Content, *, wrong: bool = False) -> None:
        """Puts words into the note, in the colour of errors if something is ``wrong``."""
        for note in self.query(".note").results(Static):
            note.update(display_lines(words, _MOST) if isinstance(words, str) else words)
            note.set_class(wrong, "-wrong")

    def start(self, work: Callable[[], Awaitable[None]]) -> None:
        """Work in the background, in place of what was under way; given as a function, since what
        is called off before it began must not leave a coroutine behind.
        """
        self.run_worker(work, exclusive=True, exit_on_error=False)

    def stands(self, *parts: str) -> bool:
        """Whether the dialog has not been left, and these parts (selectors) of it are there.

        One that was left is still attached while its parts are being taken away one by one, and
        one that was just opened has none yet.
        """
        return self in self.app.screen_stack and all(self.query(part) for part in parts)

    def action_leave(self) -> None:
        """Nothing is answered."""
        self.dismiss(None)

    def action_next_field(self) -> None:
        """Down, in dialogs of several fields."""
        self.focus_next()

    def action_previous_field(self) -> None:
        """Up."""
        self.focus_previous()
