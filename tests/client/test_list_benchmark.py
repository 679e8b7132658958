"""The measurement of RunV1API.list runs and reads the whole recorded page."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path


def measure(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", *arguments],
        capture_output=True,
        text=True,
        timeout=100,
        cwd=Path(__file__).parents[2],
        check=False,
    )


def test_the_time_of_a_list_is_measured_without_a_peer() -> None:
    done = measure("list", "--times", "1", "--turns", "1")
    assert done.returncode == 0, done.stderr
    assert re.match(r"runbrowser +-?\d+\.\d ms client time", done.stdout)
    assert "no ratio" in done.stdout


def test_a_measurement_that_does_not_exist_is_refused() -> None:
    done = measure("nothing")
    assert done.returncode == 2
    assert "usage: python -m benchmarks {list" in done.stderr
