"""Where the browser begins as a process: as it was left, plain on demand, or at a saved view."""

from pathlib import Path

import pytest

from runbrowser.demo.launch import DemoProcess
from runbrowser.fields.filters import parse
from runbrowser.views.store import change, saved
from runbrowser.views.view import View

from .pty_harness import plain_environ, terminal

LEFT = "as you left it"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A home of its own."""
    home = tmp_path / "home"
    home.mkdir()
    return home


def test_the_next_session_begins_where_the_last_was_left(folder: Path, demo: DemoProcess) -> None:
    environ = plain_environ(folder, RUNBROWSER_STATE_DIR=str(folder / "state"))
    server = ["--server", demo.v1]
    with terminal([*server, "task:9101"], environ) as screen:
        screen.wait(lambda text: "page 1" in text and "task:9101 esc clears" in text)
        screen.press("e")
        screen.wait(lambda text: "task:9101 state:failed esc clears" in text)
        screen.press("q")
        assert screen.end() == 0
    with terminal(server, environ) as screen:
        text = screen.wait(lambda text: LEFT in text)
        assert "task:9101 state:failed esc clears" in text
        screen.press("q")
        assert screen.end() == 0
    with terminal([*server, "--fresh"], environ) as screen:
        text = screen.wait(lambda text: "page 1" in text)
        assert LEFT not in text
        assert "esc clears" not in text
    with terminal([*server, "task:9102"], environ) as screen:
        text = screen.wait(lambda text: "page 1" in text)
        assert LEFT not in text
        assert "task:9102 esc clears" in text


def test_a_view_by_name_and_a_filter_beside_it_that_wins(folder: Path, demo: DemoProcess) -> None:
    environ = plain_environ(folder, RUNBROWSER_STATE_DIR=str(folder / "state"))
    change(folder / "state" / "views.toml", saved(View("iris", parse("task:9101 state:ok"))))
    with terminal(["--server", demo.v1, "--view", "iris"], environ) as screen:
        text = screen.wait(lambda text: "page 1" in text)
        assert "task:9101 state:ok esc clears" in text
        assert "all runs \u2502 iris" in text
    with terminal(["--server", demo.v1, "task:9102", "--view", "Iris"], environ) as screen:
        text = screen.wait(lambda text: "page 1" in text)
        assert "task:9102 state:ok esc clears" in text
        assert "iris*" in text


def test_the_demo_begins_plain_and_leaves_nothing_behind(folder: Path) -> None:
    environ = plain_environ(folder, RUNBROWSER_STATE_DIR=str(folder / "state"))
    with terminal(["--demo", "task:9101"], environ) as screen:
        screen.wait(lambda text: "page 1" in text)
        screen.press("q")
        assert screen.end() == 0
    assert not (folder / "state" / "session.json").exists()


def test_a_view_that_there_is_none_of_is_told_in_one_sentence(
    folder: Path, demo: DemoProcess
) -> None:
    environ = plain_environ(folder, RUNBROWSER_STATE_DIR=str(folder / "state"))
    with terminal(["--server", demo.v1, "--view", "nope"], environ) as screen:
        assert screen.end() == 2
        assert "There is no view 'nope': none was saved yet." in screen.text
