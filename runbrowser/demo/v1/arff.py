"""ARFF files: what V1 finds wrong with an uploaded one, and what stands in one."""

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass

CHECKED_ROWS = 1000
_ATTRIBUTE = re.compile(r"@attribute\s+('(?:\\.|[^'])*'|\"(?:\\.|[^\"])*\"|\S+)\s+(.+)", re.I)
_NUMERIC_TYPES = ("numeric", "real", "integer")
_MISSING = "?"


@dataclass(frozen=True)
class Attribute:
    """One column. kind: 'nominal', 'numeric', 'string' or 'date'. values: of a nominal one."""

    name: str
    kind: str
    values: tuple[str, ...] = ()


def read_arff(content: bytes) -> tuple[list[Attribute], list[list[str]]]:
    """The columns and the dense rows of a file that `arff_error` finds nothing wrong with.

    Values are texts without their quotes; '?' is a missing one.
    """
    lines = [line.strip() for line in content.decode("utf-8", "replace").splitlines()]
    attributes: list[Attribute] = []
    for number, line in enumerate(lines):
        if line[:5].lower() == "@data":
            rows = (line for line in lines[number + 1 :] if line and line[0] not in "%{")
            return attributes, [[value.strip() for value in row] for row in _reader(rows)]
        found = _ATTRIBUTE.match(line)
        if found:
            attributes.append(_attribute(found[1], found[2]))
    return attributes, []


def _attribute(name: str, kind: str) -> Attribute:
    if name[0] in "'\"":
        name = re.sub(r"\\(.)", r"\1", name[1:-1])
    kind = kind.strip()
    if kind.startswith("{"):
        return Attribute(name, "nominal", tuple(v.strip() for v in _split(kind.strip("{}"))))
    word = kind.split(None, 1)[0].lower()
    return Attribute(name, "numeric" if word in _NUMERIC_TYPES else word)


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


def _reader(lines: Iterable[str]) -> Iterable[list[str]]:
    return csv.reader(lines, quotechar="'", skipinitialspace=True, escapechar="\\")


def _split(line: str) -> list[str]:
    return next(iter(_reader([line])), [])


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
