"""Imports go one way, and the heavy ones are made late."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import runbrowser

PACKAGE = Path(runbrowser.__file__).parent
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "styles" not in path.parts)


def _layers() -> tuple[tuple[str, ...], ...]:
    """The contract that import-linter checks too: from the top to the bottom, what stands in one
    line with ``|`` independent of each other, with ``:`` not.
    """
    told = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text(encoding="utf-8"))
    (contract,) = (c for c in told["tool"]["importlinter"]["contracts"] if c["type"] == "layers")
    return tuple(tuple(re.split(r" [|:] ", line)) for line in contract["layers"])


def _together() -> set[str]:
    """Packages that may import their neighbours in the same line."""
    told = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = told["tool"]["importlinter"]["contracts"]
    lines = [line for c in contracts if c["type"] == "layers" for line in c["layers"]]
    return {name for line in lines if " : " in line for name in line.split(" : ")}


LAYERS = _layers()
TOGETHER = _together()


def name_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def imports(path: Path) -> tuple[str, ...]:
    """Every module that a file imports anywhere; what is only for type checkers is left out."""
    return tuple(_imports(path))


def _imports(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for_types = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if node in for_types:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                package = name_of(path).split(".")
                keep = len(package) - node.level + (path.name == "__init__.py")
                base = ".".join([*package[:keep], *([base] if base else [])])
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def within(module: str, package: str) -> bool:
    return module == package or module.startswith(package + ".")


def layer(module: str) -> int | None:
    return next(
        (n for n, names in enumerate(LAYERS) if any(within(module, name) for name in names)), None
    )


def test_the_contract_names_the_packages_there_are() -> None:
    assert LAYERS[0] == ("runbrowser.__main__",)
    names = {name_of(path) for path in MODULES}
    assert {name for line in LAYERS for name in line} <= names


def test_every_module_is_looked_at() -> None:
    names = {name_of(path) for path in MODULES}
    assert {"runbrowser.cli.main", "runbrowser.client.http", "runbrowser.models"} <= names


def _upwards(path: Path) -> list[str]:
    """What a module imports that does not stand below it."""
    own = layer(name_of(path))
    if own is None:  # the package itself and the demo have rules of their own
        return []
    part = next(name for name in LAYERS[own] if within(name_of(path), name))
    found = []
    for module in imports(path):
        other = layer(module)
        if other is None or within(module, part) or (other == own and part in TOGETHER):
            continue
        if other <= own:
            found.append(module)
    return found


def test_a_module_imports_only_what_stands_below_it() -> None:
    assert {name_of(path): wrong for path in MODULES if (wrong := _upwards(path))} == {}


def test_textual_is_known_to_the_browser_alone() -> None:
    outside = [path for path in MODULES if not within(name_of(path), "runbrowser.tui")]
    knowing = {name_of(p) for p in outside if any(within(m, "textual") for m in imports(p))}
    assert outside
    assert knowing == set()


def test_the_demo_server_shares_nothing_with_the_client_it_proves() -> None:
    # Its engine and the browser mean the same by a measure: arithmetic, held against scikit-learn.
    allowed = ("runbrowser.demo", "runbrowser.triage.evaluate")
    for path in MODULES:
        if within(name_of(path), "runbrowser.demo"):
            for module in imports(path):
                if within(module, "runbrowser") and module != "runbrowser":
                    assert any(within(module, name) for name in allowed), name_of(path)


def test_modules_are_short() -> None:
    long = {name_of(p): n for p in MODULES if (n := p.read_text("utf-8").count("\n")) > 400}
    assert long == {}


HEAVY = ("pandas", "numpy", "duckdb", "pyarrow", "starlette", "uvicorn", "sklearn")


@pytest.mark.parametrize(
    "module",
    ["runbrowser", "runbrowser.cli.main", "runbrowser.client.http", "runbrowser.tui.app"],
)
def test_what_is_heavy_is_imported_when_it_is_used(module: str) -> None:
    told = f"import sys, {module}\nprint(*[m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", told], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.split() == []


def test_the_public_names_are_all_there() -> None:
    for name in runbrowser.__all__:
        assert getattr(runbrowser, name) is not None
