"""What must be decided before Textual is imported, since it reads these settings once."""

from __future__ import annotations

import os
import sys
from collections.abc import MutableMapping
from contextlib import suppress
from importlib import import_module
from io import TextIOWrapper
from pathlib import Path

_COLOR_SYSTEMS = ("auto", "standard", "256", "truecolor", "windows")

PLAIN_OUTPUT = "RUNBROWSER_PLAIN_OUTPUT"
"""The environment variable with which the terminal gets Textual's own output."""


WEB_DRIVER = "textual.drivers.web_driver:WebDriver"
"""Textual's driver that draws in a page of a web browser, by pipes in place of a terminal."""


def is_plain(environ: dict[str, str] | os._Environ[str] = os.environ) -> bool:
    """Whether all that is drawn is to be sent, instead of what differs from the screen."""
    return environ.get(PLAIN_OUTPUT, "") not in ("", "0")


def prepare(environ: MutableMapping[str, str] = os.environ) -> list[str]:
    """Settles what Textual will read, and takes away what would keep the browser from starting;
    a line about each of those.

    Over SSH it spares the link: fewer frames, no animation, no smooth scrolling; a value that the
    user has set is left alone. COLUMNS and LINES, where the terminal itself knows its size, would
    hold for ever, whatever the window becomes.
    """
    _speak_utf8()
    environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    if environ.get("SSH_CONNECTION"):
        environ.setdefault("TEXTUAL_FPS", "15")
        environ.setdefault("TEXTUAL_SMOOTH_SCROLL", "0")
    if _terminal_knows_its_size():
        for name in ("COLUMNS", "LINES"):
            environ.pop(name, None)
    return [
        f"{name} is ignored: {why}"
        for name, why in _unusable(environ)
        if environ.pop(name, None) is not None
    ]


def _speak_utf8() -> None:
    """Has the terminal get UTF-8, whatever PYTHONIOENCODING or a locale without it ask for: lines,
    signs of states and most names would be drawn as ``\\u2502``, and shift what stands beside them.
    """
    for stream in (sys.__stdout__, sys.__stderr__):
        with suppress(OSError, ValueError):
            if isinstance(stream, TextIOWrapper) and stream.isatty():
                stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _unusable(environ: MutableMapping[str, str]) -> list[tuple[str, str]]:
    """Variables of Textual's that it would fall over, and why."""
    found = []
    colors = environ.get("TEXTUAL_COLOR_SYSTEM")
    if colors is not None and colors not in _COLOR_SYSTEMS:
        found.append(("TEXTUAL_COLOR_SYSTEM", f"it is none of {', '.join(_COLOR_SYSTEMS)}"))
    log = environ.get("TEXTUAL_LOG")
    if log is not None and not _can_be_written(log):
        found.append(("TEXTUAL_LOG", "the file cannot be written"))
    driver = environ.get("TEXTUAL_DRIVER")
    if driver is not None and not _can_be_imported(driver):
        found.append(("TEXTUAL_DRIVER", "there is no such driver"))
    if "devtools" in environ.get("TEXTUAL", "") and not _can_be_imported("textual_dev:client"):
        found.append(("TEXTUAL", "textual-dev is not installed"))
    return found


def _can_be_written(path: str) -> bool:
    try:
        with Path(path).open("a"):
            return True
    except (OSError, ValueError):
        return False


def _can_be_imported(reference: str) -> bool:
    """Whether there is a module for a reference such as ``package.module:Class``."""
    module, _, name = reference.partition(":")
    try:
        return hasattr(import_module(module), name)
    except Exception:  # noqa: BLE001 - whatever somebody's module does when it is imported
        return False


def _terminal_knows_its_size() -> bool:
    for stream in (sys.__stdout__, sys.__stdin__, sys.__stderr__):
        try:
            if stream is not None and all(os.get_terminal_size(stream.fileno())):
                return True
        except (OSError, ValueError):
            continue
    return False


def no_terminal() -> str | None:
    """Why the browser cannot be shown here, in words; None if it can."""
    if os.environ.get("TEXTUAL_DRIVER") == WEB_DRIVER:  # runbrowser web
        return None
    if not sys.stdin.isatty() or not sys.stdout.isatty():
        return "runbrowser needs a terminal"
    if os.environ.get("TERM", "") in ("", "dumb", "unknown"):
        return "this terminal (TERM=dumb) cannot show runbrowser"
    return None
