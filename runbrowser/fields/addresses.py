"""Addresses of things on OpenML, as people copy them out of a web browser or a program."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit


class Address(NamedTuple):
    """What an address stands for: ``key`` as in the filter language, and its id."""

    key: str
    id: int


_KEYS = {
    "r": "run",
    "run": "run",
    "runs": "run",
    "t": "task",
    "task": "task",
    "tasks": "task",
    "f": "flow",
    "flow": "flow",
    "flows": "flow",
    "u": "uploader",
    "user": "uploader",
    "users": "uploader",
    "setup": "setup",
    "setups": "setup",
}
_LONGEST = 2_000  # characters; no address of OpenML comes near
_MOST_DIGITS = 12
_HOST = re.compile(r"(?:[A-Za-z0-9-]+\.)+[A-Za-z]+(?::[0-9]+)?/")
_API = re.compile(r"(?:.*/)?api(?:_new)?/v[0-9]+(?:/(?:xml|json))?/")


def looks_like_address(text: str) -> bool:
    """Whether a word is meant as an address, readable or not."""
    return len(text) <= _LONGEST and (
        text.lower().startswith(("http://", "https://")) or _HOST.match(text) is not None
    )


def read_address(text: str) -> Address | None:
    """The run, task, flow, setup or user that an address stands for; None for anything else.

    Read are pages of the web site (``https://www.openml.org/r/123``, ``/runs/123``,
    ``/search?type=run&id=123``) and addresses of the API (``/api/v1/xml/run/123``,
    ``/api/v1/json/task/59``), on any server, with or without ``https://``.
    """
    text = text.strip().strip("<>")
    if not looks_like_address(text):
        return None
    try:
        split = urlsplit(text if "://" in text else f"https://{text}")
    except ValueError:  # brackets that enclose no IPv6 address
        return None
    path = split.path
    api = _API.match(path)
    steps = [step for step in path[api.end() if api else 0 :].split("/") if step]
    if len(steps) >= 2:
        return _address(steps[0], steps[1])
    if steps == ["search"]:
        wanted = parse_qs(split.query)
        return _address(wanted.get("type", [""])[0], wanted.get("id", [""])[0])
    return None


def _address(kind: str, number: str) -> Address | None:
    key = _KEYS.get(kind.lower())
    if key is None or not (number.isascii() and number.isdecimal()):
        return None
    return Address(key, int(number)) if len(number) <= _MOST_DIGITS else None
