"""Names as ids: flows, data sets and uploaders by what they are called, asked for in bulk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from runbrowser.client.calls import descriptions, v1
from runbrowser.errors import UsageError
from runbrowser.fields.filters import parse
from runbrowser.fields.words import Name, names_in, without
from runbrowser.models import RunFilter
from runbrowser.openml.base import RunSource
from runbrowser.text import display

MOST = 300
"""Flows or tasks that one name may stand for: more are no answer, and a long address."""

_ATTRIBUTES = {"flow": "flow", "data": "task", "uploader": "uploader"}
_ON_MIRROR = {"flow": "flow~NAME", "data": "data~NAME", "uploader": "uploader:ID"}
_WORDS = {"flow": "flow", "data": "task on it", "uploader": "uploader"}


@dataclass(frozen=True, slots=True)
class Named:
    """The filter that a text with names stands for, and in words what each name was taken for."""

    filter: RunFilter
    words: str


async def named(source: RunSource, text: str) -> Named:
    """Looks names up: those of flows in the list of all flows, which is one request and is kept, a
    data set's tasks by its name, uploaders among those that were met.

    Raises UsageError where nothing, or too much, is called so, OpenMLServerError and its kinds.
    """
    names = names_in(text)
    filter = parse(without(text, names))
    told: list[str] = []
    look = _LookUp(source)
    for name in names:
        kind, ids = await look.find(name)
        attribute = _ATTRIBUTES[kind]
        before: tuple[int, ...] = getattr(filter, attribute)
        both = tuple(sorted(set(before) & set(ids))) if before else tuple(ids)
        if not both:
            raise UsageError(f"Nothing is both {display(name.text, 60)} and what stands before it.")
        changes: dict[str, Any] = {attribute: both}
        filter = replace(filter, **changes)
        count = "1 " + _WORDS[kind] if len(ids) == 1 else f"{len(ids)} {_plural(kind)}"
        told.append(f"{display(name.text, 40)}: {count}")
    return Named(filter, ", ".join(told))


def _plural(kind: str) -> str:
    return {"flow": "flows", "data": "tasks on it", "uploader": "uploaders"}[kind]


class _LookUp:
    """What names stand for; a word alone is a data set, else part of a flow's name, else a user."""

    def __init__(self, source: RunSource) -> None:
        self._source = source
        self._flows: dict[int, str] | None = None

    async def find(self, name: Name) -> tuple[str, Sequence[int]]:
        """The kind of what is called so, and its ids."""
        wanted = name.text
        for kind in (name.kind,) if name.kind else ("data", "flow", "uploader"):
            ids = await self._ids(kind, wanted)
            if len(ids) > MOST:
                raise UsageError(
                    f"{display(wanted, 60)!r} names {len(ids):,} {_plural(kind)}: say more of it, "
                    f"or look for {_ON_MIRROR[kind]} on a mirror (`runbrowser sync` makes one)."
                )
            if ids:
                return kind, ids
        if name.kind == "uploader":
            raise UsageError(
                f"No uploader that was met here is called {display(wanted, 60)!r}: the server "
                "tells names by id alone. Give the id."
            )
        what = {"flow": "No flow", "data": "No data set of a task"}.get(name.kind, "Nothing")
        raise UsageError(
            f"{what} is called {display(wanted, 60)!r}. Data sets are named whole, of flows a part "
            "is enough."
        )

    async def _ids(self, kind: str, wanted: str) -> list[int]:
        if kind == "uploader":
            return _containing(self._source.names.users, wanted)
        if kind == "flow":
            if self._flows is None:
                self._flows = await self._source.http.send(v1.list_flows())
                self._source.names.flows.update(self._flows)
            return _containing(self._flows, wanted)
        tasks = await self._source.http.send(descriptions.tasks_named(wanted))
        self._source.names.tasks.update(tasks)
        return sorted(tasks)


def _containing(names: dict[int, str], wanted: str) -> list[int]:
    """Ids of names that hold some words, in any case."""
    lower = wanted.casefold()
    return sorted(number for number, name in names.items() if lower in name.casefold())
