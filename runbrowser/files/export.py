"""Runs as a file: which columns it has, how all runs that match are gathered, how it is written.

What is gathered from a server waits in a temporary file until it is complete: the scores met on
the way decide which columns there are, and memory stays small however many runs match.
"""

from __future__ import annotations

import asyncio
import pickle
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

from runbrowser.errors import RunbrowserError
from runbrowser.fields.columns import RunInfo
from runbrowser.files.columns import RUN_COLUMNS, Choice, types_of, values_of
from runbrowser.files.formats import Columns, Row, writer
from runbrowser.matrices.table import setting_columns
from runbrowser.models import RunFilter, RunRow
from runbrowser.openml.base import Facts, RunSource, Tally
from runbrowser.openml.scores import ScoreBook, Wish
from runbrowser.openml.setups import Setups, learn_setups
from runbrowser.paths import whole_file

PIECE = 1_000
"""Rows learned about, kept and written at a time."""

Detail = Literal["ids", "names", "parameters"]
"""How much a file of runs tells: ids alone, as ``run/list``; names and states as well; and a typed
column for each hyper-parameter.
"""

NAMES: Choice = {"flow_name": "flow", "data_name": "data", "uploader_name": "uploader"}
"""The names behind the ids of a run."""

STATE: Choice = {"state": "state"}

Scores = Mapping[str, float]
Told = Callable[[int, int], None]
"""Hears how many of the server's rows were looked at, and how many runs match so far."""


class FileIsThereError(RunbrowserError):
    """A file of that name exists, and nobody has said that it may be replaced."""


class StoppedError(RunbrowserError):
    """The export was stopped; nothing was written."""


