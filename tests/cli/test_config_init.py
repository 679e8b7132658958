"""``runbrowser config init`` in a terminal: it asks, and writes what was answered, 0600."""

from __future__ import annotations

import stat
import sys
import tomllib
from pathlib import Path

import pexpect

from .conftest import KEY, Cli


def answered(cli: Cli, *answers: str, env: dict[str, str] | None = None) -> str:
    """What the terminal shows of the questions and answers."""
    process = pexpect.spawn(
        sys.executable,
        ["-m", "runbrowser", "config", "init"],
        env=cli.environ | (env or {}),
        encoding="utf-8",
        timeout=60,
        dimensions=(24, 300),
    )
    shown = ""
    for answer in answers:
        process.expect(r"\]: ")
        shown += process.before + process.after
        process.sendline(answer)
    process.expect(pexpect.EOF)
    process.close()
    assert process.exitstatus == 0, shown + process.before
    return shown + process.before


def settings_file(cli: Cli) -> Path:
    return cli.home / "config" / "config.toml"


def test_what_is_answered_is_written_for_its_owner_alone(cli: Cli) -> None:
    shown = answered(cli, "test", KEY, "16")
    path = settings_file(cli)
    assert tomllib.loads(path.read_text()) == {"server": "test", "api_key": KEY, "user_id": 16}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert KEY not in shown
    told = cli("config", "show").out
    assert "****cdef" in told and "test.openml.org" in told and "16" in told


def test_enter_three_times_changes_nothing(cli: Cli) -> None:
    assert "Nothing was changed" in answered(cli, "", "", "")
    assert not settings_file(cli).exists()


def test_what_cannot_be_read_is_asked_again(cli: Cli) -> None:
    shown = answered(cli, "", "se cret", KEY, "me", "7")
    assert "se cret" not in shown
    assert "'me' is no whole number" in shown
    assert tomllib.loads(settings_file(cli).read_text()) == {"api_key": KEY, "user_id": 7}


def test_the_rest_of_the_file_stays_as_it_was(cli: Cli) -> None:
    path = settings_file(cli)
    path.parent.mkdir()
    path.write_text('# mine\npage_size = 50  # enough\nuser_id = 1\n\n[keys]\nwatch = "W"\n')
    answered(cli, "", KEY, "2")
    text = path.read_text()
    assert text.startswith("# mine\npage_size = 50  # enough\nuser_id = 2\n")
    assert tomllib.loads(text) == {
        "page_size": 50,
        "user_id": 2,
        "api_key": KEY,
        "keys": {"watch": "W"},
    }


def test_a_key_is_written_beside_the_server_that_it_belongs_to(cli: Cli) -> None:
    server = "http://127.0.0.1:9/api/v1/xml/"
    answered(cli, "", KEY, "", env={"RUNBROWSER_SERVER": server})
    assert tomllib.loads(settings_file(cli).read_text()) == {"server": server, "api_key": KEY}


def test_a_file_that_is_no_toml_is_left_alone(cli: Cli) -> None:
    path = settings_file(cli)
    path.parent.mkdir()
    path.write_text("page_size = \n")
    done = cli("config", "init")
    assert done.code == 2
    assert path.read_text() == "page_size = \n"


def test_without_a_terminal_it_says_what_to_write_instead(cli: Cli) -> None:
    done = cli("config", "init", input="production\n")
    assert (done.code, done.out) == (2, "")
    assert "needs a terminal" in done.err and str(settings_file(cli)) in done.err
    assert not settings_file(cli).exists()
