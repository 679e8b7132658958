"""Orders the rows at hand. V1 promises no order, so this is the only one there is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from runbrowser.fields.columns import Kind, RunColumn, RunInfo, record_of, split
from runbrowser.models import RunRow, RunState
from runbrowser.openml.base import Facts, NameBook
from runbrowser.openml.scores import ScoreBook
from runbrowser.triage.flow_names import short_name
from runbrowser.triage.measures import direction
from runbrowser.views.arrangement import Arrangement, default

_STATES = [
    RunState.FAILED,
    RunState.EVALUATION_FAILED,
    RunState.NOT_EVALUATED,
    RunState.OK,
    RunState.UNKNOWN,
]


def words(column: str, arrangement: Arrangement) -> str:
    """What the rows are ordered by, for a person."""
    record, measure = record_of(column), arrangement.measure_of(column)
    if measure:
        return f"{'spread of ' if record.kind is Kind.SPREAD else ''}{measure}"
    return record.order_words or record.words


def keys(arrangement: Arrangement) -> dict[str, tuple[str, str]]:
    """What rows can be ordered by: column to words and remark; the usual ones, then all that are
    shown beside them.
    """
    told: dict[str, tuple[str, str]] = {}
    for column in dict.fromkeys((*default(), *arrangement.wanted)):
        measure = arrangement.measure_of(column)
        way = direction(measure) if measure else None
        score = record_of(column).kind is Kind.SCORE
        remark = f"{way} is better" if way and score else ""
        told[column] = (words(column, arrangement), remark)
    return told


def sort_rows(
    rows: Sequence[RunRow],
    key: str,
    facts: Mapping[int, Facts],
    names: NameBook,
    *,
    reverse: bool = False,
    scores: ScoreBook | None = None,
    tags: Mapping[int, Sequence[str]] = MappingProxyType({}),
    measure: str = "",
) -> list[RunRow]:
    """The rows in order; those that lack the value come last, whichever way round.

    Scores: the best first, by the direction of their measure; different measures stay apart.
    Spreads: the smallest first. States: what needs attention first. Times: the newest first.
    ``measure`` is the one that the score column was given, '' for the task's own.
    """
    book = scores or ScoreBook()
    infos = (RunInfo(row, facts.get(row.run_id), names, book, tags) for row in rows)
    return [info.row for info in sort_infos(infos, key, reverse=reverse, measure=measure)]


def sort_infos(
    infos: Iterable[RunInfo], key: str, *, reverse: bool = False, measure: str = ""
) -> list[RunInfo]:
    """As :func:`sort_rows`, of rows with what is known beside them."""
    record = record_of(key)
    measure = split(key)[1] or (measure if record.of_measure else "")
    read = _ORDERS[record.kind]
    known = [(read(info, record, measure), info) for info in infos]
    backwards = reverse != (record.kind is Kind.TIME)
    ordered = sorted(
        (pair for pair in known if pair[0] is not None), key=lambda p: p[0], reverse=backwards
    )
    return [info for _, info in ordered] + [info for found, info in known if found is None]


Order = Callable[[RunInfo, RunColumn, str], Any]
"""What rows are ordered by; None for what comes last."""


def _value(info: RunInfo, record: RunColumn, measure: str) -> Any:
    found = record.value(info, measure)
    return None if found == "" else found


def _folded(info: RunInfo, record: RunColumn, measure: str) -> Any:
    found = record.value(info, measure)
    return (found.casefold() or None) if isinstance(found, str) else found


def _flow(info: RunInfo, record: RunColumn, measure: str) -> str | None:
    return short_name(record.value(info, measure) or "").casefold() or None


def _state(info: RunInfo, record: RunColumn, measure: str) -> int:
    return _STATES.index(info.state)


def _score(info: RunInfo, record: RunColumn, measure: str) -> tuple[str, float] | None:
    """Different measures stay apart, whichever way round the rows are."""
    name = measure or (info.facts.measure if info.facts is not None else None) or ""
    found = record.value(info, measure)
    if found is None or found != found:
        return None
    return (name, found if direction(name) == "lower" else -found)


_ORDERS: dict[Kind, Order] = {
    Kind.ID: _value,
    Kind.TEXT: _folded,
    Kind.NOTE: _folded,
    Kind.NAME: _folded,
    Kind.FLOW: _flow,
    Kind.STATE: _state,
    Kind.ERROR: _value,
    Kind.TIME: _value,
    Kind.SCORE: _score,
    Kind.SPREAD: _value,
}


def measures_of(
    rows: Iterable[RunRow], facts: Mapping[int, Facts], arrangement: Arrangement, column: str
) -> list[str]:
    """The measures that a score or spread column shows, one for all or those of the rows' tasks;
    none for another column.
    """
    chosen = arrangement.measure_of(column)
    if not record_of(column).of_measure:
        return []
    if chosen:
        return [chosen]
    known = (facts.get(row.run_id) for row in rows)
    return list(dict.fromkeys(one.measure for one in known if one is not None and one.measure))


def told(
    arrangement: Arrangement,
    count: int,
    measures: Sequence[str] = (),
    *,
    total: int | None = None,
    from_end: bool = False,
) -> str:
    """The order in force in words, and of which rows it is one: of all ``total``, where that is
    given, else of those at hand. ``measures`` are those of the column: of several, each has an
    order of its own. ``from_end``: the server's runs are read from the newest or oldest on.
    """
    if not arrangement.sort:
        return "the server's own order, which it does not promise"
    way = ", turned round" if arrangement.reverse else ""
    by = words(arrangement.sort, arrangement)
    within = ", each measure by itself" if len(measures) > 1 else ""
    if total is not None:
        return f"by {by}{way}{within}, all {total:,} runs"
    if from_end:
        newest = (arrangement.sort == "run_id") == arrangement.reverse
        return f"by {by}{way}, the {'newest' if newest else 'oldest'} of all runs first"
    return (
        f"by {by}{way}{within}, within the {count:,} runs of this page; "
        "a mirror orders all (runbrowser sync)"
    )