def scores_of(
    row: RunRow,
    facts: Mapping[int, Facts],
    book: ScoreBook | None = None,
    measures: Sequence[str] = (),
) -> dict[str, float]:
    """The scores that are known of a run, by measure: the usual one, and those of ``measures``."""
    fact = facts.get(row.run_id)
    known = {}
    if fact is not None and fact.measure is not None and fact.score is not None:
        known[fact.measure] = fact.score
    for measure in measures if book is not None else ():
        value = book.value(row.run_id, measure, fact) if book is not None else None
        if value is not None:
            known[measure] = value
    return known


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is written: columns, and rows in pieces, which can be gone through once."""

    columns: Columns
    pieces: Iterable[Sequence[Row]]


def sheet_of(
    rows: Sequence[RunRow],
    facts: Mapping[int, Facts],
    book: ScoreBook | None = None,
    measures: Sequence[str] = (),
) -> Sheet:
    """Runs at hand, with a column for every measure of which a score is known."""
    scores = [scores_of(row, facts, book, measures) for row in rows]
    found = list(dict.fromkeys(name for known in scores for name in known))
    return Sheet(with_measures(found), _pieces(rows, scores, found))


def with_measures(measures: Iterable[str]) -> Columns:
    """The columns of runs and of measures; a measure takes the place of no other column."""
    named = (name if name not in RUN_COLUMNS else f"{name} (score)" for name in measures)
    return {**RUN_COLUMNS, **dict.fromkeys(named, float)}


def _pieces(
    rows: Sequence[RunRow], scores: Sequence[Scores], measures: Sequence[str]
) -> Iterator[list[Row]]:
    for start in range(0, len(rows), PIECE):
        part = zip(rows[start : start + PIECE], scores[start : start + PIECE], strict=True)
        yield [(*row, *map(known.get, measures)) for row, known in part]


def write(
    path: Path,
    format: str,
    sheet: Sheet,
    *,
    overwrite: bool = False,
    stop: threading.Event | None = None,
) -> int:
    """Writes a sheet, whole or not at all (0600); the number of rows.

    Raises FileIsThereError unless ``overwrite``, StoppedError once ``stop`` is set, UsageError
    when the format's engine is missing, and OSError.
    """
    if path.is_dir():
        raise IsADirectoryError(0, "it is a folder")
    if path.exists() and not overwrite:
        raise FileIsThereError(f"{path} is there already.")
    count = 0
    with whole_file(path) as stream:
        out = writer(format, stream, sheet.columns)
        for piece in sheet.pieces:
            if stop is not None and stop.is_set():
                raise StoppedError("The export was stopped; nothing was written.")
            out.rows(piece)
            count += len(piece)
        out.end()
    return count


class Gathered(AbstractContextManager["Gathered"]):
    """Runs with what goes into a file, gathered piece by piece into a temporary file without a
    name. ``detail``: what stands beside the columns of ``run/list`` and the scores.
    """

    def __init__(self, detail: Detail = "ids") -> None:
        self._detail = detail
        self._setups: Setups = {}
        self._with_states = False
        self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed by the block
        self._measures: dict[str, None] = {}
        self.looked_at = 0
        self.unread = 0
        self.count = 0  # runs gathered so far

    def __exit__(self, *_: object) -> None:
        self._file.close()

    async def gather(
        self,
        source: RunSource,
        filter: RunFilter,
        *,
        scores: bool,
        measures: Sequence[str] = (),
        told: Told = lambda looked_at, found: None,
    ) -> None:
        """Walks over all runs; with ``scores`` also asks for the score of every run, and for those
        of ``measures``. ``told`` hears how far it has come.

        Whoever waits may be cancelled. Raises OpenMLServerError and its kinds.
        """
        tally = Tally()

        def on_progress(words: str) -> None:
            told(tally.looked_at, tally.found)

        async for piece in source.walk(filter, progress=on_progress, tally=tally):
            for start in range(0, len(piece), PIECE):
                rows = piece[start : start + PIECE]
                known: dict[int, Facts] = {}
                book = ScoreBook()
                if scores:
                    await source.learn(rows, known.update, names=False)
                    for measure in measures:
                        await book.learn(source, rows, Wish(measure), known)
                await self.add(source, rows, known if scores else None, book, measures)
                told(tally.looked_at, self.count)
        self.looked_at, self.unread = tally.looked_at, tally.unread

    async def add(
        self,
        source: RunSource,
        rows: Sequence[RunRow],
        facts: Mapping[int, Facts] | None,
        book: ScoreBook | None = None,
        measures: Sequence[str] = (),
    ) -> None:
        """Rows of which the states and scores are known, None where they are not wanted; names and
        hyper-parameters are asked for, where they are. Raises OpenMLServerError and its kinds.
        """
        if self._detail != "ids":
            await source.learn(rows, lambda told: None, states=False)
        if self._detail == "parameters":
            await learn_setups(source.http, rows, self._setups)
        self._with_states |= facts is not None
        known = facts or {}
        scores = [scores_of(row, known, book, measures) for row in rows]
        infos = [RunInfo(row, known.get(row.run_id), source.names) for row in rows]
        named = values_of(infos, self._names())
        await asyncio.to_thread(self._keep, rows, named, scores)

    def _names(self) -> Choice:
        if self._detail == "ids":
            return {}
        return NAMES | STATE if self._with_states else NAMES

    def _keep(self, rows: Sequence[RunRow], named: Sequence[Row], scores: Sequence[Scores]) -> None:
        self.count += len(rows)
        for of_run in scores:
            self._measures.update(dict.fromkeys(of_run))
        kept = [(*row, *more) for row, more in zip(rows, named, strict=True)]
        pickle.dump((kept, list(scores)), self._file)

    def sheet(self) -> Sheet:
        """What was gathered."""
        measures = list(self._measures)
        columns = {**with_measures(()), **types_of(self._names())}
        named = with_measures(measures)
        columns |= {name: kind for name, kind in named.items() if name not in columns}
        types, settings = setting_columns(self._setups)
        columns |= types
        none = (None,) * len(types)
        setup = list(RUN_COLUMNS).index("setup_id")

        def pieces() -> Iterator[list[Row]]:
            self._file.seek(0)
            while True:
                try:
                    rows, scores = pickle.load(self._file)  # noqa: S301 - written above by us
                except EOFError:
                    return
                yield [
                    (*row, *map(known.get, measures), *settings.get(row[setup], none))
                    for row, known in zip(rows, scores, strict=True)
                ]

        return Sheet(columns, pieces())
