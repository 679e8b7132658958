"""Writes the kinds of values that views are made of as TOML; the standard library only reads it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

_BARE = re.compile(r"[A-Za-z0-9_-]+\Z")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def text(value: str) -> str:
    """A basic string. What cannot be seen is escaped, so that no text of a stranger that came into
    a filter does anything to the terminal of who looks into the file.
    """
    return '"' + "".join(map(_character, value)) + '"'


def _character(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    code = ord(char)
    if 0xD800 <= code <= 0xDFFF:  # half a character, which TOML cannot hold
        return "\\uFFFD"
    if char.isprintable():
        return char
    return f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"


def value(thing: Any) -> str:
    """A text, a flag, a number, or a list of such. Raises TypeError for anything else."""
    if isinstance(thing, bool):
        return "true" if thing else "false"
    if isinstance(thing, str):
        return text(thing)
    if isinstance(thing, int):
        return str(thing)
    if isinstance(thing, float):
        return repr(thing) if math.isfinite(thing) else f"{thing:+}".replace("+nan", "nan")
    if isinstance(thing, (list, tuple)):
        return "[" + ", ".join(map(value, thing)) + "]"
    raise TypeError(f"no value of a view: {type(thing).__name__}")


def tables(name: str, rows: Iterable[Mapping[str, Any]]) -> str:
    """Tables of one array, ``[[name]]`` before each."""
    parts = []
    for row in rows:
        lines = [f"[[{name}]]"]
        for key, thing in row.items():
            lines.append(f"{key if _BARE.match(key) else text(key)} = {value(thing)}")
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)
