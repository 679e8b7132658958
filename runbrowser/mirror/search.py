"""A filter as SQL over the mirror, made from the fields' own clauses."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from runbrowser.fields.filter_fields import in_force
from runbrowser.models import RunFilter

SORTABLE = {
    "run": "r.run_id",
    "task": "r.task_id",
    "setup": "r.setup_id",
    "flow": "r.flow_id",
    "uploader": "r.uploader",
    "type": "r.task_type_id",
    "uploaded": "r.upload_time",
    "error": "m.message",
    "score": "s.value",
}
"""What runs can be ordered by, with the column of the mirror."""


@dataclass
class Condition:
    """Conditions that are all to hold, and their values."""

    terms: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)

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
    found = Condition()
    for one in in_force(filter):
        clause = one.clause(one.value(filter))
        found.add(clause.sql, *clause.values)
    return found
