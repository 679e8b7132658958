"""Names behind the ids of a run list: users, tasks with their data sets, flows."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence

from runbrowser.client.call import Call
from runbrowser.client.calls import v1
from runbrowser.client.http import AsyncHTTPClient, HTTPClient
from runbrowser.client.resources.runs import AsyncClosing, Closing
from runbrowser.errors import OpenMLServerException
from runbrowser.models import TaskInfo

_PREFIX = len("task/list/task_id/")
NO_SUCH_FLOW = 181
_MOST_SINGLE_FLOWS = 4
"""Flows that are asked for one by one; for more, the list of all flows is one request."""


def in_parts(ids: Iterable[int], most: int = v1.MAX_PATH - _PREFIX) -> Iterator[Sequence[int]]:
    """The different ids in lists whose comma-separated text is at most ``most`` bytes long."""
    part: list[int] = []
    length = 0
    for number in sorted(set(ids)):
        size = len(str(number)) + 1
        if part and length + size > most:
            yield part
            part, length = [], 0
        part.append(number)
        length += size
    if part:
        yield part


def _user_calls(ids: Iterable[int]) -> list[Call[dict[int, str]]]:
    return [v1.list_users(part) for part in in_parts(ids)]


def _task_calls(ids: Iterable[int]) -> list[Call[dict[int, TaskInfo]]]:
    return [v1.list_tasks(part) for part in in_parts(ids)]


class NameV1API(Closing):
    """Names by id, blocking. Ids that the server does not know are absent from the results."""

    def __init__(self, http: HTTPClient) -> None:
        self._http = http

    def users(self, ids: Iterable[int]) -> dict[int, str]:
        """User names, "First Last", by user id; any number of ids."""
        found: dict[int, str] = {}
        for call in _user_calls(ids):
            part: dict[int, str] = self._http.send(call)
            found |= part
        return found

    def tasks(self, ids: Iterable[int]) -> dict[int, TaskInfo]:
        """Type, data set and evaluation measure by task id; any number of ids."""
        found: dict[int, TaskInfo] = {}
        for call in _task_calls(ids):
            part: dict[int, TaskInfo] = self._http.send(call)
            found |= part
        return found

    def all_flows(self) -> dict[int, str]:
        """Full names with version of every flow by id, in one request."""
        return self._http.send(v1.list_flows())

    def flows(self, ids: Iterable[int]) -> dict[int, str]:
        """Full names with version by flow id: one request a flow, which names its components too;
        for more than four flows one request for the names of all.
        """
        found: dict[int, str] = {}
        wanted = sorted(set(ids))
        if len(wanted) > _MOST_SINGLE_FLOWS:
            every = self.all_flows()
            return {flow_id: every[flow_id] for flow_id in wanted if flow_id in every}
        for flow_id in wanted:
            if flow_id in found:
                continue
            try:
                names: dict[int, str] = self._http.send(v1.get_flow_names(flow_id))
                found |= names
            except OpenMLServerException as error:
                if error.code != NO_SUCH_FLOW:
                    raise
        return found


class AsyncNameV1API(AsyncClosing):
    """As NameV1API, with coroutines; flows are asked for four at a time."""

    def __init__(self, http: AsyncHTTPClient) -> None:
        self._http = http

    async def users(self, ids: Iterable[int]) -> dict[int, str]:
        """See NameV1API.users."""
        found: dict[int, str] = {}
        for call in _user_calls(ids):
            part: dict[int, str] = await self._http.send(call)
            found |= part
        return found

    async def tasks(self, ids: Iterable[int]) -> dict[int, TaskInfo]:
        """See NameV1API.tasks."""
        found: dict[int, TaskInfo] = {}
        for call in _task_calls(ids):
            part: dict[int, TaskInfo] = await self._http.send(call)
            found |= part
        return found

    async def all_flows(self) -> dict[int, str]:
        """See NameV1API.all_flows."""
        return await self._http.send(v1.list_flows())

    async def flows(self, ids: Iterable[int]) -> dict[int, str]:
        """See NameV1API.flows."""
        found: dict[int, str] = {}
        left = sorted(set(ids))
        if len(left) > _MOST_SINGLE_FLOWS:
            every = await self.all_flows()
            return {flow_id: every[flow_id] for flow_id in left if flow_id in every}
        while left:
            group, left = left[:4], left[4:]
            for names in await asyncio.gather(*map(self._flow, group)):
                found |= names
            left = [flow_id for flow_id in left if flow_id not in found]
        return found

    async def _flow(self, flow_id: int) -> dict[int, str]:
        try:
            return await self._http.send(v1.get_flow_names(flow_id))
        except OpenMLServerException as error:
            if error.code != NO_SUCH_FLOW:
                raise
            return {}
