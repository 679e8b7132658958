"""Run descriptions as they are uploaded: read, and held against the rules of V1's XSD.

Complaints are worded and numbered as libxml2 does it, since V1 hands its words to the uploader.
Source: openml.run.upload.xsd of the server.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

NAMESPACE = "http://openml.org/openml"
UNBOUNDED = -1


@dataclass
class Node:
    """One element. name: '{namespace}local'. line: where it starts, from 1."""

    name: str
    line: int
    attributes: dict[str, str]
    text: str = ""
    children: list["Node"] = field(default_factory=list)

    @property
    def local(self) -> str:
        """The name without its namespace."""
        return self.name.rpartition("}")[2]

    def all(self, local: str) -> list["Node"]:
        """The children with this name."""
        return [child for child in self.children if child.local == local]

    def value(self, local: str) -> str | None:
        """The text of the first child with this name, or None."""
        found = self.all(local)
        return found[0].text if found else None


class DescriptionError(Exception):
    """A description V1 does not take; its text is what V1 says about it."""


@dataclass(frozen=True)
class _Text:
    """A simple type: a pattern with its spelling in the XSD, and limits of length."""

    pattern: str
    expression: "re.Pattern[str]"
    longest: int
    shortest: int


def _latin(longest: int, shortest: int = 1) -> _Text:
    return _Text(r"\p{IsBasicLatin}*", re.compile("[\x00-\x7f]*\\Z"), longest, shortest)


def _casual(longest: int) -> _Text:
    pattern = r"([a-zA-Z0-9_\-\.,\(\):])+"
    return _Text(pattern, re.compile(pattern + r"\Z"), longest, 1)


_SYSTEM = r"([a-zA-Z0-9_\-\.])+"
_SYSTEM_128 = _Text(_SYSTEM, re.compile(_SYSTEM + r"\Z"), 128, 1)
_INTEGER, _DOUBLE, _ANY = "xs:integer", "xs:double", "xs:anyURI"
_NUMBERS = {
    _INTEGER: re.compile(r"\s*[+-]?\d+\s*\Z", re.ASCII),
    _DOUBLE: re.compile(r"\s*([+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?|-?INF|NaN)\s*\Z", re.ASCII),
    _ANY: re.compile("(?s).*"),
}


@dataclass(frozen=True)
class _Element:
    name: str
    type: "_Text | str | tuple[_Element, ...]"
    least: int = 0
    most: int = 1


_EVALUATION = (
    _Element("did", _INTEGER),
    _Element("name", _SYSTEM_128, 1),
    _Element("flow_id", _INTEGER),
    _Element("flow", _casual(1024)),
    _Element("label", _casual(1024)),
    _Element("value", _DOUBLE),
    _Element("stdev", _DOUBLE),
    _Element("array_data", _latin(128)),
    _Element("sample_size", _INTEGER),
)
_DATA = (
    _Element(
        "dataset",
        (
            _Element("did", _INTEGER, 1),
            _Element("name", _casual(128), 1),
            _Element("url", _ANY, 1),
        ),
        0,
        UNBOUNDED,
    ),
    _Element(
        "file",
        (
            _Element("did", _INTEGER, 1),
            _Element("file_id", _INTEGER, 1),
            _Element("name", _casual(128), 1),
            _Element("url", _ANY, 1),
        ),
        0,
        UNBOUNDED,
    ),
    _Element("evaluation", _EVALUATION, 0, UNBOUNDED),
)
_PARAMETER = (
    _Element("name", _casual(1024), 1),
    _Element("value", _latin(2048, 0), 1),
    _Element("component", _INTEGER),
)
_RUN = (
    _Element("run_id", _INTEGER),
    _Element("uploader", _INTEGER),
    _Element("uploader_name", _latin(128)),
    _Element("task_id", _INTEGER),
    _Element("task_type", _latin(128)),
    _Element("task_evaluation_measure", _latin(128)),
    _Element("flow_id", _INTEGER, 1),
    _Element("flow_name", _casual(1024)),
    _Element("setup_id", _INTEGER),
    _Element("setup_string", _latin(2048, 0)),
    _Element("error_message", _latin(128)),
    _Element("run_details", _casual(1024)),
    _Element("parameter_setting", _PARAMETER, 0, UNBOUNDED),
    _Element("tag", _SYSTEM_128, 0, UNBOUNDED),
    _Element("input_data", _DATA),
    _Element("output_data", _DATA),
)


def read_description(content: bytes) -> Node:
    """The root element of a description that V1 takes. Raises DescriptionError for any other."""
    root = _parse(content)
    complaints = list(_root_complaints(root))
    if complaints:
        raise DescriptionError(_not_valid(complaints))
    return root


def _not_valid(complaints: list[tuple[str, int, int]]) -> str:
    listed = (
        f"Error {text}\n on line {line} column {column}. " for text, line, column in complaints
    )
    return "XML does not correspond to XSD schema. " + "".join(listed)


def _parse(content: bytes) -> Node:
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    opened: list[Node] = []
    roots: list[Node] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        full = "{" + name if "}" in name else name
        node = Node(full, parser.CurrentLineNumber, attributes)
        (opened[-1].children if opened else roots).append(node)
        opened.append(node)

    def end(_: str) -> None:
        opened.pop()

    def text(data: str) -> None:
        if opened:
            opened[-1].text += data

    def refuse(*_: object) -> None:
        raise DescriptionError(_unreadable("Entities are not taken", 1, 1))

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = text
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        said = expat.ErrorString(error.code)
        unfinished = (expat.errors.XML_ERROR_NO_ELEMENTS, expat.errors.XML_ERROR_UNCLOSED_TOKEN)
        if opened and said in unfinished:
            said = f"Premature end of data in tag {opened[-1].local} line {opened[-1].line}"
        raise DescriptionError(_unreadable(said, error.lineno, error.offset + 1)) from error
    return roots[0]


def _unreadable(said: str, line: int, column: int) -> str:
    none = ("The document has no document element.", -1, 0)
    return f"{said}\n. " + _not_valid([(said, line, column), none])


def _root_complaints(root: Node) -> Iterator[tuple[str, int, int]]:
    if root.name != f"{{{NAMESPACE}}}run":
        message = "No matching global declaration available for the validation root."
        yield f"Element '{root.name}': {message}", root.line, 0
        return
    yield from _sequence_complaints(root, _RUN)


def _sequence_complaints(
    node: Node, elements: tuple[_Element, ...]
) -> Iterator[tuple[str, int, int]]:
    """What is wrong with a node's children, which must come in the order of `elements`."""
    position, count = 0, 0
    for child in node.children:
        found = position
        while found < len(elements) and child.name != f"{{{NAMESPACE}}}{elements[found].name}":
            found += 1
        passed = elements[position:found]
        seen = count if found == position else 0
        full = (
            found < len(elements)
            and elements[found].most not in (UNBOUNDED,)
            and (seen >= elements[found].most)
        )
        missing = [e for i, e in enumerate(passed) if e.least and not (i == 0 and count)]
        if found == len(elements) or full or missing:
            expected = _expected(elements, position, count)
            yield f"Element '{child.name}': This element is not expected.{expected}", child.line, 0
            return
        position, count = found, seen + 1
        yield from _complaints(child, elements[found])
    rest = elements[position + 1 :] if count else elements[position:]
    if any(element.least for element in rest):
        expected = _expected(elements, position, count)
        yield f"Element '{node.name}': Missing child element(s).{expected}", node.line, 0


