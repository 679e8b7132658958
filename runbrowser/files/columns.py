"""The columns of files, by what the rows are: the same in the browser and on the command line."""

from __future__ import annotations

from collections.abc import Iterable

from runbrowser.fields.columns import RunInfo, in_rows, record_of, split
from runbrowser.files.formats import Columns, Row

Choice = dict[str, str]
"""The columns of a file: each name in it, and the column of a table of runs that it is."""


def listed() -> Choice:
    """The columns that a list of runs has where nobody chose: those of ``run/list``."""
    return {record.name: record.key for record in in_rows()}


def types_of(choice: Choice) -> Columns:
    """The types of the values in chosen columns."""
    return {name: record_of(column).dtype for name, column in choice.items()}


def values_of(infos: Iterable[RunInfo], choice: Choice) -> list[Row]:
    """Rows of a file, with the values of chosen columns."""
    readers = [(record_of(column).value, split(column)[1]) for column in choice.values()]
    return [tuple([read(info, measure) for read, measure in readers]) for info in infos]


RUN_COLUMNS: Columns = types_of(listed())
"""The columns of runs, as ``run/list`` has them."""

EVALUATION_COLUMNS: Columns = {
    "run_id": int,
    "task_id": int,
    "setup_id": int,
    "flow_id": int,
    "flow_name": str,
    "uploader": int,
    "data_id": int,
    "data_name": str,
    "function": str,
    "upload_time": str,
    "value": float,
    "values": str,
    "array_data": str,
    "evaluation_engine_id": int,
}
"""The columns of evaluations, as ``evaluation/list`` has them."""
