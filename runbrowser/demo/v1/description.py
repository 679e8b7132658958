"""Descriptions as they are uploaded: read, and held against the schema of V1.

Complaints are those of libxml2, since V1 hands its words to the uploader.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from lxml import etree

__all__ = ["SCHEMA_NAME", "DescriptionError", "Node", "read_description", "read_xml", "schema_text"]

NAMESPACE = "http://openml.org/openml"
SCHEMA_NAME = "openml.run.upload"

_Complaint = tuple[str, int, int]  # text, line, column


class DescriptionError(Exception):
    """A description V1 does not take; its text is what V1 says about it."""


@dataclass(frozen=True)
class Node:
    """One element of a description."""

    element: etree._Element

    @property
    def local(self) -> str:
        """The name without its namespace."""
        return str(etree.QName(self.element).localname)

    @property
    def attributes(self) -> dict[str, str]:
        """Its attributes by name."""
        return {str(name): str(value) for name, value in self.element.attrib.items()}

    @property
    def text(self) -> str:
        """The text before its first child; '' for none."""
        return self.element.text or ""

    def all(self, local: str) -> list["Node"]:
        """The children with this name."""
        return [Node(child) for child in self.element.iterchildren(f"{{{NAMESPACE}}}{local}")]

    def value(self, local: str) -> str | None:
        """The text of the first child with this name, or None."""
        found = self.all(local)
        return found[0].text if found else None


def schema_text() -> bytes:
    """The schema of run descriptions, as the server hands it out."""
    return files("runbrowser.demo").joinpath(f"{SCHEMA_NAME}.xsd").read_bytes()


@cache
def _schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.XML(schema_text()))


def read_description(content: bytes) -> Node:
    """The root element of a run's description that V1 takes. Raises DescriptionError else."""
    root = read_xml(content)
    schema = _schema()
    if not schema.validate(root.element):
        log = [(entry.message, entry.line, entry.column) for entry in schema.error_log]
        raise DescriptionError(_not_valid(log))
    return root


def read_xml(content: bytes) -> Node:
    """The root element of a document without entities of its own. Raises DescriptionError else."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        first = next(iter(parser.error_log), None)
        said = (str(error), 1, 1) if first is None else (first.message, first.line, first.column)
        raise DescriptionError(_unreadable(*said)) from error
    declared = root.getroottree().docinfo.internalDTD
    if declared is not None and next(iter(declared.iterentities()), None) is not None:
        raise DescriptionError(_unreadable("Entities are not taken", 1, 1))
    return Node(root)


def _not_valid(complaints: Iterable[_Complaint]) -> str:
    listed = (
        f"Error {text}\n on line {line} column {column}. " for text, line, column in complaints
    )
    return "XML does not correspond to XSD schema. " + "".join(listed)


def _unreadable(said: str, line: int, column: int) -> str:
    none = ("The document has no document element.", -1, 0)
    return f"{said}\n. " + _not_valid([(said, line, column), none])
