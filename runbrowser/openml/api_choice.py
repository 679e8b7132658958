"""Which API answers for a single run: V2 where that is wanted; V1 for what V2 does not tell, and
while V2 is down. The rule does no I/O: it yields the version to ask and is sent what came of it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from dataclasses import dataclass, replace
from typing import TypeVar

from runbrowser.errors import OpenMLServerError, OpenMLServerException
from runbrowser.models import APIVersion, Run, RunState, Trace

Found = TypeVar("Found", Run, Trace)
Asking = Generator[APIVersion, Found | OpenMLServerError, Found]
"""Yields the version to ask next, is sent its answer or why there is none, returns the answer."""


@dataclass(frozen=True, slots=True)
class APIChoice:
    """``prefer_v2``: V2 is asked first; ``fallback``: V1 may be asked after it. ``tell`` hears why
    one API stands in for the other, which the answer's ``notices`` say as well.
    """

    prefer_v2: bool = False
    fallback: bool = True
    tell: Callable[[str], None] = lambda words: None

    def run(self, ask: Callable[[APIVersion], Run]) -> Run:
        """A run as ``ask`` gets it. Raises OpenMLServerError and its kinds."""
        return _answered(self._about_run(), ask)

    def trace(self, ask: Callable[[APIVersion], Trace]) -> Trace:
        """The trace of a run as ``ask`` gets it. Raises OpenMLServerError and its kinds."""
        asking: Asking[Trace] = self._once()
        return _answered(asking, ask)

    async def run_async(self, ask: Callable[[APIVersion], Awaitable[Run]]) -> Run:
        """As :meth:`run`, with coroutines."""
        return await _answered_async(self._about_run(), ask)

    async def trace_async(self, ask: Callable[[APIVersion], Awaitable[Trace]]) -> Trace:
        """As :meth:`trace`, with coroutines."""
        asking: Asking[Trace] = self._once()
        return await _answered_async(asking, ask)

    def _once(self) -> Asking[Found]:
        """V2's answer, or V1's, which then says why it stands in for it."""
        if not self.prefer_v2:
            return _raised((yield APIVersion.V1))
        found = yield APIVersion.V2
        # what V2 says itself, such as that there is no such run, is an answer
        down = isinstance(found, OpenMLServerError) and not isinstance(found, OpenMLServerException)
        if not down or not self.fallback:
            return _raised(found)
        instead = _raised((yield APIVersion.V1))
        return self._with_notice(instead, f"V2 failed, so this is what V1 tells. {found}")

    def _about_run(self) -> Asking[Run]:
        """As :meth:`_once`; whether a run was evaluated, which V2 does not tell unless there are
        evaluations, is asked of V1.
        """
        run: Run = yield from self._once()
        if run.state is not RunState.UNKNOWN or not self.fallback:
            return run
        found = yield APIVersion.V1
        if isinstance(found, OpenMLServerError):
            words = f"V1, which knows whether the run was evaluated, failed. {found}"
            return self._with_notice(run, words)
        return found

    def _with_notice(self, found: Found, words: str) -> Found:
        self.tell(words)
        return replace(found, notices=(*found.notices, words))


def _raised(found: Found | OpenMLServerError) -> Found:
    if isinstance(found, OpenMLServerError):
        raise found
    return found


def _answered(asking: Asking[Found], ask: Callable[[APIVersion], Found]) -> Found:
    found: Found | OpenMLServerError
    try:
        version = next(asking)
        while True:
            try:
                found = ask(version)
            except OpenMLServerError as error:
                found = error
            version = asking.send(found)
    except StopIteration as end:
        answer: Found = end.value
        return answer


async def _answered_async(
    asking: Asking[Found], ask: Callable[[APIVersion], Awaitable[Found]]
) -> Found:
    found: Found | OpenMLServerError
    try:
        version = next(asking)
        while True:
            try:
                found = await ask(version)
            except OpenMLServerError as error:
                found = error
            version = asking.send(found)
    except StopIteration as end:
        answer: Found = end.value
        return answer
