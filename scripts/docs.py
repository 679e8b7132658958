"""What the documentation has from the code: tables in its files, and whole pages of its site.

``python scripts/docs.py`` writes the tables into their files; ``--check`` only tells which are old,
and ends with 1 if any is. A table stands between two comments that name it, see :func:`renewed`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click

import runbrowser
from runbrowser.cli.main import cli
from runbrowser.fields.columns import COLUMNS, Need
from runbrowser.fields.filters import FIELDS
from runbrowser.fields.records import NOT
from runbrowser.tui.actions import actions_of, by_group
from runbrowser.tui.places import SCREENS

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


def columns() -> Iterator[str]:
    """The columns of a table of runs, by their names in files."""
    yield "| column | type | what it has |"
    yield "|---|---|---|"
    for record in COLUMNS.values():
        if record.need is not Need.RUN:
            yield f"| `{record.name}` | {record.dtype.__name__} | {record.docs} |"


def filters() -> Iterator[str]:
    """The fields of the filter language."""
    yield "| key | option of `list` | meaning |"
    yield "|---|---|---|"
    for record in FIELDS.values():
        if record.key.startswith(NOT):
            continue
        examples = " ".join(_code(example.replace("|", "\\|")) for example in record.examples)
        option = record.option
        names = [option.name, option.off] if option is not None else []
        options = " ".join(map(_code, filter(None, names)))
        yield f"| {examples} | {options} | {record.meaning} |"


TABLES: dict[tuple[str, str], Callable[[], Iterator[str]]] = {
    ("README.md", "keys"): keys,
    ("docs/command-line.md", "columns"): columns,
    ("docs/command-line.md", "filters"): filters,
}
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


# -- pages -------------------------------------------------------------------------------------


def keys_page() -> str:
    """All keys of all screens."""
    lines = ["# Keys", "", "`?` shows the keys of the screen one is on.", ""]
    for screen, places in SCREENS.items():
        shown = [action for action in actions_of(places) if action.keys]
        if screen != "main":
            shown = [action for action in shown if set(action.where) - {"app", "page"}]
        lines += [f"## {_HEADINGS[screen]}", "", "| keys | | what it does |", "|---|---|---|"]
        for _, actions in by_group(shown):
            for action in actions:
                names = " ".join(f"`{key}`" for key in action.shown_keys.split())
                lines.append(f"| {names} | {action.label} | {action.help} |")
        lines.append("")
    return "\n".join(lines)


_HEADINGS = {
    "main": "The runs",
    "groups": "Errors by what they say, by flow, by task",
    "leaderboard": "The best runs of a task",
    "trace": "The attempts of a search",
    "trash": "The trash",
    "compare": "A comparison",
    "suite": "Flows over tasks",
    "predictions": "Predictions",
    "subject": "What a flow, task, data set, uploader, study or tag is",
    "report": "What became of each run",
    "help": "Help",
    "choose": "A choice",
    "columns": "The choice of columns",
    "destroy": "Before something is destroyed",
    "field": "A line to be filled in",
    "tag": "A tag",
    "narrow": "A list that narrows while one types",
    "export": "Export",
    "publish": "Publish",
}


def commands_page() -> str:
    """The help of every command."""
    lines = ["# Commands", "", "What `--help` says of each.", ""]
    for words, command in _every(cli, ["runbrowser"]):
        # a command keeps the option of its help as it was asked for first
        context = click.Context(command, info_name=" ".join(words), **cli.context_settings)
        lines += [f"## {' '.join(words)}", "", "```text", command.get_help(context), "```", ""]
    return "\n".join(lines)


def _every(command: click.Command, words: list[str]) -> Iterator[tuple[list[str], click.Command]]:
    yield words, command
    if isinstance(command, click.Group):
        context = click.Context(command, info_name=words[-1])
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            if below is not None:
                yield from _every(below, [*words, name])


def reference_page() -> str:
    """The public names of the library, from their docstrings."""
    lines = ["# Reference", "", "What `import runbrowser` gives.", ""]
    for name in sorted(runbrowser.__all__, key=str.lower):
        if not name.startswith("_"):
            lines += [f"::: runbrowser.{name}", ""]
    return "\n".join(lines)


PAGES: dict[str, Callable[[], str]] = {
    "keys.md": keys_page,
    "commands.md": commands_page,
    "reference.md": reference_page,
}
"""Pages of the site that are in no file."""


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
