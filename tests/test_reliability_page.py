"""Every fault of docs/reliability.md: what is seen, what is guaranteed, a test that exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "reliability.md").read_text("utf-8")
ROWS = [
    [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
    for line in PAGE.splitlines()
    if line.startswith("| ") and not line.startswith("| fault |")
]
NAMED = sorted({name for row in ROWS for name in re.findall(r"`([^`]+)`", row[-1])})


def test_every_row_has_a_fault_what_is_seen_a_guarantee_and_a_test() -> None:
    assert len(ROWS) > 40
    for row in ROWS:
        assert len(row) == 4, row
        assert all(row), row
        assert re.search(r"`tests/[^`]+`", row[3]), f"no test is named: {row[0]}"


@pytest.mark.parametrize("name", NAMED)
def test_every_test_that_is_named_exists(name: str) -> None:
    path, _, function = name.partition("::")
    assert (ROOT / path).is_file(), f"{path}: from the root of the repository, and whole"
    if function:
        defined = re.findall(r"^(?:async )?def (\w+)\(", (ROOT / path).read_text("utf-8"), re.M)
        assert function in defined


def test_every_section_is_a_table() -> None:
    sections = re.split(r"(?m)^## ", PAGE)[1:]
    assert len(sections) > 5
    for section in sections:
        assert "| fault | what the user sees | what is guaranteed | the test |" in section
