"""What README.md and docs/ promise of the command line is so."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

from runbrowser import config
from runbrowser.cli.main import VERBS
from runbrowser.demo.launch import DemoProcess
from runbrowser.fields import filters

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def section(title: str) -> str:
    return re.split(r"^## ", README.split(f"\n## {title}\n")[1], flags=re.MULTILINE)[0]


def test_the_quick_start_is_two_commands_of_one_line_each() -> None:
    blocks = re.findall(r"^```sh\n(.*?)^```", section("Quick start"), re.DOTALL | re.MULTILINE)
    assert len(blocks) == 2
    for block, ending in zip(blocks, ("runbrowser --demo\n", "pytest\n"), strict=True):
        assert block.count("\n") == 1
        assert block.startswith("python3 -m venv .venv && .venv/bin/pip install ")
        assert block.endswith(ending)


def test_every_command_setting_and_filter_key_is_told() -> None:
    for verb in VERBS:
        assert f"runbrowser {verb}" in page("command-line.md"), verb
    for name in config.NAMES:
        assert f"| `{name}` |" in page("settings.md"), name
    for field in filters.FIELDS.values():
        assert f"`{field.head}" in page("command-line.md"), field.key


def test_the_python_example_runs(demo: DemoProcess) -> None:
    (example,) = re.findall(r"^```python\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
    example = example.replace("https://www.openml.org/api/v1/xml/", demo.v1)
    example = example.replace("task=59", "task=9101")
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(example, {})
    assert "flow_id" in said.getvalue()
