"""The manual page, and what a shell completes of names that only the server or the state know."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from runbrowser.cli.main import VERBS
from runbrowser.demo.launch import DemoProcess

from .conftest import Cli


@pytest.fixture(scope="module")
def page() -> str:
    from runbrowser.cli.main import cli as command
    from runbrowser.cli.manual import page

    return page(command, command.make_context("runbrowser", ["demo"], resilient_parsing=True))


def test_the_page_has_every_verb_option_and_exit_code(page: str) -> None:
    for verb in VERBS:
        assert f"\n.SS {verb}" in page, verb
    for name in (r"\-\-read\-only", r"\-\-evaluation\-delay", r"\-\-no\-trash", "uploader:me"):
        assert name in page, name
    for code in (0, 1, 2, 3, 4, 5, 130):
        assert f"\n.B {code}\n" in page


def test_every_line_of_the_page_is_text_or_a_known_request(page: str) -> None:
    requests = {line.split()[0] for line in page.splitlines() if line.startswith((".", "'"))}
    assert requests == {".TH", ".SH", ".SS", ".PP", ".TP", ".B", ".nf", ".fi"}


def test_the_command_prints_the_page_and_troff_takes_it(cli: Cli, page: str) -> None:
    done = cli("man")
    assert (done.code, done.out, done.err) == (0, page, "")
    if shutil.which("groff"):
        read = subprocess.run(
            ["groff", "-man", "-Tutf8", "-ww"], input=page.encode(), capture_output=True
        )
        assert (read.returncode, read.stderr) == (0, b"")
        assert "stopped with ctrl-c" in read.stdout.decode()


def completed(cli: Cli, line: str, server: str = "") -> list[str]:
    """What bash is told for the last word of a line."""
    words = line.split(" ")
    env = {
        "_RUNBROWSER_COMPLETE": "bash_complete",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(words) - 1),
    }
    done = cli(env=env | ({"RUNBROWSER_SERVER": server} if server else {}))
    assert (done.code, done.err) == (0, "")
    return [line.partition(",")[2] for line in done.out.splitlines() if line]


def test_tags_are_those_of_the_server(cli: Cli, demo: DemoProcess) -> None:
    for line in ("runbrowser tag open", "runbrowser list --tag open"):
        assert completed(cli, line, demo.v1) == ["openml-python"]
    assert completed(cli, f"runbrowser --server {demo.v1} untag open") == ["openml-python"]


def test_without_a_server_nothing_is_offered_and_nothing_is_said(cli: Cli) -> None:
    assert completed(cli, "runbrowser tag x", "http://127.0.0.1:9/api/v1/xml/") == []
    assert completed(cli, "runbrowser --demo tag x") == []
    (cli.home / "config").mkdir()
    (cli.home / "config" / "config.toml").write_text("no toml")
    assert completed(cli, "runbrowser tag x") == []


def test_measures_are_completed_one_by_one(cli: Cli) -> None:
    assert completed(cli, "runbrowser evaluations --function predictive_a") == [
        "predictive_accuracy"
    ]
    assert completed(cli, "runbrowser sync --measures kappa,predictive_a") == [
        "kappa,predictive_accuracy"
    ]


def test_views_are_those_that_were_saved(cli: Cli) -> None:
    assert completed(cli, "runbrowser --view my") == []
    (cli.home / "state").mkdir()
    (cli.home / "state" / "views.toml").write_text(
        '[[view]]\nname = "my failures"\nfilter = "state:failed"\n'
    )
    assert completed(cli, "runbrowser list --view my") == ["my failures"]
