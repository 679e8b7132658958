"""Watching a page: what is new on it, what has changed, when to ask again. Without any widget.

V1 gives no order and no time of change, so a page read anew is compared with the one on the screen.
A run that was not seen is new if it was uploaded since the watch began, or up to a day before (the
server's clock and zone are not known); an older one was only moved here from another page. Rows on
the screen stay where they are, new ones come after them.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from runbrowser.models import RunRow, RunState
from runbrowser.openml.base import Facts, SourcePage

NEW, CHANGED = "+", "~"
"""The signs before the ids of such runs."""

_LONGEST = 900.0  # seconds between two polls, however often the server has failed
_LOCAL = 10  # times as long: a filter that only rows can tell costs many requests
_SETTLED = (RunState.OK, RunState.FAILED)


@dataclass(slots=True)
class Watch:
    """One watch: on a page, from its start on. ``every`` is in seconds."""

    every: float
    began: float = field(default_factory=time.time)
    page: SourcePage | None = None  # as it was last seen
    signs: dict[int, str] = field(default_factory=dict)
    gone: int = 0
    failures: int = 0
    answered: float = 0.0  # when the page was last read
    facts: dict[int, Facts] = field(default_factory=dict)  # as they were last told

    def begin(self, page: SourcePage, facts: Mapping[int, Facts]) -> None:
        """Another page is shown: what is on it now is known."""
        self.page, self.signs, self.gone = page, {}, 0
        self.began = self.answered = time.time()
        self.facts = {row.run_id: facts[row.run_id] for row in page.rows if row.run_id in facts}

    def take_in(self, found: SourcePage) -> SourcePage:
        """Compares the page read anew; gives the rows to show, in the places they had."""
        before = self.page
        if before is None:
            return found
        self.failures, self.answered = 0, time.time()
        now = {row.run_id: row for row in found.rows}
        rows = []
        for row in before.rows:
            new = now.pop(row.run_id, row)
            if new != row:
                self.signs.setdefault(row.run_id, CHANGED)
            rows.append(new)
        still = {row.run_id for row in found.rows}
        whole = found.number == 0 and found.last
        self.gone = sum(row.run_id not in still for row in rows) if whole else 0
        since = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(self.began - 86_400))
        for row in now.values():
            if not row.upload_time or row.upload_time >= since:
                self.signs[row.run_id] = NEW
        self.page = replace(found, rows=(*rows, *now.values()))
        return self.page

    def unsettled(self) -> list[RunRow]:
        """Runs whose state may change yet, or is not known."""
        rows = self.page.rows if self.page is not None else ()
        facts = self.facts
        return [r for r in rows if r.run_id not in facts or facts[r.run_id].state not in _SETTLED]

    def take_facts(self, rows: Iterable[RunRow], facts: Mapping[int, Facts]) -> None:
        """A run that has another state or score than it had has changed."""
        for row in rows:
            fact, before = facts.get(row.run_id), self.facts.get(row.run_id)
            if fact is None:
                continue
            if before is not None and before != fact:
                self.signs.setdefault(row.run_id, CHANGED)
            self.facts[row.run_id] = fact

    def pause(self, *, local: bool, retry_after: float | None = None) -> float:
        """Seconds until the next poll: longer after failures, and as the server asks."""
        wait = self.every * (_LOCAL if local else 1)
        wait = min(max(wait, _LONGEST), wait * 2.0 ** min(self.failures, 20))
        return max(wait, retry_after or 0.0)

    @property
    def words(self) -> str:
        """What the status line says; it changes once a minute if there is no news."""
        counted = list(self.signs.values())
        parts = [f"{counted.count(sign)} {word}" for sign, word in ((NEW, "new"),
                 (CHANGED, "changed")) if sign in counted]  # fmt: skip
        if self.gone:
            parts.append(f"{self.gone} gone")
        since = time.strftime("%H:%M", time.localtime(self.began))
        as_of = time.strftime("%H:%M", time.localtime(self.answered))
        news = f"{', '.join(parts) or 'nothing new'} since {since}"
        if self.failures:
            return f"{news}; no answer since {as_of}"
        return f"{news}; read {as_of}"
