"""Which runs are wanted."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Any, NamedTuple

from runbrowser.errors import UsageError, UsageTypeError
from runbrowser.ids import many_ids
from runbrowser.models.enums import RunState
from runbrowser.text import display

_SEVERAL = {
    "ids": "a run id",
    "task": "a task id",
    "setup": "a setup id",
    "flow": "a flow id",
    "uploader": "an uploader's id",
    "task_type": "a task type",
}
"""The fields that hold several ids, as messages call one of them."""
_OF_SERVER = {"server": True}  # what its list can look for; all else is looked for in the rows


class Condition(NamedTuple):
    """A filter field that has no attribute of its own, by its key in the filter language.

    ``in_rows``: the server cannot look for it, its rows must be looked through.
    """

    key: str
    value: Any
    in_rows: bool = True


@dataclass(frozen=True, slots=True)
class RunFilter:
    """Which runs to show. The text form (:mod:`runbrowser.fields.filters`) round-trips.

    Ids are ANDed between fields, ORed within one. ``mine`` stands for the key's own uploader.
    ``state`` and ``error`` are not known to the server's list: they are looked for in its rows.
    ``conditions`` are further fields, each with a record in :mod:`runbrowser.fields.filters`.
    One id may stand for a tuple of one, a state's name ("failed", "eval-failed") for the state.
    Raises UsageError for what is no id and no state, UsageTypeError for a tag that is no text.
    """

    ids: tuple[int, ...] = field(default=(), metadata=_OF_SERVER)
    task: tuple[int, ...] = field(default=(), metadata=_OF_SERVER)
    setup: tuple[int, ...] = field(default=(), metadata=_OF_SERVER)
    flow: tuple[int, ...] = field(default=(), metadata=_OF_SERVER)
    uploader: tuple[int, ...] = field(default=(), metadata=_OF_SERVER)
    task_type: tuple[int, ...] = field(default=(), metadata=_OF_SERVER)
    study: int | None = field(default=None, metadata=_OF_SERVER)
    tag: str | None = field(default=None, metadata=_OF_SERVER)
    mine: bool = field(default=False, metadata=_OF_SERVER)
    state: RunState | None = None
    error: str | None = None  # a part of the error message, any case
    show_errors: bool = field(default=True, metadata=_OF_SERVER)
    conditions: tuple[Condition, ...] = ()

    def __post_init__(self) -> None:
        for name in _SEVERAL:
            value = getattr(self, name)
            if (
                type(value) is not tuple
                or any(type(one) is bool for one in value)
                or not all(isinstance(one, int) for one in value)
            ):
                object.__setattr__(self, name, many_ids(value, _SEVERAL[name]) or ())
        if self.state is not None and not isinstance(self.state, RunState):
            object.__setattr__(self, "state", _state(self.state))
        for what, value in (("tag", self.tag), ("error", self.error)):
            if value is not None and not isinstance(value, str):
                raise UsageTypeError(f"{what} is a text, not {display(repr(value), 60)}.")

    @property
    def empty(self) -> bool:
        """Whether it lets every run through."""
        return self == RunFilter(show_errors=self.show_errors)

    @property
    def local(self) -> bool:
        """Whether part of it must be looked for in the rows, the server not knowing it."""
        return self.remote is not self

    @property
    def remote(self) -> RunFilter:
        """The part of it that the server can look for."""
        kept = tuple(one for one in self.conditions if not one.in_rows)
        if kept == self.conditions and all(
            getattr(self, name) == default for name, default in _IN_ROWS.items()
        ):
            return self
        return replace(self, conditions=kept, **_IN_ROWS)

    @property
    def in_rows(self) -> RunFilter:
        """The part of it that must be looked for in the rows."""
        return RunFilter(
            conditions=tuple(one for one in self.conditions if one.in_rows),
            **{name: getattr(self, name) for name in _IN_ROWS},
        )


def _state(name: object) -> RunState:
    names = {state.value.replace(" ", "-"): state for state in RunState}
    if isinstance(name, str) and name.replace(" ", "-") in names:
        return names[name.replace(" ", "-")]
    raise UsageError(f"state is one of {', '.join(names)}, not {display(repr(name), 60)}.")


_IN_ROWS: dict[str, Any] = {
    one.name: one.default
    for one in fields(RunFilter)
    if not one.metadata.get("server") and one.name != "conditions"
}
