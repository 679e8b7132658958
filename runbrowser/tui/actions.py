"""The one table of actions: bindings, dispatch, palette, help, hints and the keymap file of every
screen and dialog are made from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from textual.binding import Binding

from runbrowser.tui.action import UNBOUND, Action, shown_key
from runbrowser.tui.main_actions import MAIN
from runbrowser.tui.places import SCREENS, WIDGETS, Place
from runbrowser.tui.screen_actions import SCREEN_ACTIONS

ACTIONS: tuple[Action, ...] = (*MAIN, *SCREEN_ACTIONS)


def actions_of(places: Iterable[Place], actions: Sequence[Action] = ACTIONS) -> list[Action]:
    """What can be done at some places, in the table's order."""
    wanted = set(places)
    return [action for action in actions if wanted & set(action.where)]


def is_of_widget(action: Action, places: Iterable[Place]) -> bool:
    """Whether at these places a widget does it, and not the screen."""
    return not (set(action.where) & set(places)) - WIDGETS


def command(action: Action, *places: Place) -> str:
    """What a key of the action runs at some places, as Textual writes it."""
    native = is_of_widget(action, places or action.where)
    return action.does if native else f"app.do('{action.does}')"


def bindings(*places: Place) -> list[Binding]:
    """The key bindings of a screen or widget, from the table; the app's keymap may change them."""
    return [
        Binding(
            ",".join(action.keys) or f"{UNBOUND}{action.name}",
            command(action, *places),
            action.label,
            show=False,
            id=action.name,
            priority=action.first,
        )
        for action in actions_of(places)
    ]


def hints(
    where: Place = "table",
    actions: Sequence[Action] = ACTIONS,
    places: Sequence[Place] = SCREENS["main"],
) -> list[tuple[str, str]]:
    """(key, label) of the actions that the foot of a screen names, most wanted first: how to get
    help, all commands and back, which every screen has, then its own.

    ``where`` is the pane that has the keys, ``places`` those of the screen.
    """
    here = actions_of([place for place in places if place not in ("detail",)], actions)
    wanted = sorted((action for action in here if action.hint), key=lambda a: a.hint)
    pairs = [(_first_key(action), action.label) for action in wanted]
    if where == "detail" and "screen" in places:
        keys = {action.name: _first_key(action) for action in actions_of(places, actions)}
        scroll = " ".join(filter(None, (keys["scroll_down"], keys["scroll_up"])))
        own = [(scroll, "scroll"), (keys["back"], "close"), (keys["next_pane"], "next pane")]
        pairs = [*pairs[:ALWAYS], *own, *pairs[ALWAYS + 4 :]]
    return [(key, label) for key, label in pairs if key]


ALWAYS = 3
"""Hints that a screen always shows: help, commands, back or quit."""


def shown_key_of(name: str, places: Iterable[Place], actions: Sequence[Action] = ACTIONS) -> str:
    """The first key of an action at some places, as people read it; '' when it has none."""
    found = (action for action in actions_of(places, actions) if action.name == name)
    return next(map(_first_key, found), "")


def _first_key(action: Action) -> str:
    return shown_key(action.keys[0]) if action.keys else ""


def by_group(actions: Sequence[Action] = ACTIONS) -> Iterator[tuple[str, list[Action]]]:
    """Actions by group, in the table's order."""
    for group in dict.fromkeys(action.group for action in actions):
        yield group, [action for action in actions if action.group == group]
