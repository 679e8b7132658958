"""What the command line adds to the formats of :mod:`runbrowser.files.formats`: a table for the
eye, and the choice by option, file name or neither.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

from runbrowser.cli.output import on_terminal
from runbrowser.errors import UsageError
from runbrowser.files import formats
from runbrowser.files.formats import Columns, Row, Writer

__all__ = ["FORMATS", "Columns", "Row", "Writer", "choose", "writer"]

FORMATS = ("table", "json", "jsonl", "csv", "parquet", "markdown")


def choose(format: str | None, path: Path | None) -> str:
    """The format asked for, else the one that the file's name ends in, else a table.

    Parquet needs a file and pyarrow; a UsageError says so before anything is asked of a server.
    """
    if format is None:
        format = (formats.format_of(path.name) if path is not None else None) or "table"
    if format == "parquet":
        if path is None and on_terminal():
            raise UsageError("Parquet is not for a terminal; give -o FILE or another --format.")
        formats.pyarrow()
    return format


def writer(
    format: str, stream: IO[bytes], columns: Columns, as_table: Callable[[list[Row]], str]
) -> Writer:
    """A writer for one of FORMATS; ``as_table`` lays out all rows for the eye."""
    if format == "table":
        return _Table(stream, as_table)
    return formats.writer(format, stream, columns, shown=on_terminal())


class _Table:
    def __init__(self, stream: IO[bytes], as_table: Callable[[list[Row]], str]) -> None:
        self._stream = stream
        self._as_table = as_table
        self._rows: list[Row] = []

    def rows(self, rows: Sequence[Row]) -> None:
        self._rows += rows

    def end(self) -> None:
        # A terminal that is not UTF-8 gets '?' for what it lacks.
        import sys

        encoding = (getattr(sys.stdout, "encoding", None) or "utf-8") if on_terminal() else "utf-8"
        self._stream.write(self._as_table(self._rows).encode(encoding, "replace"))
