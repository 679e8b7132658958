"""A filter as SQL over the mirror, made from the fields' own clauses."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from runbrowser.fields.filter_fields import in_force
from runbrowser.fields.records import NOT
from runbrowser.models import RunFilter
from runbrowser.openml.base import Sort
from runbrowser.triage.measures import direction


class Sortable(NamedTuple):
    """What an order goes by in the mirror: a column, what it is joined from, the table of the names
    whose places it is, and the column of runs that is empty where they have no value, if one is.
    """

    column: str
    join: str = ""
    names: str = ""
    empty: str = ""


SORTABLE = {
    "run_id": Sortable("r.run_id"),
    "task": Sortable("r.task_id"),
    "setup": Sortable("r.setup_id"),
    "flow": Sortable("n.place", "LEFT JOIN flows n ON n.flow_id = r.flow_id", "flows"),
    "data": Sortable("n.place", "LEFT JOIN tasks n ON n.task_id = r.task_id", "tasks"),
    "uploader": Sortable("n.place", "LEFT JOIN users n ON n.user_id = r.uploader", "users"),
    "type": Sortable("r.task_type_id"),
    "uploaded": Sortable("r.upload_time"),
    "error": Sortable(
        "n.place",
        "LEFT JOIN messages n ON n.message_id = r.message_id",
        "messages",
        "r.message_id",
    ),
    "score": Sortable(
        "s.value",
        "LEFT JOIN (SELECT run_id, value FROM all_scores WHERE measure = ?) s"
        " ON s.run_id = r.run_id",
    ),
}
"""The columns that runs can be ordered by; scores of the main measure are those of the runs
themselves.
"""


@dataclass(frozen=True, slots=True)
class Order:
    """What runs are ordered by; ``column`` is one of SORTABLE, ``measure`` tells which score."""

    column: str = "run_id"
    descending: bool = True
    measure: str | None = None


NEWEST_FIRST = Order()


def order_of(sort: Sort | None, main_measure: str, *, oldest_first: bool = False) -> Order:
    """The best scores and the newest runs come first, all else from the smallest on. Scores are
    those of ``main_measure`` where none is named.
    """
    if sort is None:
        return Order(descending=not oldest_first)
    if sort.column == "score":
        measure = sort.measure or main_measure
        return Order("score", (direction(measure) != "lower") != sort.reverse, measure)
    return Order(sort.column, (sort.column == "uploaded") != sort.reverse)


@dataclass
class Condition:
    """Conditions that are all to hold, and their values. ``is_wide``: they only leave out what some
    value says, so that probably many runs are let through.
    """

    terms: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)
    is_wide: bool = False

    def add(self, term: str, *values: Any) -> None:
        """One more condition; a ``?`` in it for each value."""
        self.terms.append(term)
        self.values += values

    @property
    def sql(self) -> str:
        """The whole as a WHERE clause, '' for none."""
        return f"WHERE {' AND '.join(f'({term})' for term in self.terms)}" if self.terms else ""


def condition(filter: RunFilter) -> Condition:
    """What a run of the mirror must be like to be let through, over ``runs r``.

    UsageError for what the mirror does not hold: studies, tags, who ``me`` is, and states that
    only the server knows.
    """
    fields = list(in_force(filter))
    found = Condition(is_wide=bool(fields) and all(one.key.startswith(NOT) for one in fields))
    for one in fields:
        clause = one.clause(one.value(filter))
        found.add(clause.sql, *clause.values)
    return found
