"""All keys, made from the table of actions."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from runbrowser import __version__
from runbrowser.fields.filters import FIELDS
from runbrowser.models import RunState
from runbrowser.tui.actions import by_group
from runbrowser.tui.keymap import DEFAULT, Keymap, in_force


def help_text(keys: Keymap = DEFAULT) -> Content:
    """The page: keys by group, the filter language, the signs."""
    lines: list[Content] = [
        Content.assemble(
            ("runbrowser", "bold $text-primary"),
            (f" {__version__}     j k scroll, esc leaves", "$text-muted"),
        ),
    ]
    for group, actions in by_group(keys.actions):
        lines += [Content(""), Content.styled(group, "bold $text-primary")]
        seen = set()
        for action in actions:
            if action.keys and action.shown_keys not in seen:
                seen.add(action.shown_keys)
                lines.append(
                    Content.assemble(
                        (f"  {action.shown_keys:<14}", "bold $text-accent"), action.help
                    )
                )
    lines += [Content(""), Content.styled("Filter", "bold $text-primary")]
    lines += [
        Content.assemble((f"  {field.key:<14}", "bold $text-accent"), field.docs)
        for field in FIELDS.values()
    ]
    lines += [Content(""), Content.styled("States", "bold $text-primary")]
    for state, words in (
        (RunState.OK, "evaluated"),
        (RunState.FAILED, "its uploader reported an error"),
        (RunState.EVALUATION_FAILED, "the server could not evaluate it"),
        (RunState.NOT_EVALUATED, "the server has not evaluated it yet"),
    ):
        name = f"  {state.glyph} {state.value}"
        lines.append(Content.assemble((f"{name:<18}", "bold"), words))
    return Content("\n").join(lines)


_MOVING = (
    ("j k", "next and previous line"),
    ("g G", "first and last line"),
    ("J K", "scroll the page below"),
    ("esc q", "back"),
)


def screen_help(keys: Sequence[tuple[str, str]]) -> Content:
    """The page for a screen that lists things: its own keys, then those of every list."""
    lines = [
        Content.styled("Keys of this screen", "bold $text-primary"),
        Content.styled("esc leaves", "$text-muted"),
        Content(""),
    ]
    own = [(key, words) for key, words in keys if key != "esc"]
    for key, words in (*own, *_MOVING):
        lines.append(Content.assemble((f"  {key:<14}", "bold $text-accent"), words))
    return Content("\n").join(lines)


class HelpScreen(ModalScreen[None]):
    """Any of esc, q and ? leaves it."""

    BINDINGS = [  # noqa: RUF012
        Binding("escape,q,question_mark,enter", "leave", show=False),
        Binding("j,down", "scroll(2)", show=False),
        Binding("k,up", "scroll(-2)", show=False),
    ]

    def __init__(self, keys: Sequence[tuple[str, str]] = ()) -> None:
        """``keys`` are those of a screen beside the main one, with what they do; none: all keys of
        the main screen.
        """
        super().__init__()
        self._keys = keys

    def compose(self) -> ComposeResult:
        page = screen_help(self._keys) if self._keys else help_text(in_force(self.app))
        with VerticalScroll(id="help-box"):
            yield Static(page, markup=False)

    def action_leave(self) -> None:
        """Back to the runs."""
        self.dismiss()

    def action_scroll(self, lines: int) -> None:
        """Moves the page."""
        self.query_one("#help-box", VerticalScroll).scroll_relative(y=lines, animate=False)
