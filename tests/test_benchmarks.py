"""The measurements run, and their table says what is over its budget."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from benchmarks.client import ONE_RUN, run_description
from benchmarks.rows import Row, table
from benchmarks.terminal import Terminal

ROOT = Path(__file__).parents[1]


def measure(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", *arguments],
        capture_output=True,
        text=True,
        timeout=100,
        cwd=ROOT,
        check=False,
    )


def test_the_client_is_measured_without_a_peer(tmp_path: Path) -> None:
    kept = tmp_path / "rows.json"
    done = measure("client", "--times", "1", "--turns", "1", "--json", str(kept))
    assert done.returncode in (0, 1), done.stderr  # how long it takes is no matter here
    rows = json.loads(kept.read_text("utf-8"))
    assert [row["unit"] for row in rows] == ["ms", "ms", "x"]
    assert all(row["what"] in done.stdout for row in rows)


def test_a_mirror_of_any_size_is_measured(tmp_path: Path) -> None:
    kept = tmp_path / "rows.json"
    done = measure("mirror", "--rows", "5000", "--pages", "5", "--json", str(kept))
    assert done.returncode in (0, 1), done.stderr  # how long it takes is no matter here
    rows = json.loads(kept.read_text("utf-8"))
    assert [row["what"] for row in rows if row["unit"] == "s"][1:] == [
        f"groups by {by}" for by in ("error", "flow", "task", "uploader")
    ]
    assert all(row["value"] > 0 for row in rows)


def test_a_group_that_does_not_exist_is_refused() -> None:
    done = measure("nothing")
    assert done.returncode == 2
    assert "there are startup, client, browser" in done.stderr


def test_the_table_marks_what_is_over_its_budget() -> None:
    rows = [Row("a", 1.5, "x", 1.2), Row("b", 700, "B", 700), Row("c", 3.25, "ms")]
    assert table(rows).splitlines()[2:] == [
        "| a | 1.50 x | 1.20 x | **over** |  |",
        "| b | 700 B | 700 B | met |  |",
        "| c | 3.2 ms |  |  |  |",
    ]


def test_the_run_that_is_read_is_as_large_as_it_is_said_to_be() -> None:
    assert ONE_RUN - 500 < len(run_description()) <= ONE_RUN


def test_a_text_is_seen_of_which_only_what_changed_was_drawn() -> None:
    script = r"printf 'runs, page 2 of\033[1;12H'; sleep 0.2; printf 3; exec sleep 60"
    with Terminal(["sh", "-c", script], env=dict(os.environ)) as terminal:
        terminal.show_until(", page 3 of")
    assert b", page 3" not in terminal.output
