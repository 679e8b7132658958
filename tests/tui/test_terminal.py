"""The browser as a process in a real pseudo-terminal: what is drawn, what is left, how it ends."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from runbrowser.demo.launch import DemoProcess
from runbrowser.models import RunState
from tests.openml.truth import listed_ids

from .counting import counting
from .pty_harness import BROWSER, PATIENCE, children, is_gone, plain_environ, terminal, until

TASK = 9101


def _rows(text: str) -> list[str]:
    return re.findall(r" (\d{6})  [✓✗!○·] ", text)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A home of its own."""
    home = tmp_path / "home"
    home.mkdir()
    return home


def test_a_session_with_the_demo_from_first_row_to_the_last_process(folder: Path) -> None:
    with terminal(["--demo", f"task:{TASK}"], plain_environ(folder)) as screen:
        text = screen.wait(lambda text: _rows(text) and "page 1" in text)
        assert f"task:{TASK} esc clears" in text
        assert "demo" in text
        servers = children(screen.process.pid)
        assert len(servers) == 1
        first = _rows(text)[:3]
        screen.press("n")
        screen.wait(lambda text: "page 2" in text and _rows(text)[:3] != first)
        screen.press("p")
        screen.wait(lambda text: "page 1" in text and _rows(text)[:3] == first)
        screen.press("\r")
        screen.wait(lambda text: f"Run {first[0]}" in text and "Evaluations" in text)
        screen.press("\x1b")
        screen.wait(lambda text: "Evaluations" not in text)
        screen.press("q")
        assert screen.end() == 0
        assert is_gone(screen.process.pid)
    assert until(lambda: all(map(is_gone, servers)))
    assert not list(folder.glob("runbrowser-demo-*"))
    # the terminal is as it was: main screen, cursor to be seen, no mouse reports
    for on, off in ((b"\x1b[?1049h", b"\x1b[?1049l"), (b"\x1b[?25l", b"\x1b[?25h")):
        assert screen.raw.rindex(off) > screen.raw.rindex(on)
    assert screen.raw.rindex(b"\x1b[?1000l") > screen.raw.rindex(b"\x1b[?1000h")


def test_an_error_can_be_read(folder: Path, demo: DemoProcess) -> None:
    arguments = ["--server", demo.v1, "state:failed"]
    with terminal(arguments, plain_environ(folder), columns=80, lines=24) as screen:
        screen.wait(lambda text: "✗ failed" in text and "page 1" in text)
        screen.press("\r")
        screen.wait(lambda text: re.match(r" Run \d+  ✗ failed", text))
        screen.wait(lambda text: "Error reported by the uploader" in text)
        screen.press("q")
        assert screen.end() == 0


def test_q_typed_ahead_ends_it_as_well(folder: Path, demo: DemoProcess) -> None:
    with terminal(["--server", demo.v1], plain_environ(folder)) as screen:
        assert until(lambda: screen.read() and b"\x1b[?1049h" in screen.raw)
        screen.press("q")
        assert screen.end() == 0
    assert b"stopped" not in screen.raw


def test_killing_the_browser_leaves_no_server_behind(folder: Path) -> None:
    with terminal(["--demo"], plain_environ(folder)) as screen:
        screen.wait(lambda text: _rows(text))
        servers = children(screen.process.pid)
        assert len(servers) == 1
        os.kill(screen.process.pid, signal.SIGKILL)
        screen.end()
    assert until(lambda: all(map(is_gone, servers)))
    assert until(lambda: not list(folder.glob("runbrowser-demo-*")))


def test_sighup_ends_the_browser_and_its_server(folder: Path) -> None:
    with terminal(["--demo"], plain_environ(folder)) as screen:
        screen.wait(lambda text: _rows(text))
        servers = children(screen.process.pid)
        os.kill(screen.process.pid, signal.SIGHUP)
        screen.end()
    assert until(lambda: all(map(is_gone, servers)))


