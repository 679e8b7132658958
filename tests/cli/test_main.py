"""The command as a whole: help, failures, signals, terminals."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from runbrowser import __version__
from runbrowser.cli.main import VERBS, run
from runbrowser.cli.main import cli as command

from .conftest import Cli, Replay, recorded, row, run_list

HEAVY = (
    "pandas",
    "textual",
    "httpx",
    "starlette",
    "uvicorn",
    "pyarrow",
    "numpy",
    "rich",
    "asyncio",
)


def modules_after(*words: str, cli: Cli) -> set[str]:
    """The modules that a command has loaded when it ends."""
    told = "import sys; from runbrowser.__main__ import main\n"
    told += f"sys.argv[1:] = {list(words)!r}\ncode = main()\n"
    told += "print('\\n'.join(sys.modules), file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", told], env=cli.environ, capture_output=True, timeout=60, text=True
    )
    return set(done.stderr.splitlines())


def test_the_version_is_told_without_loading_anything(cli: Cli) -> None:
    done = cli("--version")
    assert (done.code, done.out) == (0, f"runbrowser {__version__}\n")
    loaded = modules_after("--version", cli=cli)
    assert "runbrowser" in loaded
    assert not loaded & {*HEAVY, "click", "platformdirs"}


@pytest.mark.parametrize("words", [("--help",), ("list", "--help"), ("config", "path"), ("-h",)])
def test_help_loads_nothing_heavy(cli: Cli, words: tuple[str, ...]) -> None:
    loaded = modules_after(*words, cli=cli)
    assert "runbrowser.cli.main" in loaded
    assert not loaded & set(HEAVY)


def test_list_loads_neither_pandas_nor_the_browser(cli: Cli, replay: Replay) -> None:
    replay.answer = lambda asked: run_list([row(1)])
    loaded = modules_after("list", "--server", replay.v1, cli=cli)
    assert "httpx" in loaded
    assert not loaded & {"pandas", "textual", "numpy", "starlette", "pyarrow"}


def test_help_names_every_command(cli: Cli) -> None:
    done = cli("--help")
    assert done.code == 0
    for verb in VERBS:
        assert f"\n  {verb} " in done.out
        assert cli(verb, "--help").code == 0


@pytest.mark.parametrize("words", [(), ("task:59",), ("--demo",), ("--read-only", "flow:7")])
def test_the_browser_without_a_terminal_is_one_sentence_and_exit_2(
    cli: Cli, words: tuple[str, ...]
) -> None:
    done = cli(*words)
    assert (done.code, done.out) == (2, "")
    assert done.err.count("\n") == 1
    assert "runbrowser list" in done.err


def on_terminal(
    cli: Cli, *words: str, when: bytes = b"", keys: bytes = b"", **env: str
) -> tuple[int, bytes]:
    """A command with a pseudo-terminal for all three streams; its exit code and what it drew.

    ``keys`` are typed once ``when`` is on the screen.
    """
    leader, follower = pty.openpty()
    termios.tcsetwinsize(follower, (40, 120))
    process = subprocess.Popen(
        [sys.executable, "-m", "runbrowser", *words],
        stdin=follower, stdout=follower, stderr=follower, env=cli.environ | env,
    )  # fmt: skip
    os.close(follower)
    drawn = b""
    try:
        while True:
            ready, _, _ = select.select([leader], [], [], 60)
            piece = os.read(leader, 65_536) if ready else b""
            if not piece:
                break
            drawn += piece
            if keys and when in drawn:
                os.write(leader, keys)
                keys = b""
    except OSError:  # the other side is closed: the command has ended
        pass
    try:
        code = process.wait(60)
    finally:
        process.kill()
        os.close(leader)
    return code, drawn


def test_a_dumb_terminal_gets_the_sentence_too(cli: Cli) -> None:
    code, drawn = on_terminal(cli, TERM="dumb")
    assert code == 2
    assert b"runbrowser list" in drawn


def test_a_word_that_is_neither_command_nor_filter_names_the_commands(cli: Cli) -> None:
    code, drawn = on_terminal(cli, "lst")
    assert code == 2
    assert b"commands: list, get" in drawn


def test_failed_runs_are_red_on_a_terminal_only_where_colour_is_wanted(
    cli: Cli, replay: Replay
) -> None:
    replay.answer = lambda asked: run_list([row(1), row(2, "bad\x1b[2J luck")])
    _, drawn = on_terminal(cli, "list", "--server", replay.v1)
    assert b"\x1b[31m" in drawn
    _, plain = on_terminal(cli, "list", "--server", replay.v1, NO_COLOR="1")
    assert b"bad" in plain
    assert b"\x1b" not in plain
    assert b"\x1b[2J" not in drawn


@pytest.mark.parametrize("words", [("list", "--format", "csv"), ("get", "9", "--format", "xml")])
def test_raw_formats_are_made_harmless_on_a_terminal(
    cli: Cli, replay: Replay, words: tuple[str, ...]
) -> None:
    replay.answer = lambda asked: recorded(
        "run_list_s09" if "list" in asked.path else "run_get_s09"
    )
    code, drawn = on_terminal(cli, *words, "--server", replay.v1)
    assert code == 0
    assert b"900009" in drawn
    assert b"\x1b" not in drawn


def test_parquet_is_refused_on_a_terminal(cli: Cli, replay: Replay) -> None:
    code, drawn = on_terminal(cli, "list", "--format", "parquet", "--server", replay.v1)
    assert code == 2
    assert b"-o FILE" in drawn
    assert replay.asked == []


def test_a_reader_that_has_seen_enough_is_no_failure(cli: Cli, replay: Replay) -> None:
    replay.answer = lambda asked: run_list([row(n) for n in range(10_000)])
    process = subprocess.Popen(
        [sys.executable, "-m", "runbrowser", "list", "--server", replay.v1, "--limit", "10000",
         "--format", "jsonl"],
        env=cli.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None and process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    told = process.stderr.read()
    process.stderr.close()
    assert (process.wait(60), told) == (0, b"")


def test_ctrl_c_ends_with_130_and_no_traceback(cli: Cli, replay: Replay) -> None:
    def answer(_: object) -> tuple[int, str, bytes]:
        process.send_signal(signal.SIGINT)
        time.sleep(0.5)
        return run_list([row(1)])

    replay.answer = answer
    process = subprocess.Popen(
        [sys.executable, "-m", "runbrowser", "list", "--server", replay.v1],
        env=cli.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    out, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert out == b""
    assert b"Traceback" not in told


def test_termination_leaves_no_half_written_file(cli: Cli, replay: Replay, tmp_path: Path) -> None:
    def answer(asked: object) -> tuple[int, str, bytes]:
        if len(replay.asked) > 1:
            process.send_signal(signal.SIGTERM)
            time.sleep(0.5)
        return run_list([row(n) for n in range(10_000)])

    replay.answer = answer
    folder = tmp_path / "out"
    folder.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-m", "runbrowser", "list", "--server", replay.v1, "--all",
         "-o", str(folder / "runs.jsonl")],
        env=cli.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    process.communicate(timeout=60)
    assert process.returncode == 143
    assert list(folder.iterdir()) == []


def test_what_nobody_foresaw_is_a_sentence_and_the_log_has_the_rest_without_the_key(
    cli: Cli, replay: Replay
) -> None:
    key = "0123456789abcdef0123456789abcdef"
    site = cli.home / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(
        "import runbrowser.cli.fetch as fetch\n"
        "def fail(*_):\n"
        f"    raise KeyError('api_key={key} \\x1b[2J')\n"
        "fetch.Fetch.__iter__ = fail\n"
    )
    done = cli("list", "--server", replay.v1, env={"PYTHONPATH": str(site)})
    assert (done.code, done.out) == (1, "")
    assert done.err.count("\n") == 1
    assert str(cli.log) in done.err
    told = cli.log.read_text()
    assert "Traceback" in told and "KeyError" in told
    assert key not in told + done.err
    assert "\x1b" not in told
    assert cli.log.stat().st_mode & 0o777 == 0o600
    assert cli.log.parent.stat().st_mode & 0o777 == 0o700


def test_options_may_stand_before_and_after_the_command(cli: Cli, replay: Replay) -> None:
    replay.answer = lambda asked: run_list([row(1)])
    assert cli("--server", replay.v1, "list").code == 0
    nowhere = "http://127.0.0.1:9/"
    assert cli("--server", nowhere, "list", "--server", replay.v1).code == 0


def test_demo_and_server_contradict_each_other(cli: Cli, replay: Replay) -> None:
    done = cli("--demo", "list", "--server", replay.v1)
    assert done.code == 2
    assert replay.asked == []


def test_a_run_in_this_process_gives_its_exit_code(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setenv("RUNBROWSER_CONFIG_DIR", str(tmp_path))
    try:
        assert run(["config", "path"]) == 0
        assert run(["config", "nothing"]) == 2
    finally:
        signal.signal(signal.SIGTERM, before)
    assert capsys.readouterr().out == f"{tmp_path / 'config.toml'}\n"


def test_every_command_documents_every_option() -> None:
    import click

    context = click.Context(command)
    for verb in VERBS:
        found = command.get_command(context, verb)
        assert found is not None and found.help
        for param in found.params:
            if isinstance(param, click.Option):
                assert param.help, f"{verb} {param.name}"


@pytest.mark.parametrize("words", [("--demo",), ("--demo", "task:9101"), ("type:2", "--demo")])
def test_the_browser_opens_on_a_terminal_and_quits(cli: Cli, words: tuple[str, ...]) -> None:
    code, drawn = on_terminal(cli, *words, when=b"  90", keys=b"q")
    assert code == 0, drawn[-300:]
    assert b"  90" in drawn, "runs of the demo are on the screen"
    assert b"Traceback" not in drawn
