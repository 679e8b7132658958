"""Which runs are on a page of a mirror: their places in an order, and nothing else of them.

Their rows are read by these places afterwards, as all that is read here is read for every run that
matches. Runs that have the value they are ordered by are looked for first, the others only where
those do not fill the page. An order by names goes by the place of each name among all, and the
names that come next are tried first: that is quick for any filter that lets many runs through.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from runbrowser.errors import UsageError
from runbrowser.mirror.search import SORTABLE, Condition, Order
from runbrowser.text import display

NARROW = 64
"""The part of all names that is tried before all of them are, as a divisor."""

Ask = Callable[[str, Sequence[Any]], list[tuple[Any, ...]]]
"""Answers SQL with its values."""


class Place(NamedTuple):
    """Where a row stands in an order of one version: the value that it is sorted by (for a name its
    place among all names), and its run id. ``row`` tells where it is stored.
    """

    value: Any
    run_id: int
    row: int = -1


class _Sorted(NamedTuple):
    """What runs are ordered by, in SQL: a column, what it is joined from with its values, and the
    table of names that it is a place in.
    """

    column: str
    join: str
    values: tuple[str, ...]
    names: str


def places(
    ask: Ask,
    asked: Condition,
    order: Order,
    size: int,
    after: Place | None,
    skip: int,
    main_measure: str,
) -> list[Place]:
    """The ``size`` runs that come next after a place, behind ``skip`` others. ``main_measure`` is
    the one whose scores stand in the runs themselves.
    """
    by = _sorted(order, main_measure)
    if skip:
        return _select(ask, by, _behind(asked, by, order, after), order, size, skip)
    found: list[Place] = []
    if after is None or after.value is not None:
        found = _valued(ask, asked, by, order, size, after)
        after = None
    if len(found) < size and order.column != "run_id":
        tail = _and(asked, f"{by.column} IS NULL")
        if after is not None:
            tail.add(f"r.run_id {'<' if order.descending else '>'} ?", after.run_id)
        found += _select(ask, by, tail, order, size - len(found))
    return found


def _sorted(order: Order, main_measure: str) -> _Sorted:
    if order.column not in SORTABLE:
        raise UsageError(
            f"Runs are sorted by {', '.join(SORTABLE)}, not by {display(order.column, 50)}."
        )
    column, join, names = SORTABLE[order.column]
    if order.column != "score":
        return _Sorted(column, join, (), names)
    if not order.measure:
        raise UsageError("Say which evaluation measure the runs are to be sorted by.")
    if order.measure == main_measure:
        return _Sorted("r.score", "", (), "")
    return _Sorted(column, join, (order.measure,), "")


def _valued(
    ask: Ask, asked: Condition, by: _Sorted, order: Order, size: int, after: Place | None
) -> list[Place]:
    """The runs that come next of those that have a value."""
    sign = "<" if order.descending else ">"
    behind = _and(asked, f"{by.column} IS NOT NULL")
    if after is not None and order.column == "run_id":
        behind.add(f"r.run_id {sign} ?", after.run_id)
    elif after is not None:
        # the bound alone lets whole parts of the table be passed over
        behind.add(f"{by.column} {sign}= ?", after.value)
        behind.add(f"{by.column} {sign} ? OR r.run_id {sign} ?", after.value, after.run_id)
    if by.names:
        near = _near(ask, by, order, after)
        found = _select(ask, by, _and(behind, f"{by.column} {near[0]} ?", near[1]), order, size)
        if len(found) == size:
            return found
    return _select(ask, by, behind, order, size)


def _near(ask: Ask, by: _Sorted, order: Order, after: Place | None) -> tuple[str, int]:
    """A bound that lets only the names through that come next."""
    last = ask(f"SELECT max(place) FROM {by.names}", ())[0][0] or 0  # noqa: S608
    many = last // NARROW
    if order.descending:
        return ">=", (last if after is None else after.value) - many
    return "<=", (1 if after is None else after.value) + many


def _select(
    ask: Ask, by: _Sorted, condition: Condition, order: Order, size: int, skip: int = 0
) -> list[Place]:
    tail = "DESC" if order.descending else "ASC"
    ordering = f"{by.column} {tail} NULLS LAST, " if order.column != "run_id" else ""
    found = ask(
        f"""SELECT {by.column}, r.run_id, r.rowid FROM runs r {by.join} {condition.sql}
            ORDER BY {ordering}r.run_id {tail} LIMIT ? OFFSET ?""",  # noqa: S608
        [*by.values, *condition.values, size, skip],
    )
    return [Place(*row) for row in found]


def _and(asked: Condition, term: str, *values: Any) -> Condition:
    found = Condition([*asked.terms], [*asked.values])
    found.add(term, *values)
    return found


def _behind(asked: Condition, by: _Sorted, order: Order, after: Place | None) -> Condition:
    """A condition, and only what comes after a place: a greater value (or a smaller one), or the
    same and a later run; what has no value comes last.
    """
    sign = "<" if order.descending else ">"
    if after is None:
        return asked
    if order.column == "run_id":
        return _and(asked, f"r.run_id {sign} ?", after.run_id)
    if after.value is None:
        return _and(asked, f"{by.column} IS NULL AND r.run_id {sign} ?", after.run_id)
    return _and(
        asked,
        f"{by.column} {sign} ? OR {by.column} IS NULL OR ({by.column} = ? AND r.run_id {sign} ?)",
        after.value,
        after.value,
        after.run_id,
    )