@pytest.mark.parametrize("moment", ["terminal", "connecting", "rows", "names"])
def test_sigterm_ends_the_browser_in_order_at_any_moment(moment: str, folder: Path) -> None:
    with terminal(["--demo"], plain_environ(folder)) as screen:
        if moment == "terminal":
            assert until(lambda: screen.read() and b"\x1b[?1049h" in screen.raw)
        elif moment == "connecting":
            screen.wait(lambda text: "connecting" in text or "starting" in text)
        else:
            screen.wait(lambda text: _rows(text) and (moment == "rows" or "✓ ok" in text))
        servers = children(screen.process.pid)
        os.kill(screen.process.pid, signal.SIGTERM)
        assert screen.end() == 128 + signal.SIGTERM
    assert screen.raw.rindex(b"\x1b[?1049l") > screen.raw.rindex(b"\x1b[?1049h")
    assert b"Traceback" not in screen.raw
    assert until(lambda: all(map(is_gone, servers)))


def test_q_ends_the_browser_while_the_server_says_nothing(folder: Path, demo: DemoProcess) -> None:
    with counting(demo.v1) as server:
        server.hold("run/list")
        with terminal(["--server", server.v1], plain_environ(folder)) as screen:
            assert until(lambda: screen.read() and server.count("run/list"))
            screen.press("q")
            assert screen.end() == 0


@pytest.mark.parametrize("stream", ["stdout", "stdin"])
def test_without_a_terminal_it_says_so_and_exits_2(stream: str, folder: Path) -> None:
    ended = subprocess.run(
        BROWSER,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=plain_environ(folder),
        timeout=PATIENCE,
    )
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert ended.stderr.count("\n") == 1
    assert "needs a terminal" in ended.stderr
    assert "runbrowser list" in ended.stderr
    assert "\x1b" not in ended.stderr


@pytest.mark.parametrize("term", ["dumb", "unknown", ""])
def test_a_terminal_that_cannot_show_it_is_told_of_and_exits_2(term: str, folder: Path) -> None:
    with terminal([], plain_environ(folder, TERM=term)) as screen:
        assert screen.end() == 2
        assert b"\x1b" not in screen.raw
        assert screen.raw.count(b"\n") == 1
        assert b"runbrowser list" in screen.raw


_COLOURS = {*range(30, 39), *range(40, 49), *range(90, 108)}


def test_no_color_means_no_colour(folder: Path, demo: DemoProcess) -> None:
    environ = plain_environ(folder, NO_COLOR="1")
    with terminal(["--server", demo.v1], environ, columns=140) as screen:
        first = _rows(screen.wait(lambda text: _rows(text) and "✗" in text))[0]
        screen.press("\r")
        screen.wait(lambda text: f"Run {first}" in text)
        screen.press("?")
        screen.wait(lambda text: "Next page of runs" in text)
        screen.press("q")
        screen.wait(lambda text: "Next page of runs" not in text)
        screen.press("q")
        assert screen.end() == 0
    codes = [code for code in re.findall(rb"\x1b\[([0-9;:]*)m", screen.raw) if code]
    assert codes
    for code in codes:
        numbers = [int(part) for part in re.split(rb"[;:]", code) if part]
        coloured = [
            n for n in numbers if 30 <= n <= 37 or 40 <= n <= 48 or 90 <= n <= 107 or n == 38
        ]
        assert coloured == [], code


def test_colours_are_used_where_they_may_be(folder: Path, demo: DemoProcess) -> None:
    with terminal(["--server", demo.v1], plain_environ(folder)) as screen:
        screen.wait(lambda text: _rows(text))
        screen.press("q")
        assert screen.end() == 0
    assert re.search(rb"\x1b\[[0-9;]*38;2;", screen.raw)


CRASH = """
import sys
from runbrowser.tui.widgets.status_bar import StatusBar
def render(self):
    secret = "0123456789abcdef0123456789abcdef"
    raise RuntimeError("a fault of ours")
StatusBar.render = render
from runbrowser.__main__ import main
sys.exit(main())
"""