def _expected(elements: tuple[_Element, ...], position: int, count: int) -> str:
    """The elements that could have come: up to the first that must."""
    names = []
    for index, element in enumerate(elements[position:]):
        if index == 0 and count and element.most != UNBOUNDED:
            continue
        names.append(f"{{{NAMESPACE}}}{element.name}")
        if element.least and not (index == 0 and count):
            break
    if not names:
        return ""
    return f" Expected is {'one of ' if len(names) > 1 else ''}( {', '.join(names)} )."


def _complaints(node: Node, element: _Element) -> Iterator[tuple[str, int, int]]:
    kind = element.type
    if isinstance(kind, tuple):
        yield from _sequence_complaints(node, kind)
        return
    said = _text_complaint(node.text, kind) if isinstance(kind, _Text) else None
    if isinstance(kind, str) and not _NUMBERS[kind].match(node.text):
        said = f"'{node.text}' is not a valid value of the atomic type '{kind}'."
    if said:
        yield f"Element '{node.name}': {said}", node.line, 0


def _text_complaint(text: str, kind: _Text) -> str | None:
    size = len(text)
    if size > kind.longest:
        return (
            f"[facet 'maxLength'] The value has a length of '{size}'; "
            f"this exceeds the allowed maximum length of '{kind.longest}'."
        )
    if size < kind.shortest:
        return (
            f"[facet 'minLength'] The value has a length of '{size}'; "
            f"this underruns the allowed minimum length of '{kind.shortest}'."
        )
    if not kind.expression.match(text):
        return (
            f"[facet 'pattern'] The value '{text}' is not accepted by the pattern '{kind.pattern}'."
        )
    return None
