"""All keys, made from the table of actions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from textual.app import ComposeResult
from textual.screen import ModalScreen

from runbrowser import __version__
from runbrowser.fields.filters import FIELDS
from runbrowser.models import RunState
from runbrowser.pages.lines import FAINT, Line, broken, spans, title
from runbrowser.tui.action import Action
from runbrowser.tui.actions import actions_of, bindings, by_group
from runbrowser.tui.dispatch import Handlers
from runbrowser.tui.keymap import DEFAULT, Keymap, in_force
from runbrowser.tui.places import SCREENS, Place
from runbrowser.tui.widgets.page_view import PageView, moves


def help_page(keys: Keymap = DEFAULT) -> list[Line]:
    """The page: keys by group, the filter language, the signs."""
    lines = [
        spans(("runbrowser", "title"), (f" {__version__}     j k scroll, esc leaves", FAINT)),
    ]
    lines += _keys(actions_of(SCREENS["main"], keys.actions))
    lines += title("Filter")
    lines += [_key(field.head.rstrip(":"), field.docs) for field in FIELDS.values()]
    lines += title("States")
    for state, words in (
        (RunState.OK, "evaluated"),
        (RunState.FAILED, "its uploader reported an error"),
        (RunState.EVALUATION_FAILED, "the server could not evaluate it"),
        (RunState.NOT_EVALUATED, "the server has not evaluated it yet"),
    ):
        name = f"  {state.glyph} {state.value}"
        lines.append(spans((f"{name:<18}", "strong"), words))
    return lines


def _key(key: str, words: str) -> Line:
    return spans((f"  {key:<14}", "strong-accent"), words)


def _keys(actions: Sequence[Action]) -> list[Line]:
    """Keys by group, each once."""
    lines = []
    for group, some in by_group(actions):
        lines += title(group)
        seen = set()
        for action in some:
            if action.keys and action.shown_keys not in seen:
                seen.add(action.shown_keys)
                key = f"  {action.shown_keys:<14} "[:17]
                lines.append(spans((key, "strong-accent"), action.help))
    return lines


def screen_help(places: Sequence[Place], keys: Keymap = DEFAULT) -> list[Line]:
    """The page for a screen beside the main one: all its keys."""
    head = [spans(("Keys of this screen", "title")), spans(("esc leaves", FAINT))]
    return [*head, *_keys(actions_of(places, keys.actions))]


class HelpScreen(ModalScreen[None]):
    """Any of esc, q and ? leaves it."""

    PLACES = SCREENS["help"]
    BINDINGS = bindings(*PLACES)  # type: ignore[assignment]

    def __init__(self, places: Sequence[Place] = SCREENS["main"]) -> None:
        """``places`` are those of the screen whose keys are explained."""
        super().__init__()
        self._places = places

    def compose(self) -> ComposeResult:
        yield PageView(id="help-box")

    def on_mount(self) -> None:
        """Lines are broken where there is no room for them."""
        keys, is_main = in_force(self.app), "screen" in self._places
        lines = help_page(keys) if is_main else screen_help(self._places, keys)
        self._page.show(lambda width: broken(lines, width))

    @property
    def _page(self) -> PageView:
        return self.query_one("#help-box", PageView)

    @cached_property
    def actions(self) -> Handlers:
        """What moves the page; all else are methods."""
        return moves(lambda: self._page)

    def action_leave(self) -> None:
        """Back to the runs."""
        self.dismiss()

    def action_help(self) -> None:
        """? once more."""
        self.dismiss()
