"""A mirror as Parquet files in folders, on this machine or in an object store: what leaves it.

DuckDB, pandas, Spark and Dask read such folders in place::

    SELECT year, count(*) FROM read_parquet('DIR/runs/*/*.parquet', hive_partitioning = true)

``runs`` are the view all_runs, in a folder for each year of upload; ``scores`` the values, in a
folder for each evaluation measure. ``export.json`` tells where they come from, and whether they are
complete.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from runbrowser.errors import RunbrowserError, UsageError
from runbrowser.mirror import schema
from runbrowser.mirror.reading import Mirror
from runbrowser.text import display

if TYPE_CHECKING:
    from pyarrow.fs import FileSystem

LABEL = "export.json"
"""The file beside the folders."""

_PARTS = {
    "runs": (
        "SELECT *, coalesce(year(upload_time)::VARCHAR, 'unknown') AS year FROM all_runs",
        "year",
    ),
    "scores": ("SELECT measure, run_id, value FROM all_scores", "measure"),
}
_ROWS = 100_000  # rows that are held at a time
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*)://")


def export(mirror: Mirror, target: str, environment: Mapping[str, str] = os.environ) -> int:
    """Writes the runs and scores of a mirror below ``target``: a folder, ``s3://BUCKET/FOLDER``
    (pyarrow's own S3, with the usual variables AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION
    and AWS_ENDPOINT_URL), or an address that fsspec knows. Gives the number of runs.

    An earlier export there is replaced; UsageError where anything else stands there,
    RunbrowserError where it cannot be written.
    """
    import pyarrow as pa
    import pyarrow.dataset as ds

    runs = mirror.sizes()["runs"]
    label = {
        "server": mirror.folder.server,
        "filter": mirror.filter_text,
        "synced_at": mirror.synced_at,
        "measures": mirror.measures(),
        "runs": runs,
        "schema": schema.SCHEMA_VERSION,
    }
    try:
        system, base = _open(target, environment)
        _clear(system, base, target)
        _write(system, base, {**label, "complete": False})
        for name, (sql, column) in _PARTS.items():
            with mirror.batches(sql, _ROWS) as batches:
                field = pa.schema([batches.schema.field(column)])
                ds.write_dataset(
                    batches,
                    f"{base}/{name}",
                    filesystem=system,
                    format="parquet",
                    partitioning=ds.partitioning(field, flavor="hive"),
                    basename_template="part-{i}.parquet",
                    existing_data_behavior="overwrite_or_ignore",
                )
        _write(system, base, {**label, "complete": True})
    except (OSError, pa.ArrowException) as error:
        raise RunbrowserError(
            f"The mirror could not be written to {display(target, 200)}: "
            f"{display(str(error), 300)}. What is there is not complete, as {LABEL} says; "
            "export again to the same place when that is mended."
        ) from None
    return runs


def _open(target: str, environment: Mapping[str, str]) -> tuple[FileSystem, str]:
    """The file system of an address, and the path in it."""
    from pyarrow import fs

    scheme = _SCHEME.match(target)
    if scheme is None:
        return fs.LocalFileSystem(), str(Path(target).absolute())
    path = target[scheme.end() :].rstrip("/")
    if not path:
        raise UsageError(f"Say where the export is to be: {scheme[0]}BUCKET/FOLDER.")
    if scheme[1] == "s3":
        endpoint = environment.get("AWS_ENDPOINT_URL_S3") or environment.get("AWS_ENDPOINT_URL")
        address = urlsplit(endpoint) if endpoint else None
        return fs.S3FileSystem(
            endpoint_override=address.netloc if address else None,
            scheme=address.scheme if address else "https",
            region=environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION"),
        ), path
    try:
        import fsspec
    except ImportError:
        raise UsageError(
            f"{display(scheme[1], 20)}:// needs fsspec: pip install fsspec, and what it asks for."
        ) from None
    try:
        return fs.PyFileSystem(fs.FSSpecHandler(fsspec.filesystem(scheme[1]))), path
    except (ValueError, ImportError) as error:
        raise UsageError(f"Nothing can be written there: {display(str(error), 300)}.") from None


def _clear(system: FileSystem, base: str, target: str) -> None:
    """Takes an earlier export away; anything else is left alone."""
    from pyarrow.fs import FileSelector

    found = system.get_file_info(FileSelector(base, allow_not_found=True))
    names = {info.base_name for info in found}
    if names and LABEL not in names:
        raise UsageError(
            f"{display(target, 200)} holds something else than an export: name a folder that is "
            "empty or not there yet."
        )
    system.create_dir(base, recursive=True)
    for name in _PARTS.keys() & names:
        system.delete_dir(f"{base}/{name}")


def _write(system: FileSystem, base: str, label: Mapping[str, Any]) -> None:
    with system.open_output_stream(f"{base}/{LABEL}") as stream:
        stream.write((json.dumps(label, indent=2) + "\n").encode())
