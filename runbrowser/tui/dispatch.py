"""From an action of the table to what does it on a screen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any, Protocol, runtime_checkable

from textual.screen import Screen

from runbrowser.pages.status import Note


def _nothing() -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Handler:
    """What does an action. ``run`` may give an awaitable, which is awaited; ``why_disabled`` says
    in words why it cannot be done now (in a Note, where that is an error), '' when it can.
    """

    run: Callable[[], object]
    why_disabled: Callable[[], str | Note] = _nothing


Handlers = Mapping[str, Handler]
"""Handlers by the names of their actions."""


@runtime_checkable
class Able(Protocol):
    """A screen or dialog that has handlers beside its own methods."""

    @property
    def actions(self) -> Handlers:
        """What it can do, by the names of the actions."""
        ...


@runtime_checkable
class Acting(Able, Protocol):
    """A screen whose actions are those of the table, and that can say something."""

    def tell(self, words: str, kind: str = "info") -> None:
        """Says something in the screen's status line; ``kind`` is that of a Note."""
        ...


def handler_of(screen: Screen[Any], name: str) -> Handler | None:
    """What does an action on a screen: the entry of its ``actions``, else the method
    ``action_NAME`` of the screen or of the app; None when nothing does.
    """
    if isinstance(screen, Able) and name in screen.actions:
        return screen.actions[name]
    for owner in (screen, screen.app):
        method = getattr(owner, f"action_{name}", None)
        if callable(method):
            return Handler(method)
    return None


def why_disabled(screen: Screen[Any], name: str) -> str:
    """Why an action cannot be done on a screen now, in words; '' when it can."""
    handler = handler_of(screen, name)
    why = handler.why_disabled() if handler is not None else ""
    return why.text if isinstance(why, Note) else why


async def do(screen: Screen[Any], name: str) -> bool:
    """Does an action on a screen, or tells there why not; whether the screen knows it."""
    handler = handler_of(screen, name)
    if handler is None:
        return False
    await run(handler, screen.tell if isinstance(screen, Acting) else _silent)
    return True


def _silent(words: str, kind: str) -> None:
    """A dialog says nothing about actions."""


async def run(handler: Handler, tell: Callable[[str, str], None]) -> None:
    """Does what a handler does, or tells why not, with the kind of the words."""
    why = handler.why_disabled()
    if why:
        note = why if isinstance(why, Note) else Note(why)
        tell(note.text, note.kind)
        return
    result = handler.run()
    if isawaitable(result):
        await result
