"""Builds wheel and sdist, installs each in an environment of its own, and tries it there.

    python scripts/release.py [-o FOLDER] [--python PYTHON]

Nothing is uploaded. In each environment the command answers ``--version``, the demo lists runs, the
library reads one of them, and the manual page is printed; the browser's quick start is the same
command with a terminal. Ends with 1 at the first thing that is not so.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
import tomllib
import venv
from pathlib import Path

ROOT = Path(__file__).parents[1]

LIBRARY = """
import sys
from runbrowser import HTTPClient, RunV1API
from runbrowser.demo.launch import start

demo = start()
try:
    with HTTPClient(demo.v1) as http:
        frame = RunV1API(http).list(limit=5, offset=0, task=9101)
        assert len(frame), frame
        run = RunV1API(http).get(int(frame.index[0]))
        assert run.task_id == 9101, run
finally:
    demo.stop()
"""


def run(*command: str | Path, folder: Path) -> str:
    """What a command prints. Ends the program, with its words, when it fails."""
    done = subprocess.run(list(map(str, command)), cwd=folder, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout


def built(folder: Path) -> list[Path]:
    """The wheel and the sdist of this checkout, of the version that is set, and of no other."""
    run(sys.executable, "-m", "build", "--outdir", folder, ROOT, folder=ROOT)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found = sorted(folder.glob(f"runbrowser-{project['version']}*"))
    if [path.suffix for path in found] != [".whl", ".gz"]:
        sys.exit(f"A wheel and an sdist were to be built; there are {found}.")
    if f"## [{project['version']}]" not in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"):
        print(f"note: CHANGELOG.md has no section for {project['version']} yet")
    return found


def tried(package: Path, python: str) -> float:
    """Installs a package with the demo in a new environment, and uses it; the seconds it took."""
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if python == sys.executable:
            venv.create(folder / "venv", with_pip=True)
        else:
            run(python, "-m", "venv", folder / "venv", folder=folder)
        there = folder / "venv" / "bin"
        run(there / "pip", "install", f"{package.resolve()}[demo]", folder=folder)
        run(there / "runbrowser", "--version", folder=folder)
        rows = run(there / "runbrowser", "--demo", "list", "--limit", "5", folder=folder)
        if len(rows.splitlines()) < 3:  # a heading, and runs
            sys.exit(f"{package.name}: the demo lists no runs:\n{rows}")
        run(there / "python", "-c", LIBRARY, folder=folder)
        if ".TH RUNBROWSER" not in run(there / "runbrowser", "man", folder=folder):
            sys.exit(f"{package.name}: there is no manual page.")
    return time.monotonic() - begun


def main() -> None:
    """Builds and tries."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, default=ROOT / "dist", metavar="FOLDER")
    parser.add_argument("--python", default=sys.executable, help="of the environments")
    options = parser.parse_args()
    options.output.mkdir(exist_ok=True)
    for package in built(options.output):
        print(f"{package.name}: installed and tried in {tried(package, options.python):.0f} s")


if __name__ == "__main__":
    main()
