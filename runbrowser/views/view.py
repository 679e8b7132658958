"""A view: a filter and how its runs are shown, under a name; as plain values and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from runbrowser.errors import UsageError
from runbrowser.fields import filters
from runbrowser.models import RunFilter
from runbrowser.text import display
from runbrowser.views.arrangement import MOST_COLUMNS, MOST_NAME, Arrangement, is_column

MOST_NAME_OF_VIEW = 60


@dataclass(frozen=True, slots=True)
class View:
    """What is on the main screen, apart from the runs themselves.

    name: '' for what was never saved. sidebar: whether it is open, None for as the width has it.
    detail: whether the detail pane is open. other: keys of its table that this version does not
    know, which are kept as they are.
    """

    name: str = ""
    filter: RunFilter = RunFilter()  # noqa: RUF009 - a plain value
    arrangement: Arrangement = Arrangement()  # noqa: RUF009
    sidebar: bool | None = None
    detail: bool = False
    other: tuple[tuple[str, Any], ...] = ()

    def shows_as(self, other: View) -> bool:
        """Whether both show the same runs in the same way, whichever panes are open."""
        return (self.filter, self.arrangement) == (other.filter, other.arrangement)


def check_name(name: str) -> str:
    """The name without blanks around it. UsageError says what is wrong with it."""
    name = name.strip()
    if not name:
        raise UsageError("A view needs a name.")
    if len(name) > MOST_NAME_OF_VIEW:
        raise UsageError(f"A name has at most {MOST_NAME_OF_VIEW} characters, not {len(name)}.")
    if display(name) != name:
        raise UsageError("A name is one line of characters that can be seen.")
    return name


def to_table(view: View) -> dict[str, Any]:
    """The view as plain values by key; what is as it is anyway is left out."""
    arranged = view.arrangement
    told: dict[str, Any] = {
        "name": view.name,
        "filter": filters.to_text(view.filter),
        "columns": list(arranged.columns),
        "measure": arranged.measure,
        "sort": arranged.sort,
        "reverse": arranged.reverse,
        "fold": arranged.fold,
        "sidebar": view.sidebar,
        "detail": view.detail,
    }
    kept = {key: value for key, value in told.items() if value}
    if view.sidebar is False:
        kept["sidebar"] = False  # None and False are not the same here
    return kept | dict(view.other)


def from_table(table: Mapping[str, Any]) -> tuple[View, list[str]]:
    """The view that plain values stand for, and in words what of them could not be read.

    Raises UsageError when nothing can be made of them: a view with half a filter would show other
    runs than it was made for.
    """
    left = dict(table)
    wrong: list[str] = []

    def take(key: str, kind: type, otherwise: Any) -> Any:
        value = left.pop(key, otherwise)
        if value is otherwise or type(value) is kind:
            return value
        words = {str: "a text", bool: "true or false", list: "a list of texts"}[kind]
        wrong.append(f"{key} is not {words}")
        return otherwise

    name = take("name", str, "")
    text = take("filter", str, "")
    if "filter is not a text" in wrong:
        raise UsageError("filter is not a text")
    filter = filters.parse(text)
    columns = []
    for column in take("columns", list, []):
        if isinstance(column, str) and is_column(column):
            columns.append(column)
        else:
            wrong.append(f"there is no column {display(column, 40)!r}")
    measure = take("measure", str, "")
    if len(measure) > MOST_NAME:
        wrong.append("measure is too long for a name")
        measure = ""
    sort = take("sort", str, "")
    if sort and not is_column(sort):
        wrong.append(f"nothing can be ordered by {display(sort, 40)!r}")
        sort = ""
    arrangement = Arrangement(
        measure=measure,
        sort=sort,
        reverse=take("reverse", bool, False),
        fold=take("fold", bool, False),
    ).with_columns(columns[:MOST_COLUMNS])
    view = View(
        name,
        filter,
        arrangement,
        sidebar=take("sidebar", bool, None),
        detail=take("detail", bool, False),
    )
    return replace(view, other=tuple(left.items())), wrong
