"""Tries the package on every Python that it promises, with the newest and the oldest dependencies.

    python scripts/try_versions.py [--only 3.12] [--lowest-only] [--tests PATH...] [--keep]

For each interpreter that is found (on the PATH or below ~/.pyenv) a fresh environment is made, the
package is installed with its test extra, imported, started and tested. The oldest dependencies are
those that pyproject.toml allows (``>=X`` becomes ``==X``), on the oldest Python. If pip-audit is
installed it looks at the newest environment for known faults; else the script says how to get it.
What could not be found is said. Exit code: 0 all went well, 1 something failed, 2 nothing tried.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PYTHONS = ("3.11", "3.12", "3.13")
LOWEST_EXTRAS = ("demo", "parquet", "minio", "keyring")
TESTS = (
    "tests/test_ids.py",
    "tests/test_models.py",
    "tests/test_config.py",
    "tests/test_text.py",
    "tests/fields",
    "tests/files",
    "tests/client/test_frames.py",
    "tests/client/test_library.py",
    "tests/client/test_resources.py",
    "tests/client/test_run_list.py",
    "tests/client/test_run_descriptions.py",
    "tests/cli/test_main.py",
    "tests/cli/test_list.py",
)
"""What is run unless other tests are named: some minutes on every version, no pictures."""


@dataclass(frozen=True)
class Outcome:
    """How one trial ended."""

    name: str
    words: str
    failed: bool = False


def interpreter(version: str) -> Path | None:
    """Where a Python of this version is that runs: a name on the PATH may be a mere promise."""
    homes = sorted((Path.home() / ".pyenv" / "versions").glob(f"{version}.*/bin/python"))
    on_path = shutil.which(f"python{version}")
    for path in [*([Path(on_path)] if on_path else []), *reversed(homes)]:
        asked = (path, "-c", "import sys; print('%d.%d' % sys.version_info[:2])")
        done = subprocess.run(asked, capture_output=True, text=True)
        if done.stdout.strip() == version:
            return path
    return None


def lowest() -> list[str]:
    """The oldest dependencies that are allowed, as requirements for pip."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *(one for name in LOWEST_EXTRAS for one in extras[name])]
    found = []
    for requirement in wanted:
        match = re.match(r"([\w.-]+(?:\[[\w,]+\])?)\s*>=\s*([\w.]+)", requirement)
        if match is None:
            sys.exit(f"{requirement}: no lowest version is named")
        found.append(f"{match[1]}=={match[2]}")
    return found


def run(words: Sequence[str | Path], what: str, **more: str) -> str:
    """Runs a command quietly; '' or the end of what it said."""
    print(f"  {what} ...", flush=True)
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [str(word) for word in words],
        cwd=ROOT,
        env=environ | more,
        capture_output=True,
        text=True,
        errors="replace",
    )
    if done.returncode == 0:
        return ""
    said = (done.stdout + done.stderr).strip().splitlines()[-25:]
    print("\n".join(f"    {line}" for line in said))
    return f"{what} failed: {said[-1] if said else done.returncode}"


def trial(
    name: str, python: Path, folder: Path, pinned: Sequence[str], tests: Sequence[str]
) -> Outcome:
    """Makes an environment, installs, imports, starts and tests."""
    print(f"{name} ({python})", flush=True)
    environment = folder / re.sub(r"\W", "-", name)
    inside = environment / "bin" / "python"
    pip = (inside, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    imports = "import runbrowser as r; [getattr(r, name) for name in r.__all__]"
    steps: list[tuple[str, Sequence[str | Path]]] = [
        ("environment", (python, "-m", "venv", environment)),
        ("install", (*pip, "--editable", ".[test]", *pinned)),
        ("dependencies agree", (inside, "-m", "pip", "check")),
        ("import of every public name", (inside, "-c", imports)),
        ("--version", (inside, "-m", "runbrowser", "--version")),
        ("the browser's import", (inside, "-c", "import runbrowser.tui.app")),
        ("tests", (inside, "-m", "pytest", "-n0", "-q", "-p", "no:cacheprovider", *tests)),
    ]
    for what, words in steps:
        problem = run(words, what)
        if problem:
            return Outcome(name, problem, failed=True)
    return Outcome(name, "all went well")


def audit(environment: Path) -> Outcome:
    """Known faults of what was installed, if pip-audit is there to tell."""
    if shutil.which("pip-audit") is None:
        how = "not asked: 'pip install pip-audit' makes this script look for known faults"
        return Outcome("pip-audit", how)
    inside = environment / "bin" / "python"
    listed = subprocess.run(
        [inside, "-m", "pip", "freeze", "--exclude-editable"], capture_output=True, text=True
    ).stdout
    requirements = environment / "requirements.txt"
    requirements.write_text(listed, encoding="utf-8")
    problem = run(("pip-audit", "--no-deps", "-r", requirements), "pip-audit")
    return Outcome("pip-audit", problem or "no known fault", failed=bool(problem))


def main() -> int:
    """Runs all trials and prints how each ended; the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", choices=PYTHONS, help="this Python alone")
    parser.add_argument("--lowest-only", action="store_true", help="the oldest dependencies alone")
    parser.add_argument("--tests", nargs="+", default=TESTS, help="the tests to run")
    parser.add_argument("--keep", action="store_true", help="leave the environments")
    options = parser.parse_args()
    outcomes: list[Outcome] = []
    folder = Path(tempfile.mkdtemp(prefix="runbrowser-versions-"))
    try:
        newest: Path | None = None
        for version in PYTHONS if options.only is None else (options.only,):
            python = interpreter(version)
            if python is None:
                outcomes.append(Outcome(f"Python {version}", "not found on this machine"))
                continue
            if version == PYTHONS[0] or options.only:
                name = f"Python {version}, oldest dependencies"
                outcomes.append(trial(name, python, folder, lowest(), options.tests))
            if not options.lowest_only:
                name = f"Python {version}"
                outcomes.append(trial(name, python, folder, (), options.tests))
                newest = folder / re.sub(r"\W", "-", name)
        if newest is not None:
            outcomes.append(audit(newest))
    finally:
        if options.keep:
            print(f"the environments are in {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    print()
    for outcome in outcomes:
        print(f"{outcome.name:<36}  {outcome.words}")
    tried = [outcome for outcome in outcomes if outcome.words.endswith("well") or outcome.failed]
    return 1 if any(outcome.failed for outcome in outcomes) else 0 if tried else 2


if __name__ == "__main__":
    sys.exit(main())
