"""Writes the tables of the documentation that are made from the code.

``python scripts/docs.py`` writes them into their files; ``--check`` only tells which are old, and
ends with 1 if any is. A table stands between two comments that name it, see :func:`renewed`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from runbrowser.tui.actions import actions_of, by_group

ROOT = Path(__file__).parents[1]


def _code(text: str) -> str:
    return f"`{text}`"


def keys() -> Iterator[str]:
    """The keys of the main screen, a row for each group."""
    yield "| | |"
    yield "|---|---|"
    for group, actions in by_group(actions_of(("screen", "table", "app"))):
        told = [
            f"{' '.join(map(_code, action.shown_keys.split()))} {action.label}"
            for action in actions
            if action.keys
        ]
        yield f"| **{group}** | {' · '.join(told)} |"


TABLES: dict[tuple[str, str], Callable[[], Iterator[str]]] = {("README.md", "keys"): keys}
"""The tables by file and name."""


def renewed(file: str, text: str) -> str:
    """A file's text with its tables made anew. ValueError when it has no place for one."""
    for (where, name), make in TABLES.items():
        if where != file:
            continue
        begin, end = f"<!-- {name}: made by scripts/docs.py -->\n", f"<!-- /{name} -->"
        pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
        table = begin + "\n".join(make()) + f"\n{end}"
        text, count = pattern.subn(lambda _, table=table: table, text)  # type: ignore[misc]
        if count != 1:
            raise ValueError(f"{file} has {count} places for the table {name}, not one.")
    return text


def main() -> int:
    """Writes, or checks."""
    old = []
    for file in dict.fromkeys(where for where, _ in TABLES):
        path = ROOT / file
        text = path.read_text(encoding="utf-8")
        new = renewed(file, text)
        if new != text:
            old.append(file)
            if "--check" not in sys.argv[1:]:
                path.write_text(new, encoding="utf-8")
    print("\n".join(f"{file} was made anew" for file in old) or "all tables are of today")
    return 1 if old and "--check" in sys.argv[1:] else 0


if __name__ == "__main__":
    sys.exit(main())