def test_a_crash_of_ours_is_one_sentence(folder: Path, demo: DemoProcess) -> None:
    from .pty_harness import Terminal

    key = "0123456789abcdef0123456789abcdef"
    command = [sys.executable, "-c", CRASH, "--server", demo.v1]
    screen = Terminal(command, plain_environ(folder, OPENML_APIKEY=key), 100, 30)
    try:
        assert screen.end() == 1
    finally:
        screen.process.close(force=True)
    left = screen.raw.rpartition(b"\x1b[?1049l")[2]
    words = re.sub(rb"\x1b\[[0-9;?<>=]*[A-Za-z]", b"", left).decode()
    assert "runbrowser stopped: something went wrong" in words
    assert "Traceback" not in screen.raw.decode("utf-8", "replace")
    assert key.encode() not in screen.raw
    logs = list(folder.rglob("runbrowser.log"))
    assert len(logs) == 1
    assert "a fault of ours" in logs[0].read_text("utf-8")
    assert key not in logs[0].read_text("utf-8")


# What Textual itself writes: colours, the cursor, modes, the kitty keyboard, the shape of the
# pointer, and asking what the terminal can do.
_OWN = re.compile(
    rb"\x1b\[[0-9;:]*m|\x1b\[[0-9;]*[HABCDJKX]|\x1b\[[?>=<]?[0-9;]*[hlutcn]|\x1b\[\?[0-9;]+\$p"
    rb"|\x1b\[[0-9;]*[ ]?q|\x1b[78=>]|\x1b\[>[0-9]*q|\x1b\]22;[a-z-]*\x07"
)


def test_texts_by_strangers_cause_no_escape_sequence(
    folder: Path, hostile: DemoProcess, demo: DemoProcess
) -> None:
    # escapes, controls, bidi, markup, line breaks; every special run is read in test_hostile
    asked = ",".join(map(str, (*range(900_001, 900_012), *range(900_025, 900_028), 900_042)))
    special = sorted(listed_ids(hostile.v1, f"run/{asked}/show_errors/true"), reverse=True)
    with terminal(
        ["--server", hostile.v1, f"run:{asked}"], plain_environ(folder), columns=150, lines=50
    ) as screen:
        screen.wait(lambda text: _rows(text) and "page 1" in text)
        title = screen.title
        screen.press("\r")
        screen.wait(lambda text: "Run 9" in text)
        screen.press("\t")
        for run_id in special[1:]:
            screen.press("j")
            screen.wait(lambda text, run_id=run_id: f"Run {run_id}" in text)  # type: ignore[misc]
        screen.press("q")
        assert screen.end() == 0
    assert screen.title == title
    assert b"\x1b]52" not in screen.raw
    strange = [piece for piece in _OWN.sub(b"", screen.raw).split(b"\x1b")[1:] if piece]
    assert strange == []
    rest = _OWN.sub(b"", screen.raw)
    assert set(rest) & {*range(32), 127} <= {10, 13}
    assert b"\xc2\x9b" not in rest


def test_states_are_told_by_signs_where_there_are_no_colours() -> None:
    signs = [state.glyph for state in RunState]
    assert len(set(signs)) == len(signs)


MODES = ((b"\x1b[?1049h", b"\x1b[?1049l"), (b"\x1b[?25l", b"\x1b[?25h"),
         (b"\x1b[?1000h", b"\x1b[?1000l"), (b"\x1b[?2004h", b"\x1b[?2004l"))  # fmt: skip


def _is_stopped(pid: int) -> bool:
    told = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    return told.rpartition(")")[2].split()[0] == "T"


def _left_as_found(raw: bytes) -> bool:
    return all(off in raw and raw.rindex(off) > raw.rindex(on) for on, off in MODES)


