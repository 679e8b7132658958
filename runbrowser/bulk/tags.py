"""Tags: which the server takes, and when two of them are one. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterable

from runbrowser.errors import UsageError
from runbrowser.text import display

LONGEST_TAG = 64
_TAG = re.compile(r"[A-Za-z0-9._-]{1,64}\Z")


def is_settable(tag: str) -> bool:
    """Whether today's rule lets somebody set this tag."""
    return _TAG.match(tag) is not None


def check_tag(text: str) -> str:
    """The tag, if today's server takes it: 1 to 64 of ``A-Z a-z 0-9 . _ -`` (codes 471, 477).

    UsageError says what is wrong, in words that may be shown while it is typed.
    """
    tag = text.strip()
    if not tag:
        raise UsageError("A tag has at least one character.")
    if tag == "0":
        raise UsageError("OpenML takes the tag 0 for none at all; choose another.")
    bad = dict.fromkeys(char for char in tag if not _TAG.match(char))
    if bad:
        named = " ".join("a blank" if char.isspace() else display(char) for char in bad)
        raise UsageError(f"A tag is made of A-Z a-z 0-9 . _ - only, not {display(named, 60)}.")
    if len(tag) > LONGEST_TAG:
        raise UsageError(f"A tag has at most {LONGEST_TAG} characters; this has {len(tag)}.")
    return tag


def check_old_tag(text: str) -> str:
    """A tag to be removed: tags older than today's rule may hold more characters.

    UsageError for what the server cannot be sent: nothing, or a quotation mark, on which it fails
    inside ("Writes" in docs/protocol.md).
    """
    if not text.strip() or text == "0":
        return check_tag(text)
    if '"' in text:
        raise UsageError("OpenML's server fails on tags with a quotation mark; ask its team.")
    return text


def found(tag: str, tags: Iterable[str] | None) -> str | None:
    """The tag as it is among others, which the server compares without capitals; None if it is
    not there, or they are not known.
    """
    folded = tag.casefold()
    same = [known for known in tags or () if known.casefold() == folded]
    return tag if tag in same else same[0] if same else None


def without(tag: str, tags: Iterable[str]) -> tuple[str, ...]:
    """The other tags."""
    return tuple(known for known in tags if known.casefold() != tag.casefold())
