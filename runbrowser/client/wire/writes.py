"""Reads what V1 answers to publish, tag, untag and delete."""

from __future__ import annotations

import re

from runbrowser.client.call import Answer
from runbrowser.client.wire.elements import begins, cut, elements
from runbrowser.errors import AnswerError
from runbrowser.models import Rows
from runbrowser.text import display

_ROOT = re.compile(r"\s*+(?:<\?xml[^<>]{0,200}>\s*+)?<oml:\w{1,40}(?: [^<>]{0,500})?>")
_ID = re.compile(r"\s*+([0-9]{1,18})\s*+")


def _no(answer: Answer, wanted: str) -> AnswerError:
    start = display(answer.text[:400].strip(), 80)
    return AnswerError(
        f"The answer has no {wanted} (it begins: {start}). "
        "The action may have been done all the same; look at the run before trying again.",
        url=answer.url,
        status=answer.status,
    )


def read_published_id(answer: Answer) -> int:
    """The new run's id (``oml:run_id``, else ``oml:id``); AnswerError (a ValueError) if none.

    It stands right below the root: an id deeper in is that of another run, as in a list.
    """
    root = _ROOT.match(answer.text)
    found, _ = elements(answer.text[root.end() :]) if root is not None else ({}, "")
    for name in ("run_id", "id"):
        number = _ID.fullmatch(found.get(name, ""))
        if number is not None:
            return int(number[1])
    raise _no(answer, "id of the new run")


def read_tags_after(answer: Answer, root: str) -> Rows[str]:
    """All tags that the run has now, in the server's order; legacy tags are taken verbatim.

    AnswerError when it is another document, or one that was cut off and lacks tags.
    """
    text = answer.text.rstrip()
    start = begins(text, root)
    if start < 0 or not text.endswith(f"</oml:{root}>"):
        raise _no(answer, "tags")
    rest = text[start : len(text) - len(root) - 7]
    first = rest.find("<oml:tag>")
    tags, unread = cut(rest[first:], "tag") if first >= 0 else ([], ())
    return Rows(tags, unread=unread, notices=answer.notices)


def read_deleted(answer: Answer) -> bool:
    """Whether the server says that the run was deleted."""
    return begins(answer.text, "run_delete") >= 0
