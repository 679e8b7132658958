"""One of a few words, chosen with the arrow keys: a field of a dialog."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from runbrowser.tui.actions import bindings

_GAP = 3  # blanks between two words


class ChoiceLine(Widget, can_focus=True):
    """Shows all choices on one line, or on as many as they need; the chosen one stands out."""

    BINDINGS = bindings("choices")  # type: ignore[assignment]
    chosen: reactive[int] = reactive(0)

    class Changed(Message):
        """Another choice."""

    class Submitted(Message):
        """Enter."""

    def __init__(
        self,
        words: Sequence[str],
        *,
        unable: Sequence[str] = (),
        chosen: int = 0,
        id: str | None = None,
    ) -> None:
        """``unable``: words that stand behind the others, struck out, and cannot be chosen."""
        super().__init__(id=id)
        self._words = words
        self._unable = unable
        self._places: list[tuple[int, int, int]] = []  # line, first and last cell of each word
        self.set_reactive(ChoiceLine.chosen, chosen)

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """As many lines as the words take."""
        return self._lay_out(max(8, width))

    def _lay_out(self, width: int) -> int:
        self._places, line, start = [], 0, 0
        for word in (*self._words, *self._unable):
            if start and start + len(word) > width:
                line, start = line + 1, 0
            self._places.append((line, start, start + len(word)))
            start += len(word) + _GAP
        return line + 1

    def render(self) -> Content:
        """All words; the chosen one in the accent, reversed while it has the keys."""
        lines = [Content("")] * self._lay_out(max(8, self.size.width))
        for place, (word, (line, start, _)) in enumerate(
            zip((*self._words, *self._unable), self._places, strict=True)
        ):
            style = "$text-muted" if place < len(self._words) else "strike $text-disabled"
            if place == self.chosen:
                style = (
                    "bold reverse $text-accent" if self.has_focus else "bold underline $text-accent"
                )
            lines[line] += Content(" " * (start - lines[line].cell_length))
            lines[line] += Content.styled(word, style)
        return Content("\n").join(lines)

    def watch_chosen(self) -> None:
        """Tells the dialog."""
        self.post_message(self.Changed())

    def action_next_word(self) -> None:
        """The next word; the first after the last."""
        self.chosen = (self.chosen + 1) % len(self._words)

    def action_previous_word(self) -> None:
        """The word before."""
        self.chosen = (self.chosen - 1) % len(self._words)

    def choose(self, letter: str) -> bool:
        """Chooses the next word that begins with a letter; whether there is another one."""
        count = len(self._words)
        for step in range(1, count):
            place = (self.chosen + step) % count
            if self._words[place].casefold().startswith(letter.casefold()):
                self.chosen = place
                return True
        return False

    def action_submit(self) -> None:
        """Enter is for the dialog."""
        self.post_message(self.Submitted())

    def on_click(self, event: events.Click) -> None:
        """The word under the pointer is chosen."""
        for place, (line, first, last) in enumerate(self._places):
            able = place < len(self._words)
            if able and event.y == line and first <= event.x < last:
                self.chosen = place
