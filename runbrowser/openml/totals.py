"""How many rows a long list has. V1 tells it in words alone: a list without a limit is refused
above 10,000 rows (see "Lists of runs" in docs/protocol.md).
"""

from __future__ import annotations

import re

from runbrowser.client.calls import v1
from runbrowser.client.http import AsyncHTTPClient
from runbrowser.errors import OpenMLServerException
from runbrowser.models import RunFilter

_TOO_MANY = 513
_NO_FILTER = 510  # all runs are listed by pages alone
_NUMBER = re.compile(r"(\d{1,12})")


def total_in(error: OpenMLServerException) -> int | None:
    """The number of rows that a refusal tells; None when it tells none."""
    found = _NUMBER.search(error.message) if error.code == _TOO_MANY else None
    return int(found[1]) if found else None


async def count(http: AsyncHTTPClient, filter: RunFilter) -> int | None:
    """How many rows the list of a filter has, by one request; None when the server does not tell.

    Rows are counted, of which runs that two engines evaluated have several. Raises
    OpenMLServerError and its kinds.
    """
    try:
        return (await http.send(v1.list_runs(filter.remote, None))).received
    except OpenMLServerException as error:
        found = total_in(error)
        if found is None and error.code != _NO_FILTER:
            raise
        return found
