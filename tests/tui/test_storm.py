"""Keys at speed while the network breaks and servers send hostile documents."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
KEYS = 500  # two browsers


@pytest.mark.timeout(400)
def test_a_monkey_in_a_storm_leaves_nothing_behind(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    script = str(ROOT / "scripts" / "storm.py")
    done = subprocess.run(
        [sys.executable, script, "--keys", str(KEYS), "--seed", "4", "--log", str(log)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=380,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(log.read_text("utf-8"))
    assert told["keys"] >= KEYS
    assert told["faults"] > 5
    assert (told["tasks"], told["left"], told["unseen"]) == (0, [], [])
