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
import textual._wait  # noqa: E402
from textual.css.model import RuleSet  # noqa: E402
from textual.css.stylesheet import Stylesheet  # noqa: E402

from runbrowser.demo.launch import DemoProcess  # noqa: E402
from runbrowser.tui.features import pages  # noqa: E402
from tests.openml.servers import hostile, hostile_file, states  # noqa: E402, F401

from .counting import Counting, counting  # noqa: E402

_UNSET = ("OPENML_APIKEY", "OPENML_SERVER", "OPENML_CACHE_DIR", "RUNBROWSER_USER_ID", "NO_COLOR")

# A pilot sleeps so many seconds two or three times for each key, and again as long as the process
# was busy for a twentieth of them. It is to be idle, not to be left alone for long.
textual._wait.SLEEP_GRANULARITY = 0.005
textual._wait.SLEEP_IDLE = 0.0005

_parse_rules = Stylesheet._parse_rules
_parsed: dict[object, list[RuleSet]] = {}


def _parse_rules_once(sheet: Stylesheet, *source: object, **more: object) -> list[RuleSet]:
    """The same text with the same colours gives the same rules: every app has them parsed three
    times over, and there is one for each test.
    """
    key = (source, tuple(sorted(more.items())), tuple(sorted(sheet._variables.items())))
    if key not in _parsed:
        _parsed[key] = _parse_rules(sheet, *source, **more)  # type: ignore[arg-type]
    return _parsed[key]


Stylesheet._parse_rules = _parse_rules_once  # type: ignore[method-assign,assignment]


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings, cache and log of a test are its own; the folder of the log."""
    for kind in ("CONFIG", "CACHE", "STATE"):
        monkeypatch.setenv(f"RUNBROWSER_{kind}_DIR", str(tmp_path / kind.lower()))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    for name in _UNSET:
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "state"


@pytest.fixture(autouse=True)
def no_lingering(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is found out of a page once one stays on it would come into some pictures and counts of
    requests, and on another machine not. Tests of it set the time themselves.
    """
    monkeypatch.setattr(pages, "_STAY", 3600.0)


@pytest.fixture
def counted(demo: DemoProcess) -> Iterator[Counting]:
    """A counting server before the demo."""
    with counting(demo.v1) as server:
        yield server
