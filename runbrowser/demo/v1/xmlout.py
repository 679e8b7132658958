"""Pieces shared by V1's templates: escaping, numbers, and XML turned into JSON."""

import json
import re
from html.entities import codepoint2name
from typing import Any
from xml.etree import ElementTree

from .reply import JSON, XML, Reply, encode, fatal

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


def xml_reply(document: str, status: int = 200) -> Reply:
    """`document` as an XML answer."""
    return Reply(status, XML, encode(document))


def json_reply(document: str, status: int = 200) -> Reply:
    """`document`, JSON or what V1's templates make of it, as an answer."""
    return Reply(status, JSON, encode(document))


def either(document: str, form: str, status: int = 200) -> Reply:
    """`document` as XML, or converted to JSON as V1 does where it has no JSON template.

    form: 'xml' or 'json'. XML that is not well-formed kills the conversion: an empty 500.
    """
    if form != "json":
        return xml_reply(document, status)
    try:
        value = converted(document)
    except ElementTree.ParseError:
        return fatal()
    return json_reply(php_json(value), status)


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
