"""Which runs are on a page of a mirror: their places in an order, and nothing else of them.

Their rows are read by these places afterwards, as all that is read here is read for every run that
matches. What comes next in the order is tried first, whatever the filter: some names (an order by
names goes by the place of each name among all), or some runs where they are stored in that order.
That is quick for any filter that lets many runs through. Else all runs are looked at: first those
that have the value they are ordered by.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from runbrowser.errors import UsageError
from runbrowser.mirror.search import SORTABLE, Condition, Order
from runbrowser.text import display

NARROW = 64
"""The part of all names that is tried before all of them are, as a divisor."""

TRIED = 2_000
"""How many runs that come next are tried, in an order that they are stored in, or by a filter that
probably lets many through."""

_STORED = ("run_id", "uploaded")

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
    """What runs are ordered by, in SQL: as Sortable, and the values of its join."""

    column: str
    join: str
    names: str
    empty: str
    values: tuple[str, ...] = ()


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
    if after is not None and after.value is None:
        return _valueless(ask, asked, by, order, size, after)
    if by.names or asked.is_wide or (asked.terms and order.column in _STORED):
        found = _next(ask, asked, by, order, size, after)
        if len(found) == size:
            return found
        if by.names and asked.terms and not by.empty:  # few match: one look at all of them
            return _select(ask, by, _behind(asked, by, order, after), order, size)
    found = _select(ask, by, _valued(asked, by, order, after), order, size)
    if len(found) < size and order.column != "run_id":
        found += _valueless(ask, asked, by, order, size - len(found), None)
    return found


def _sorted(order: Order, main_measure: str) -> _Sorted:
    if order.column not in SORTABLE:
        raise UsageError(
            f"Runs are sorted by {', '.join(SORTABLE)}, not by {display(order.column, 50)}."
        )
    if order.column != "score":
        return _Sorted(*SORTABLE[order.column])
    if not order.measure:
        raise UsageError("Say which evaluation measure the runs are to be sorted by.")
    if order.measure == main_measure:
        return _Sorted("r.score", "", "", "r.score")
    return _Sorted(*SORTABLE["score"], (order.measure,))


def _valueless(
    ask: Ask, asked: Condition, by: _Sorted, order: Order, size: int, after: Place | None
) -> list[Place]:
    """The runs that come next of those without a value: they are ordered by their ids."""
    behind = _and(asked, f"{by.empty or by.column} IS NULL")
    if after is not None:
        behind.add(f"r.run_id {'<' if order.descending else '>'} ?", after.run_id)
    if by.empty:
        by = by._replace(column="NULL", join="", values=())
    return _select(ask, by, behind, Order("run_id", order.descending), size)


def _valued(asked: Condition, by: _Sorted, order: Order, after: Place | None) -> Condition:
    """A condition, and only what has a value and comes after a place."""
    sign = "<" if order.descending else ">"
    behind = _and(asked, f"{by.column} IS NOT NULL")
    if after is not None and order.column == "run_id":
        behind.add(f"r.run_id {sign} ?", after.run_id)
    elif after is not None:
        # the bound alone lets whole parts of the table be passed over
        behind.add(f"{by.column} {sign}= ?", after.value)
        behind.add(f"{by.column} {sign} ? OR r.run_id {sign} ?", after.value, after.run_id)
    return behind


def _next(
    ask: Ask, asked: Condition, by: _Sorted, order: Order, size: int, after: Place | None
) -> list[Place]:
    """Those that match of the next names, or of the next runs; fewer where few match."""
    if by.names:
        sign, bound = _near(ask, by, order, after)
        near = _and(_valued(asked, by, order, after), f"{by.column} {sign} ?", bound)
        return _select(ask, by, near, order, size)
    every = _valued(Condition(), by, order, after)
    runs = f"""(SELECT r.*, r.rowid, {by.column} AS place FROM runs r {by.join} {every.sql}
        ORDER BY {_ordering(by, order)} LIMIT {TRIED})"""  # noqa: S608
    found = ask(
        f"""SELECT r.place, r.run_id, r.rowid FROM {runs} r {asked.sql}
            ORDER BY {_ordering(by._replace(column="r.place"), order)} LIMIT ?""",  # noqa: S608
        [*by.values, *every.values, *asked.values, size],
    )
    return [Place(*row) for row in found]


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
    found = ask(
        f"""SELECT {by.column}, r.run_id, r.rowid FROM runs r {by.join} {condition.sql}
            ORDER BY {_ordering(by, order)} LIMIT ? OFFSET ?""",  # noqa: S608
        [*by.values, *condition.values, size, skip],
    )
    return [Place(*row) for row in found]


def _ordering(by: _Sorted, order: Order) -> str:
    tail = "DESC" if order.descending else "ASC"
    first = f"{by.column} {tail} NULLS LAST, " if order.column != "run_id" else ""
    return f"{first}r.run_id {tail}"


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
