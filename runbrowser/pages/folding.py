"""Columns that say the same in every row, and so could as well be left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from runbrowser.fields.columns import Need, record_of
from runbrowser.models import RunRow
from runbrowser.openml.base import Facts, NameBook
from runbrowser.openml.scores import ScoreBook
from runbrowser.pages.columns import Column
from runbrowser.pages.rows import cells
from runbrowser.views.arrangement import Arrangement

_WIDE = 200  # cells; texts that differ further on are taken for one


def folded(
    rows: Sequence[RunRow],
    arrangement: Arrangement,
    facts: Mapping[int, Facts],
    names: NameBook,
    scores: ScoreBook,
    tags: Mapping[int, Sequence[str]],
    *,
    settled: bool,
) -> dict[str, str]:
    """The empty and constant columns by key, with what they say in every row.

    A single row is left whole. Until the page is ``settled`` only what the rows themselves tell is
    judged: a column that is still being filled would go and come back.
    """
    if not arrangement.fold or len(rows) < 2:
        return {}
    keys = [key for key in arrangement.wanted[1:] if settled or record_of(key).need is Need.NOTHING]
    columns = [Column(key, "", _WIDE, arrangement.measure_of(key)) for key in keys]
    same: dict[str, str] = {}
    for row in rows:
        drawn = cells(row, columns, facts.get(row.run_id), names, scores=scores, tags=tags)
        texts = {column.key: cell.text for column, cell in zip(columns, drawn, strict=True)}
        if not same:
            same = texts
        elif texts != same:  # columns that differ are not looked at again
            columns = [column for column in columns if texts[column.key] == same[column.key]]
            same = {column.key: same[column.key] for column in columns}
            if not same:
                break
    return same
