"""Which columns a list of runs has, and runs as a table for the eye."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click
from click.shell_completion import CompletionItem

from runbrowser.cli import output
from runbrowser.errors import UsageError
from runbrowser.fields.columns import COLUMNS, Kind, Need, RunColumn, column_of, record_of, split
from runbrowser.files.columns import Choice, listed
from runbrowser.files.formats import Row
from runbrowser.text import display, first_line
from runbrowser.views.view import View


def names() -> list[str]:
    """The names that --columns and --sort take; scores take a measure as well."""
    return [record.name for record in COLUMNS.values() if record.need is not Need.RUN]


NAMES = ("flow_name", "data_name", "uploader_name", "state", "score")
"""What --columns takes ``names`` for: who and what a run is, beside its ids."""


class ColumnNames(click.ParamType):  # type: ignore[type-arg]
    """One column or, with commas between, several; ``signed``: one, with or without a minus."""

    name = "column"

    def __init__(self, *, signed: bool = False) -> None:
        self.signed = signed

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The names with their columns, or the one column and whether it is turned round."""
        if self.signed:
            text = str(value).strip()
            return _column(text.removeprefix("-")), text.startswith("-")
        parts = [part.strip() for part in str(value).split(",") if part.strip()]
        if not parts:
            raise UsageError(f"--columns wants names: {', '.join(names())}.")
        every = [name for part in parts for name in (NAMES if part == "names" else (part,))]
        return {name: _column(name) for name in every}

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """The names that continue the last one."""
        head, _, last = incomplete.rpartition(",")
        before = f"{head}," if head else ""
        return [CompletionItem(f"{before}{name}") for name in names() if name.startswith(last)]


def _column(name: str) -> str:
    column = column_of(name)
    if column is None:
        raise UsageError(f"There is no column {display(name, 40)!r}: {', '.join(names())}.")
    return column


def of_view(view: View) -> Choice | None:
    """The columns of a view that a list of runs has, in the view's order; the others are told."""
    if not view.arrangement.columns:
        return None
    wanted = {column: _by_number(column) for column in view.arrangement.wanted}
    missing = [display(column, 60) for column, record in wanted.items() if record is None]
    if missing:
        output.say(
            f"runbrowser: a list of runs does not tell {', '.join(missing)} of itself; "
            "--columns asks for what you name."
        )
    return {record.name: record.key for record in wanted.values() if record is not None}


def _by_number(column: str) -> RunColumn | None:
    """What rows tell of a column: itself, or the id of what it names."""
    key, measure = split(column)
    if measure:
        return None
    numbers = (record for record in COLUMNS.values() if record.number_of == key and record.row)
    found = next(numbers, COLUMNS[key])
    return found if found.need is Need.NOTHING else None


def for_the_eye(choice: Choice | None) -> Choice:
    """The columns of a table: ids whose names rows tell are shown by name, a score whose measure
    may differ from row to row has it beside it, and where nothing was chosen the run details are
    left out and the error is the last.
    """
    shown: Choice = {}
    chosen = set((choice or {}).values())
    for name, column in (choice or listed()).items():
        record = record_of(column)
        if choice is None and record.row == "run_details":
            continue
        if column == "score" and "measure" not in chosen:
            shown["measure"] = "measure"
        told = record.number_of and COLUMNS[record.number_of].need is Need.NOTHING
        shown[name] = record.number_of if told else column
    return shown


def run_table(choice: Choice, rows: Sequence[Row]) -> str:
    """Runs for the eye: one line each, of texts the first line."""
    records = [(record_of(column), split(column)[1]) for column in choice.values()]
    keys = {record.key for record, _ in records}
    headings = [_heading(record, measure, keys) for record, measure in records]
    lines = [[_cell(record, value) for (record, _), value in zip(records, row, strict=True)]
             for row in rows]  # fmt: skip
    right = [at for at, (record, _) in enumerate(records) if record.right]
    errors = [at for at, (record, _) in enumerate(records) if record.kind is Kind.ERROR]
    failed = [n for n, row in enumerate(rows) if any(row[at] for at in errors)]
    return output.table(headings, lines, right=right, marked=failed)


def _heading(record: RunColumn, measure: str, keys: set[str]) -> str:
    if measure:
        from runbrowser.triage.measures import measure as known

        spread = "\u00b1 " if record.kind is Kind.SPREAD else ""
        return f"{spread}{known(measure).label}"
    if record.number_of and record.number_of not in keys:
        return COLUMNS[record.number_of].heading
    return record.heading


def _cell(record: RunColumn, value: Any) -> Any:
    if value is None:
        return None
    if record.kind in (Kind.ERROR, Kind.NOTE):
        return first_line(value)
    if record.kind is Kind.FLOW:
        from runbrowser.triage.flow_names import short_name

        return short_name(value)
    if record.kind in (Kind.SCORE, Kind.SPREAD):
        from runbrowser.triage.measures import value_text

        return value_text(value)
    return value
