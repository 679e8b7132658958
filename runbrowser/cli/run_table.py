"""Runs in columns, all of them or those of a view: which there are, and as a table for the eye."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from runbrowser.cli import output
from runbrowser.cli.formats import Columns, Row
from runbrowser.fields.values import TYPE_NAMES
from runbrowser.files.columns import RUN_COLUMNS
from runbrowser.models import RunRow
from runbrowser.text import display, first_line
from runbrowser.views.view import View

_HEADS = {"run_id": "run", "task_id": "task", "task_type_id": "type", "setup_id": "setup",
          "flow_id": "flow", "uploader": "uploader", "upload_time": "uploaded",
          "error_message": "error", "run_details": "details"}  # fmt: skip
_OF_VIEW = {"run_id": "run_id", "flow": "flow_id", "task": "task_id", "uploader": "uploader",
            "uploaded": "upload_time", "type": "task_type_id", "setup": "setup_id",
            "error": "error_message", "details": "run_details"}  # fmt: skip
_TYPES = {int(number): name for name, number in TYPE_NAMES.items()}


def columns_of(view: View) -> Columns:
    """The columns of a view that a list of runs has, in the view's order; the others are told."""
    if not view.arrangement.columns:
        return RUN_COLUMNS
    wanted = view.arrangement.wanted
    missing = [display(column, 60) for column in wanted if column not in _OF_VIEW]
    if missing:
        output.say(
            f"runbrowser: a list of runs does not tell {', '.join(missing)}; the browser does."
        )
    names = [_OF_VIEW[column] for column in wanted if column in _OF_VIEW]
    return {name: RUN_COLUMNS[name] for name in names}


def only(columns: Columns, rows: Sequence[RunRow]) -> Sequence[Row]:
    """The rows with these columns alone."""
    if columns is RUN_COLUMNS:
        return rows
    places = [list(RUN_COLUMNS).index(name) for name in columns]
    return [tuple(row[place] for place in places) for row in rows]


def run_table(columns: Columns, rows: Sequence[Row]) -> str:
    """Runs for the eye: one line each, of texts the first line. Where nothing was chosen the run
    details are left out, and the error is the last column.
    """
    names = list(columns)
    shown = [
        n for n, name in enumerate(names) if columns is not RUN_COLUMNS or name != "run_details"
    ]
    lines = [[_cell(names[n], row[n]) for n in shown] for row in rows]
    right = [
        at for at, n in enumerate(shown) if columns[names[n]] is int and names[n] != "task_type_id"
    ]
    failed: list[int] = []
    if "error_message" in names:
        place = names.index("error_message")
        failed = [n for n, row in enumerate(rows) if row[place]]
    return output.table([_HEADS[names[n]] for n in shown], lines, right=right, marked=failed)


def _cell(name: str, value: Any) -> Any:
    if name == "task_type_id":
        return _TYPES.get(value or 0, value)
    if name in ("error_message", "run_details"):
        return first_line(value or "")
    return value
