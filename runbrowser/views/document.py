"""The text of a file of views, changed where views change: comments and blank lines stay."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, Comment, Table, Whitespace

from runbrowser.views import toml

_OF_ITS_OWN = re.compile(r".*\n\r?\n", re.DOTALL)  # up to the last blank line

Row = Mapping[str, Any]
"""A view as plain values by key, with its name under ``name``."""


@dataclass
class _Block:
    """One table of the file: the comments and blank lines before it, and itself."""

    lead: str
    table: Table

    @property
    def name(self) -> str:
        return str(self.table.get("name", "")).strip()

    @property
    def text(self) -> str:
        line = self.table.trivia
        return (
            f"{self.lead}{line.indent}[[view]]{line.comment_ws}{line.comment}{line.trail}"
            f"{self.table.as_string()}"
        )


def changed(text: str, rows: Sequence[Row], head: str, same: Callable[[Row, Row], bool]) -> str:
    """The text of a file with these views, and no others, in this order.

    ``text``: the file as it is, TOML of an array ``view``; a view keeps its table by its name, or
    by its place where it has a new one. ``head``: what a new file begins with. ``same``: whether
    two rows say the same in different ways; then the table stays as it was written.
    """
    fresh = head + toml.tables("view", rows)
    if not text.strip():
        return fresh
    written = _rewritten(text, rows, same)
    return written if written is not None and _holds(written, rows, same) else fresh


def _rewritten(text: str, rows: Sequence[Row], same: Callable[[Row, Row], bool]) -> str | None:
    """The text with the rows in it; None where its tables are written in another way."""
    try:
        found_blocks = _blocks(text)
    except (TOMLKitError, RecursionError, ValueError):
        return None
    if found_blocks is None:
        return None
    blocks, tail = found_blocks
    kept = _matched(blocks, rows)
    parts: list[str] = []
    left = ""  # what stood before views that are gone, and was not about them alone
    for block in blocks:
        if all(block is not other for other in kept.values()):
            own = _OF_ITS_OWN.match(block.lead)  # the lines right above a view go with it
            left = _after(left, own[0] if own else "")
        else:
            block.lead, left = _after(left, block.lead), ""
    for place, row in enumerate(rows):
        found = kept.get(place)
        if found is None:
            parts.append(toml.tables("view", [row]))
        else:
            if not same(found.table.unwrap(), row):
                _update(found.table, row)
            parts.append(found.text)
    tail = _after(left, tail)
    if not parts:
        return tail
    first_new = next((i for i in range(len(rows)) if i not in kept), len(rows))
    parts[first_new:first_new] = [tail] if tail else []
    return _joined(parts)


def _after(before: str, text: str) -> str:
    """Both, without two blank lines between them."""
    return before + text.lstrip("\r\n") if before else text


def _blocks(text: str) -> tuple[list[_Block], str] | None:
    """The tables, and what follows the last of them; None where they are no ``[[view]]``."""
    document = tomlkit.parse(text)
    blocks: list[_Block] = []
    lead = ""
    for key, item in document.body:
        if key is None:
            lead += item.as_string()
            continue
        if not isinstance(item, AoT):
            return None
        for table in item.body:
            blocks.append(_Block(lead, table))
            body, lead = table.value.body, ""
            while body and body[-1][0] is None and isinstance(body[-1][1], (Comment, Whitespace)):
                lead = body.pop()[1].as_string() + lead
    return blocks, lead


def _matched(blocks: Sequence[_Block], rows: Sequence[Row]) -> dict[int, _Block]:
    """The block of each row that has one, by the row's place: that of its name, else the one in
    its place whose name no row has any more.
    """
    names = {row["name"] for row in rows}
    by_name = {block.name: block for block in blocks}
    found = {i: by_name[row["name"]] for i, row in enumerate(rows) if row["name"] in by_name}
    if len(rows) == len(blocks):
        for place, block in enumerate(blocks):
            if place not in found and block.name not in names:
                found[place] = block
    return found


def _update(table: Table, row: Row) -> None:
    before = table.unwrap()
    for key in before.keys() - row.keys():
        del table[key]
    for key, thing in row.items():
        item = tomlkit.value(toml.value(thing))  # in our way of writing: nothing that is not seen
        if key not in table:
            table.add(key, item)
        elif before[key] != thing:
            table[key] = item


def _joined(parts: Sequence[str]) -> str:
    """One after the other, with a blank line before each table that has none."""
    text = ""
    for part in parts:
        if text and not text.endswith("\n"):
            text += "\n"
        if text and part.startswith("[[") and not text.endswith(("\n\n", "\r\n\r\n")):
            text += "\n"
        text += part
    return text


def _holds(text: str, rows: Sequence[Row], same: Callable[[Row, Row], bool]) -> bool:
    """Whether the text can be read and says what the rows do."""
    try:
        tables = tomllib.loads(text).get("view", [])
    except (ValueError, RecursionError):
        return False
    return len(tables) == len(rows) and all(map(same, tables, rows))
