"""pandas at the library's edge: DataFrames from light rows, made only when asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runbrowser.models import RunPage, TaskType

if TYPE_CHECKING:
    import pandas as pd

RUN_COLUMNS = (
    "run_id",
    "task_id",
    "setup_id",
    "flow_id",
    "uploader",
    "task_type",
    "upload_time",
    "error_message",
)


def run_frame(page: RunPage) -> pd.DataFrame:
    """A DataFrame with upstream's columns (FIELD 3.3), index run_id.

    Ids are int64, or Int64 where one is missing; ``task_type`` holds TaskType, or the number of a
    type that is newer than this client; ``error_message`` is '' where there is none.
    """
    import pandas as pd

    run_id, task_id, task_type_id, setup_id, flow_id, uploader, upload_time, error, _ = page.columns
    kinds = {number: TaskType.of(number) for number in set(task_type_id)}
    columns: dict[str, pd.Series] = {}
    for name, values in (
        ("run_id", run_id),
        ("task_id", task_id),
        ("setup_id", setup_id),
        ("flow_id", flow_id),
        ("uploader", uploader),
    ):
        kind = "Int64" if None in values else "int64"
        columns[name] = pd.Series(list(values), dtype=kind)
    columns["task_type"] = pd.Series([kinds[number] for number in task_type_id], dtype=object)
    columns["upload_time"] = pd.Series(list(upload_time), dtype=object)
    columns["error_message"] = pd.Series([text or "" for text in error], dtype=object)
    frame = pd.DataFrame(columns, columns=list(RUN_COLUMNS))
    frame.index = pd.Index(frame["run_id"], name="run_id")
    return frame
