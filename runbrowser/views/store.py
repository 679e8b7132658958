"""The file of saved views: read tolerantly, written whole or not at all, shared by processes."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from runbrowser.errors import UsageError
from runbrowser.locks import locked
from runbrowser.paths import read_regular, write_private
from runbrowser.text import display
from runbrowser.views import toml
from runbrowser.views.view import View, check_name, from_table, to_table

MOST_BYTES = 256 * 1024
MOST_VIEWS = 100
_HEAD = """\
# The saved views of runbrowser, in the order of their tabs. It may be edited by hand, while no
# browser is saving one; comments stay.
#
#   filter    as in the filter line          columns   their keys, from left to right
#   measure   of the score column            sort      a column's key; reverse turns it round
#   fold      whether empty and constant columns are left out
#   sidebar, detail   whether these panes are open

"""

Edit = Callable[[list[View]], Sequence[View]]
"""Makes the views that are to be from those that are."""


@dataclass(frozen=True, slots=True)
class Views:
    """What the file holds. ``wrong``: what could not be read, in words; then the file is set aside
    before it is written again.
    """

    views: tuple[View, ...] = ()
    wrong: tuple[str, ...] = ()
    set_aside: Path | None = None  # where the file went that could not be read in full

    def find(self, name: str) -> View:
        """The view of that name, whichever way it is capitalised if only one is called so.

        Raises UsageError, which names those that there are.
        """
        for view in self.views:
            if view.name == name:
                return view
        alike = [view for view in self.views if view.name.casefold() == name.strip().casefold()]
        if len(alike) == 1:
            return alike[0]
        known = ", ".join(view.name for view in self.views)
        there_are = f"there are {known}" if known else "none was saved yet"
        wrong = f" ({self.wrong[0]})" if self.wrong else ""
        raise UsageError(f"There is no view {display(name, 60)!r}: {there_are}{wrong}.")


def read(path: Path) -> Views:
    """The views of a file, which need not exist. Never raises for what is in it."""
    try:
        loaded = tomllib.loads(read_regular(path, MOST_BYTES).decode())
    except FileNotFoundError:
        return Views()
    except OSError as error:
        return Views(wrong=(f"{path.name}: {display(error.strerror or error, 80)}",))
    except (ValueError, RecursionError) as error:  # no TOML, or no UTF-8
        return Views(wrong=(f"{path.name} is no TOML: {display(error, 120)}",))
    return _views_of(loaded, path.name)


def _views_of(loaded: dict[str, Any], file: str) -> Views:
    views: dict[str, View] = {}
    wrong = [f"{file}: {display(key, 40)!r} is unknown" for key in loaded if key != "view"]
    tables = loaded.get("view", [])
    if not isinstance(tables, list):
        return Views(wrong=(*wrong, f"{file}: 'view' is no list of views; write [[view]]"))
    for number, table in enumerate(tables, 1):
        called = table.get("name", "") if isinstance(table, dict) else ""
        called = display(called, 40) if isinstance(called, str) and called else f"number {number}"
        try:
            if not isinstance(table, dict):
                raise UsageError("it is no table")
            view, trouble = from_table(table)
            view = replace(view, name=check_name(view.name))
            if view.name in views:
                raise UsageError("another has the same name")
            if len(views) == MOST_VIEWS:
                raise UsageError(f"there are more than {MOST_VIEWS}")
        except UsageError as error:
            wrong.append(f"view {called}: {error}")
            continue
        unwritable = [key for key, thing in view.other if not _is_plain(thing)]
        if unwritable:
            trouble.append(f"{display(unwritable[0], 40)!r} is unknown")
            view = replace(view, other=tuple(o for o in view.other if o[0] not in unwritable))
        wrong += [f"view {called}: {words}" for words in trouble]
        views[view.name] = view
    return Views(tuple(views.values()), tuple(wrong))


def _is_plain(thing: Any) -> bool:
    try:
        toml.value(thing)
    except TypeError:
        return False
    return True


def change(path: Path, edit: Edit) -> Views:
    """Reads the file, edits its views and writes it, while no other process does the same.

    A file that cannot be read in full is set aside first, as ``views.damaged-N.toml``. What
    ``edit`` raises leaves the file as it is. Raises OSError.
    """
    from runbrowser.views import document  # not under the lock: it takes a while

    with locked(path):
        before = read(path)
        after = tuple(edit(list(before.views)))
        written = "" if before.wrong else _text(path)
        text = document.changed(written, [to_table(view) for view in after], _HEAD, _is_same)
        set_aside = _set_aside(path) if before.wrong else None
        write_private(path, text.encode())
    return Views(after, set_aside=set_aside)


def _text(path: Path) -> str:
    try:
        return read_regular(path, MOST_BYTES).decode()
    except FileNotFoundError:
        return ""


def _is_same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two tables stand for the same view, written in whichever way."""
    try:
        first, second = from_table(one), from_table(other)
    except UsageError:
        return False
    return first == second and not first[1]


def _set_aside(path: Path) -> Path:
    number = 1
    while True:
        goal = path.with_name(f"{path.stem}.damaged-{number}{path.suffix}")
        try:
            goal.hardlink_to(path)  # fails if it is there, so that nothing is written over
        except FileExistsError:
            number += 1
            continue
        return goal


def saved(view: View) -> Edit:
    """Puts a view in the place of the one of its name, or at the end."""

    def edit(views: list[View]) -> list[View]:
        for place, old in enumerate(views):
            if old.name == view.name:
                views[place] = replace(view, other=old.other)
                return views
        if len(views) >= MOST_VIEWS:
            raise UsageError(f"There are {MOST_VIEWS} views already; delete one first.")
        return [*views, view]

    return edit


def renamed(old: str, new: str) -> Edit:
    """Gives a view another name. UsageError when there is no such view, or one called so."""

    def edit(views: list[View]) -> list[View]:
        name = check_name(new)
        if name != old and any(view.name == name for view in views):
            raise UsageError(f"There is a view called {name} already.")
        Views(tuple(views)).find(old)
        return [replace(v, name=name) if v.name == old else v for v in views]

    return edit


def deleted(name: str) -> Edit:
    """Takes a view away. UsageError when there is none of that name."""

    def edit(views: list[View]) -> list[View]:
        gone = Views(tuple(views)).find(name)
        return [view for view in views if view is not gone]

    return edit
