"""All keys, made from the table of actions."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from runbrowser import __version__
from runbrowser.fields.filters import FIELDS
from runbrowser.models import RunState
from runbrowser.tui.actions import Action, actions_of, bindings, by_group
from runbrowser.tui.keymap import DEFAULT, Keymap, in_force
from runbrowser.tui.places import SCREENS, Place


def help_text(keys: Keymap = DEFAULT) -> Content:
    """The page: keys by group, the filter language, the signs."""
    lines: list[Content] = [
        Content.assemble(
            ("runbrowser", "bold $text-primary"),
            (f" {__version__}     j k scroll, esc leaves", "$text-muted"),
        ),
    ]
    lines += _keys(actions_of(SCREENS["main"], keys.actions))
    lines += [Content(""), Content.styled("Filter", "bold $text-primary")]
    lines += [
        Content.assemble((f"  {field.head.rstrip(':'):<14}", "bold $text-accent"), field.docs)
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


def _keys(actions: Sequence[Action]) -> list[Content]:
    """Keys by group, each once."""
    lines = []
    for group, some in by_group(actions):
        lines += [Content(""), Content.styled(group, "bold $text-primary")]
        seen = set()
        for action in some:
            if action.keys and action.shown_keys not in seen:
                seen.add(action.shown_keys)
                key = (f"  {action.shown_keys:<14} "[:17], "bold $text-accent")
                lines.append(Content.assemble(key, action.help))
    return lines


def screen_help(places: Sequence[Place], keys: Keymap = DEFAULT) -> Content:
    """The page for a screen beside the main one: all its keys."""
    head = [
        Content.styled("Keys of this screen", "bold $text-primary"),
        Content.styled("esc leaves", "$text-muted"),
    ]
    return Content("\n").join([*head, *_keys(actions_of(places, keys.actions))])


class HelpScreen(ModalScreen[None]):
    """Any of esc, q and ? leaves it."""

    PLACES = SCREENS["help"]
    BINDINGS = bindings(*PLACES)  # type: ignore[assignment]

    def __init__(self, places: Sequence[Place] = SCREENS["main"]) -> None:
        """``places`` are those of the screen whose keys are explained."""
        super().__init__()
        self._places = places

    def compose(self) -> ComposeResult:
        keys, is_main = in_force(self.app), "screen" in self._places
        page = help_text(keys) if is_main else screen_help(self._places, keys)
        with VerticalScroll(id="help-box"):
            yield Static(page, markup=False)

    def action_leave(self) -> None:
        """Back to the runs."""
        self.dismiss()

    def action_help(self) -> None:
        """? once more."""
        self.dismiss()

    def _scroll(self, lines: int) -> None:
        self.query_one("#help-box", VerticalScroll).scroll_relative(y=lines, animate=False)

    def action_cursor_down(self) -> None:
        """j."""
        self._scroll(2)

    def action_cursor_up(self) -> None:
        """k."""
        self._scroll(-2)

    def action_page_down(self) -> None:
        """A screen, nearly."""
        self._scroll(10)

    def action_page_up(self) -> None:
        """Back."""
        self._scroll(-10)
