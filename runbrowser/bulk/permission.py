"""Whether this session may change anything, in words, before anything is tried."""

from __future__ import annotations

from runbrowser.client.calls import actions
from runbrowser.client.http import AsyncHTTPClient
from runbrowser.config import Settings
from runbrowser.errors import OpenMLAuthenticationError, OpenMLNotAuthorizedError

READ_ONLY_ACCOUNT = 104


def why_read_only(settings: Settings) -> str:
    """Why the settings allow no writing: ``--read-only`` or no key; '' when they allow it."""
    if settings.read_only:
        return f"This session only reads ({settings.origin('read_only')})."
    if settings.api_key is None:
        return (
            "Without an API key this session only reads: set OPENML_APIKEY, or apikey in OpenML's "
            "config file."
        )
    return ""


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
