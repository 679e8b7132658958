"""Which runs are on a page of a mirror: their places in an order, and nothing else of them.

Their rows are read by these ids afterwards, as all that is joined here is joined for every run that
matches. The few thousand runs that come next in the order, whatever the filter, are tried first:
that is quick for any filter that lets many runs through. Where they do not fill the page, few
match, and all runs are looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from runbrowser.errors import UsageError
from runbrowser.mirror.search import SORTABLE, Condition, Order
from runbrowser.text import display

TRIED = 2_000
"""How many runs that come next in an order are tried before all are looked at."""

_NAMES_TRIED = 8  # names that come next, each with all of its runs

_NAMED = {
    "flow": ("flows", "flow_id", "flow", "flow_id"),
    "data": ("tasks", "task_id", "data", "task_id"),
    "uploader": ("users", "user_id", "name", "uploader"),
    "error": ("messages", "message_id", "message", "message_id"),
}  # a table of names, its id and its name, and what runs call that id

_MEASURE = "(SELECT measure_id FROM measures WHERE measure = ?)"

Ask = Callable[[str, Sequence[Any]], list[tuple[Any, ...]]]
"""Answers SQL with its values."""


class Place(NamedTuple):
    """Where a row stands in an order: the value that it is sorted by, and its run id."""

    value: Any
    run_id: int


class _Query(NamedTuple):
    """SQL that gives values and run ids, and its values."""

    sql: str
    values: list[Any]


def places(
    ask: Ask, asked: Condition, order: Order, size: int, after: Place | None, skip: int
) -> list[Place]:
    """The ``size`` runs that come next after a place, behind ``skip`` others."""
    _check(order)
    near = None if skip else _near(order, after, max(size, TRIED) if asked.terms else size)
    if near is not None:
        runs = f"JOIN runs r ON r.run_id = near.run_id {asked.sql}" if asked.terms else ""
        found = ask(
            f"""SELECT near.place, near.run_id FROM ({near.sql}) near {runs}
                {_ordering(order, "near.place", "near.run_id")} LIMIT ?""",  # noqa: S608
            [*near.values, *asked.values, size],
        )
        if len(found) == size:
            return [Place(*row) for row in found]
    column, join = SORTABLE[order.column]
    behind = _behind(asked, column, order, after)
    if order.column == "error":
        join = "LEFT JOIN messages m ON m.message_id = r.message_id"
    values = [order.measure] if order.column == "score" else []
    found = ask(
        f"""SELECT {column}, r.run_id FROM runs r {join} {behind.sql}
            {_ordering(order, column)} LIMIT ? OFFSET ?""",  # noqa: S608
        [*values, *behind.values, size, skip],
    )
    return [Place(*row) for row in found]


def _check(order: Order) -> None:
    if order.column not in SORTABLE:
        raise UsageError(
            f"Runs are sorted by {', '.join(SORTABLE)}, not by {display(order.column, 50)}."
        )
    if order.column == "score" and not order.measure:
        raise UsageError("Say which evaluation measure the runs are to be sorted by.")


def _near(order: Order, after: Place | None, most: int) -> _Query | None:
    """The runs that come next without any filter; None where they are not found quickly."""
    valueless = after is not None and after.value is None
    if order.column == "score":
        return _unscored(order, after, most) if valueless else _scored(order, after, most)
    if order.column in _NAMED:
        return None if valueless else _named(order, after, most)
    column = SORTABLE[order.column][0]
    rows = _Query(f"SELECT {column} AS place, r.run_id FROM runs r", [])  # noqa: S608
    return _next(rows, column, order, after, most)


def _scored(order: Order, after: Place | None, most: int) -> _Query:
    rows = _Query(
        f"SELECT r.value AS place, r.run_id FROM (SELECT run_id, value FROM scores "  # noqa: S608
        f"WHERE measure_id = {_MEASURE}) r",
        [order.measure],
    )
    return _next(rows, "r.value", order, after, most)


def _unscored(order: Order, after: Place | None, most: int) -> _Query:
    every = _Query("SELECT NULL AS place, r.run_id FROM runs r", [])
    by_id = Order("run_id", order.descending)
    rows = _next(every, "r.run_id", by_id, after, max(most, TRIED))
    return _Query(
        f"""SELECT u.place, u.run_id FROM ({rows.sql}) u LEFT JOIN scores s
            ON s.run_id = u.run_id AND s.measure_id = {_MEASURE}
            WHERE s.run_id IS NULL""",  # noqa: S608
        [*rows.values, order.measure],
    )


def _named(order: Order, after: Place | None, most: int) -> _Query:
    table, key, name, own = _NAMED[order.column]
    sign, tail = ("<=", "DESC") if order.descending else (">=", "ASC")
    bound = f"{name} {sign} ?" if after is not None else f"{name} IS NOT NULL"
    rows = _Query(
        f"""SELECT n.name AS place, r.run_id FROM runs r JOIN
            (SELECT {key} AS id, {name} AS name FROM {table} WHERE {name} IN
                (SELECT DISTINCT {name} FROM {table} WHERE {bound}
                 ORDER BY 1 {tail} LIMIT {_NAMES_TRIED})) n
            ON n.id = r.{own}""",  # noqa: S608
        [after.value] if after is not None else [],
    )
    return _next(rows, "n.name", order, after, most)


def _next(rows: _Query, column: str, order: Order, after: Place | None, most: int) -> _Query:
    """The first ``most`` of rows after a place."""
    behind = _behind(Condition(), column, order, after)
    return _Query(
        f"{rows.sql} {behind.sql} {_ordering(order, column)} LIMIT {most}",
        [*rows.values, *behind.values],
    )


def _ordering(order: Order, column: str, run_id: str = "r.run_id") -> str:
    tail = "DESC" if order.descending else "ASC"
    if order.column == "run_id":
        return f"ORDER BY {run_id} {tail}"
    return f"ORDER BY {column} {tail} NULLS LAST, {run_id} {tail}"


def _behind(asked: Condition, column: str, order: Order, after: Place | None) -> Condition:
    """A condition, and only what comes after a place: a greater value (or a smaller one), or the
    same and a later run; what has no value comes last.
    """
    found = Condition([*asked.terms], [*asked.values])
    sign = "<" if order.descending else ">"
    if after is None:
        return found
    if order.column == "run_id":
        found.add(f"r.run_id {sign} ?", after.run_id)
    elif after.value is None:
        found.add(f"{column} IS NULL AND r.run_id {sign} ?", after.run_id)
    else:
        found.add(
            f"({column} {sign} ? OR {column} IS NULL OR ({column} = ? AND r.run_id {sign} ?))",
            after.value,
            after.value,
            after.run_id,
        )
    return found
