"""When a call is sent again, and how long that waits.

Reads are repeated when the way to the server failed or the server is overloaded; writes only when
nothing can have been done (code 107, or the request never left). The figures of the two policies
are openml-python's; the loop and the sleeping are stamina's.
"""

from __future__ import annotations

import logging
import math
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import stamina

from runbrowser.client.call import Call
from runbrowser.errors import OpenMLConnectionError, OpenMLProxyError, OpenMLServerError, UsageError

# stamina reports every repetition to this logger; with no logging set up, Python would write it
# to stderr, into the picture of the browser.
logging.getLogger("stamina").addHandler(logging.NullHandler())

OVERLOADED = frozenset({429, 502, 503, 504})
"""HTTP statuses that stand for a server, or one before it, that has too much to do."""

DATABASE_UNREACHABLE = 107

OnRetry = Callable[[Call[Any], int, float, OpenMLServerError], None]
"""Told before each wait: the call, the number of the failed attempt (1, 2, ...), the seconds to
wait, and what went wrong."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how patiently a call is repeated.

    ``attempts`` counts the first one; ``unreachable`` is the same for a server that cannot be
    connected to, which is seldom better a moment later; ``total`` is the most seconds from the
    first attempt to the beginning of the last; ``wait`` gives the seconds after attempt n (1, 2,
    ...).
    """

    name: str
    attempts: int
    unreachable: int
    total: float
    wait: Callable[[int], float]


def human_wait(attempt: int) -> float:
    """Seconds after attempt n for somebody who is looking: 1, 2, 3, ..."""
    return max(1.0, float(attempt))


def robot_wait(attempt: int) -> float:
    """Seconds after attempt n for a program that has all night: 1.8, 2.9, 4.6, ... up to 60, each
    with noise of a tenth, so that many programs do not come back at once.
    """
    wait = 60 / (1 + math.exp(4 - 0.5 * attempt))
    return max(1.0, random.gauss(wait, wait / 10))


HUMAN = RetryPolicy("human", attempts=5, unreachable=2, total=60.0, wait=human_wait)
ROBOT = RetryPolicy("robot", attempts=50, unreachable=50, total=3600.0, wait=robot_wait)
NONE = RetryPolicy("none", attempts=1, unreachable=1, total=0.0, wait=human_wait)
POLICIES = {policy.name: policy for policy in (HUMAN, ROBOT, NONE)}


def policy_of(retry: RetryPolicy | str | None, attempts: int | None = None) -> RetryPolicy:
    """A policy from its name, itself or None (human); ``attempts`` overrides its number of them.

    Raises UsageError for an unknown name.
    """
    if isinstance(retry, RetryPolicy):
        policy = retry
    elif retry is None:
        policy = HUMAN
    elif retry in POLICIES:
        policy = POLICIES[retry]
    else:
        raise UsageError(f"{retry!r} is no retry policy: {', '.join(POLICIES)}.")
    if attempts is None:
        return policy
    most = max(1, attempts)
    return replace(policy, attempts=most, unreachable=min(policy.unreachable, most))


def may_repeat(call: Call[Any], error: BaseException) -> bool:
    """Whether sending the call once more after this error can do no harm and may help."""
    if getattr(error, "code", None) == DATABASE_UNREACHABLE:
        return True  # told before anything is done, to reads and writes alike
    if isinstance(error, OpenMLProxyError):
        return False  # it will not be mended by waiting
    if isinstance(error, OpenMLConnectionError):
        return call.repeatable or not error.sent
    return (
        call.repeatable
        and isinstance(error, OpenMLServerError)
        and getattr(error, "code", None) is None
        and error.status in OVERLOADED
    )


class Judge:
    """Decides after each failed attempt of one call whether and when there is another."""

    def __init__(
        self,
        policy: RetryPolicy,
        call: Call[Any],
        on_retry: OnRetry | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._policy = policy
        self._call = call
        self._on_retry = on_retry
        self._clock = clock
        self._started = clock()
        self._failed = 0

    def __call__(self, error: BaseException) -> bool | float:
        """False to give up, else the seconds to wait before the next attempt."""
        self._failed += 1
        if not isinstance(error, OpenMLServerError) or not may_repeat(self._call, error):
            return False
        unreachable = isinstance(error, OpenMLConnectionError) and not error.sent
        most = self._policy.unreachable if unreachable else self._policy.attempts
        if self._failed >= most:
            return False
        wait = max(self._policy.wait(self._failed), error.retry_after or 0.0)
        if self._clock() - self._started + wait > self._policy.total:
            return False
        if self._on_retry is not None:
            self._on_retry(self._call, self._failed, wait, error)
        return wait


def attempts(policy: RetryPolicy, call: Call[Any], on_retry: OnRetry | None = None) -> Any:
    """stamina's attempts for one call, to be walked through with ``for`` or ``async for``."""
    return stamina.retry_context(
        on=Judge(policy, call, on_retry),
        attempts=None,  # the judge counts
        timeout=None,
    )
