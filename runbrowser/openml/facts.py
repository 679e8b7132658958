"""Learns what ``run/list`` does not tell: states, one score, and names, by the cheapest calls.

``evaluation/list`` gives score, flow name and data set of a whole page in one request (PROTOCOL 6),
but leaves out runs that lack the measure. What is left over is told apart by two more requests:
all measures of those runs, and the list as the server gives it without ``show_errors``, which
hides the runs whose evaluation failed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from runbrowser.client.calls import v1
from runbrowser.client.http import AsyncHTTPClient
from runbrowser.errors import OpenMLServerError
from runbrowser.models import EvaluationRow, RunFilter, RunRow, RunState
from runbrowser.openml.base import Facts, NameBook
from runbrowser.triage.measures import default_measure

MOST_IDS = 400
"""Ids in one request: eight-digit ids then stay below V1's longest path."""

Told = Callable[[dict[int, Facts]], None]


def parts(ids: Sequence[int], size: int = MOST_IDS) -> Iterator[Sequence[int]]:
    """Ids in pieces that fit into a request."""
    for start in range(0, len(ids), size):
        yield ids[start : start + size]


async def evaluations(
    http: AsyncHTTPClient, ids: Sequence[int], measure: str | None, *, per_fold: bool = False
) -> list[EvaluationRow]:
    """One measure of runs, all of them if it is None; ``per_fold``: its values in each fold."""
    found: list[EvaluationRow] = []
    for some in parts(ids):
        asked = RunFilter(ids=tuple(some))
        rows = await http.send(v1.list_evaluations(asked, measure, per_fold=per_fold))
        found += rows
    return found


async def learn_states(
    http: AsyncHTTPClient, rows: Sequence[RunRow], names: NameBook, told: Told
) -> None:
    """States and scores of rows; flow and data set names are noted by the way."""
    told({row.run_id: Facts(RunState.FAILED) for row in rows if row.error_message})
    open_rows = {row.run_id: row for row in rows if not row.error_message}
    by_measure: dict[str, list[int]] = {}
    for row in open_rows.values():
        task = names.tasks.get(row.task_id or 0)
        wanted = default_measure(task.evaluation_measure if task else None, row.task_type_id or 0)
        by_measure.setdefault(wanted, []).append(row.run_id)
    for measure, ids in by_measure.items():
        news = {}
        for evaluation in await evaluations(http, ids, measure):
            _note(names, evaluation)
            if open_rows.pop(evaluation.run_id, None) is not None:
                news[evaluation.run_id] = Facts(RunState.OK, measure, evaluation.value)
        told(news)
    if open_rows:
        told(await _tell_apart(http, tuple(open_rows), names))


async def _tell_apart(
    http: AsyncHTTPClient, ids: Sequence[int], names: NameBook
) -> dict[int, Facts]:
    """States of runs that lack the usual measure: evaluated otherwise, failed, or waiting."""

    async def listed() -> set[int]:
        seen: set[int] = set()
        for some in parts(ids):
            filter = RunFilter(ids=tuple(some), show_errors=False)
            seen.update((await http.send(v1.list_runs(filter, len(some) * 2))).columns[0])
        return seen

    shown, found = await asyncio.gather(listed(), evaluations(http, ids, None))
    for evaluation in found:
        _note(names, evaluation)
    evaluated = {evaluation.run_id for evaluation in found}
    facts = {}
    for run_id in ids:
        if run_id not in shown:
            facts[run_id] = Facts(RunState.EVALUATION_FAILED)
        elif run_id in evaluated:
            facts[run_id] = Facts(RunState.OK)
        else:
            facts[run_id] = Facts(RunState.NOT_EVALUATED)
    return facts


def _note(names: NameBook, evaluation: EvaluationRow) -> None:
    if evaluation.flow_id is not None and evaluation.flow_name:
        names.flows.setdefault(evaluation.flow_id, evaluation.flow_name)


async def learn_names(
    http: AsyncHTTPClient, rows: Sequence[RunRow], names: NameBook, told: Told
) -> None:
    """Data sets and uploaders of rows, and the flows that no evaluation named."""

    async def tasks() -> None:
        for some in parts(_unknown((row.task_id for row in rows), names.tasks)):
            learned = await http.send(v1.list_tasks(some))
            names.tasks.update(learned)
            told({})

    async def users() -> None:
        await learn_users(http, (row.uploader for row in rows), names)
        told({})

    await asyncio.gather(tasks(), users())


async def learn_users(http: AsyncHTTPClient, ids: Iterable[int | None], names: NameBook) -> None:
    """Names of users that are not known yet."""
    for some in parts(_unknown(ids, names.users)):
        learned = await http.send(v1.list_users(some))
        names.users.update(learned)


async def learn_flows(
    http: AsyncHTTPClient, rows: Sequence[RunRow], names: NameBook, told: Told
) -> None:
    """Names of flows that are still unknown: of one by its number, of several by the list of all
    flows, which is one request however many there are. What cannot be read stays a number.
    """
    unknown = _unknown((row.flow_id for row in rows), names.flows)
    if not unknown:
        return
    try:
        if len(unknown) > 1:
            for flow_id, name in (await http.send(v1.list_flows())).items():
                names.flows.setdefault(flow_id, name)
        else:
            learned = await http.send(v1.get_flow(unknown[0]))
            for flow_id, name in learned.names.items():
                names.flows.setdefault(flow_id, name)
            names.defaults.update(learned.defaults)
    except OpenMLServerError:
        return  # the rows go on showing ids
    told({})


def _unknown(ids: Iterable[int | None], known: Mapping[int, object]) -> list[int]:
    return sorted({number for number in ids if number is not None and number not in known})
