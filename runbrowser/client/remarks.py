"""What there is to say about a request beside its result, in words for whoever is looking."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from runbrowser.client.call import Call
from runbrowser.errors import OpenMLServerError
from runbrowser.models import RunPage
from runbrowser.text import display

OnNotice = Callable[[Call[Any], str], None]
"""Told once a reply was read: the call, and a sentence about what was odd in the reply."""


def remarks(call: Call[Any], result: Any, notices: tuple[str, ...] = ()) -> list[str]:
    """Sentences about a result: what the server wrote beside it, and what could not be read of it.

    ``notices`` are those of the reply, for results that carry none. The rows of a page that could
    not be read are left to whoever shows the page: it says them together with all its rows.
    """
    purpose = display(call.purpose, 200)
    said = []
    notices = getattr(result, "notices", notices)
    if notices:
        more = f" (and {len(notices) - 1:,} more)" if len(notices) > 1 else ""
        said.append(
            f"The server wrote a PHP notice into its answer ({purpose}), which was read all the "
            f"same: {notices[0]}{more}"
        )
    unread = () if isinstance(result, RunPage) else getattr(result, "unread", ())
    if unread:
        what = "1 part" if len(unread) == 1 else f"{len(unread):,} parts"
        said.append(
            f"{what} of the server's answer ({purpose}) could not be read, such as: "
            f"{display(unread[0], 100)}"
        )
    return said


def retrying(call: Call[Any], wait: float, error: OpenMLServerError) -> str:
    """Why a request is sent again, and when, as a sentence without a full stop."""
    reason = str(error).partition(". ")[0].rstrip(".")
    if not reason.startswith("Could not"):
        reason = f"Could not {display(call.purpose, 200)}: {reason}"
    return f"{reason}; trying again in {max(1, round(wait))} s"
