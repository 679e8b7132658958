"""Clients for one command, made from its settings and closed at its end."""

from __future__ import annotations

import sys
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeVar

from runbrowser.cli.options import DEMO
from runbrowser.cli.output import say
from runbrowser.config import Settings
from runbrowser.errors import OpenMLNotSupportedError, OpenMLServerError, UsageError
from runbrowser.models import APIVersion, EvaluationRow, Run, RunFilter, Trace
from runbrowser.text import display

if TYPE_CHECKING:
    import asyncio

    from runbrowser.client.http import HTTPClient
    from runbrowser.client.resources.runs import RunV1API
    from runbrowser.openml.live import LiveSource

T = TypeVar("T")


def _say(sentence: str) -> None:
    say(f"runbrowser: {sentence}")


def _say_retry(sentence: str) -> None:
    """Tells who is looking why it takes longer; a log would only get it twice."""
    if sys.stderr.isatty():
        _say(sentence)


class _Once:
    """Says the first of several sentences that differ in the run alone."""

    def __init__(self) -> None:
        self._said = False

    def __call__(self, sentence: str) -> None:
        if not self._said:
            self._said = True
            say(f"runbrowser: {display(sentence, 2_000)}")


class Session:
    """V1, and V2 where it is wanted: which of them answers what."""

    def __init__(self, settings: Settings) -> None:
        from runbrowser.client.resources.runs import RunV1API, RunV2API
        from runbrowser.openml.access import Access
        from runbrowser.openml.api_choice import APIChoice

        if settings.api_version == "v2" and settings.server_v2 is None:
            raise UsageError("V2 is asked for, but there is no V2 server: give --server-v2 URL.")
        self.settings = settings
        # the embedded server's address is another one each time: nothing is kept of it
        keep = settings.origin("server") != DEMO
        self.access = Access(settings, keep, _say, _say_retry)
        self.http: HTTPClient = self.access.client()
        self.v1: RunV1API = RunV1API(self.http, self.access.store)
        self._http_v2 = self.access.client_v2() if self.access.prefer_v2 else None
        self._v2 = RunV2API(self._http_v2) if self._http_v2 is not None else None
        self._source: LiveSource | None = None
        self._runner: asyncio.Runner | None = None
        self._choice = APIChoice(
            prefer_v2=self._v2 is not None, fallback=settings.fallback, tell=_Once()
        )

    @property
    def uses_v1(self) -> bool:
        """Whether V1 may be asked at all."""
        return self._v2 is None or self.settings.fallback

    def listing(self) -> RunV1API:
        """Who lists runs and writes: V1, unless V2 alone is wanted."""
        if not self.uses_v1:
            raise OpenMLNotSupportedError(
                "V2 has single runs and traces only; leave out --no-fallback, or --api-version v2."
            )
        return self.v1

    def get(self, run_id: int, *, reset_cache: bool = False) -> Run:
        """One run, from V2 where that is wanted; from V1 what V2 does not tell or if it fails."""

        from runbrowser.client.resources.engines import has_several_engines, of_first_engine

        def ask(version: APIVersion) -> Run:
            if version is APIVersion.V2 and self._v2 is not None:
                return self._v2.get(run_id, reset_cache=reset_cache)
            return self.v1.get(run_id, reset_cache=reset_cache, description=True)

        run = self._choice.run(ask)
        if self.uses_v1 and has_several_engines(run):
            run = of_first_engine(run, self._all_measures(run_id))
            say(f"runbrowser: run {run_id}: {run.notices[-1]}")
        return run

    def _all_measures(self, run_id: int) -> list[EvaluationRow]:
        from runbrowser.client.resources.evaluations import EvaluationV1API

        with suppress(OpenMLServerError):
            return EvaluationV1API(self.http).rows(None, RunFilter(ids=(run_id,)), None)
        return []

    def trace(self, run_id: int) -> Trace:
        """The trace of a run, as :meth:`get`."""

        def ask(version: APIVersion) -> Trace:
            api = self._v2 if version is APIVersion.V2 and self._v2 is not None else self.v1
            return api.trace(run_id)

        return self._choice.trace(ask)

    def resolved(self, filter: RunFilter) -> RunFilter:
        """The filter with ``me`` as a user id. V1 has no call that tells whose a key is."""
        from runbrowser.openml.access import resolved

        return resolved(filter, self.settings.user_id)

    @property
    def source(self) -> LiveSource:
        """The same servers as the browser asks them, opened when it is first wanted; its
        coroutines are run by :meth:`wait`.
        """
        if self._source is None:
            from runbrowser.openml.opening import source_of

            self._source = source_of(self.access)
        return self._source

    def wait(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Runs a coroutine to its end, all of a session in one event loop."""
        if self._runner is None:
            import asyncio

            self._runner = asyncio.Runner()
        return self._runner.run(coroutine)

    def writing(self) -> RunV1API:
        """Who may tag, untag, delete and publish; a UsageError in a read-only session."""
        if self.settings.read_only:
            origin = self.settings.origin("read_only")
            raise UsageError(f"Nothing was changed: this session only reads ({origin}).")
        return self.listing()

    def close(self) -> None:
        """Closes all connections."""
        if self._source is not None:
            self.wait(self._source.close())
        if self._runner is not None:
            self._runner.close()
        self.http.close()
        if self._http_v2 is not None:
            self._http_v2.close()


@contextmanager
def session(settings: Settings) -> Iterator[Session]:
    """A Session that is closed at the end of the block."""
    opened = Session(settings)
    try:
        yield opened
    finally:
        opened.close()
