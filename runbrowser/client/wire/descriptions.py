"""Reads V1's descriptions of flows, data sets and studies, without their parts."""

from __future__ import annotations

import html
import re
from typing import NamedTuple

from runbrowser.client.call import Answer
from runbrowser.client.wire.elements import cut, elements, inside

_PARTS = re.compile(r"<oml:(?:parameter|component|data|tasks|flows|setups|runs)>")
_LAST_PART = re.compile(r"</oml:(?:parameter|component)>")


class Description(NamedTuple):
    """The texts of a description by their element's name, unescaped, and its tags."""

    texts: dict[str, str]
    tags: tuple[str, ...] = ()


def read_description(answer: Answer, root: str) -> Description:
    """What a description tells of the thing itself; its parameters, components and lists of members
    are left out. Raises AnswerError for another document.
    """
    text = inside(answer, root)
    part = _PARTS.search(text)
    head = text if part is None else text[: part.start()]
    found, _ = elements(head)
    ends = [match.end() for match in _LAST_PART.finditer(text)]
    tail = text[ends[-1] :] if ends else text
    tags, _ = cut(tail, "tag")
    texts = {name: html.unescape(value).strip() for name, value in found.items()}
    return Description(
        {name: value for name, value in texts.items() if value},
        tuple(tag.strip() for tag in tags if tag.strip()),
    )
