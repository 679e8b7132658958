"""Which runs are wanted."""

from __future__ import annotations

from dataclasses import dataclass, replace

from runbrowser.models.enums import RunState


@dataclass(frozen=True, slots=True)
class RunFilter:
    """Which runs to show. The text form (:mod:`runbrowser.fields.filters`) round-trips.

    Ids are ANDed between fields, ORed within one. ``mine`` stands for the key's own uploader.
    ``states`` and ``error`` are not known to the server's list: they are looked for in its rows.
    """

    ids: tuple[int, ...] = ()
    task: tuple[int, ...] = ()
    setup: tuple[int, ...] = ()
    flow: tuple[int, ...] = ()
    uploader: tuple[int, ...] = ()
    task_type: tuple[int, ...] = ()
    study: int | None = None
    tag: str | None = None
    mine: bool = False
    state: RunState | None = None
    error: str | None = None  # a part of the error message, any case
    show_errors: bool = True

    @property
    def empty(self) -> bool:
        """Whether it lets every run through."""
        return self == RunFilter(show_errors=self.show_errors)

    @property
    def local(self) -> bool:
        """Whether part of it must be looked for in the rows, the server not knowing it."""
        return self.state is not None or self.error is not None

    @property
    def remote(self) -> RunFilter:
        """The part of it that the server can look for: all but the state and the error text."""
        return replace(self, state=None, error=None) if self.local else self
