"""``runbrowser demo`` and ``--demo`` as processes."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
import urllib.request

from runbrowser.demo import DEMO_USER_ID
from runbrowser.demo.launch import DemoProcess

from .conftest import Cli


def test_demo_says_where_it_listens_and_ends_when_it_is_told(cli: Cli) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "runbrowser", "demo"],
        env=cli.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        told = json.loads(process.stdout.readline())
        assert sorted(told) == ["api_key", "user_id", "v1", "v2"]
        with urllib.request.urlopen(told["v1"] + "run/list/limit/1", timeout=30) as answer:
            assert b"<oml:runs" in answer.read()
    finally:
        process.send_signal(signal.SIGTERM)
        rest, said = process.communicate(timeout=30)
    assert (process.returncode, rest, said) == (0, "", "")


def test_a_port_that_is_taken_is_one_sentence_and_exit_1(cli: Cli, demo: DemoProcess) -> None:
    port = demo.v1.split(":")[2].split("/")[0]
    done = cli("demo", "--port", port)
    assert (done.code, done.out) == (1, "")
    assert done.err.count("\n") == 1


def test_without_its_packages_the_demo_says_what_to_install(cli: Cli) -> None:
    blocker = (
        "import sys\n"
        "class No:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.partition('.')[0] in ('starlette', 'uvicorn'):\n"
        "            raise ModuleNotFoundError(name, name=name)\n"
        "sys.meta_path.insert(0, No())\n"
    )
    site = cli.home / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(blocker)
    for words in (("demo",), ("--demo", "list")):
        done = cli(*words, env={"PYTHONPATH": str(site)})
        assert (done.code, done.out) == (2, "")
        assert "pip install 'runbrowser[demo]'" in done.err


def test_any_command_can_use_the_demo_which_ends_with_it(cli: Cli) -> None:
    done = cli("--demo", "list", "--uploader", "me", "--format", "json")
    assert done.code == 0
    assert {run["uploader"] for run in json.loads(done.out)} == {DEMO_USER_ID}
    shown = cli("--demo", "config", "show").out
    port = shown.split("http://127.0.0.1:")[1].split("/")[0]
    nobody = cli("list", "--server", f"http://127.0.0.1:{port}/api/v1/xml/")
    assert nobody.code == 1, "the demo server is gone"


def test_the_user_of_the_demos_key_is_the_one_we_say(
    demo: DemoProcess, catalogue: sqlite3.Connection
) -> None:
    users = catalogue.execute("SELECT id FROM user WHERE api_key = ?", (demo.api_key,))
    assert users.fetchall() == [(DEMO_USER_ID,)]
