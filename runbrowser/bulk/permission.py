"""Whether this session may change anything, in words, before anything is tried."""

from __future__ import annotations

from runbrowser.client.calls import actions
from runbrowser.client.http import AsyncHTTPClient
from runbrowser.errors import OpenMLAuthenticationError, OpenMLNotAuthorizedError

READ_ONLY_ACCOUNT = 104


def key_words(error: Exception, origin: str = "") -> str:
    """A refused key in words, with where the key came from, where that is known."""
    came = f" The key came from {origin}." if origin else ""
    return f"{error}{came}"


async def ask_why_read_only(http: AsyncHTTPClient, origin: str = "") -> str:
    """Why the server lets this key not write: wrong, or of a read-only account; '' when it may.

    One request that changes nothing. ``origin`` is where the key came from. Raises
    OpenMLServerError when the server fails.
    """
    try:
        await http.send(actions.probe())
    except (OpenMLAuthenticationError, OpenMLNotAuthorizedError) as error:
        return key_words(error, origin)
    return ""
