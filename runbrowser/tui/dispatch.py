"""From an action of the table to what does it on a screen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from inspect import isawaitable
from typing import Protocol, runtime_checkable

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
class Acting(Protocol):
    """A screen whose actions are those of the table."""

    @property
    def actions(self) -> Handlers:
        """What it can do, by the names of the actions."""
        ...

    def tell(self, words: str, kind: str = "info") -> None:
        """Says something in the screen's status line; ``kind`` is that of a Note."""
        ...


async def do(screen: object, name: str) -> bool:
    """Does an action on a screen, or tells there why not; whether the screen knows it."""
    if not isinstance(screen, Acting) or name not in screen.actions:
        return False
    await run(screen.actions[name], screen.tell)
    return True


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
