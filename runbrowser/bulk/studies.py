"""Which studies runs belong to: V1 does not tell it of a run, so the studies are asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from runbrowser.bulk import asking
from runbrowser.client.http import AsyncHTTPClient
from runbrowser.errors import OpenMLServerError, OpenMLServerException
from runbrowser.models import RunFilter
from runbrowser.openml.facts import parts

MOST_STUDIES = 50
"""With more studies than this on a server, they are not asked one by one."""

_TAG = "study_"


class Study(NamedTuple):
    """A study that a run belongs to."""

    study_id: int
    name: str


Membership = dict[int, list[Study]]


async def studies_of(http: AsyncHTTPClient, run_ids: Sequence[int]) -> Membership | None:
    """The studies of each run: one request for each study and 400 runs, once for a whole plan.

    None when it is not known: too many studies, or the server does not answer. Legacy studies are
    tags (``study_14``) and not among them.
    """
    try:
        studies = await http.send(asking.list_run_studies())
        if len(studies) > MOST_STUDIES:
            return None
        found: Membership = {run_id: [] for run_id in run_ids}
        for study_id, name in studies.items():
            for some in parts(run_ids):
                for run_id in await _in_study(http, study_id, some):
                    found[run_id].append(Study(study_id, name))
    except OpenMLServerError:
        return None
    return found


async def _in_study(http: AsyncHTTPClient, study_id: int, run_ids: Sequence[int]) -> set[int]:
    asked = RunFilter(ids=tuple(run_ids), study=study_id)
    try:
        page = await http.send(asking.list_own(asked, 2 * len(run_ids)))
    except OpenMLServerException as error:
        if error.code == asking.NOT_A_RUN_STUDY:
            return set()
        raise
    return {row.run_id for row in page} & set(run_ids)
