"""``runbrowser matrix`` as a process."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from runbrowser.demo.launch import DemoProcess

from .conftest import Cli


def test_a_parquet_file_with_typed_columns(cli: Cli, demo: DemoProcess, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    target = tmp_path / "runs.parquet"
    done = cli(
        "matrix", "--server", demo.v1, "task:9101", "-o", str(target),
        "--measures", "predictive_accuracy,kappa",
    )  # fmt: skip
    assert done.code == 0 and not done.out, done.err
    assert "hyper-parameters, 2 measures" in done.err
    found = parquet.read_table(target)
    types = {field.name: str(field.type) for field in found.schema}
    assert types["run_id"] == "int64" and types["kappa"] == "double" and types["flow"] == "string"
    assert {"int64", "double", "bool", "string"} <= {
        kind for name, kind in types.items() if "." in name
    }
    listed = json.loads(
        cli("list", "--server", demo.v1, "--task", "9101", "--all", "--format", "json").out
    )
    assert sorted(row["run_id"] for row in listed) == found.column("run_id").to_pylist()


def test_csv_on_stdout_of_failed_runs(cli: Cli, demo: DemoProcess) -> None:
    done = cli("matrix", "--server", demo.v1, "--task", "9101", "--where", "state:failed",
               "--format", "csv")  # fmt: skip
    assert done.code == 0
    rows = list(csv.DictReader(done.out.splitlines()))
    assert rows and all(row["error_message"] and not row["predictive_accuracy"] for row in rows)


@pytest.mark.parametrize(
    "words, says",
    [(("stat:ok",), "stat"), (("state:ok",), "stands in no list"), (("flow~x",), "Only a mirror")],
)
def test_what_it_cannot_do_is_told(
    words: tuple[str, ...], says: str, cli: Cli, demo: DemoProcess
) -> None:
    done = cli("matrix", "--server", demo.v1, *words)
    assert done.code == 2 and says in done.err and "Traceback" not in done.err
