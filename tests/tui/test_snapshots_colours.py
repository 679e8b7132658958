"""Pictures of the browser as a real terminal has them: cell by cell, with the colours it was sent.

An SVG of Textual shows the colours that the style sheet means, not those that a terminal of 256
colours, or one without any, is sent. So these pictures are taken behind a pseudo-terminal: below
every line of text stand letters for the looks of its cells, explained at the end.

After a change that is meant: ``pytest tests/tui/test_snapshots_colours.py --snapshot-update``, then
look.
"""

import sys
from pathlib import Path
from string import ascii_letters

import pytest

from runbrowser.demo.launch import DemoProcess
from runbrowser.models import RunState

from .pty_harness import Terminal, plain_environ

SIZES = [(140, 40), (80, 24), (60, 20)]
MODES = {
    "truecolor": {"COLORTERM": "truecolor"},
    "256": {"COLORTERM": ""},
    "none": {"COLORTERM": "truecolor", "NO_COLOR": "1"},
}


# The browser itself, on a server that is called the same whatever port it is on.
BROWSER = """
import sys
from runbrowser.openml import opening
class Named(opening.LiveSource):
    def __init__(self, *given, **options):
        super().__init__(*given, **options)
        self.label = "V1 openml"
opening.LiveSource = Named
from runbrowser.__main__ import main
sys.exit(main())
"""


def picture(screen: Terminal) -> str:
    """The screen as text."""
    letters: dict[str, str] = {}
    lines = []
    for text, looks in screen.looks():
        for look in looks:
            letters.setdefault(look, ascii_letters[len(letters)])
        lines += [f"|{text}|", f"|{''.join(map(letters.__getitem__, looks))}|"]
    return "\n".join([*lines, *(f"{letter} {look}" for look, letter in letters.items())])


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("mode", MODES)
def test_main_screen_detail_and_dialog_in_the_colours_of_the_terminal(
    mode: str,
    size: tuple[int, int],
    demo: DemoProcess,
    states: dict[RunState, list[int]],
    tmp_path: Path,
    snapshot: object,
) -> None:
    ids = [states[state][0] for state in RunState if state is not RunState.UNKNOWN]
    filter = f"run:{','.join(map(str, ids))}"
    command = [sys.executable, "-c", BROWSER, "--server", demo.v1, filter]
    environ = plain_environ(tmp_path, **MODES[mode])
    columns, lines = size
    screen = Terminal(command, environ, columns, lines)
    try:
        signs = [state.glyph for state in RunState if state is not RunState.UNKNOWN]
        screen.wait(lambda text: "page 1" in text and all(sign in text for sign in signs))
        screen.rest()
        assert picture(screen) == snapshot(name="main")
        screen.press("\r")
        screen.wait(lambda text: f"Run {ids[0]}" in text or "Run 9" in text)
        screen.rest()
        assert picture(screen) == snapshot(name="detail")
        screen.press("\x1b")
        screen.wait(lambda text: "Run 9" not in text)
        screen.press("x")
        screen.wait(lambda text: "Export runs" in text)
        screen.rest()
        assert picture(screen) == snapshot(name="dialog")
        screen.press("\x1b")
        screen.wait(lambda text: "Export runs" not in text)
        screen.press("q")
        assert screen.end() == 0
    finally:
        screen.process.close(force=True)
