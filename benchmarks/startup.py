"""Commands that should be there at once: ``--version``, and a run that is kept on this machine."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.rows import Row
from runbrowser.demo.launch import start

VERSION_BUDGET = 0.10
GET_BUDGET = 0.25
_RUN = "900101"


def options(parser: argparse.ArgumentParser) -> None:
    """Nothing can be told."""


def measure(given: argparse.Namespace) -> list[Row]:
    """The least seconds of several starts."""
    with tempfile.TemporaryDirectory(prefix="runbrowser-bench-") as name, start() as demo:
        folder = Path(name)
        env = dict(os.environ, XDG_CONFIG_HOME=name)
        for kind in ("CONFIG", "CACHE", "STATE"):
            env[f"RUNBROWSER_{kind}_DIR"] = str(folder / kind.lower())
        get = ["--server", demo.v1, "get", _RUN]
        _seconds(get, env)  # keeps the run
        version = min(_seconds(["--version"], env) for _ in range(7))
        kept = min(_seconds(get, env) for _ in range(7))
    return [
        Row("`runbrowser --version`", version, "s", VERSION_BUDGET),
        Row("`runbrowser get`, a kept run", kept, "s", GET_BUDGET),
    ]


def _seconds(arguments: list[str], env: dict[str, str]) -> float:
    begun = time.perf_counter()
    command = [sys.executable, "-m", "runbrowser", *arguments]
    subprocess.run(command, env=env, check=True, capture_output=True, timeout=60)
    return time.perf_counter() - begun
