"""Cuts V1's documents at its tags, with work that grows with the text and not with its square.

V1 pastes texts into its templates unescaped, so a closing tag may stand in a text as well. A text
goes on to the closing tag that markup follows, as it does wherever the template ends a text.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from runbrowser.client.call import Answer
from runbrowser.errors import AnswerError
from runbrowser.text import display

_BLANK = re.compile(r"\s*+")
_OPENING = re.compile(r"<oml:([a-z_]{1,40})(?: [^<>]{0,500})?(/?)>")
_DECLARATION = re.compile(r"[\ufeff\s]*+(?:<\?xml[^<>]{0,200}>\s*+)?")
_FOLLOWERS = ("<oml:", "</oml:", "<!--")


class Cut(NamedTuple):
    """The texts of equal elements, and what stood between them and could not be read."""

    pieces: list[str]
    unread: tuple[str, ...]


def begins(text: str, root: str) -> int:
    """Where the inside of the named root element begins; -1 when it is another document."""
    start = _end(_DECLARATION, text, 0)
    if not text.startswith(f"<oml:{root}", start):
        return -1
    after = start + len(root) + 5
    if text[after : after + 1] not in (" ", ">", "/"):
        return -1
    end = text.find(">", after)
    return end + 1 if end >= 0 else -1


def inside(answer: Answer, root: str) -> str:
    """What stands in the root element. Raises AnswerError for another document and for one that
    was cut off.
    """
    text = answer.text
    start = begins(text, root)
    if start < 0:
        raise AnswerError(
            f"The answer is no oml:{root} (it begins: {display(text[:400].strip(), 60)}). "
            "Check the server URL: V1 ends in /api/v1/xml/.",
            url=answer.url,
            status=answer.status,
        )
    rest = text.rstrip()
    if text[start - 2] == "/" and len(rest) == start:
        return ""
    end = len(rest) - len(root) - 7
    if end < start or not rest.endswith(f"</oml:{root}>"):
        raise AnswerError(
            f"The answer was cut off after {len(text):,} characters. Try again.",
            url=answer.url,
            status=answer.status,
        )
    return text[start:end]


def closing(text: str, name: str, start: int) -> int:
    """Where the text of an element ends that begins at ``start``: at its first closing tag that
    markup or the end follows; -1 when there is none.
    """
    tag = f"</oml:{name}>"
    end = text.find(tag, start)
    while end >= 0:
        after = _end(_BLANK, text, end + len(tag))
        if after == len(text) or text.startswith(_FOLLOWERS, after):
            return end
        end = text.find(tag, end + len(tag))
    return -1


def cut(text: str, element: str) -> Cut:
    """The inside of each such element that stands in a text, one beside the other."""
    pieces: list[str] = []
    unread: list[str] = []
    opening = f"<oml:{element}>"
    position = 0
    while True:
        start = text.find(opening, position)
        between = text[position : start if start >= 0 else len(text)].strip()
        if between:
            unread.append(between)
        if start < 0:
            break
        start += len(opening)
        end = closing(text, element, start)
        if end < 0:
            unread.append(text[start - len(opening) :].strip())
            break
        pieces.append(text[start:end])
        position = end + len(opening) + 1
    return Cut(pieces, tuple(unread))


def elements(text: str) -> tuple[dict[str, str], str]:
    """The elements at the beginning of a text by name, the first of each; and what is left over
    where no further element can be read.
    """
    found: dict[str, str] = {}
    position = _end(_BLANK, text, 0)
    while (opening := _OPENING.match(text, position)) is not None:
        name, start = opening[1], opening.end()
        if opening[2]:
            end, after = start, start
        else:
            end = closing(text, name, start)
            if end < 0:
                break
            after = end + len(name) + 7
        found.setdefault(name, text[start:end])
        position = _end(_BLANK, text, after)
        while text.startswith("<!--", position):
            comment = text.find("-->", position)
            if comment < 0:
                break
            position = _end(_BLANK, text, comment + 3)
    return found, text[position:]


def _end(pattern: re.Pattern[str], text: str, position: int) -> int:
    match = pattern.match(text, position)
    return match.end() if match else position
