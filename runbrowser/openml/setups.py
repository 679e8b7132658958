"""The hyper-parameters of many setups, asked for in bulk."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from runbrowser.client.calls import v1
from runbrowser.client.resources.names import in_parts
from runbrowser.models import RunRow, SetupParameter

if TYPE_CHECKING:
    from runbrowser.client.http import AsyncHTTPClient

Setups = dict[int, tuple[SetupParameter, ...]]
"""The settings of setups by id."""

_PREFIX = len("setup/list/setup/")


async def learn_setups(http: AsyncHTTPClient, rows: Iterable[RunRow], known: Setups) -> None:
    """Adds the setups of rows that are not known: a request for some 600 of them, kept for good.
    Those that the server does not tell are noted without settings.
    """
    wanted = {row.setup_id for row in rows if row.setup_id is not None} - known.keys()
    for long_part in in_parts(wanted, v1.MAX_PATH - _PREFIX):
        for start in range(0, len(long_part), v1.MOST_SETUPS):
            part = long_part[start : start + v1.MOST_SETUPS]
            found = await http.send(v1.list_setups(part))
            known.update({setup: found.get(setup, ()) for setup in part})
