"""Runs as a list of them tells: one a row, a page of columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, overload

from runbrowser.models.enums import RunState, TaskType

if TYPE_CHECKING:
    import pandas as pd


class RunRow(NamedTuple):
    """One run as ``run/list`` gives it: ids, a time and the uploader's error."""

    run_id: int
    task_id: int | None
    task_type_id: int | None
    setup_id: int | None
    flow_id: int | None
    uploader: int | None
    upload_time: str | None  # 'YYYY-MM-DD HH:MM:SS', the server's local time
    error_message: str | None  # None and '' cannot be told apart on the wire
    run_details: str | None

    @property
    def state(self) -> RunState:
        """FAILED when the uploader reported an error; the list cannot tell the other states."""
        return RunState.FAILED if self.error_message else RunState.UNKNOWN


class RunPage(Sequence[RunRow]):
    """One page of ``run/list``: columns of plain values, one row a run, in the server's order.

    ``columns`` are nine equally long sequences in the order of :class:`RunRow`'s fields;
    ``received`` counts the rows the server sent (a run evaluated by two engines is sent twice),
    which is what offsets count; ``unread`` holds the text of rows that could not be read, and
    ``notices`` what the server wrote beside the list, in words.
    """

    __slots__ = ("columns", "limit", "notices", "offset", "received", "unread")

    def __init__(
        self,
        columns: Sequence[Sequence[Any]] = ((),) * 9,
        *,
        limit: int | None = None,
        offset: int = 0,
        received: int | None = None,
        unread: tuple[str, ...] = (),
        notices: tuple[str, ...] = (),
    ) -> None:
        self.columns = columns
        self.limit = limit
        self.offset = offset
        self.received = len(columns[0]) if received is None else received
        self.unread = unread
        self.notices = notices

    def __len__(self) -> int:
        return len(self.columns[0])

    @overload
    def __getitem__(self, index: int) -> RunRow: ...
    @overload
    def __getitem__(self, index: slice) -> list[RunRow]: ...
    def __getitem__(self, index: int | slice) -> RunRow | list[RunRow]:
        if isinstance(index, slice):
            return [RunRow(*row) for row in zip(*(c[index] for c in self.columns), strict=True)]
        return RunRow(*(column[index] for column in self.columns))

    def __iter__(self) -> Iterator[RunRow]:
        return map(RunRow._make, zip(*self.columns, strict=True))

    @property
    def last(self) -> bool:
        """Whether the server has nothing after this page, as far as its length tells."""
        return self.limit is None or self.received < self.limit

    def named_columns(self) -> dict[str, Sequence[Any]]:
        """The columns by the names that they have in a DataFrame; task types as TaskType."""
        named = dict(zip(RunRow._fields, self.columns, strict=True))
        numbers = named["task_type_id"]
        kinds = {number: TaskType.of(number) for number in set(numbers)}
        return named | {
            "task_type": [kinds[number] for number in numbers],
            "error_message": [text or "" for text in named["error_message"]],
        }

    def frame(self) -> pd.DataFrame:
        """The page as a DataFrame, labelled by run id.

        Columns: run_id, int64; task_id, setup_id, flow_id, uploader, Int64; task_type, TaskType
        or the number of a type that is newer than this client; upload_time, text in the server's
        local time or None; error_message, '' where there is none.
        """
        from runbrowser.frames import RunRows

        rows = RunRows()
        rows.add(self.named_columns())
        return rows.frame()

    def __repr__(self) -> str:
        return (
            f"<RunPage of {len(self):,} runs from row {self.offset:,} on"
            f"{f', {len(self.unread):,} rows unread' if self.unread else ''}>"
        )
