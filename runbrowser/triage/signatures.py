"""Error messages that say the same thing, told apart from those that do not.

A signature is a message with everything taken out that differs from run to run: numbers, ids,
paths, addresses, quoted values, line numbers. Messages with one signature form a group.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from runbrowser.models import RunRow
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
    line = first_line(message[-_LONGEST:] if message.startswith("Traceback") else message)
    text = _PARTS.sub(lambda match: _SIGNS[match.lastgroup or "number"], line[:_LONGEST])
    text = _REPEATED.sub("<\\1>, \u2026", text)  # lists of values differ in length as well
    return _SPACES.sub(" ", text).strip()


def says(message: str, wanted: str) -> bool:
    """Whether a message holds a text, in any case, or has it for its signature."""
    if not message:
        return False
    return wanted.casefold() in message.casefold() or signature(message) == wanted


@dataclass(slots=True)
class ErrorGroup:
    """Runs whose messages have one signature."""

    signature: str
    example: RunRow
    run_ids: list[int] = field(default_factory=list)
    first_seen: str | None = None  # upload times, as the server writes them
    last_seen: str | None = None
    flows: Counter[int] = field(default_factory=Counter)
    uploaders: Counter[int] = field(default_factory=Counter)
    tasks: Counter[int] = field(default_factory=Counter)

    @property
    def count(self) -> int:
        """How many runs say this."""
        return len(self.run_ids)

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


def group_errors(rows: Iterable[RunRow]) -> list[ErrorGroup]:
    """Groups of the rows that hold an error message, the largest first, ties by signature."""
    groups: dict[str, ErrorGroup] = {}
    for row in rows:
        if not row.error_message:
            continue
        sign = signature(row.error_message)
        group = groups.get(sign)
        if group is None:
            group = groups[sign] = ErrorGroup(sign, row)
        group.add(row)
    return sorted(groups.values(), key=lambda group: (-group.count, group.signature))