@pytest.mark.parametrize("how", ["ctrl+z", "SIGTSTP", "SIGSTOP"])
def test_suspended_and_continued_the_whole_screen_is_there_again(
    how: str, folder: Path, demo: DemoProcess
) -> None:
    with terminal(["--server", demo.v1], plain_environ(folder)) as screen:
        screen.wait(
            lambda text: _rows(text) and "hide eval errors" in text and re.search(r"✓ \d", text)
        )
        screen.rest()
        before = screen.text
        pid = screen.process.pid
        for _ in range(2):
            if how == "ctrl+z":
                screen.press("\x1a")
            else:
                os.kill(pid, getattr(signal, how))
            assert until(lambda: screen.read() and _is_stopped(pid))
            screen.rest()
            if how != "SIGSTOP":
                assert _left_as_found(screen.raw)
            screen.clear()
            os.kill(pid, signal.SIGCONT)
            screen.wait(lambda text: text == before)
        screen.press("j")
        screen.press("\r")
        screen.wait(lambda text: "Run 9" in text)
        screen.press("q")
        assert screen.end() == 0
    assert _left_as_found(screen.raw)


def test_sighup_with_the_terminal_alive_leaves_no_mode_on(folder: Path, demo: DemoProcess) -> None:
    with terminal(["--server", demo.v1], plain_environ(folder)) as screen:
        screen.wait(lambda text: _rows(text))
        os.kill(screen.process.pid, signal.SIGHUP)
        assert screen.end() == 128 + signal.SIGHUP
    assert _left_as_found(screen.raw)


@pytest.mark.parametrize("letters, script", [("йопу", "Cyrillic"), ("ξκδ", "Greek")])
def test_letters_of_another_script_get_a_word_of_help(
    letters: str, script: str, folder: Path, demo: DemoProcess
) -> None:
    with terminal(["--server", demo.v1], plain_environ(folder)) as screen:
        screen.wait(lambda text: _rows(text))
        screen.press(letters)
        screen.wait(lambda text: f"the keyboard writes {script} letters" in text)
        screen.press("q")
        assert screen.end() == 0


@pytest.mark.parametrize(
    "name, value",
    [("TEXTUAL_COLOR_SYSTEM", "bogus"), ("TEXTUAL_LOG", "/nonexistent/x.log"),
     ("TEXTUAL_DRIVER", "nonsense:Driver"), ("TEXTUAL_DRIVER", "os:Driver"), ("TEXTUAL_FPS", "x"),
     ("TEXTUAL_THEME", "x"), ("TEXTUAL_ANIMATIONS", "x"), ("TEXTUAL", "devtools,debug")],
)  # fmt: skip
def test_a_variable_of_textuals_keeps_nobody_out(
    name: str, value: str, folder: Path, demo: DemoProcess
) -> None:
    environ = plain_environ(folder, **{name: value})
    with terminal(["--server", demo.v1], environ) as screen:
        screen.wait(lambda text: _rows(text))
        screen.press("q")
        assert screen.end() == 0


def test_exported_columns_and_lines_do_not_hold_the_size(folder: Path, demo: DemoProcess) -> None:
    environ = plain_environ(folder, COLUMNS="80", LINES="24")
    with terminal(["--server", demo.v1], environ, columns=120, lines=30) as screen:
        screen.wait(lambda text: _rows(text) and "enter open" in text.splitlines()[29])
        screen.resize(100, 20)
        screen.wait(lambda text: "enter open" in text.splitlines()[19])
        screen.press("q")
        assert screen.end() == 0


@pytest.mark.parametrize(
    "more", [{"PYTHONIOENCODING": "ascii"}, {"PYTHONIOENCODING": "latin-1:strict"},
             {"LC_ALL": "POSIX", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}]
)  # fmt: skip
def test_whatever_encoding_is_asked_for_signs_and_lines_are_drawn(
    more: dict[str, str], folder: Path, demo: DemoProcess
) -> None:
    with terminal(["--server", demo.v1], plain_environ(folder, **more)) as screen:
        text = screen.wait(lambda text: _rows(text) and "page 1" in text)
        assert "\\u" not in text
        assert "\u2502" in text  # a line between two panes
        screen.press("q")
        assert screen.end() == 0
