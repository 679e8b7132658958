"""Error messages that say the same thing, told apart from those that do not.

A signature is a message with everything taken out that differs from run to run: numbers, ids,
paths, addresses, quoted values, line numbers. Messages with one signature form a group.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Literal

from runbrowser.models import RunFilter, RunRow, RunState
from runbrowser.text import first_line

_LONGEST = 2_000  # characters of a message that are looked at; what differs later says little

# In this order: what is found earlier is not looked into again.
_PARTS = re.compile(
    r"""(?P<url>\b[a-z][a-z0-9+.-]*://[^\s'"<>]+)
      | (?P<address>\b0x[0-9a-fA-F]+\b | @[0-9a-fA-F]{5,16}\b)
      | (?P<id>\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b
             | \b(?=[0-9a-f]*[0-9])[0-9a-f]{16,64}\b)
      | (?P<time>\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?Z?)?)
      | (?P<path>(?<![\w.])(?:[A-Za-z]:[\\/]+(?:[\w.+@ -]+[\\/]+)*|~?/(?:[\w.+@-]+/)*)[\w.+@-]+)
      | (?P<quoted>(?<!\w)'(?:[^'\\\n]|\\.){0,200}'(?!\w)
                 | "(?:[^"\\\n]|\\.){0,200}" | `[^`\n]{0,200}`)
      | (?P<number>(?<![\w.])[-+]?(?:\d+(?:[_,]\d+)*(?:\.\d+)*|\.\d+)(?:[eE][-+]?\d+)?(?![\w]))
    """,
    re.VERBOSE,
)
_SIGNS = {
    "url": "<url>",
    "address": "<address>",
    "id": "<id>",
    "time": "<time>",
    "path": "<path>",
    "quoted": "<value>",
    "number": "<n>",
}
_SPACES = re.compile(r"\s+")
_REPEATED = re.compile(r"<(n|value)>(?:\s*,\s*<\1>)+")


@lru_cache(maxsize=65_536)
def signature(message: str) -> str:
    """The message without what differs from run to run, as one line; '' for no message.

    The line that says most is taken (the last of a Python traceback, else the first).
    """
    line = first_line(message)
    text = _PARTS.sub(lambda match: _SIGNS[match.lastgroup or "number"], line[:_LONGEST])
    text = _REPEATED.sub("<\\1>, \u2026", text)  # lists of values differ in length as well
    return _SPACES.sub(" ", text).strip()


def says(message: str, wanted: str) -> bool:
    """Whether a message holds a text, in any case, or has it for its signature."""
    if not message:
        return False
    return wanted.casefold() in message.casefold() or signature(message) == wanted


By = Literal["message", "flow", "task"]
"""What the runs of a group have in common: the signature of their message, or an id."""


@dataclass(slots=True)
class ErrorGroup:
    """Failed runs that have something in common; ``number`` is the id of the flow or task."""

    example: RunRow
    by: By = "message"
    number: int | None = None
    messages: Counter[str] = field(default_factory=Counter)  # by signature
    run_ids: list[int] = field(default_factory=list)
    first_seen: str | None = None  # upload times, as the server writes them
    last_seen: str | None = None
    flows: Counter[int] = field(default_factory=Counter)
    uploaders: Counter[int] = field(default_factory=Counter)
    tasks: Counter[int] = field(default_factory=Counter)

    @property
    def count(self) -> int:
        """How many runs there are."""
        return len(self.run_ids)

    @property
    def signature(self) -> str:
        """What most of the runs say."""
        return self.messages.most_common(1)[0][0] if self.messages else ""

    def within(self, filter: RunFilter) -> RunFilter:
        """The filter narrowed to the group's runs."""
        filter = replace(filter, state=RunState.FAILED)
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


def group_errors(rows: Iterable[RunRow], by: By = "message") -> list[ErrorGroup]:
    """Groups of the rows that hold an error message, the largest first, ties by signature and id.

    A group's example says what most of its runs say.
    """
    groups: dict[str | int | None, ErrorGroup] = {}
    examples: dict[tuple[int | None, str], RunRow] = {}  # by flow or task, and what is said
    for row in rows:
        if not row.error_message:
            continue
        sign = signature(row.error_message)
        number = {"message": None, "flow": row.flow_id, "task": row.task_id}[by]
        key = sign if by == "message" else number
        group = groups.get(key)
        if group is None:
            group = groups[key] = ErrorGroup(row, by, number)
        group.add(row)
        if by != "message":
            group.messages[sign] += 1
            examples.setdefault((number, sign), row)
    for key, group in groups.items():
        if by == "message":
            group.messages[str(key)] = group.count
        else:
            group.example = examples[group.number, group.signature]
    return sorted(groups.values(), key=lambda g: (-g.count, g.signature, g.number or 0))
