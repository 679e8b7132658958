"""What became of a write: done, not done, or nobody knows.

A write is sent once. When its reply is lost, or says that only the search index failed (code 105,
"Refusals" in docs/protocol.md), the state is read again and tells whether it was done. The
functions take RunV1API or its async twin and come in pairs, blocking and ``_async``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from runbrowser.errors import (
    OpenMLConnectionError,
    OpenMLServerError,
    OpenMLServerException,
)
from runbrowser.models import Run

if TYPE_CHECKING:
    from runbrowser.client.resources.runs import AsyncRunV1API, RunV1API

SEARCH_INDEX_DOWN = 105
NO_SUCH_RUN = 236


class UnsettledError(OpenMLServerError):
    """Whether a write was done is not known: its reply was lost and the state cannot be read."""


def doubtful(error: OpenMLServerError) -> bool:
    """Whether a write that ended in this error may have been done all the same."""
    if isinstance(error, OpenMLServerException):
        # A refusal with a code comes before anything is done; without one it is a proxy's.
        if error.code is None:
            return (error.status or 0) >= 500
        return error.code == SEARCH_INDEX_DOWN
    if isinstance(error, OpenMLConnectionError):
        return error.sent
    # No words of V1's own: it died at work (5xx), or a web page came instead of the answer.
    return error.status is None or error.status >= 500 or error.status < 300


def tag(api: RunV1API, run_id: int, tag: str) -> list[str]:
    """Tags a run and makes sure of it; the run's tags afterwards.

    Raises what ``api.tag`` raises when it was not done, and UnsettledError when nobody knows.
    """
    try:
        return api.tag(run_id, tag)
    except OpenMLServerError as error:
        if not doubtful(error):
            raise
        doubt = error
    try:
        run = api.get(run_id, reset_cache=True)
    except OpenMLServerError as error:
        raise _unsettled(doubt, error) from None
    return _tags(run, tag, True, doubt)


async def tag_async(api: AsyncRunV1API, run_id: int, tag: str) -> list[str]:
    """See :func:`tag`."""
    try:
        return await api.tag(run_id, tag)
    except OpenMLServerError as error:
        if not doubtful(error):
            raise
        doubt = error
    try:
        run = await api.get(run_id, reset_cache=True)
    except OpenMLServerError as error:
        raise _unsettled(doubt, error) from None
    return _tags(run, tag, True, doubt)


def untag(api: RunV1API, run_id: int, tag: str) -> list[str]:
    """Takes a tag off a run and makes sure of it; the run's tags afterwards. See :func:`tag`."""
    try:
        return api.untag(run_id, tag)
    except OpenMLServerError as error:
        if not doubtful(error):
            raise
        doubt = error
    try:
        run = api.get(run_id, reset_cache=True)
    except OpenMLServerError as error:
        raise _unsettled(doubt, error) from None
    return _tags(run, tag, False, doubt)


async def untag_async(api: AsyncRunV1API, run_id: int, tag: str) -> list[str]:
    """See :func:`untag`."""
    try:
        return await api.untag(run_id, tag)
    except OpenMLServerError as error:
        if not doubtful(error):
            raise
        doubt = error
    try:
        run = await api.get(run_id, reset_cache=True)
    except OpenMLServerError as error:
        raise _unsettled(doubt, error) from None
    return _tags(run, tag, False, doubt)


def delete(api: RunV1API, run_id: int) -> bool:
    """Deletes a run and makes sure of it; True when it is gone.

    Raises what ``api.delete`` raises when it was not done, and UnsettledError when nobody knows.
    """
    try:
        if api.delete(run_id):
            return True
        doubt = _no_confirmation(run_id)
    except OpenMLServerError as error:
        if not doubtful(error):
            raise
        doubt = error
    try:
        api.get(run_id, reset_cache=True)
    except OpenMLServerError as error:
        return _gone(doubt, error)
    raise _not_done(doubt, "the run is still there")


async def delete_async(api: AsyncRunV1API, run_id: int) -> bool:
    """See :func:`delete`."""
    try:
        if await api.delete(run_id):
            return True
        doubt = _no_confirmation(run_id)
    except OpenMLServerError as error:
        if not doubtful(error):
            raise
        doubt = error
    try:
        await api.get(run_id, reset_cache=True)
    except OpenMLServerError as error:
        return _gone(doubt, error)
    raise _not_done(doubt, "the run is still there")


def _no_confirmation(run_id: int) -> OpenMLServerError:
    return OpenMLServerError(
        f"Could not delete run {run_id}: the server's answer does not confirm it."
    )


def _tags(run: Run, tag: str, wanted: bool, doubt: OpenMLServerError) -> list[str]:
    if (tag in run.tags) is wanted:
        return list(run.tags)
    raise _not_done(doubt, f"it {'does not have' if wanted else 'still has'} the tag")


def _gone(doubt: OpenMLServerError, error: OpenMLServerError) -> bool:
    if isinstance(error, OpenMLServerException) and error.code == NO_SUCH_RUN:
        return True
    raise _unsettled(doubt, error) from None


def _first_sentence(error: OpenMLServerError) -> str:
    """What went wrong, without the advice that was right before the state was read again."""
    return str(error).partition(". ")[0].rstrip(".")


def _not_done(doubt: OpenMLServerError, found: str) -> OpenMLServerError:
    return OpenMLServerError(
        f"{_first_sentence(doubt)}. The run was looked at again: {found}. Try again.",
        url=doubt.url,
        status=doubt.status,
    )


def _unsettled(doubt: OpenMLServerError, error: OpenMLServerError) -> OpenMLServerError:
    if isinstance(error, OpenMLServerException) and error.code == NO_SUCH_RUN:
        return error
    return UnsettledError(
        f"{_first_sentence(doubt)}. Whether it was done is not known, since the run could not be "
        "looked at again. Look at it before trying again.",
        url=doubt.url,
        status=doubt.status,
    )
