"""A look into uploaded ARFF files: header and first rows, as far as V1 looks."""

import csv
import re
from collections.abc import Iterable

CHECKED_ROWS = 1000
_ATTRIBUTE = re.compile(r"@attribute\s+('(?:\\.|[^'])*'|\"(?:\\.|[^\"])*\"|\S+)\s+(.+)", re.I)
_NUMERIC_TYPES = ("numeric", "real", "integer")
_MISSING = "?"


def arff_error(content: bytes) -> str | None:
    """What is wrong with an ARFF file, with the number of the line; None for nothing.

    content: the file. Only its first thousand rows are looked at.
    """
    lines = content.decode("utf-8", "replace").splitlines()
    types: list[frozenset[str] | None] = []
    for number, line in enumerate((line.strip() for line in lines), 1):
        if not line or line.startswith("%"):
            continue
        keyword = line.split(None, 1)[0].lower()
        if keyword == "@data":
            return _rows_error(enumerate(lines[number:], number + 1), types)
        if keyword == "@attribute":
            found = _ATTRIBUTE.match(line)
            if found is None:
                return f"attribute without name or type (l.{number})"
            types.append(_nominal(found[2]))
        elif keyword != "@relation":
            return f"unexpected content in header (l.{number})"
    return "no @data section"


def _nominal(kind: str) -> frozenset[str] | None:
    """The values of a nominal attribute; empty for a numeric one; None for any other."""
    kind = kind.strip()
    if kind.startswith("{") and kind.endswith("}"):
        return frozenset(value.strip() for value in _split(kind[1:-1]))
    return frozenset() if kind.lower().startswith(_NUMERIC_TYPES) else None


def _split(line: str) -> list[str]:
    return next(csv.reader([line], quotechar="'", skipinitialspace=True, escapechar="\\"), [])


def _rows_error(rows: Iterable[tuple[int, str]], types: list[frozenset[str] | None]) -> str | None:
    checked = 0
    for number, raw in rows:
        line = raw.strip()
        if not line or line.startswith(("%", "{")):
            continue
        if checked == CHECKED_ROWS:
            break
        checked += 1
        values = [value.strip() for value in _split(line)]
        if len(values) != len(types):
            return f"{len(values)} values instead of {len(types)} (l.{number})"
        for value, kind in zip(values, types, strict=True):
            if value == _MISSING or kind is None:
                continue
            if kind and value.strip('"') not in kind:
                return f"value {value} is not of its attribute (l.{number})"
            if not kind and not _is_number(value):
                return f"value {value} is not numeric (l.{number})"
    return None


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True
