"""Reads ARFF line by line: the form of OpenML's prediction files (Weka's, and what others write).

Only what is asked for is kept, so that a file of any size takes no more memory than its longest
line. Keywords stand in any case; names and values may be quoted with ' or " and hold backslash
escapes; '?' is a missing value; '%' begins a comment. Sparse data ({0 1, 3 x}) is refused: no
prediction file has it.
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
_WORD = re.compile(
    r"""\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|([^\s,{}'"%][^\s,{}]*))""", re.DOTALL
)
_VALUE = re.compile(
    r"""[ \t]*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|([^,'"]*?))[ \t]*(,|\Z)""", re.DOTALL
)
_ENDING = re.compile(r"\s*([,}])")
_NUMERIC = ("numeric", "real", "integer")


class ArffError(RunbrowserError):
    """The file is no ARFF that can be read; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """A column: its name, its kind, and for a nominal one its labels in order."""

    name: str
    kind: Literal["numeric", "nominal", "other"]
    labels: tuple[str, ...] = ()


def _plain(quoted: str) -> str:
    return _ESCAPED.sub(lambda match: _ESCAPES.get(match[1], match[1]), quoted)


def _word(text: str, start: int = 0) -> tuple[str, int] | None:
    """The word or quoted text at a place, and where it ends."""
    match = _WORD.match(text, start)
    if match is None:
        return None
    if match[3] is not None:
        return match[3], match.end()
    return _plain(match[1] if match[1] is not None else match[2]), match.end()


class ArffReader:
    """The attributes of a file, and then its rows. ``line`` is the number of the last line read.

    Reading the header raises ArffError for a file that is none.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.line = 0
        self.attributes = self._header()

    def _next(self) -> str | None:
        """The next line without its end; None after the last, '\\0' for one that is too long."""
        piece = self._stream.readline(LONGEST_LINE)
        if not piece:
            return None
        self.line += 1
        if len(piece) == LONGEST_LINE and not piece.endswith(b"\n"):
            while piece and not piece.endswith(b"\n"):
                piece = self._stream.readline(LONGEST_LINE)
            return "\0"
        if self.line == 1:
            piece = piece.removeprefix(b"\xef\xbb\xbf")
        return piece.decode("utf-8", "surrogateescape").strip()

    def _wrong(self, why: str) -> ArffError:
        return ArffError(f"This is no ARFF that can be read: line {self.line:,}: {why}.")

    def _header(self) -> tuple[Attribute, ...]:
        attributes: list[Attribute] = []
        while (line := self._next()) is not None:
            if not line or line.startswith("%"):
                continue
            if line == "\0":
                raise self._wrong(f"it is longer than {LONGEST_LINE:,} bytes")
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
        labels, place = [], 1
        while True:
            found = _word(text, place)
            if found is not None:
                labels.append(found[0])
                place = found[1]
            ending = _ENDING.match(text, place)
            if ending is None:
                raise self._wrong("the list of labels is not closed")
            place = ending.end()
            if ending[1] == "}":
                return tuple(labels)

    def rows(self) -> Iterator[list[str | None] | str]:
        """The values of each line of data, as text or MISSING; for a damaged line, why it is one.

        Raises ArffError for sparse data.
        """
        wanted = len(self.attributes)
        while (line := self._next()) is not None:
            if not line or line.startswith("%"):
                continue
            if line == "\0":
                yield f"longer than {LONGEST_LINE:,} bytes"
            elif line.startswith("{"):
                raise self._wrong("its data is sparse, which prediction files are not")
            else:
                yield _values(line, wanted)


def _values(line: str, wanted: int) -> list[str | None] | str:
    if "'" not in line and '"' not in line:
        found = [MISSING if (v := value.strip()) == "?" else v for value in line.split(",")]
    else:
        found, place = [], 0
        while True:
            match = _VALUE.match(line, place)
            if match is None:
                return "quotes that do not match"
            if match[3] is not None:
                found.append(MISSING if match[3] == "?" else match[3])
            else:
                found.append(_plain(match[1] if match[1] is not None else match[2]))
            place = match.end()
            if not match[4]:
                break
    if len(found) != wanted:
        return f"{len(found)} values where there are {wanted} columns"
    return found
