"""What the status line says of actions, without the widget that draws it."""

from __future__ import annotations

import time

from runbrowser.pages.status import Note
from runbrowser.tui.signals import Signal

_READABLE = 2.0  # seconds for which another word stands before progress takes its place


class StatusLine:
    """A note, which the next one takes the place of, and the outcome of the last action, which
    stays until the next action or until it is dismissed.
    """

    def __init__(self) -> None:
        self.changed: Signal[None] = Signal()
        self.told_at = 0.0  # when the last note was told, by the monotonic clock
        self._note: Note | None = None
        self._outcome: Note | None = None

    @property
    def note(self) -> Note | None:
        """What was said last."""
        return self._note

    @property
    def outcome(self) -> Note | None:
        """What became of the last action."""
        return self._outcome

    @property
    def is_busy(self) -> bool:
        """Whether the note tells of something under way."""
        return self._note is not None and self._note.kind == "busy"

    def put(self, note: Note | None) -> None:
        """Shows a note that may be replaced by progress at once; None brings the key hints back."""
        if note is not self._note:
            self._note = note
            self.changed.emit(None)

    def tell(self, text: str, kind: str = "info") -> None:
        """Says something that stands long enough to be read; '' brings the key hints back."""
        self.told_at = time.monotonic()
        self.put(Note(text, kind) if text else None)

    def tell_outcome(self, text: str, kind: str = "info") -> None:
        """Says what became of an action; '' takes it away."""
        self.tell("")
        self._outcome = Note(text, kind) if text else None
        self.changed.emit(None)


class Progress:
    """How far some work is, said in the line unless something else stands there to be read.

    ``over_busy``: it takes the place of other words about work at once, else it waits for their
    end.
    """

    def __init__(self, line: StatusLine, *, over_busy: bool) -> None:
        self._line = line
        self._over_busy = over_busy
        self._note: Note | None = None

    @property
    def is_shown(self) -> bool:
        """Whether the line says it now."""
        return self._note is not None and self._line.note is self._note

    def show(self, words: str, *, at_once: bool = False) -> bool:
        """Says how far it is; whether there was room. ``at_once``: whatever was told a moment
        ago.
        """
        note = self._line.note
        if note is not None and not self.is_shown:
            fresh = not at_once and time.monotonic() - self._line.told_at < _READABLE
            if (not self._over_busy) if note.kind == "busy" else fresh:
                return False
        if note is None or note.text != words or not self.is_shown:
            self._note = Note(words, "busy")
            self._line.put(self._note)
        return True

    def end(self) -> None:
        """Takes it away where it still stands."""
        if self.is_shown:
            self._line.tell("")
        self._note = None
