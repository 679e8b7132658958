"""What of a document could not be read: nothing is left out in silence."""

from __future__ import annotations

from runbrowser.client.wire.numbers import integer, number
from runbrowser.text import display


class Unread(list[str]):
    """The places that could not be read, in words."""

    def integer(self, text: str | None, name: str) -> int | None:
        """A whole number; anything else but nothing is noted."""
        value = integer(text)
        if value is None and text and text.strip():
            self.append(f"{name}: {display(text, 80)}")
        return value

    def number(self, text: str | None, name: str) -> float | None:
        """A number; anything else but nothing is noted."""
        value = number(text)
        if value is None and text and text.strip():
            self.append(f"{name}: {display(text, 80)}")
        return value

    def identity(self, text: str | None, what: str) -> int | None:
        """The number of something that is nothing without; its absence is noted, too."""
        value = integer(text)
        if value is None:
            self.append(display(what, 100))
        return value
