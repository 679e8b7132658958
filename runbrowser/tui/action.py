"""What an action is, and how its keys are written."""

from __future__ import annotations

from dataclasses import dataclass

from textual.keys import key_to_character

from runbrowser.tui.places import Place


@dataclass(frozen=True, slots=True)
class Action:
    """Something the user can do.

    ``name`` is the same wherever the action has the same keys: it names them in ``[keys]`` of
    config.toml. ``handler`` is the key of what does it in the screen's ``actions``, or the method
    ``action_...`` of the screen, the widget or the app (tui/dispatch.py).
    """

    name: str
    keys: tuple[str, ...]  # as Textual names them
    label: str  # a word or two, for hints
    help: str  # a sentence without full stop, for help and palette
    group: str
    where: tuple[Place, ...] = ("screen",)
    hint: int = 0  # place among the hints of a screen; 0: not there
    palette: bool = True  # among the first of the palette; the others stand at its end
    handler: str = ""  # '': the name
    first: bool = False  # goes before what the widget with the focus does with the key

    @property
    def does(self) -> str:
        """Name of what does it."""
        return self.handler or self.name

    @property
    def shown_keys(self) -> str:
        """The keys as people read them."""
        return " ".join(map(shown_key, self.keys))


_KEY_WORDS = {
    "question_mark": "?",
    "slash": "/",
    "backslash": "\\",
    "minus": "-",
    "plus": "+",
    "at": "@",
    "underscore": "_",
    "colon": ":",
    "number_sign": "#",
    "equals_sign": "=",
    "comma": ",",
    "greater_than_sign": ">",
    "asterisk": "*",
    "exclamation_mark": "!",
    "escape": "esc",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "right": "\u2192",
    "left": "\u2190",
    "down": "\u2193",
    "up": "\u2191",
    "G": "G",
    "shift+tab": "shift-tab",
}

UNBOUND = "unbound."
"""Before the name of an action: a key that no terminal sends, for actions that have no other."""


def shown_key(key: str) -> str:
    """A key as people read it."""
    if key in _KEY_WORDS:
        return _KEY_WORDS[key]
    char = key_to_character(key)
    return char if char is not None and char.isprintable() and not char.isspace() else key


MOVE, FIND, READ, MARK, CHANGE = "Move", "Find", "Read", "Mark", "Change"
TAKE = "Take along"
APP = "runbrowser"
