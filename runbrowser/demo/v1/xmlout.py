"""Pieces shared by V1's templates: escaping, numbers, and XML turned into JSON."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html.entities import codepoint2name
from typing import Any, Generic, TypeVar
from xml.etree import ElementTree

from .reply import JSON, XML, Reply, encode, fatal

Row = TypeVar("Row")

NAMESPACE = 'xmlns:oml="http://openml.org/openml"'

_PHP_BLANKS = " \t\n\r\0\x0b"
_ENTITIES = {code: f"&{name};" for code, name in codepoint2name.items() if code > 127}
_SPECIAL = {
    ord(char): name
    for char, name in zip("&<>\"'", ("&amp;", "&lt;", "&gt;", "&quot;", "&#039;"), strict=True)
}


def special(text: Any) -> str:
    """PHP's htmlspecialchars: the five characters of XML; None is empty."""
    return "" if text is None else str(text).translate(_SPECIAL)


def entities(text: Any) -> str:
    """PHP's htmlentities: as `special`, and letters with a name in HTML 4 too."""
    return "" if text is None else str(text).translate(_SPECIAL).translate(_ENTITIES)


def plain(value: Any) -> str:
    """PHP's echo: as it is; None is empty."""
    return "" if value is None else str(value)


def number(value: float | int | None) -> str:
    """A double as MySQL prints it: shortest digits, whole numbers without a point."""
    if value is None:
        return ""
    value = float(value)
    if value == int(value) if abs(value) < 1e15 else False:
        return str(int(value))
    text = repr(value)
    mantissa, mark, exponent = text.partition("e")
    if not mark:
        return text
    if -15 <= int(exponent) < 0:
        digits = mantissa.lstrip("-").replace(".", "")
        sign = "-" if mantissa.startswith("-") else ""
        return f"{sign}0.{'0' * (-int(exponent) - 1)}{digits}"
    return f"{mantissa}e{int(exponent)}"


@dataclass(frozen=True)
class Document:
    """An answer that V1 has one template for: XML. As JSON it is converted."""

    xml: str
    status: int = 200

    def written(self, form: str) -> Reply:
        """The answer in a form, 'xml' or 'json'.

        XML that is not well-formed kills the conversion to JSON: an empty 500.
        """
        if form != "json":
            return Reply(self.status, XML, encode(self.xml))
        try:
            value = converted(self.xml)
        except ElementTree.ParseError:
            return fatal()
        return Reply(self.status, JSON, encode(php_json(value)))


@dataclass(frozen=True)
class Listing(Generic[Row]):
    """An answer that V1 has a template for in either form: rows between a head and a foot.

    xml, json: head, foot, and what writes one row.
    """

    rows: Sequence[Row]
    xml: tuple[str, str, Callable[[Row], str]]
    json: tuple[str, str, Callable[[Row], str]]

    def written(self, form: str) -> Reply:
        """The answer in a form, 'xml' or 'json'."""
        if form == "json":
            head, foot, write = self.json
            return Reply(200, JSON, encode(head + ",".join(map(write, self.rows)) + foot))
        head, foot, write = self.xml
        return Reply(200, XML, encode(head + "".join(map(write, self.rows)) + foot))


Answer = Document | Listing[Any] | Reply
"""What a call answers: written in the form that was asked for, or a page that has but one."""


def converted(document: str) -> dict[str, Any]:
    """XML as V1's JSON has it: texts, dicts, lists where a name comes more than once.

    Raises ParseError for a document that is not well-formed.
    """
    root = ElementTree.fromstring(encode(document))  # noqa: S314 our own text, no entities
    return {_name(root.tag): _converted(root)}


def php_json(value: Any) -> str:
    """JSON as PHP's json_encode writes it: no blanks, ASCII only, slashes escaped."""
    return json.dumps(value, separators=(",", ":")).replace("/", "\\/")


def _name(tag: str) -> str:
    return tag.rpartition("}")[2]


def _converted(element: ElementTree.Element) -> Any:
    """One element: text alone is a string, nothing is `[]`, else attributes, children, text."""
    result: dict[str, Any] = dict(element.attrib)
    repeated: set[str] = set()
    for child in element:
        name, value = _name(child.tag), _converted(child)
        if name not in result:
            result[name] = value
        elif name in repeated:
            result[name].append(value)
        else:
            repeated.add(name)
            result[name] = [result[name], value]
    text = "".join([element.text or "", *(child.tail or "" for child in element)])
    text = text.strip(_PHP_BLANKS)
    if not result:
        return text or []
    if text:
        result["value"] = text
    return result


def quote_array_strings(array: str) -> str:
    """array_data as V1's JSON has it: one flat list, what is not a number in quotes."""
    parts = re.sub(r"[\[\]]", "", array).split(",")
    return "[" + ",".join(part if is_numeric(part) else f'"{part.strip()}"' for part in parts) + "]"


_NUMERIC = re.compile(r"\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\s*\Z", re.ASCII)


def is_numeric(text: str) -> bool:
    """PHP's is_numeric."""
    return _NUMERIC.match(text) is not None


def truthy(text: str | None) -> bool:
    """PHP's truth of a string: None, '' and '0' are false."""
    return text not in (None, "", "0")
