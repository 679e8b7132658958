"""Checks a run's description and files before they are uploaded, as the server would.

The limits are those of V1's schema for uploads (openml.run.upload.xsd); the server
checks again, and more (that flow, task, parameters and measures exist).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple
from xml.parsers import expat

from runbrowser.text import display

NAMESPACE = "http://openml.org/openml"


class Problem(NamedTuple):
    """Something that the server would refuse: where, and in words what.

    ``line`` counts from 1, 0 stands for the whole; ``element`` is a name as it is written in the
    description, or the name of a file.
    """

    line: int
    element: str
    words: str

    def __str__(self) -> str:
        place = f"line {self.line}, " if self.line else ""
        return f"{place}{self.element}: {self.words}"


@dataclass(frozen=True, slots=True)
class _Rule:
    """What the text of an element may be: a count of characters, and which."""

    least: int
    most: int
    allowed: re.Pattern[str]
    said: str


def _latin(most: int, least: int = 1) -> _Rule:
    return _Rule(least, most, re.compile(r"[\x00-\x7f]*"), "plain ASCII characters")


def _casual(most: int) -> _Rule:
    return _Rule(1, most, re.compile(r"[A-Za-z0-9_.,():-]*"), "A-Z a-z 0-9 _ - . , ( ) : only")


_SYSTEM = _Rule(1, 128, re.compile(r"[A-Za-z0-9_.-]*"), "A-Z a-z 0-9 _ - . only")
_INTEGER = _Rule(1, 40, re.compile(r"\s*[+-]?[0-9]+\s*"), "a whole number")
_DOUBLE = _Rule(
    1, 400, re.compile(r"\s*([+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?|-?INF|NaN)\s*"),
    "a number",
)  # fmt: skip
_ANY = _Rule(0, 1 << 30, re.compile(r"(?s).*"), "an address")

# Element: (its rule or None for one that holds others, whether it is needed, whether it repeats).
# The order is the schema's, and elements must come in it.
_Shape = tuple[_Rule | None, bool, bool]
_DATA: dict[str, _Shape] = {
    "dataset": (None, False, True),
    "file": (None, False, True),
    "evaluation": (None, False, True),
}
_SHAPES: dict[str, dict[str, _Shape]] = {
    "run": {
        "run_id": (_INTEGER, False, False),
        "uploader": (_INTEGER, False, False),
        "uploader_name": (_latin(128), False, False),
        "task_id": (_INTEGER, False, False),
        "task_type": (_latin(128), False, False),
        "task_evaluation_measure": (_latin(128), False, False),
        "flow_id": (_INTEGER, True, False),
        "flow_name": (_casual(1024), False, False),
        "setup_id": (_INTEGER, False, False),
        "setup_string": (_latin(2048, 0), False, False),
        "error_message": (_latin(128), False, False),
        "run_details": (_casual(1024), False, False),
        "parameter_setting": (None, False, True),
        "tag": (_SYSTEM, False, True),
        "input_data": (None, False, False),
        "output_data": (None, False, False),
    },
    "parameter_setting": {
        "name": (_casual(1024), True, False),
        "value": (_latin(2048, 0), True, False),
        "component": (_INTEGER, False, False),
    },
    "input_data": _DATA,
    "output_data": _DATA,
    "dataset": {
        "did": (_INTEGER, True, False),
        "name": (_casual(128), True, False),
        "url": (_ANY, True, False),
    },
    "file": {
        "did": (_INTEGER, True, False),
        "file_id": (_INTEGER, True, False),
        "name": (_casual(128), True, False),
        "url": (_ANY, True, False),
    },
    "evaluation": {
        "did": (_INTEGER, False, False),
        "name": (_SYSTEM, True, False),
        "flow_id": (_INTEGER, False, False),
        "flow": (_casual(1024), False, False),
        "label": (_casual(1024), False, False),
        "value": (_DOUBLE, False, False),
        "stdev": (_DOUBLE, False, False),
        "array_data": (_latin(128), False, False),
        "sample_size": (_INTEGER, False, False),
    },
}
HEAD = 1_000_000
"""Bytes at the beginning of a file that are enough to check it."""

ERROR_MESSAGE_MOST, SETUP_STRING_MOST = 128, 2048
RUN_DETAILS_RULE = _casual(1024)


@dataclass(frozen=True, slots=True)
class Description:
    """A description that was read: its problems, and what the rest of an upload needs of it."""

    problems: tuple[Problem, ...]
    task_id: int | None = None
    flow_id: int | None = None
    error_message: str | None = None
    tags: tuple[str, ...] = ()


class _Open:
    """An element that is being read: what it holds so far."""

    def __init__(self, name: str, line: int) -> None:
        self.name = name
        self.line = line
        self.text = ""
        self.seen: list[str] = []


class _Checker:
    """Walks through a description once and collects what is wrong."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.values: dict[str, list[str]] = {}
        self._open: list[_Open | None] = []  # None: inside something unknown, told once
        self._parser = expat.ParserCreate(namespace_separator="}")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._parser.EntityDeclHandler = self._entity

    def read(self, content: bytes) -> None:
        try:
            self._parser.Parse(content, True)
        except expat.ExpatError as error:
            said = display(expat.ErrorString(error.code))
            self._say(error.lineno, "XML", f"{said} (column {error.offset + 1})")

    def _say(self, line: int, element: str, words: str) -> None:
        self.problems.append(Problem(line, display(element, 60), words))

    def _entity(self, *_: object) -> None:
        self._say(self._parser.CurrentLineNumber, "DOCTYPE", "entities are not taken")

    def _text(self, data: str) -> None:
        if self._open and (here := self._open[-1]) is not None:
            here.text += data

    def _start(self, full: str, attributes: dict[str, str]) -> None:
        line = self._parser.CurrentLineNumber
        namespace, _, name = full.rpartition("}")
        above = self._open[-1] if self._open else None
        if not self._open:
            if name != "run" or namespace != NAMESPACE:
                self._say(line, name, f"the root must be oml:run of {NAMESPACE}")
                self._open.append(None)
            else:
                self._open.append(_Open(name, line))
            return
        if above is None:
            self._open.append(None)
            return
        shape = _SHAPES.get(above.name, {})
        if namespace != NAMESPACE or name not in shape:
            where = f"has no place in {above.name}"
            self._say(
                line, name, where if namespace == NAMESPACE else f"{where}; its prefix is oml"
            )
            self._open.append(None)
            return
        self._check_place(above, name, line, shape)
        above.seen.append(name)
        self._open.append(_Open(name, line))

    def _check_place(self, above: _Open, name: str, line: int, shape: Mapping[str, _Shape]) -> None:
        order = list(shape)
        last = max((order.index(seen) for seen in above.seen), default=-1)
        if name in above.seen and not shape[name][2]:
            self._say(line, name, f"may be given once in {above.name}")
        elif order.index(name) < last:
            self._say(line, name, f"must come before {order[last]}")

    def _end(self, _: str) -> None:
        here = self._open.pop()
        if here is None:
            return
        inner = _SHAPES.get(here.name)
        above = self._open[-1] if self._open else None
        if inner is None and above is not None:
            rule = _SHAPES[above.name][here.name][0]
            if rule is not None:
                self._check_text(here, rule)
            if above.name == "run":
                self.values.setdefault(here.name, []).append(here.text)
            return
        for name, shape in (inner or {}).items():
            if shape[1] and name not in here.seen:
                self._say(here.line, here.name, f"lacks {name}")

    def _check_text(self, here: _Open, rule: _Rule) -> None:
        size = len(here.text)
        if rule.allowed.fullmatch(here.text) is None:
            numbers = rule in (_INTEGER, _DOUBLE)
            bad = (c for c in here.text if not rule.allowed.fullmatch(c))
            shown = repr(display(here.text if numbers else next(bad, here.text), 30))
            self._say(here.line, here.name, f"holds {shown}; the server takes {rule.said}")
        if size > rule.most:
            self._say(here.line, here.name, f"has {size:,} characters, at most {rule.most:,} fit")
        elif size < rule.least:
            self._say(here.line, here.name, "is empty")


