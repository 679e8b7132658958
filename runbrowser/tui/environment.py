"""What must be decided before Textual is imported, since it reads these settings once."""

from __future__ import annotations

import os
import sys

PLAIN_OUTPUT = "RUNBROWSER_PLAIN_OUTPUT"
"""The environment variable with which the terminal gets Textual's own output."""


def is_plain(environ: dict[str, str] | os._Environ[str] = os.environ) -> bool:
    """Whether all that is drawn is to be sent, instead of what differs from the screen."""
    return environ.get(PLAIN_OUTPUT, "") not in ("", "0")


def prepare(environ: dict[str, str] | os._Environ[str] = os.environ) -> None:
    """Over SSH, spares the link: fewer frames, no animation, no smooth scrolling.

    A value the user has set is left alone.
    """
    environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    if environ.get("SSH_CONNECTION"):
        environ.setdefault("TEXTUAL_FPS", "15")
        environ.setdefault("TEXTUAL_SMOOTH_SCROLL", "0")


def no_terminal() -> str | None:
    """Why the browser cannot be shown here, in words; None if it can."""
    if not sys.stdin.isatty() or not sys.stdout.isatty():
        return "runbrowser needs a terminal"
    if os.environ.get("TERM", "") in ("", "dumb", "unknown"):
        return "this terminal (TERM=dumb) cannot show runbrowser"
    return None
