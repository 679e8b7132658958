"""Records the moving picture of the README: the browser on the embedded demo, in a real terminal.

``python scripts/tour.py`` writes screenshots/tour.cast (asciinema's format, version 2) and renders
it with termtosvg to screenshots/tour.svg. Needs the ``demo`` and ``pictures`` extras.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import pexpect

FOLDER = Path(__file__).parent.parent / "screenshots"
COLUMNS, LINES = 120, 32
QUIET = 0.7  # seconds without a byte after which a picture is whole
PATIENCE = 30.0  # seconds for the first one
RUNBROWSER = (sys.executable, "-m", "runbrowser", "--demo", "--fresh")


@dataclass(frozen=True)
class Step:
    """Keys pressed at once, and the seconds for which what they bring is looked at."""

    keys: str
    seconds: float


TOUR = (
    Step("", 2.0),  # newest runs first
    *(Step("j", 0.25) for _ in range(4)),
    Step("\r", 2.5),  # one run
    Step("\x1b", 0.8),
    Step("E", 2.5),  # errors by message
    Step("b", 2.5),  # by flow
    Step("\x1b", 0.8),
    Step("/", 0.6),
    *(Step(letter, 0.12) for letter in "task:9101"),
    Step("\r", 2.0),  # the runs of a task
    Step("L", 2.5),  # the best of them
    Step("=", 3.0),  # the two best, compared
    Step("\x1b", 0.8),
    Step("\x1b", 1.0),
    Step("?", 2.5),
    Step("\x1b", 1.0),
)


def whole(terminal: pexpect.spawn[bytes], patience: float) -> bytes:
    """All that is written until nothing has come for a while."""
    written, deadline, heard = b"", time.monotonic() + patience, time.monotonic()
    while time.monotonic() < deadline and time.monotonic() - heard < QUIET:
        try:
            written += terminal.read_nonblocking(65_536, timeout=0.1)
            heard = time.monotonic()
        except pexpect.TIMEOUT:
            continue
    return written


def record(target: Path) -> None:
    """Drives the browser and writes the cast: one event for each step, at the step's own time, so
    that the machine that records does not show.
    """
    with tempfile.TemporaryDirectory() as home:
        environ = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        environ |= {"HOME": home, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        terminal = pexpect.spawn(
            RUNBROWSER[0], list(RUNBROWSER[1:]), env=environ, dimensions=(LINES, COLUMNS)
        )
        head = {"version": 2, "width": COLUMNS, "height": LINES, "title": "runbrowser"}
        events: list[tuple[float, str, str]] = []
        now, shown = 0.0, b""
        while b"page 1" not in shown:  # the demo server starts, then the first rows come
            shown += whole(terminal, PATIENCE)
            if not terminal.isalive():
                raise SystemExit("the browser has ended")
        for step in TOUR:
            if step.keys:
                terminal.send(step.keys)
                shown = whole(terminal, PATIENCE)
            events.append((round(now, 2), "o", shown.decode()))
            now += step.seconds
        terminal.send("q")
        terminal.expect(pexpect.EOF)
    lines = [json.dumps(head), *(json.dumps(event) for event in events)]
    target.write_text("\n".join(lines) + "\n")


def render(cast: Path, picture: Path) -> None:
    """The cast as a picture that moves by itself. Blanks are made hard: not everything that draws
    SVG keeps several of them.
    """
    command = [sys.executable, "-m", "termtosvg", "render", str(cast), str(picture)]
    subprocess.run([*command, "-t", "window_frame", "-D", "3000"], check=True)
    svg = picture.read_text("utf-8")
    hard = re.sub(r"(<text[^>]*>)([^<]*)", lambda m: m[1] + m[2].replace(" ", "\u00a0"), svg)
    picture.write_text(hard, "utf-8")


def main() -> None:
    """Records, and renders what was recorded."""
    cast = FOLDER / "tour.cast"
    record(cast)
    render(cast, FOLDER / "tour.svg")


if __name__ == "__main__":
    main()