def read_description(content: bytes) -> Description:
    """Reads a description and collects all that the server's schema would refuse (code 202)."""
    if not content.strip():
        return Description((Problem(0, "description", "the file is empty (code 201)"),))
    checker = _Checker()
    checker.read(content)
    if not checker.problems and "task_id" not in checker.values:
        checker.problems.append(Problem(1, "run", "lacks task_id (code 204)"))

    def first(name: str) -> str | None:
        return checker.values.get(name, [None])[0]

    return Description(
        tuple(checker.problems),
        _number(first("task_id")),
        _number(first("flow_id")),
        first("error_message"),
        tuple(checker.values.get("tag", ())),
    )


def _number(text: str | None) -> int | None:
    return int(text) if text and _INTEGER.allowed.fullmatch(text) and len(text) < 20 else None


def check_files(
    description: Description, files: Mapping[str, tuple[str, bytes]]
) -> Iterator[Problem]:
    """What is wrong with the files beside a description: name -> (file name, first bytes).

    Predictions are wanted unless the run failed; an ARFF must have a header and data (codes 206,
    207, 209).
    """
    if "predictions" not in files and not description.error_message:
        words = "missing; a run without error_message is published with its predictions"
        yield Problem(0, "predictions", words)
    for name, (filename, head) in files.items():
        suffix = filename.rpartition(".")[2].lower() if "." in filename else ""
        if not suffix:
            yield Problem(0, name, f"{display(filename, 60)} has no extension (code 206)")
        if not head:
            yield Problem(0, name, "is empty (code 207)")
        elif suffix == "arff":
            yield from _check_arff(name, head)


def _check_arff(name: str, head: bytes) -> Iterator[Problem]:
    lines = head.decode("utf-8", "replace").splitlines()
    for number, raw in enumerate(lines, 1):
        line = raw.strip().lower()
        if line.startswith("@data"):
            return
        if line and not line.startswith(("%", "@relation", "@attribute")):
            yield Problem(number, name, "is no ARFF: a header of @attribute lines, then @data")
            return
    if len(head) < HEAD:
        yield Problem(len(lines), name, "has no @data line (code 209)")
