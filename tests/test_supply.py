"""What users are given: dependencies with their oldest version, and packages without ballast."""

from __future__ import annotations

import re
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.sdist import SdistBuilder
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def test_every_dependency_names_its_oldest_version() -> None:
    extras = PROJECT["optional-dependencies"]
    users = [requirement for name in _USED for requirement in extras[name]]
    for requirement in [*PROJECT["dependencies"], *users]:
        assert re.fullmatch(r"[\w.-]+(\[[\w,]+\])?>=[\d.]+(,<[\d.]+)?", requirement), requirement


_USED = ("mirror", "demo", "parquet", "keyring", "socks", "minio")
"""Extras for users; the others are for those who work on the project."""


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """The names in the sdist and in the wheel, without the folder that an sdist begins with."""
    folder = str(tmp_path_factory.mktemp("packages"))
    (sources,) = SdistBuilder(str(ROOT)).build(directory=folder, versions=["standard"])
    (wheel,) = WheelBuilder(str(ROOT)).build(directory=folder, versions=["standard"])
    with tarfile.open(sources) as archive:
        inside = [name.partition("/")[2] for name in archive.getnames()]
    with zipfile.ZipFile(wheel) as zipped:
        return {"sdist": inside, "wheel": zipped.namelist()}


def test_packages_hold_the_program_and_nothing_of_its_tests(
    packages: dict[str, list[str]],
) -> None:
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "runbrowser").rglob("*.py")}
    for kind, names in packages.items():
        assert modules <= set(names), kind
        assert "runbrowser/py.typed" in names, kind
        ballast = [name for name in names if re.search(r"(^|/)(tests|__snapshots__)/", name)]
        assert not ballast, kind
        assert len(names) < 2 * len(modules), kind
    assert any(name.startswith("runbrowser/styles/") for name in packages["wheel"])
