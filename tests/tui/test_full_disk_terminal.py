"""The browser in a terminal, on a disk that takes nothing more: words, and it goes on.

The limit is one of the system (RLIMIT_FSIZE): no file of the browser grows any more, as on a disk
that is full.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from runbrowser.demo.launch import DemoProcess

from .pty_harness import Terminal, plain_environ

ON_A_FULL_DISK = (
    "import os, resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)); "
    "os.execv(sys.executable, [sys.executable, '-m', 'runbrowser', *sys.argv[1:]])"
)
TASK = 9101


def rows(text: str) -> list[str]:
    """The ids of the runs that are to be seen."""
    return re.findall(r" (\d{6})  [✓✗!○·] ", text)


def test_on_a_full_disk_every_action_says_so_and_the_browser_goes_on(
    tmp_path: Path, demo: DemoProcess
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    environ = plain_environ(home, OPENML_SERVER=demo.v1, OPENML_APIKEY=demo.api_key)
    command = [sys.executable, "-c", ON_A_FULL_DISK, f"task:{TASK}"]
    screen = Terminal(command, environ, 120, 36)

    def wait_for(*words: str) -> None:
        """Until the screen says this, whatever lines it is broken into."""
        screen.wait(lambda text: all(one in " ".join(text.split()) for one in words))

    try:
        screen.wait(lambda text: "page 1" in text and rows(text))
        screen.press("\r")
        wait_for("Evaluations")
        screen.press("\x1b")
        screen.wait(lambda text: "Evaluations" not in text)
        screen.press("t")
        wait_for("Tag")
        screen.press("full-disk\r")
        wait_for("Nothing was changed: the journal cannot be written (File too large)")
        screen.press(":save view\r")
        wait_for("Save")
        screen.press("mine\r")
        wait_for("views.toml cannot be written (File too large); nothing was changed")
        screen.press("x")
        wait_for("Export")
        screen.press("\r")
        wait_for(".csv", "File too large")
        screen.press(":theme\r")
        wait_for("gruvbox")
        screen.press("j\r")
        wait_for("it cannot be kept for the next start: File too large")
        screen.press("n")
        wait_for("page 2")
        screen.press("q")
        assert screen.end() == 0
    finally:
        screen.process.close(force=True)
    assert b"Traceback" not in screen.raw
    assert b"something went wrong" not in screen.raw
    assert [path for path in home.rglob("*") if path.is_file() and path.stat().st_size] == []
