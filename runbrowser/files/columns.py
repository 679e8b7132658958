"""The columns of files, by what the rows are: the same in the browser and on the command line."""

from __future__ import annotations

from runbrowser.files.formats import Columns

RUN_COLUMNS: Columns = {
    "run_id": int,
    "task_id": int,
    "task_type_id": int,
    "setup_id": int,
    "flow_id": int,
    "uploader": int,
    "upload_time": str,
    "error_message": str,
    "run_details": str,
}
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
