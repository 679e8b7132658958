"""Rows as CSV, JSON, JSON lines, Parquet or Markdown, written as they come.

The browser and the command line write the same files. Texts stand in them as the server has them,
with two exceptions, both for what strangers wrote and a program would obey:

- CSV: a text that begins with ``= + - @``, a tab or a line break gets an apostrophe before it,
  since spreadsheets would calculate it (OWASP, "CSV injection"). The other formats keep it whole.
- Markdown: it is for reading, so a text is one line, and its markup is escaped.
"""

from __future__ import annotations

import csv
import importlib.util
from collections.abc import Iterable, Sequence
from pathlib import PurePath
from typing import IO, Any, Protocol

from runbrowser.errors import UsageError
from runbrowser.text import cells, display, markdown, no_formula, to_json

SUFFIXES = {
    "csv": ".csv",
    "json": ".json",
    "jsonl": ".jsonl",
    "parquet": ".parquet",
    "markdown": ".md",
}
"""The formats, each with the end of its files' names."""

Row = Sequence[Any]
Columns = dict[str, type]
"""Names of the columns in order with the kind of their values: int, float, bool or str."""

_GROUP = 10_000  # rows of a Parquet row group: few enough to hold, many enough to pack well
_WIDEST = 48  # cells to which Markdown's columns are aligned


class Writer(Protocol):
    """Takes rows in pieces; :meth:`end` completes the document, also an empty one."""

    def rows(self, rows: Sequence[Row]) -> None:
        """More rows."""
        ...

    def end(self) -> None:
        """No more rows."""
        ...


def writer(format: str, stream: IO[bytes], columns: Columns, *, shown: bool = False) -> Writer:
    """A writer for one of SUFFIXES; ``shown``: the stream is a terminal, which obeys texts.

    Raises UsageError when Parquet is asked for and pyarrow is not installed.
    """
    if format == "csv":
        return _Csv(stream, columns, shown=shown)
    if format == "parquet":
        return _Parquet(stream, columns)
    if format == "markdown":
        return _Markdown(stream, columns)
    return _Json(stream, columns, lines=format == "jsonl")


def format_of(name: str) -> str | None:
    """The format that a file's name ends in; None when it ends in none."""
    suffix = PurePath(name).suffix.lower()
    return next((format for format, known in SUFFIXES.items() if known == suffix), None)


def has_pyarrow() -> bool:
    """Whether the engine of Parquet is installed, without importing it."""
    return importlib.util.find_spec("pyarrow") is not None


def pyarrow() -> Any:
    """The engine of Parquet, imported on use; a UsageError says how to get it."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise UsageError(
            "Parquet needs pyarrow, which is not installed: pip install 'runbrowser[parquet]'."
        ) from None
    return pyarrow


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


def csv_text(rows: Iterable[Row]) -> str:
    """Rows as lines of CSV. Texts stand in them as they are: who calls has made them harmless."""
    lines = _Lines()
    # with the terminator CR LF a lone CR in a text is quoted too, as some readers need it
    csv.writer(lines, lineterminator="\r\n").writerows(rows)
    return "".join(lines.texts)


def _harmless(cell: Any) -> Any:
    return no_formula(cell) if isinstance(cell, str) else cell


class _Lines:
    """Takes the lines of a csv.writer, which writes each in one go, with an end of LF alone."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def write(self, line: str) -> None:
        self.texts.append(f"{line[:-2]}\n")


class _Csv:
    def __init__(self, stream: IO[bytes], columns: Columns, *, shown: bool) -> None:
        self._stream = stream
        self._names: Row | None = tuple(columns)
        self._shown = shown

    def _write(self, rows: Sequence[Row]) -> None:
        self._stream.write(csv_text(rows).encode("utf-8", "replace"))

    def rows(self, rows: Sequence[Row]) -> None:
        if self._names is not None:
            self._write([self._names])
            self._names = None
        rows = [list(map(_harmless, row)) for row in rows]
        if self._shown:
            rows = [[display(cell) if isinstance(cell, str) else cell for cell in r] for r in rows]
        self._write(rows)

    def end(self) -> None:
        self.rows([])


class _Markdown:
    """Columns are aligned by the rows that come first; later ones may stand out."""

    def __init__(self, stream: IO[bytes], columns: Columns) -> None:
        self._stream = stream
        self._names = tuple(columns)
        self._right = [kind in (int, float) for kind in columns.values()]
        self._widths: list[int] | None = None

    def _text(self, cell: Any) -> str:
        if not isinstance(cell, str):
            return "" if cell is None else str(cell)
        return markdown(cell)

    def _line(self, texts: Sequence[str], widths: Sequence[int]) -> str:
        parts = []
        for text, width, right in zip(texts, widths, self._right, strict=True):
            blanks = " " * (width - cells(text))
            parts.append(blanks + text if right else text + blanks)
        return f"| {' | '.join(parts)} |\n"

    def rows(self, rows: Sequence[Row]) -> None:
        lines = [list(map(self._text, row)) for row in rows]
        text = ""
        if self._widths is None:
            every = [list(self._names), *lines]
            self._widths = [
                max(3, min(_WIDEST, max(cells(line[i]) for line in every)))
                for i in range(len(self._names))
            ]
            text = self._line(self._names, self._widths)
            rules = [
                "-" * (width - 1) + (":" if right else "-")
                for width, right in zip(self._widths, self._right, strict=True)
            ]
            text += self._line(rules, self._widths)
        text += "".join(self._line(line, self._widths) for line in lines)
        self._stream.write(text.encode())

    def end(self) -> None:
        if self._widths is None:
            self.rows([])


class _Parquet:
    """Row groups are written as they fill, so that no more than one of them is held."""

    def __init__(self, stream: IO[bytes], columns: Columns) -> None:
        self._arrow = pyarrow()
        kinds = {int: "int64", float: "float64", bool: "bool_", str: "string"}
        self._schema = self._arrow.schema(
            [(name, getattr(self._arrow, kinds[kind])()) for name, kind in columns.items()]
        )
        self._file = self._arrow.parquet.ParquetWriter(stream, self._schema)
        self._waiting: list[Row] = []

    def rows(self, rows: Sequence[Row]) -> None:
        self._waiting += rows
        if len(self._waiting) >= _GROUP:
            self._write()

    def _write(self) -> None:
        columns = [
            self._arrow.array([_encodable(value) for value in column], kind)
            for column, kind in zip(
                zip(*self._waiting, strict=True), self._schema.types, strict=True
            )
        ]
        self._file.write_table(self._arrow.Table.from_arrays(columns, schema=self._schema))
        self._waiting = []

    def end(self) -> None:
        if self._waiting:
            self._write()
        self._file.close()


def _encodable(value: Any) -> Any:
    if isinstance(value, str) and not value.isascii():
        return value.encode("utf-8", "replace").decode()
    return value
