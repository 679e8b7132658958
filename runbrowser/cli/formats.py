"""Rows as a table, JSON, JSON lines, CSV or Parquet, written as they come."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any, Protocol

from runbrowser.cli.output import on_terminal, to_json
from runbrowser.errors import UsageError
from runbrowser.text import display

FORMATS = ("table", "json", "jsonl", "csv", "parquet")
Row = Sequence[Any]
Columns = dict[str, type]
"""Names of the columns in order with the kind of their values: int, float, bool or str."""


class Writer(Protocol):
    """Takes rows in pieces; :meth:`end` completes the document, also an empty one."""

    def rows(self, rows: Sequence[Row]) -> None:
        """More rows."""
        ...

    def end(self) -> None:
        """No more rows."""
        ...


def choose(format: str | None, path: Path | None) -> str:
    """The format asked for, else the one that the file's name ends in, else a table.

    Parquet needs a file and pyarrow; a UsageError says so before anything is asked of a server.
    """
    if format is None:
        suffix = path.suffix[1:].lower() if path is not None else ""
        format = suffix if suffix in FORMATS[1:] else "table"
    if format == "parquet":
        if path is None and on_terminal():
            raise UsageError("Parquet is not for a terminal; give -o FILE or another --format.")
        _pyarrow()
    return format


def writer(
    format: str, stream: IO[bytes], columns: Columns, as_table: Callable[[list[Row]], str]
) -> Writer:
    """A writer for one of FORMATS; ``as_table`` lays out all rows for the eye."""
    if format == "table":
        return _Table(stream, as_table)
    if format == "csv":
        return _Csv(stream, columns)
    if format == "parquet":
        return _Parquet(stream, columns)
    return _Json(stream, columns, lines=format == "jsonl")


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


class _Json:
    def __init__(self, stream: IO[bytes], columns: Columns, *, lines: bool) -> None:
        self._stream = stream
        self._names = tuple(columns)
        self._lines = lines
        self._begun = False

    def rows(self, rows: Sequence[Row]) -> None:
        texts = [to_json(dict(zip(self._names, row, strict=True))) for row in rows]
        if not texts:
            return
        if self._lines:
            text = "\n".join(texts) + "\n"
        else:
            text = (",\n " if self._begun else "[") + ",\n ".join(texts)
        self._begun = True
        self._stream.write(text.encode())

    def end(self) -> None:
        if not self._lines:
            self._stream.write(b"]\n" if self._begun else b"[]\n")


class _Csv:
    """Texts stand as the server has them; on a terminal what it would obey is made visible."""

    def __init__(self, stream: IO[bytes], columns: Columns) -> None:
        self._stream = stream
        self._names: Row | None = tuple(columns)
        self._shown = on_terminal()

    def _write(self, rows: Sequence[Row]) -> None:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(rows)
        self._stream.write(text.getvalue().encode("utf-8", "replace"))

    def rows(self, rows: Sequence[Row]) -> None:
        if self._names is not None:
            self._write([self._names])
            self._names = None
        if self._shown:
            rows = [[display(cell) if isinstance(cell, str) else cell for cell in r] for r in rows]
        self._write(rows)

    def end(self) -> None:
        self.rows([])


def _pyarrow() -> Any:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise UsageError(
            "Parquet needs pyarrow, which is not installed: pip install 'runbrowser[parquet]'."
        ) from None
    return pyarrow


class _Parquet:
    """Kept in Arrow's compact columns until the end: a Parquet file is one piece."""

    def __init__(self, stream: IO[bytes], columns: Columns) -> None:
        self._arrow = _pyarrow()
        self._stream = stream
        kinds = {int: "int64", float: "float64", bool: "bool_", str: "string"}
        self._schema = self._arrow.schema(
            [(name, getattr(self._arrow, kinds[kind])()) for name, kind in columns.items()]
        )
        self._batches: list[Any] = []

    def rows(self, rows: Sequence[Row]) -> None:
        if not rows:
            return
        columns = [
            self._arrow.array([_encodable(value) for value in column], kind)
            for column, kind in zip(zip(*rows, strict=True), self._schema.types, strict=True)
        ]
        self._batches.append(self._arrow.RecordBatch.from_arrays(columns, schema=self._schema))

    def end(self) -> None:
        whole = self._arrow.Table.from_batches(self._batches, self._schema)
        self._arrow.parquet.write_table(whole, self._stream)


def _encodable(value: Any) -> Any:
    if isinstance(value, str) and not value.isascii():
        return value.encode("utf-8", "replace").decode()
    return value
