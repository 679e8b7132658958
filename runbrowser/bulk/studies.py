"""Which studies runs belong to: V1 does not tell it of a run, so the studies are asked."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace

from runbrowser.bulk.plan import Item, Study
from runbrowser.client.calls import actions
from runbrowser.client.http import AsyncHTTPClient
from runbrowser.errors import OpenMLServerError, OpenMLServerException
from runbrowser.models import RunFilter
from runbrowser.openml.states import parts

MOST_STUDIES = 12
"""With more studies than this on a server, they are not asked before a delete."""

MOST_AFTER_REFUSAL = 100
"""As many are asked, once for a whole plan, when the server refused to delete a run for one."""

_AT_ONCE = 4

Membership = dict[int, tuple[Study, ...]]


async def studies_of(
    http: AsyncHTTPClient, run_ids: Sequence[int], most: int = MOST_STUDIES
) -> Membership | None:
    """The studies of each run: one request for each study and 400 runs, once for a whole plan.

    None when it is not known: more than ``most`` studies, or the server does not answer. Legacy
    studies are tags (``study_14``) and not among them.
    """
    gate = asyncio.Semaphore(_AT_ONCE)

    async def listed(study: Study, some: Sequence[int]) -> tuple[Study, set[int]]:
        async with gate:
            return study, await _in_study(http, study.study_id, some)

    try:
        studies = await http.send(actions.list_run_studies())
        if len(studies) > most:
            return None
        asked = [
            listed(Study(study_id, name), some)
            for study_id, name in studies.items()
            for some in parts(run_ids)
        ]
        found: dict[int, list[Study]] = {run_id: [] for run_id in run_ids}
        for study, members in await asyncio.gather(*asked):
            for run_id in members:
                found[run_id].append(study)
    except OpenMLServerError:
        return None
    return {run_id: tuple(those) for run_id, those in found.items()}


async def with_studies(http: AsyncHTTPClient, items: Iterable[Item]) -> list[Item]:
    """The items with the studies that their runs belong to; as they are where that is not known."""
    items = list(items)
    unknown = [item.run_id for item in items if item.studies is None]
    found = await studies_of(http, unknown) if unknown else None
    if found is None:
        return items
    return [replace(i, studies=found[i.run_id]) if i.run_id in found else i for i in items]


async def _in_study(http: AsyncHTTPClient, study_id: int, run_ids: Sequence[int]) -> set[int]:
    wanted = RunFilter(ids=tuple(run_ids), study=study_id)
    try:
        page = await http.send(actions.list_own(wanted, 2 * len(run_ids)))
    except OpenMLServerException as error:
        if error.code == actions.NOT_A_RUN_STUDY:
            return set()
        raise
    return {row.run_id for row in page} & set(run_ids)
