"""The surroundings of the browser's tests: a known terminal, folders of their own, servers."""

import os

# Textual reads these when it is imported, so they are set before any test module is.
os.environ["TEXTUAL_ANIMATIONS"] = "none"
os.environ["COLORTERM"] = "truecolor"
os.environ["TERM"] = "xterm-256color"
for _name in ("NO_COLOR", "SSH_CONNECTION", "TEXTUAL_FPS", "TEXTUAL_SMOOTH_SCROLL"):
    os.environ.pop(_name, None)

from collections.abc import Iterator  # noqa: E402
from pathlib import Path  # noqa: E402

import pytest  # noqa: E402

from runbrowser.demo.launch import DemoProcess  # noqa: E402
from tests.openml.servers import hostile, hostile_file, states  # noqa: E402, F401

from .counting import Counting, counting  # noqa: E402

_UNSET = ("OPENML_APIKEY", "OPENML_SERVER", "OPENML_CACHE_DIR", "RUNBROWSER_USER_ID", "NO_COLOR")


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings, cache and log of a test are its own; the folder of the log."""
    for kind in ("CONFIG", "CACHE", "STATE"):
        monkeypatch.setenv(f"RUNBROWSER_{kind}_DIR", str(tmp_path / kind.lower()))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    for name in _UNSET:
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "state"


@pytest.fixture
def counted(demo: DemoProcess) -> Iterator[Counting]:
    """A counting server before the demo."""
    with counting(demo.v1) as server:
        yield server
