"""A call is a value: what to ask, where the key goes, and how to read the answer. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Generic, Literal, TypeVar

from runbrowser.client.wire.notices import without_notices
from runbrowser.models import Run, RunState

T = TypeVar("T")

UNEVALUATED_FOR = 600.0
"""Seconds that a run without evaluations is kept: the engine may be at work on it."""


def run_keep_for(run: Run) -> float | None:
    """How long a run's description may be kept: for good once there is nothing left to evaluate."""
    return None if run.state in (RunState.OK, RunState.FAILED) else UNEVALUATED_FOR


KeyPlace = Literal["none", "query", "form"]


@dataclass(frozen=True, slots=True)
class Answer:
    """A server's reply, whole. ``url`` never holds the key."""

    status: int
    content_type: str
    body: bytes = field(repr=False)
    url: str = ""
    retry_after: float | None = None  # seconds
    kept_at: float | None = None  # when a reply from the disk was received; None: just now
    uploaded: int = 0  # bytes of the request's body
    _read: list[tuple[str, tuple[str, ...]]] = field(
        default_factory=list, init=False, repr=False, compare=False
    )

    @property
    def text(self) -> str:
        """The body as text without what PHP wrote into it; bytes that are no UTF-8 become U+FFFD,
        one and the same wherever the text is shown or written.
        """
        return self._reading[0]

    @property
    def notices(self) -> tuple[str, ...]:
        """What PHP wrote into the reply beside the answer, in words."""
        return self._reading[1]

    @property
    def _reading(self) -> tuple[str, tuple[str, ...]]:
        if not self._read:
            self._read.append(without_notices(self.body.decode("utf-8", "replace")))
        return self._read[0]


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """One request to a server and the pure function that reads its answer.

    ``purpose`` completes "Could not ..."; ``path`` is relative to the server's base and already
    percent-encoded, or a whole URL for files that the server names by URL. ``key`` is where this
    operation's key must stand ("Keys" in docs/protocol.md); ``repeatable`` calls may be sent
    again, a write never is; ``keep`` allows the reply on disk, ``keep_for`` says for how many
    seconds a result may be kept (None: for good), and ``outdates`` names the paths whose kept
    replies a write makes wrong; ``largest`` is the most bytes of its reply where it is no document
    but a file; ``own`` tells that the server answers more to a known key, and ``reads`` that a
    POST changes nothing; ``on_code`` turns refusals that are no failure (nothing matches)
    into results.
    """

    purpose: str
    method: Literal["GET", "POST", "DELETE"]
    path: str
    read: Callable[[Answer], T]
    key: KeyPlace = "none"
    key_needed: bool = False
    form: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, Any] | None = None
    keep: bool = False
    keep_for: Callable[[T], float | None] | None = None
    outdates: tuple[str, ...] = ()
    largest: int | None = None
    own: bool = False
    reads: bool = False
    on_code: Mapping[int, Callable[[], T]] = field(default_factory=dict)

    @property
    def repeatable(self) -> bool:
        """Whether sending it twice does no more than sending it once."""
        return self.method == "GET" or self.reads

    def with_key(self) -> Call[T]:
        """The same list as the key's owner sees it, own runs under an embargo included: V1 answers
        a POST with the key in its form as it does a GET, and no key stands in a URL.
        """
        return replace(self, method="POST", key="form", own=False, reads=True)
