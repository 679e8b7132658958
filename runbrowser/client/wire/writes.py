"""Reads what V1 answers to publish, tag, untag and delete (PROTOCOL 5)."""

from __future__ import annotations

import re

from runbrowser.client.call import Answer
from runbrowser.errors import AnswerError
from runbrowser.text import display

# The root, and any elements with nothing but text that come first in it.
_BELOW_ROOT = r"\s*(?:<\?xml[^>]*\?>\s*)?<oml:\w+[^>]*>\s*(?:<oml:(\w+)>[^<]*</oml:\1>\s*)*?"


def _no(answer: Answer, wanted: str) -> AnswerError:
    start = display(answer.text.strip(), 80)
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
    for name in ("run_id", "id"):
        found = re.match(rf"{_BELOW_ROOT}<oml:{name}>\s*(\d{{1,18}})\s*</oml:{name}>", answer.text)
        if found:
            return int(found[2])
    raise _no(answer, "id of the new run")


def read_tags_after(answer: Answer, root: str) -> list[str]:
    """All tags that the run has now, in the server's order; legacy tags are taken verbatim.

    AnswerError when it is another document, or one that was cut off and lacks tags.
    """
    text = answer.text
    if not (re.match(rf"\s*<oml:{root}[ >]", text) and text.rstrip().endswith(f"</oml:{root}>")):
        raise _no(answer, "tags")
    return re.findall(r"<oml:tag>(.*?)</oml:tag>(?=\s*</?oml:)", text, re.DOTALL)


def read_deleted(answer: Answer) -> bool:
    """Whether the server says that the run was deleted."""
    return bool(re.match(r"\s*<oml:run_delete[ >]", answer.text))
