"""Reads ARFF line by line: the form of OpenML's prediction files (Weka's, and what others write).

Only what is asked for is kept, so that a file of any size takes no more memory than its longest
line. Keywords stand in any case; names and values may be quoted with ' or " and hold backslash
escapes; '?' is a missing value; '%' begins a comment. Values stand between commas or, as Weka
takes them too, between blanks and tabs; a line in braces ({0 1, 3 x}) is sparse: what it leaves out
is 0, or the first label.

Every step goes on from where the last one ended and no expression gives back what it has taken
(the quantifiers are possessive), so the time is that of the length of the file, whatever is in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Literal

from runbrowser.errors import RunbrowserError
from runbrowser.text import display

__all__ = ["MISSING", "ArffError", "ArffReader", "Attribute"]

MISSING = None
"""What a value that is missing ('?') is read as."""

LONGEST_LINE = 1_000_000
"""Bytes; a longer line of data counts as damaged, in the header it is refused."""

_MOST_ATTRIBUTES = 100_000
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_QUOTED = r"""'([^'\\]*+(?:\\.[^'\\]*+)*+)'|"([^"\\]*+(?:\\.[^"\\]*+)*+)\""""
# What stands between blanks or commas: a name, a label, a value where commas say nothing.
_WORD = re.compile(rf"""\s*+(?:{_QUOTED}|([^\s,{{}}'"%][^\s,{{}}]*+))""", re.DOTALL)
_VALUE = re.compile(rf"""[ \t]*+(?:{_QUOTED}|([^,'"]*+))[ \t]*+(,|\Z)""", re.DOTALL)
_BLANK_VALUE = re.compile(rf"""[ \t,]*+(?:{_QUOTED}|([^ \t,'"]++))(?=[ \t,]|\Z)""", re.DOTALL)
_SPARSE_VALUE = re.compile(
    rf"""\s*+(\d{{1,9}}+)[ \t]++(?:{_QUOTED}|([^\s,{{}}'"]++))\s*+([,}}])""", re.DOTALL
)
_ENDING = re.compile(r"\s*+([,}])?")
_NUMERIC = ("numeric", "real", "integer")
_BYTE_ORDER = (b"\xff\xfe", b"\xfe\xff")
_QUOTES = "quotes that do not match"

Row = list[str | None]


class ArffError(RunbrowserError):
    """The file is no ARFF that can be read; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """A column: its name, its kind, and for a nominal one its labels in order."""

    name: str
    kind: Literal["numeric", "nominal", "other"]
    labels: tuple[str, ...] = ()

    @property
    def absent(self) -> str | None:
        """The value of a row that leaves the column out, being sparse."""
        if self.kind == "numeric":
            return "0"
        return self.labels[0] if self.labels else MISSING


def _plain(quoted: str) -> str:
    return _ESCAPED.sub(lambda match: _ESCAPES.get(match[1], match[1]), quoted)


def _text(match: re.Match[str], first: int = 1) -> str | None:
    """The value that one of three groups holds: in ', in \", or plain, where '?' is none."""
    for group in (first, first + 1):
        if match[group] is not None:
            return _plain(match[group])
    plain = match[first + 2].rstrip()
    return MISSING if plain == "?" else plain


def _word(text: str, start: int = 0) -> tuple[str, int] | None:
    """The word or quoted text at a place, and where it ends."""
    match = _WORD.match(text, start)
    if match is None:
        return None
    word = match[3] if match[3] is not None else _text(match)
    return word or "", match.end()


class ArffReader:
    """The attributes of a file, and then its rows. ``line`` is the number of the last line read.

    Reading the header raises ArffError for a file that is none.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._too_long = False  # whether the last line was
        self.line = 0
        self.attributes = self._header()

    def _next(self) -> str | None:
        """The next line without its end and without NUL around it; None after the last one."""
        piece = self._stream.readline(LONGEST_LINE)
        if not piece:
            return None
        self.line += 1
        whole = piece.endswith(b"\n") or len(piece) < LONGEST_LINE
        self._too_long = not whole and bool(piece.strip(b"\0"))  # what a disk fills up with is none
        if not whole:
            while piece and not piece.endswith(b"\n"):
                piece = self._stream.readline(LONGEST_LINE)
            return ""
        if self.line == 1:
            if piece.startswith(_BYTE_ORDER):
                raise self._wrong("it is in UTF-16; ARFF is read as UTF-8")
            piece = piece.removeprefix(b"\xef\xbb\xbf")
        return piece.decode("utf-8", "surrogateescape").strip(" \t\r\n\f\v\0")

    def _wrong(self, why: str) -> ArffError:
        return ArffError(f"This is no ARFF that can be read: line {self.line:,}: {why}.")

    def _header(self) -> tuple[Attribute, ...]:
        attributes: list[Attribute] = []
        while (line := self._next()) is not None:
            if self._too_long:
                raise self._wrong(f"it is longer than {LONGEST_LINE:,} bytes")
            if not line or line.startswith("%"):
                continue
            keyword, _, rest = line.replace("\t", " ", 1).partition(" ")
            keyword = keyword.lower()
            if keyword == "@data":
                if not attributes:
                    raise self._wrong("@data comes before any @attribute")
                return tuple(attributes)
            if keyword == "@attribute":
                attributes.append(self._attribute(rest))
                if len(attributes) > _MOST_ATTRIBUTES:
                    raise self._wrong(f"it declares more than {_MOST_ATTRIBUTES:,} attributes")
            elif keyword != "@relation":
                raise self._wrong(f"{display(line, 40)!r} stands where @attribute or @data should")
        raise self._wrong("it ends before @data")

    def _attribute(self, rest: str) -> Attribute:
        named = _word(rest)
        if named is None:
            raise self._wrong("an attribute without a name")
        name, end = named
        kind = rest[end:].strip()
        if kind.startswith("{"):
            return Attribute(name, "nominal", self._labels(kind))
        word = kind.split(None, 1)[0].lower() if kind else ""
        if not word:
            raise self._wrong(f"attribute {display(name, 60)} has no type")
        return Attribute(name, "numeric" if word in _NUMERIC else "other")

    def _labels(self, text: str) -> tuple[str, ...]:
        """The labels in braces, between commas or blanks."""
        labels, place = [], 1
        while True:
            found = _word(text, place)
            if found is not None:
                labels.append(found[0])
                place = found[1]
            ending = _ENDING.match(text, place)
            sign = ending[1] if ending is not None else None
            if ending is None or (sign is None and (found is None or ending.end() == place)):
                raise self._wrong("the list of labels is not closed")
            place = ending.end()
            if sign == "}":
                return tuple(labels)

    def rows(self) -> Iterator[Row | str]:
        """The values of each line of data, as text or MISSING; for a damaged one, why it is."""
        wanted = len(self.attributes)
        absent: Row | None = None
        while (line := self._next()) is not None:
            if self._too_long:
                yield f"longer than {LONGEST_LINE:,} bytes"
            elif not line or line.startswith("%"):
                continue
            elif line.startswith("{"):
                absent = absent or [attribute.absent for attribute in self.attributes]
                yield _sparse_values(line, absent)
            else:
                yield _values(line, wanted)


def _values(line: str, wanted: int) -> Row | str:
    """The values between commas; between blanks, where commas do not make as many as there must
    be."""
    found = _between_commas(line)
    if found is not None and len(found) == wanted:
        return found
    loose = _between_blanks(line, wanted)
    if loose is not None:
        return loose
    if found is None:
        return _QUOTES
    return f"{len(found)} values where there are {wanted} columns"


def _between_commas(line: str) -> Row | None:
    """None where quotes do not match."""
    if "'" not in line and '"' not in line:
        return [MISSING if (v := value.strip()) == "?" else v for value in line.split(",")]
    found: Row = []
    place = 0
    while True:
        match = _VALUE.match(line, place)
        if match is None:
            return None
        found.append(_text(match))
        if not match[4]:
            return found
        place = match.end()


def _between_blanks(line: str, wanted: int) -> Row | None:
    """As many values as there must be; None where there are more or fewer."""
    found: Row = []
    place, end = 0, len(line.rstrip(" \t,"))
    while place < end:
        match = _BLANK_VALUE.match(line, place)
        if match is None or len(found) == wanted:
            return None
        found.append(_text(match))
        place = match.end()
    return found if len(found) == wanted else None


def _sparse_values(line: str, absent: Row) -> Row | str:
    """A line in braces; what may stand behind them is a weight, which says nothing here."""
    row = list(absent)
    if line[1:].lstrip().startswith("}"):
        return row
    place = 1
    while True:
        match = _SPARSE_VALUE.match(line, place)
        if match is None:
            return "sparse data that is not closed or not in pairs"
        column = int(match[1])
        if column >= len(row):
            return f"a value for column {column} where there are {len(row)}"
        row[column] = _text(match, 2)
        if match[5] == "}":
            return row
        place = match.end()
