"""Error messages that say the same thing, grouped.

Messages with one signature form a group, whether or not the name of the exception stands before
it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

from runbrowser.fields.signatures import essence, says, signature
from runbrowser.models import RunFilter, RunRow, RunState

__all__ = ["By", "ErrorGroup", "by_rate", "essence", "group_errors", "says", "signature"]

By = Literal["message", "flow", "task"]
"""What the runs of a group have in common: the signature of their message, or an id."""


@dataclass(slots=True)
class ErrorGroup:
    """Failed runs that have something in common; ``number`` is the id of the flow or task.

    ``seen`` counts the runs of that flow or task among all rows looked at, failed or not; ``runs``
    those that failed, where more did than were read.
    ``state`` is EVALUATION_FAILED where the messages are those of the evaluation.
    """

    example: RunRow
    by: By = "message"
    number: int | None = None
    state: RunState = RunState.FAILED
    messages: Counter[str] = field(default_factory=Counter)  # by signature
    run_ids: list[int] = field(default_factory=list)
    first_seen: str | None = None  # upload times, as the server writes them
    last_seen: str | None = None
    flows: Counter[int] = field(default_factory=Counter)
    uploaders: Counter[int] = field(default_factory=Counter)
    tasks: Counter[int] = field(default_factory=Counter)
    seen: int = 0
    runs: int | None = None

    @property
    def count(self) -> int:
        """How many runs there are."""
        return len(self.run_ids) if self.runs is None else self.runs

    @property
    def key(self) -> int | str | None:
        """What tells it from other groups of its kind."""
        return essence(self.signature) if self.by == "message" else self.number

    @property
    def rate(self) -> float:
        """The part of the runs looked at that failed, 0 to 1; it says little of few runs."""
        return self.count / self.seen if self.seen else 0.0

    @property
    def least_rate(self) -> float:
        """What the rate is at least, with 97.5 % confidence (Wilson 1927): 0.95 for 80 of 80, 0.21
        for 1 of 1, so that flows that ran once do not come before those that always fail.
        """
        if not self.seen:
            return 0.0
        z2, n, p = 1.96**2, self.seen, self.rate
        middle = p + z2 / (2 * n)
        return float((middle - (z2 * (p * (1 - p) / n + z2 / (4 * n * n))) ** 0.5) / (1 + z2 / n))

    @property
    def signature(self) -> str:
        """What most of the runs say."""
        return self.messages.most_common(1)[0][0] if self.messages else ""

    def within(self, filter: RunFilter) -> RunFilter:
        """The filter narrowed to the group's runs."""
        filter = replace(filter, state=self.state)
        if self.state is RunState.EVALUATION_FAILED:  # of which no list tells the message
            return replace(filter, ids=tuple(self.run_ids))
        if self.by == "message":
            return replace(filter, error=self.signature)
        if self.number is None:
            return filter
        if self.by == "flow":
            return replace(filter, flow=(self.number,))
        return replace(filter, task=(self.number,))

    def add(self, row: RunRow) -> None:
        """Counts one more run."""
        self.run_ids.append(row.run_id)
        if row.upload_time:
            if self.first_seen is None or row.upload_time < self.first_seen:
                self.first_seen = row.upload_time
            if self.last_seen is None or row.upload_time > self.last_seen:
                self.last_seen = row.upload_time
        for counter, number in (
            (self.flows, row.flow_id),
            (self.uploaders, row.uploader),
            (self.tasks, row.task_id),
        ):
            if number is not None:
                counter[number] += 1


def group_errors(
    rows: Iterable[RunRow], by: By = "message", state: RunState = RunState.FAILED
) -> list[ErrorGroup]:
    """Groups of the rows that hold an error message, the largest first, ties by signature and id;
    ``state`` is that of their runs.

    A group's example says what most of its runs say. Rows without an error message count only in
    ``seen``, by which groups of a flow or task have a rate.
    """
    groups: dict[str | int | None, tuple[ErrorGroup, dict[str, list[RunRow]]]] = {}
    seen: Counter[int | None] = Counter()
    for row in rows:
        number = {"message": None, "flow": row.flow_id, "task": row.task_id}[by]
        seen[number] += 1
        if not row.error_message:
            continue
        sign = signature(row.error_message)
        key = essence(sign) if by == "message" else number
        found = groups.get(key)
        if found is None:
            found = groups[key] = ErrorGroup(row, by, number, state), {}
        group, kinds = found
        group.add(row)
        same = kinds.get(sign)
        if same is None:
            kinds[sign] = [row]
        else:
            same.append(row)
    for group, kinds in groups.values():
        group.messages = Counter({sign: len(same) for sign, same in kinds.items()})
        group.example = kinds[group.signature][0]
        group.seen = seen[group.number]
    return sorted(
        (group for group, _ in groups.values()),
        key=lambda g: (-g.count, g.signature, g.number or 0),
    )


def by_rate(groups: Iterable[ErrorGroup]) -> list[ErrorGroup]:
    """Groups of a flow or task with those first that fail most often for what they ran."""
    return sorted(groups, key=lambda g: (-g.least_rate, -g.count, g.signature, g.number or 0))
