"""Filter fields as conditions in SQL over a mirror's tables, its runs under the name ``r``.

Values are only ever parameters: a ``?`` for each.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from runbrowser.errors import UsageError
from runbrowser.fields.signatures import essence
from runbrowser.fields.values import Bound, Period
from runbrowser.models import RunState


class Clause(NamedTuple):
    """A condition, and the values of its parameters."""

    sql: str
    values: tuple[Any, ...] = ()

    def negated(self) -> Clause:
        """What it does not hold for; where it cannot be told, it does not hold."""
        return Clause(f"NOT coalesce(({self.sql}), false)", self.values)


def of_ids(column: str) -> Callable[[tuple[int, ...]], Clause]:
    """One of some ids."""

    def clause(ids: tuple[int, ...]) -> Clause:
        return Clause(f"r.{column} IN ({', '.join('?' * len(ids))})", tuple(ids))

    return clause


def of_uploader(value: tuple[tuple[int, ...], bool]) -> Clause:
    """Who uploaded it; who ``me`` is must have been said before."""
    ids, mine = value
    if mine:
        raise UsageError("Who uploader:me is has to be known: set RUNBROWSER_USER_ID.")
    return of_ids("uploader")(ids)


_SCORED = "r.has_score"
_STATES = {
    RunState.FAILED: "r.message_id IS NOT NULL",
    RunState.OK: f"r.message_id IS NULL AND {_SCORED}",
    RunState.UNKNOWN: f"r.message_id IS NULL AND NOT {_SCORED}",
}


def of_state(state: RunState) -> Clause:
    """As far as error messages and scores tell it."""
    if state not in _STATES:
        raise UsageError(
            "The mirror knows failed runs and those with a score; whether an evaluation failed "
            "or waits only the server tells: ask it, without --mirror."
        )
    return Clause(_STATES[state])


def of_shown(show: bool) -> Clause:
    """Runs whose evaluation failed are not marked as such."""
    if show:
        return Clause("true")
    raise UsageError(
        "Whose evaluation failed only the server tells: ask it, without --mirror, or leave out "
        "show-errors:no."
    )


def not_held(what: str) -> Callable[[Any], Clause]:
    """A field that a mirror cannot look for."""

    def clause(value: Any) -> Clause:
        raise UsageError(f"The mirror does not hold {what}: ask the server, without --mirror.")

    return clause


def _of_messages(condition: str, *values: Any) -> Clause:
    # looked for in the different messages first: there are far fewer of them than runs
    return Clause(
        f"r.message_id IN (SELECT message_id FROM messages WHERE {condition})",  # noqa: S608
        values,
    )


def of_error(wanted: str) -> Clause:
    """A part of the message, or the error that a signature stands for."""
    return _of_messages(
        "contains(lower(message), ?) OR essence = ?", wanted.lower(), essence(wanted)
    )


def of_pattern(pattern: str) -> Clause:
    """A regular expression that some part of the message fits."""
    return _of_messages("regexp_matches(message, ?, 'i')", pattern)


def of_flow_name(wanted: str) -> Clause:
    """A part of the flow's name."""
    return Clause(
        "r.flow_id IN (SELECT flow_id FROM flows WHERE contains(lower(flow), ?))",
        (wanted.lower(),),
    )


def of_data_name(wanted: str) -> Clause:
    """A part of the data set's name."""
    return Clause(
        "r.task_id IN (SELECT task_id FROM tasks WHERE contains(lower(data), ?))",
        (wanted.lower(),),
    )


def of_score(bound: Bound) -> Clause:
    """The value of the mirror's main measure."""
    return Clause(f"r.score {bound.sign} ?", (bound.value,))


def since(period: Period) -> Clause:
    """Uploaded when a period began, or later."""
    return Clause("r.upload_time >= CAST(? AS TIMESTAMP)", (period.first.isoformat(),))


def until(period: Period) -> Clause:
    """Uploaded before a period ended."""
    return Clause("r.upload_time < CAST(? AS TIMESTAMP)", (period.after.isoformat(),))
