"""Columns, measure and order of the table, as one value that can be saved."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

COLUMNS: dict[str, str] = {
    "run_id": "run",
    "state": "state",
    "flow": "flow",
    "task": "task",
    "data": "data set",
    "score": "score",
    "spread": "spread over the folds",
    "uploader": "uploader",
    "uploaded": "time of upload",
    "type": "task type",
    "setup": "setup id",
    "tags": "of runs that were read",
    "error": "error message",
    "details": "what its uploader wrote",
}
"""Every column by key, with words for it, in the order in which they are offered. ``score:NAME``
and ``spread:NAME`` are columns too, for any evaluation measure.
"""

DEFAULT = ("run_id", "state", "flow", "task", "data", "score", "uploader", "uploaded", "error")
"""The columns of a table that nobody has arranged, in the order on the screen."""

OF_A_MEASURE = ("score", "spread")
MOST_COLUMNS = 40
MOST_NAME = 80
"""The longest name of a measure that is believed; the longest of OpenML's has 40 characters."""


def split(column: str) -> tuple[str, str]:
    """Kind and measure: ``score:kappa`` gives ('score', 'kappa'), ``flow`` gives ('flow', '')."""
    kind, _, measure = column.partition(":")
    return kind, measure


def is_column(column: str) -> bool:
    """Whether there is such a column."""
    kind, measure = split(column)
    if kind != column:
        return kind in OF_A_MEASURE and 0 < len(measure) <= MOST_NAME
    return kind in COLUMNS


@dataclass(frozen=True, slots=True)
class Arrangement:
    """How rows are shown.

    columns: keys in the order on the screen, () for what the width has room for. measure: that of
    the score column, '' for the task's own. sort: a column's key, '' for the order of the server;
    ``reverse`` turns it round. fold: whether columns that say the same in every row are left out.
    """

    columns: tuple[str, ...] = ()
    measure: str = ""
    sort: str = ""
    reverse: bool = False
    fold: bool = False

    @property
    def wanted(self) -> tuple[str, ...]:
        """The columns asked for; the run id is always the first."""
        if not self.columns:
            return DEFAULT
        return ("run_id", *(column for column in self.columns if column != "run_id"))

    def measure_of(self, column: str) -> str:
        """The measure that a score or spread column was given; '' for the task's own."""
        kind, measure = split(column)
        return measure or (self.measure if kind in OF_A_MEASURE else "")

    def scores(self) -> list[tuple[str, bool]]:
        """What must be asked for beyond the score every row gets: (measure, per fold) of each."""
        found: dict[tuple[str, bool], None] = {}
        for column in (*self.wanted, self.sort):
            kind, _ = split(column)
            if kind in OF_A_MEASURE:
                wish = (self.measure_of(column), kind == "spread")
                if wish != ("", False):
                    found[wish] = None
        return list(found)

    def with_columns(self, columns: Iterable[str]) -> Arrangement:
        """The same with other columns, each once."""
        return replace(self, columns=tuple(dict.fromkeys(columns))[:MOST_COLUMNS])
