"""Columns, measure and order of the table, as one value that can be saved."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from runbrowser.fields.columns import COLUMNS, Kind, record_of, split

MOST_COLUMNS = 40
MOST_NAME = 80
"""The longest name of a measure that is believed; the longest of OpenML's has 40 characters."""


def default() -> tuple[str, ...]:
    """The columns of a table that nobody has arranged, in the order on the screen."""
    return tuple(record.key for record in COLUMNS.values() if record.default)


def is_column(column: str) -> bool:
    """Whether there is such a column."""
    key, measure = split(column)
    if key != column:
        known = key in COLUMNS and COLUMNS[key].of_measure
        return known and 0 < len(measure) <= MOST_NAME
    return key in COLUMNS


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
            return default()
        return ("run_id", *(column for column in self.columns if column != "run_id"))

    def measure_of(self, column: str) -> str:
        """The measure that a score or spread column was given; '' for the task's own."""
        _, measure = split(column)
        return measure or (self.measure if record_of(column).of_measure else "")

    def scores(self) -> list[tuple[str, bool]]:
        """What must be asked for beyond the score every row gets: (measure, per fold) of each."""
        found: dict[tuple[str, bool], None] = {}
        for column in (*self.wanted, *filter(None, (self.sort,))):
            if record_of(column).of_measure:
                wish = (self.measure_of(column), record_of(column).kind is Kind.SPREAD)
                if wish != ("", False):
                    found[wish] = None
        return list(found)

    def with_columns(self, columns: Iterable[str]) -> Arrangement:
        """The same with other columns, each once."""
        return replace(self, columns=tuple(dict.fromkeys(columns))[:MOST_COLUMNS])
