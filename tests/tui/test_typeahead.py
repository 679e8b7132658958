"""What is typed in one go behind a key that opens something goes to what that key opens."""

from collections.abc import Callable, Iterator

import pytest

from runbrowser.demo.launch import DemoProcess, start

from .pty_harness import Terminal, plain_environ, terminal

Sees = Callable[[str], object]

# one write, and what the screen shows of it in the end
WRITES: tuple[tuple[str, Sees], ...] = (
    ("#900118\r", lambda text: "Run 900118" in text),
    ("/task:9103\r", lambda text: "task:9103 " in text),
    ("f9102\r", lambda text: "task:9102 " in text),
    (":go to\r900118\r", lambda text: "Run 900118" in text),
    (":publish\r/nowhere/x.xml\r", lambda text: "/nowhere/x.xml" in text and "wrong" not in text),
    (":edit the filter\rtask:9104\r", lambda text: "task:9104 " in text),
    (":save view\rmine\r", lambda text: "mine" in text and "Save this view" not in text),
    (":all commands\rgo to a run\r", lambda text: "a run id, or p3 for page 3" in text),
    ("tbundled\r", lambda text: "tagged" in text),
    ("Csetup\r", lambda text: "type to narrow" not in text and "setup" in text),
    ("?q", lambda text: "q quit" in text and "Next page of runs" not in text),
    ("?jjjq:go to a run\r", lambda text: "a run id, or p3 for page 3" in text),
    ("LM", lambda text: "kohavi_wolpert" in text),
    ("Lq", lambda text: "to best" not in text and "page " in text),
    ("Eq", lambda text: "most say" not in text and "page " in text),
    ("L?qq", lambda text: "to best" not in text and "page " in text),
    (":theme\rjj\x1b", lambda text: "enter takes" not in text and "page " in text),
)


def _home(screen: Terminal) -> None:
    """The runs, no filter and nothing open."""
    for _ in range(8):
        screen.press("\x1b")
        screen.rest()
        if "q quit" in screen.text and "esc clears" not in screen.text:
            return
    screen.wait(lambda text: "page 1" in text)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    """One browser in a terminal for all writes, on a server that may be written to."""
    folder = tmp_path_factory.mktemp("typeahead")
    with start(no_evaluation=True) as demo:
        environ = plain_environ(folder, OPENML_APIKEY=demo.api_key, SSH_CONNECTION="1 2 3 4")
        yield from _browser(demo, environ)


def _browser(demo: DemoProcess, environ: dict[str, str]) -> Iterator[Terminal]:
    with terminal(["--server", demo.v1], environ) as screen:
        screen.wait(lambda text: "page 1" in text)
        yield screen
        screen.press("q")
        assert screen.end() == 0, screen.text


@pytest.mark.parametrize(("keys", "sees"), WRITES, ids=[repr(keys) for keys, _ in WRITES])
def test_keys_behind_one_that_opens_something_go_to_it(
    keys: str, sees: Sees, browser: Terminal
) -> None:
    browser.press(keys)
    browser.wait(sees)
    _home(browser)
