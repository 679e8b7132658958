"""People's type checkers know the library: right programs pass, slips are found."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

import runbrowser

HERE = Path(__file__).parent
ROOT = Path(runbrowser.__file__).parents[1]
SLIPS = {
    number
    for number, line in enumerate((HERE / "slips.py").read_text().splitlines(), 1)
    if line.endswith("# slip")
}


def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in words], capture_output=True, text=True, cwd=ROOT, timeout=600
    )


def mypy(path: Path, cache: Path) -> subprocess.CompletedProcess[str]:
    options = ("--strict", "--follow-imports=silent", "--no-error-summary", "--config-file=")
    return run(sys.executable, "-m", "mypy", *options, f"--cache-dir={cache}", path)


@pytest.fixture(scope="module")
def mypy_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("mypy")
    return tmp_path_factory.mktemp("mypy")


@pytest.mark.timeout(900)  # mypy and pyright take minutes on a machine under load
def test_mypy_takes_a_users_program_and_finds_every_slip(mypy_cache: Path) -> None:
    done = mypy(HERE / "program.py", mypy_cache)
    assert (done.returncode, done.stdout) == (0, "")
    done = mypy(HERE / "slips.py", mypy_cache)
    found = {int(line) for line in re.findall(r"slips\.py:(\d+): error", done.stdout)}
    assert found == SLIPS, done.stdout


def pyright(names: Sequence[str], folder: Path) -> list[dict[str, object]]:
    for name in names:
        shutil.copy(HERE / name, folder)
    config = {
        "include": list(names),
        "extraPaths": [str(ROOT)],
        "typeCheckingMode": "strict",
        "pythonVersion": "3.11",
    }
    (folder / "pyrightconfig.json").write_text(json.dumps(config))
    done = run("pyright", "--outputjson", "--pythonpath", sys.executable, "-p", folder)
    told: list[dict[str, object]] = json.loads(done.stdout)["generalDiagnostics"]
    return told


@pytest.mark.timeout(900)  # mypy and pyright take minutes on a machine under load
def test_pyright_takes_a_users_program_and_finds_every_slip(tmp_path: Path) -> None:
    if shutil.which("pyright") is None or run("pyright", "--version").returncode:
        pytest.skip("pyright is not installed")
    told = pyright(["program.py", "slips.py"], tmp_path)
    in_program = [one for one in told if str(one["file"]).endswith("program.py")]
    assert in_program == []
    found = {
        one["range"]["start"]["line"] + 1  # type: ignore[index]
        for one in told
        if str(one["file"]).endswith("slips.py") and one["severity"] == "error"
    }
    assert found == SLIPS


def test_every_public_name_is_known_to_type_checkers() -> None:
    assert (ROOT / "runbrowser" / "py.typed").exists()
    tree = ast.parse(Path(runbrowser.__file__).read_text())
    known = {
        alias.asname: f"{node.module}"
        for branch in ast.walk(tree)
        if isinstance(branch, ast.If)
        for node in branch.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert sorted(known) == [name for name in runbrowser.__all__ if name != "__version__"]
    for name, home in known.items():
        assert getattr(runbrowser, name) is getattr(sys.modules[home], name)


def test_no_public_name_is_that_of_a_module_which_would_take_its_place() -> None:
    folder = Path(runbrowser.__file__).parent
    modules = {path.stem for path in folder.iterdir()}
    assert not modules & set(runbrowser.__all__)
