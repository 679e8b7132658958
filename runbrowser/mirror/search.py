"""A filter as SQL over the mirror: one condition per field, values only ever as parameters."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from runbrowser.errors import UsageError
from runbrowser.models import RunFilter, RunState

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
        return f"WHERE {' AND '.join(self.terms)}" if self.terms else ""


_IDS = {"ids": "r.run_id", "task": "r.task_id", "setup": "r.setup_id", "flow": "r.flow_id",
        "uploader": "r.uploader", "task_type": "r.task_type_id"}  # fmt: skip

_HAS_SCORE = "r.run_id IN (SELECT run_id FROM scores)"
_STATES = {
    RunState.FAILED: "r.message_id IS NOT NULL",
    RunState.OK: f"r.message_id IS NULL AND {_HAS_SCORE}",
    RunState.UNKNOWN: f"r.message_id IS NULL AND NOT {_HAS_SCORE}",
}


def condition(filter: RunFilter) -> Condition:
    """What a run of the mirror must be like to be let through, over ``runs r``.

    UsageError for what the mirror does not hold: studies, tags, who ``me`` is, and states that
    only the server knows.
    """
    found = Condition()
    for name, column in _IDS.items():
        ids = getattr(filter, name)
        if ids:
            found.add(f"{column} IN ({', '.join('?' * len(ids))})", *ids)
    if filter.study is not None or filter.tag is not None:
        raise UsageError(
            "The mirror does not hold tags and studies: ask the server, without --mirror."
        )
    if filter.mine:
        raise UsageError("Who uploader:me is has to be known: set RUNBROWSER_USER_ID.")
    if filter.state is not None:
        if filter.state not in _STATES:
            raise UsageError(
                "The mirror knows failed runs and those with a score; whether an evaluation failed "
                "or waits only the server tells: ask it, without --mirror."
            )
        found.add(_STATES[filter.state])
    if filter.error is not None:
        # looked for in the different messages first: there are far fewer of them than runs
        found.add(
            "r.message_id IN (SELECT message_id FROM messages WHERE contains(lower(message), ?))",
            filter.error.lower(),
        )
    return found
