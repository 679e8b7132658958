"""The one predicate over rows: which of them a filter lets through.

Browser, command line and library ask this module, which asks the records: no field can be ignored.
"""

from __future__ import annotations

from collections.abc import Iterable

from runbrowser.errors import UsageError
from runbrowser.fields.filter_fields import in_force
from runbrowser.fields.records import FilterField, Verdict
from runbrowser.models import Facts, RunFilter, RunRow


def verdict(filter: RunFilter, row: RunRow, facts: Facts | None = None) -> Verdict:
    """Whether a filter lets a row through; None where only more facts, or the server, can tell.

    Of rows that a server has sent ask with ``filter.in_rows``, the part it could not look for.
    Raises UsageError for what rows never tell.
    """
    return _verdict(_wanted(filter), row, facts)


def sift(filter: RunFilter, rows: Iterable[RunRow]) -> tuple[list[RunRow], list[RunRow]]:
    """The rows that ``filter.in_rows`` may let through, and those of them of which facts must be
    asked before that is known (see :func:`verdict`); both in order.
    """
    wanted = _wanted(filter.in_rows)
    possible, open_rows = [], []
    for row in rows:
        found = _verdict(wanted, row, None)
        if found is not False:
            possible.append(row)
        if found is None:
            open_rows.append(row)
    return possible, open_rows


def told_by_rows(filter: RunFilter) -> bool:
    """Whether rows alone tell what ``filter.in_rows`` lets through."""
    return not any(field.needs_facts(value) for field, value in _wanted(filter.in_rows))


def why_not_by_rows(filter: RunFilter) -> str:
    """What of a filter neither a server nor its rows can tell, in words; '' for nothing."""
    heads = [field.head for field in in_force(filter) if not field.by_rows]
    if not heads:
        return ""
    return (
        f"Only a mirror can look for {' and '.join(heads)}: `runbrowser sync` makes one, "
        "`--mirror` browses it."
    )


def _wanted(filter: RunFilter) -> list[tuple[FilterField, object]]:
    why = why_not_by_rows(filter)
    if why:
        raise UsageError(why)
    return [(field, field.value(filter)) for field in in_force(filter)]


def _verdict(wanted: list[tuple[FilterField, object]], row: RunRow, facts: Facts | None) -> Verdict:
    found: Verdict = True
    for field, value in wanted:
        one = field.matches(value, row, facts)
        if one is False:
            return False
        if one is None:
            found = None
    return found
