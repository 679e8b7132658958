"""Which keys hold: those of the table of actions, changed as ``[keys]`` in config.toml says."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING

from textual.binding import Binding
from textual.keys import KEY_NAME_REPLACEMENTS, Keys, key_to_character

from runbrowser.text import display
from runbrowser.tui.action import UNBOUND, Action, shown_key
from runbrowser.tui.actions import ACTIONS, by_group
from runbrowser.tui.places import SCREENS, WIDGETS

if TYPE_CHECKING:
    from textual.app import App

_ALIASES = {"esc": "escape", "return": "enter", "pgup": "pageup", "pgdn": "pagedown",
            "page_up": "pageup", "page_down": "pagedown", "del": "delete", "ins": "insert",
            "backtab": "shift+tab"}  # fmt: skip
_NAMES = {key.value for key in Keys if re.fullmatch(r"[a-z][a-z0-9+_]*", key.value)}
_NAMES |= set(KEY_NAME_REPLACEMENTS.values())
# What a terminal sends for these is what it sends for the other key.
_SAME = {"ctrl+i": "tab", "ctrl+m": "enter", "ctrl+h": "backspace", "ctrl+j": "enter",
         "ctrl+left_square_bracket": "escape", "ctrl+@": "ctrl+space"}  # fmt: skip
_TAKEN = {"ctrl+c": "copies a selected text", "ctrl+q": "always quits"}


@dataclass(frozen=True, slots=True)
class Keymap:
    """The actions with the keys that hold for them, and what was wrong with the wishes."""

    actions: tuple[Action, ...] = ACTIONS
    complaints: tuple[str, ...] = ()

    @property
    def changed(self) -> dict[str, tuple[str, ...]]:
        """The keys of the actions that have other ones than the table gives them."""
        return {
            action.name: action.keys
            for action, default in zip(self.actions, ACTIONS, strict=True)
            if action.keys != default.keys
        }

    @property
    def for_textual(self) -> dict[str, str]:
        """What :meth:`textual.app.App.set_keymap` takes; an action without keys gets one that no
        terminal sends.
        """
        return {
            name: ",".join(keys) if keys else f"{UNBOUND}{name}"
            for name, keys in self.changed.items()
        }


DEFAULT = Keymap()


def in_force(app: App[object]) -> Keymap:
    """The keymap of an app."""
    found = getattr(getattr(app, "looks", None), "keys", DEFAULT)
    return found if isinstance(found, Keymap) else DEFAULT


def key_of(text: str) -> str:
    """A key as Textual names it: '?' is question_mark, 'esc' escape, 'shift+g' G.

    Raises ValueError with words that complete "... is".
    """
    wanted = text.strip() if text != " " else "space"
    if len(wanted) == 1:
        if not wanted.isprintable():
            raise ValueError("no key")
        if wanted == ",":
            return "comma"
        return next(iter(Binding.make_bindings([Binding(wanted, "")]))).key
    *modifiers, name = wanted.lower().replace("-", "+").split("+")
    name = _ALIASES.get(name, name)
    if len(name) == 1 and modifiers == ["shift"]:
        return name.upper()
    if len(name) == 1 and not name.isalnum():
        name = key_of(name)
    modifiers.sort(key=["alt", "ctrl", "shift"].index if set(modifiers) <= _MODIFIERS else len)
    key = "+".join([*modifiers, name])
    if key in _SAME:
        raise ValueError(f"the same to a terminal as {_SAME[key]}")
    if key in _TAKEN:
        raise ValueError(f"Textual's own: it {_TAKEN[key]}")
    known = name in _NAMES or key_to_character(name) is not None
    if key not in _NAMES and not (known and set(modifiers) <= _MODIFIERS):
        raise ValueError("no key; write it as d, D, ?, space, f5, pageup or ctrl+d")
    return key


_MODIFIERS = {"alt", "ctrl", "shift"}


def read(table: object) -> Keymap:
    """The keymap of the table ``[keys]`` as config.toml has it; what is neither a key nor a list
    of keys is told and left out.
    """
    if not isinstance(table, Mapping):
        return Keymap(complaints=("keys is no table; write [keys] and below it action = key",))
    wishes: dict[str, list[str]] = {}
    wrong = []
    for name, value in table.items():
        keys = [value] if isinstance(value, str) else value
        if isinstance(keys, list) and all(isinstance(key, str) for key in keys):
            wishes[name] = [key for key in keys if key]
        else:
            wrong.append(f"{display(name, 40)} is given neither a key nor a list of keys")
    found = keymap(wishes)
    return replace(found, complaints=(*wrong, *found.complaints))


def keymap(wishes: Mapping[str, Sequence[str]]) -> Keymap:
    """The table with wishes, action name to keys, none to unbind it.

    What cannot be done is told in words, and the rest is done. A key that is wished for is taken
    from the action that has it by default; of two wishes for one key the first holds.
    """
    complaints: list[str] = []
    actions = _everywhere()
    wished: dict[str, tuple[str, ...]] = {}
    for name, texts in wishes.items():
        if name not in actions:
            near = get_close_matches(name, actions, 1)
            hint = f"; is it {near[0]}?" if near else ""
            complaints.append(f"{display(name, 40)!r} is no action{hint}")
            continue
        kept: list[str] = []
        for text in texts:
            try:
                key = key_of(text)
            except ValueError as error:
                complaints.append(f"{name}: {display(text, 30)!r} is {error}")
                continue
            holder = _holder(key, actions[name], wished, actions)
            if holder:
                shown = shown_key(key)
                complaints.append(f"{shown} is wished for {holder} and {name}; {holder} has it")
            elif key not in kept:
                kept.append(key)
        if kept or not texts:
            wished[name] = tuple(kept)
    keys = {}
    for name, action in actions.items():
        if name in wished:
            keys[name] = wished[name]
            continue
        keys[name] = tuple(key for key in action.keys if not _holder(key, action, wished, actions))
        for key in action.keys:
            holder = _holder(key, action, wished, actions)
            if holder and not keys[name]:
                complaints.append(f"{shown_key(key)} is {holder}'s now; {name} has no key")
    final = tuple(replace(action, keys=keys[action.name]) for action in ACTIONS)
    return Keymap(final, tuple(complaints))


def _everywhere() -> dict[str, Action]:
    """The actions by name, each with all places in which it is."""
    found: dict[str, Action] = {}
    for action in ACTIONS:
        known = found.setdefault(action.name, action)
        found[action.name] = replace(known, where=(*known.where, *action.where))
    return found


def _holder(
    key: str, action: Action, wished: Mapping[str, Sequence[str]], actions: Mapping[str, Action]
) -> str:
    """Which other action has this key by a wish, where both can be meant; '' if none."""
    for name, keys in wished.items():
        if key in keys and name != action.name and _meet(action, actions[name]):
            return name
    return ""


def _meet(one: Action, other: Action) -> bool:
    """Whether a key for both would be one too few: they are on one screen, and not in two of its
    widgets, of which only one has the focus.
    """
    return any(
        here == there or not {here, there} <= WIDGETS
        for places in SCREENS.values()
        for here in set(one.where) & set(places)
        for there in set(other.where) & set(places)
    )


def as_toml(current: Keymap) -> str:
    """A ``[keys]`` table to start from: every action, those as by default commented out."""
    changed = current.changed
    lines = [
        "[keys]",
        '# action = "key" or ["key", "other key"]; "" takes its keys away',
    ]
    first: dict[str, Action] = {}
    for action in current.actions:
        first.setdefault(action.name, action)
    for group, actions in by_group(list(first.values())):
        lines += ["", f"# {group}"]
        for action in actions:
            keys = [f'"{key}"' for key in map(_written, action.keys)]
            value = keys[0] if len(keys) == 1 else f"[{', '.join(keys)}]" if keys else '""'
            sign = "" if action.name in changed else "# "
            lines.append(f"{sign}{action.name} = {value}  # {action.help}")
    return "\n".join(lines) + "\n"


def _written(key: str) -> str:
    """A key as a person writes it in a TOML string."""
    shown = shown_key(key)
    return shown if len(shown) == 1 and shown.isascii() and shown not in '"\\' else key
