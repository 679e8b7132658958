"""The documentation is true: its links lead somewhere, its commands do what they say, its tables
are those of the code.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from runbrowser.cli.main import VERBS
from runbrowser.demo.launch import DemoProcess
from runbrowser.fields.filters import parse
from runbrowser.tui.actions import ACTIONS
from scripts.docs import PAGES as MADE
from scripts.docs import TABLES, renewed
from tests.support.commands import run

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def blocks(path: Path, language: str) -> list[str]:
    """The blocks of code of a page in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", text_of(path), re.DOTALL | re.MULTILINE)


def anchors(path: Path) -> set[str]:
    """The headings of a page as links name them."""
    heads = re.findall(r"^#+ (.*)$", text_of(path), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


# -- links and tables --------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", text_of(page)):
        name, _, anchor = target.partition("#")
        there = (page.parent / name).resolve() if name else page
        assert there.exists(), target
        assert not anchor or anchor in anchors(there), target


def test_every_page_of_docs_is_reached_from_the_readme() -> None:
    readme = text_of(ROOT / "README.md")
    for page in (ROOT / "docs").glob("*.md"):
        assert f"docs/{page.name}" in readme, page.name


def test_every_page_is_in_the_navigation_of_the_site() -> None:
    nav = text_of(ROOT / "mkdocs.yml").split("\nnav:\n")[1]
    listed = re.findall(r": ([\w-]+\.md)$", nav, re.MULTILINE)
    beside = ["index.md", "contributing.md", "changelog.md"]  # README and those of these names
    pages = [page.name for page in (ROOT / "docs").glob("*.md")]
    assert sorted(listed) == sorted([*pages, *MADE, *beside])


def test_pages_made_from_the_code_have_every_key_command_and_public_name() -> None:
    keys, commands = MADE["keys.md"](), MADE["commands.md"]()
    for action in ACTIONS:
        assert not action.keys or action.help in keys, action
    for verb in VERBS:
        assert f"\n## runbrowser {verb}\n" in commands
    assert "\n## runbrowser config keys\n" in commands
    assert "::: runbrowser.RunV1API\n" in MADE["reference.md"]()


def test_the_readme_can_be_read_in_one_go() -> None:
    assert len(text_of(ROOT / "README.md").splitlines()) <= 250


@pytest.mark.parametrize("file", sorted({file for file, _ in TABLES}))
def test_tables_are_those_of_the_code(file: str) -> None:
    text = text_of(ROOT / file)
    assert renewed(file, text) == text, "python scripts/docs.py makes them anew"


def test_the_ways_to_add_something_name_what_there_is() -> None:
    section = (
        text_of(ROOT / "CONTRIBUTING.md").split("\n## To add something\n")[1].split("\n## ")[0]
    )
    assert len(re.findall(r"^\*\*An? ", section, re.MULTILINE)) == 5
    for name in re.findall(r"`((?:runbrowser|tests|docs|scripts)/[^` ]*)`", section):
        assert (ROOT / name).exists(), name


# -- commands ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Command:
    """One line of a block, as a shell takes it."""

    page: str
    line: str

    @property
    def words(self) -> list[str]:
        """Those of runbrowser's part, without its name, and without what follows in a pipe."""
        return shlex.split(self.line.split(" | ")[0], comments=True)[1:]


def commands(path: Path) -> list[Command]:
    lines = [line for block in blocks(path, "sh") for line in block.splitlines()]
    return [Command(path.name, line) for line in lines if line.startswith("runbrowser ")]


NEED_A_TERMINAL = [["config", "init"]]
"""Verbs that ask questions: they have tests of their own."""
PAGES_WITH_COMMANDS = [page for page in PAGES if commands(page)]


@pytest.mark.parametrize("page", PAGES_WITH_COMMANDS, ids=lambda path: path.name)
def test_every_command_of_a_page_does_what_it_says(
    page: Path, fresh_demo: DemoProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("OPENML")}
    environ |= {
        "RUNBROWSER_SERVER": fresh_demo.v1,
        "RUNBROWSER_API_KEY": fresh_demo.api_key,
        "RUNBROWSER_USER_ID": str(fresh_demo.user_id),
        "HOME": str(tmp_path),
    }
    for name in ("CONFIG", "STATE", "CACHE", "DATA"):
        environ[f"RUNBROWSER_{name}_DIR"] = str(tmp_path / name.lower())
    monkeypatch.chdir(tmp_path)
    for command in commands(page):
        if command.words[:2] in NEED_A_TERMINAL:
            continue
        if command.words[0] not in VERBS:  # it opens the browser, which needs a terminal
            assert not parse(" ".join(command.words)).empty
            continue
        done = run(command.words, environ=environ)
        assert done.returncode == 0, (command.line, done.stdout, done.stderr)
        _, pipe, rest = command.line.partition(" | ")
        if pipe and shutil.which(shlex.split(rest)[0]):  # jq is not everywhere
            read = subprocess.run(
                ["bash", "-c", f"set -o pipefail; {rest}"], input=done.stdout, capture_output=True
            )
            assert read.returncode == 0 and read.stdout, (command.line, read.stderr)


@pytest.mark.parametrize(
    "page", [page for page in PAGES if blocks(page, "python")], ids=lambda path: path.name
)
def test_every_program_of_a_page_runs(
    page: Path, demo: DemoProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNBROWSER_SERVER", demo.v1)
    monkeypatch.setenv("RUNBROWSER_CACHE_DIR", str(tmp_path))
    for program in blocks(page, "python"):
        program = program.replace("https://www.openml.org/api/v1/xml/", demo.v1)
        program = program.replace("task=59", "task=9101")
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            exec(compile(program, page.name, "exec"), {})
        assert said.getvalue()
