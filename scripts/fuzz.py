#!/usr/bin/env python
"""Fuzzes the readers, guided by coverage: python scripts/fuzz.py TARGET... [--runs N].

Needs the extra ``fuzz`` (atheris) and the tests beside it, whose targets and recorded replies it
takes. An input that breaks a reader is written to ``crash-*`` in the current folder; put what it
shows into a test.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent


def fuzz(target: str, runs: int, seconds: int, corpora: Path | None) -> None:
    """Runs one target in this process, which ends with it; inputs that led further are kept in a
    folder of the target's below ``corpora``, and gone on with from there.
    """
    import atheris

    with atheris.instrument_imports(include=["runbrowser.client.wire", "runbrowser.triage"]):
        from tests.client.fuzzing import TARGETS, seeds

    if corpora is None:
        corpora = Path(tempfile.mkdtemp(prefix="runbrowser-fuzz-"))
    corpus = corpora / target
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds(target) if target != "predictions" else _files()):
        (corpus / f"seed-{number:04}").write_bytes(seed)
    options = [f"-runs={runs}", "-max_len=20000", "-timeout=20", "-rss_limit_mb=1500"]
    if seconds:
        options.append(f"-max_total_time={seconds}")
    atheris.Setup([sys.argv[0], str(corpus), *options], TARGETS[target])
    atheris.Fuzz()


def _files() -> list[bytes]:
    cases = (ROOT / "tests" / "data" / "cases").rglob("*.arff")
    return [path.read_bytes() for path in cases]


def main() -> int:
    """Runs the targets one after the other; the exit code says whether one broke."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="*", help="all readers unless named")
    parser.add_argument("--runs", type=int, default=1_000_000, help="inputs a target (1,000,000)")
    parser.add_argument("--seconds", type=int, default=0, help="at most so long a target")
    parser.add_argument("--corpus", type=Path, help="a folder to go on from, and to keep inputs in")
    parser.add_argument("--here", action="store_true", help="in this process")
    given = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    if given.here:
        fuzz(given.targets[0], given.runs, given.seconds, given.corpus)
    from tests.client.fuzzing import TARGETS

    broken = []
    for target in given.targets or TARGETS:
        command = [sys.executable, __file__, target, "--here", "--runs", str(given.runs)]
        command += ["--seconds", str(given.seconds)]
        command += ["--corpus", str(given.corpus.resolve())] if given.corpus else []
        done = subprocess.run(command, check=False)
        print(f"{target}: {'no input broke it' if done.returncode == 0 else 'BROKEN'}", flush=True)
        broken += [target] if done.returncode else []
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
