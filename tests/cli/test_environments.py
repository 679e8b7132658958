"""Whatever the machine around it is like, the command ends in words: no traceback, no wait.

Each row of the tables is a real process in that environment.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from runbrowser.demo.launch import DemoProcess
from tests.cli.conftest import Cli, Replay

from ..tui.pty_harness import Terminal

NOWHERE = ("--server", "http://127.0.0.1:9/api/v1/xml/")
RUNBROWSER = (sys.executable, "-m", "runbrowser")
UNKNOWN_HOME = r"{}: the home folder in ~nobody-like-this/x is not known; give the whole path"
SHAME = re.compile(r"Traceback|went wrong inside|Exception ignored|Error:", re.IGNORECASE)


@dataclass
class Place:
    """An environment: variables, files below the home folder, redirections of a shell."""

    words: tuple[str, ...]
    code: int
    says: str = ""  # an expression for stderr
    prints: str = ""  # and one for stdout
    env: dict[str, str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    pipes: tuple[str, ...] = ()
    redirected: str = ""
    before: tuple[str, ...] = ()


def own(content: bytes) -> dict[str, bytes]:
    return {"config/config.toml": content}


def theirs(content: bytes) -> dict[str, bytes]:
    return {"xdg/openml/config": content}


FULL = r"\Arunbrowser: the output cannot be written: No space left on device\.\n\Z"
CLOSED = r"\Arunbrowser: the output cannot be written: Bad file descriptor\.\n\Z"
SHOWN = r"(?m)^server +https://www\.openml\.org"
DEEP = r"\Arunbrowser: .*config\.toml is nested too deeply\.\n\Z"
NO_FILE = r"\Arunbrowser: The settings in .*config\.toml cannot be read: {}\.\n\Z"
LEFT_OUT = r"\Arunbrowser: OpenML's config file .* cannot be read \({}\); left out\.\n\Z"

PLACES = {
    "output full": Place(("config", "show"), 1, FULL, redirected=">/dev/full"),
    "version, output full": Place(("--version",), 1, FULL, redirected=">/dev/full"),
    "help, output full": Place(("--help",), 1, FULL, redirected=">/dev/full"),
    "help of a verb, output full": Place(("list", "-h"), 1, FULL, redirected=">/dev/full"),
    "keys, output full": Place(("config", "keys"), 1, FULL, redirected=">/dev/full"),
    "completion, output full": Place(("completion", "bash"), 1, FULL, redirected=">/dev/full"),
    "output closed": Place(("config", "show"), 1, CLOSED, redirected=">&-"),
    "version, output closed": Place(("--version",), 1, CLOSED, redirected=">&-"),
    "help, output closed": Place(("--help",), 1, CLOSED, redirected=">&-"),
    "messages closed": Place(("nonsense",), 2, redirected="2>&-"),
    "messages full": Place(("nonsense",), 2, redirected="2>/dev/full"),
    "messages closed, output not": Place(("config", "show"), 0, prints=SHOWN, redirected="2>&-"),
    "all closed": Place(("config", "show"), 1, redirected="<&- >&- 2>&-"),
    "input closed": Place(("config", "show"), 0, prints=SHOWN, redirected="<&-"),
    "browser, input closed": Place((), 2, "runbrowser needs a terminal", redirected="<&-"),
    "browser, all closed": Place((), 2, redirected="<&- >&- 2>&-"),
    "reader has left": Place(("config", "show"), 0, redirected="| true"),
    "own config a pipe": Place(
        ("config", "show"),
        2,
        NO_FILE.format("it is no regular file"),
        pipes=("config/config.toml",),
    ),
    "OpenML's config a pipe": Place(
        ("config", "show"),
        0,
        LEFT_OUT.format("it is no regular file"),
        SHOWN,
        pipes=("xdg/openml/config",),
    ),
    "own config a device": Place(
        ("config", "show"), 2, "cannot be read", env={"RUNBROWSER_CONFIG_DIR": "/dev/null"}
    ),
    "own config 100,000 lists deep": Place(
        ("config", "show"), 2, DEEP, files=own(b"a = " + b"[" * 100_000)
    ),
    "own config 100,000 tables deep": Place(
        ("config", "show"), 2, DEEP, files=own(b"[" + b".".join([b"a"] * 100_000) + b"]\n")
    ),
    "own config 100,000 keys deep": Place(
        ("config", "show"), 2, DEEP, files=own(b".".join([b"a"] * 100_000) + b" = 1\n")
    ),
    "own config 50,000 inline tables deep": Place(
        ("config", "show"), 2, DEEP, files=own(b"x = " + b"{a=" * 50_000 + b"1" + b"}" * 50_000)
    ),
    "own config too large": Place(
        ("config", "show"),
        2,
        NO_FILE.format("it is larger than .* bytes"),
        files=own(b"#" * 5_000_000),
    ),
    "OpenML's config without an end": Place(
        ("config", "show"), 0, "", SHOWN, files=theirs(b"servers = " + b"{" * 1_000_000)
    ),
    "OpenML's config of many versions": Place(
        ("config", "show"), 0, "", SHOWN, files=theirs(b"servers = {" + b"<APIVersion.V1" * 90_000)
    ),
    "a folder in nobody's home in OpenML's config": Place(
        ("config", "show"),
        0,
        "cache_dir in .* is left out: .* is in a home folder that is not known",
        SHOWN,
        env={"RUNBROWSER_CACHE_DIR": ""},
        files=theirs(b"cachedir = ~nobody-like-this/x\n"),
    ),
    "a NUL in OpenML's config": Place(
        ("config", "show"),
        0,
        "cache_dir in .* is left out: .* it holds a NUL character",
        SHOWN,
        env={"RUNBROWSER_CACHE_DIR": ""},
        files=theirs(b"cachedir = /tmp/a\0b\n"),
    ),
    "a NUL in the own config": Place(
        ("config", "show"),
        2,
        "cache_dir .* holds a NUL character",
        env={"RUNBROWSER_CACHE_DIR": ""},
        files=own(b'cache_dir = "/tmp/a\\u0000b"\n'),
    ),
    "a NUL in a server's address": Place(
        ("config", "show"),
        0,
        "server in .* is left out",
        SHOWN,
        files=theirs(b"server = http://\0/\n"),
    ),
    **{
        f"{variable} in nobody's home: {verb}": Place(
            (verb, *more),
            2,
            UNKNOWN_HOME.format(variable),
            env={variable: "~nobody-like-this/x"},
        )
        for variable in (
            "RUNBROWSER_CONFIG_DIR",
            "RUNBROWSER_STATE_DIR",
            "RUNBROWSER_CACHE_DIR",
            "XDG_CONFIG_HOME",
            "XDG_CACHE_HOME",
            "OPENML_CACHE_DIR",
        )
        for verb, *more in (("list", *NOWHERE), ("delete", "5", "--yes", *NOWHERE))
    },
    "RUNBROWSER_DATA_DIR in nobody's home": Place(
        ("mirror", "info", *NOWHERE),
        2,
        UNKNOWN_HOME.format("RUNBROWSER_DATA_DIR"),
        env={"RUNBROWSER_DATA_DIR": "~nobody-like-this/x"},
    ),
    **{
        f"{variable} that cannot be written": Place(
            ("get", "5", *NOWHERE),
            1,
            "127.0.0.1:9 cannot be reached",
            env={variable: "/dev/null/x"},
        )
        for variable in ("RUNBROWSER_STATE_DIR", "RUNBROWSER_CACHE_DIR", "OPENML_CACHE_DIR")
    },
}


def start(cli: Cli, place: Place) -> subprocess.Popen[bytes]:
    """The process of a place; its stdout and stderr are pipes unless they are redirected."""
    for name, content in place.files.items():
        path = cli.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    for name in place.pipes:
        path = cli.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        os.mkfifo(path)
    environ = {name: value for name, value in (cli.environ | place.env).items() if value}
    words = [*place.before, *RUNBROWSER, *place.words]
    script = f'exec "$@" {place.redirected}'
    if place.redirected.startswith("|"):
        script = f'set -o pipefail; "$@" {place.redirected}'
    return subprocess.Popen(
        ["bash", "-c", script, "bash", *words],
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@pytest.mark.parametrize("name", PLACES)
def test_every_environment_ends_in_words(cli: Cli, name: str) -> None:
    place = PLACES[name]
    done = start(cli, place)
    out, err = (told.decode("utf-8", "replace") for told in done.communicate(timeout=60))
    assert done.returncode == place.code, err
    assert not SHAME.search(err), err
    assert re.search(place.says, err), err
    assert re.search(place.prints, out), out
    assert not list(Path.cwd().glob("~*")), "no folder is called after a home that is not known"


NAMELESS = ("unshare", "--user", "--map-user=54321", "--")


def nameless() -> bool:
    """Whether a process can be run under a number that no user has."""
    return (
        shutil.which("unshare") is not None
        and subprocess.run([*NAMELESS, "true"], capture_output=True).returncode == 0
    )


@pytest.fixture
def homeless(cli: Cli, tmp_path: Path) -> Cli:
    """A command line without a home folder, as of a number that no user has, in a container."""
    if not nameless():
        pytest.skip("no user namespaces here")
    for name in (
        "HOME",
        "XDG_CONFIG_HOME",
        *(f"RUNBROWSER_{n}_DIR" for n in ("CONFIG", "CACHE", "STATE")),
    ):
        cli.environ.pop(name)
    folder = tmp_path / "tmp"
    folder.mkdir()
    cli.environ["TMPDIR"] = str(folder)
    return cli


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("config", "show"), 0, ""),
        (("config", "path"), 0, ""),
        (("--help",), 0, ""),
        (("trash", "list"), 0, ""),
        (("get", "5", *NOWHERE), 1, "cannot be reached"),
        (("list", *NOWHERE), 1, "cannot be reached"),
        (("tag", "x", "5", *NOWHERE), 4, "there is no API key"),
        ((), 2, "needs a terminal"),
    ],
)
def test_a_user_without_a_name_and_a_home_has_a_folder_of_his_own(
    homeless: Cli, words: tuple[str, ...], code: int, says: str
) -> None:
    done = start(homeless, Place(words, code, before=NAMELESS))
    out, err = (told.decode() for told in done.communicate(timeout=60))
    assert done.returncode == code, err
    assert not SHAME.search(err), err
    assert says in err
    if words == ("config", "show"):
        assert f"{homeless.environ['TMPDIR']}/runbrowser-54321/cache" in out


def test_a_foreign_folder_is_not_taken_for_ones_own(homeless: Cli) -> None:
    folder = Path(homeless.environ["TMPDIR"]) / "runbrowser-54321"
    folder.mkdir(mode=0o777)
    folder.chmod(0o777)
    done = start(homeless, Place(("config", "show"), 2, before=NAMELESS))
    _, err = done.communicate(timeout=60)
    assert done.returncode == 2
    assert b"belongs to somebody else: set HOME to a folder of your own" in err


def browser(words: list[str], environ: dict[str, str]) -> Terminal:
    return Terminal([*words], environ, 100, 30)


@pytest.mark.parametrize("place", ["homeless", "state", "cache"])
def test_the_browser_comes_up_and_ends_where_it_cannot_write(
    cli: Cli, demo: DemoProcess, place: str, request: pytest.FixtureRequest
) -> None:
    before: tuple[str, ...] = ()
    if place == "homeless":
        cli = request.getfixturevalue("homeless")
        before = NAMELESS
    else:
        cli.environ[f"RUNBROWSER_{place.upper()}_DIR"] = "/dev/null/x"
    opened = browser([*before, *RUNBROWSER, "--server", demo.v1, "task:9101"], cli.environ)
    try:
        opened.wait(lambda text: "9101" in text and "DecisionTree" in text)
        opened.press("\r")
        opened.wait(lambda text: "Evaluations" in text)
        opened.press("q")
        assert opened.end() == 0
        assert not SHAME.search(opened.text), opened.text
    finally:
        opened.process.close(force=True)


def test_a_delete_whose_copy_cannot_be_kept_deletes_nothing(
    cli: Cli, fresh_demo: DemoProcess
) -> None:
    env = {
        "OPENML_APIKEY": fresh_demo.api_key,
        "OPENML_SERVER": fresh_demo.v1,
        "RUNBROWSER_STATE_DIR": "/dev/null/x",
    }
    mine = cli("list", "--uploader", "2", "--limit", "1", "--format", "json", env=env)
    run_id = re.search(r'"run_id": ?(\d+)', mine.out)
    assert run_id is not None, mine.err
    done = cli("delete", run_id[1], "--yes", env=env)
    assert done.code != 0
    assert not SHAME.search(done.err), done.err
    assert "Not a directory" in done.err + done.out
    assert cli("get", run_id[1], env=env).code == 0


def stopped(cli: Cli, words: tuple[str, ...], after: float) -> tuple[int, str]:
    process = start(cli, Place(words, 130))
    time.sleep(after)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    return process.returncode, err.decode()


@pytest.mark.parametrize("words", [("list",), ("get", "900019"), ("config", "show")])
def test_ctrl_c_in_the_first_half_second_is_no_traceback(
    cli: Cli, replay: Replay, words: tuple[str, ...]
) -> None:
    """From the first moment that the command has: before, Python itself is not up yet."""
    replay.answer = _slowly
    words = (*words, "--server", replay.v1)
    moments = random.Random(20261125)
    codes = []
    for _ in range(12):
        code, err = stopped(cli, words, 0.08 + moments.random() * 0.42)
        if "Traceback" in err and ", in main\n" not in err:  # Python and the package come up
            continue
        assert err in ("", "runbrowser: stopped.\n"), err
        codes.append(code)
    assert set(codes) <= {0, 130, -signal.SIGINT, 1}


def _slowly(asked: object) -> tuple[int, str, bytes]:
    time.sleep(1)
    return 200, "text/xml", b"<oml:runs/>"
