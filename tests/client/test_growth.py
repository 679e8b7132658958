"""The work of every reader grows with its input, whatever the input holds.

An expression or a search that starts again and again over the same text takes the square of its
length: 280 kB of ``<title>`` once took two minutes. Here every reader gets inputs made to provoke
that, and then four times as much: the processor's time may grow by 2.5 for each doubling.
"""

from __future__ import annotations

import contextlib
import gc
import random
import time
from collections.abc import Callable, Iterator

import pytest

from runbrowser.client.call import Answer
from runbrowser.client.wire.errors import failure
from runbrowser.client.wire.notices import without_notices
from runbrowser.errors import OpenMLServerError
from runbrowser.text import display, display_lines, first_line, no_formula, to_json

from .readers import ALSO, READERS, conclude

SMALL, TIMES = 24_000, 4  # characters of the small input; how many times as long the large one is
MOST = 2.5**2  # for two doublings; work that takes the square grows by 16
NOTICEABLE = 0.004  # seconds: what takes less cannot be told from noise
TRIES = 6

XMLNS = ' xmlns:oml="http://openml.org/openml"'
ROOTS = {
    "run_list": "runs",
    "run": "run",
    "trace": "trace",
    "evaluations": "evaluations",
    "users": "users",
    "tasks": "tasks",
    "flow_names": "flow",
    "run_tags": "run_tag_list",
    "measures": "evaluation_measures",
    "tag": "run_tag",
    "untag": "run_untag",
    "delete": "run_delete",
    "publish": "upload_run",
    "study": "study",
    "studies": "study_list",
    "setups": "setups",
    "flow_list": "flows",
    "flow": "flow",
    "flow_description": "flow",
}
NAMES = (
    *("run", "run_id", "task_id", "upload_time", "error_message", "run_details", "setup_string"),
    *("evaluation", "flow_name", "data_name", "array_data", "function", "value", "name", "tag"),
    *("parameter_setting", "parameter", "default_value", "input_data", "dataset", "file", "did"),
    *("url", "user", "username", "id", "task", "flow", "version", "measure", "trace_iteration"),
    *("evaluations", "runs", "error", "message", "unknown", "setup", "parameter_name", "study"),
    *("component", "full_name", "tasks", "flows", "data"),
)
PIECES = (
    *(f"<oml:{name}>" for name in NAMES),
    *(f"</oml:{name}>" for name in NAMES),
    *(f"<oml:{name}>x</oml:{name}>" for name in NAMES),
    *(f"</oml:{name}>\n<oml:{name}>" for name in NAMES),
    *("<", ">", "&", ";", "&amp;", " ", "\n", "\r\n", "\x00", "\ufffd", '"', "<!--", "-->", "]]>"),
    *("<title>", "<title", "</title>", "<html>", "<?xml ", "<?xml ?>", "<div>", "<b>", "oml:"),
    *(" on line ", "Notice: x on line 3\n", "<h4>A PHP Error was encountered</h4>", "<br />"),
    *(f"<oml:flow{XMLNS}>", f"<oml:run{XMLNS}>", f"<oml:error{XMLNS}>", "<oml:a ", "<oml:a b='"),
    "</oml:run_details>\n  </oml:run>\n<oml:run>\n    <oml:run_id>",
    "</oml:error_message>\n    <oml:run_details>",
    "</oml:evaluation>\n    <oml:evaluation>\n    <oml:run_id>1</oml:run_id>",
    "</oml:flow_name><oml:data_name>",
    "</oml:parameter_setting><oml:parameter_setting><oml:name>",
    *("e\u0301", "\u0301", "\u200b", "\U0010ffff", "{", "[", '{"a":', '"', "\\u", "1", "0.", "-"),
)


def inputs(reader: str) -> list[str]:
    """Pieces to be repeated: each alone, and some pairs, others for each reader."""
    chance = random.Random(reader)
    return [*PIECES, *("".join(chance.sample(PIECES, 2)) for _ in range(40))]


def document(reader: str, piece: str, length: int) -> Answer:
    """A reply of about so many characters that the reader looks into."""
    middle = piece * max(1, length // len(piece))
    if reader.startswith("v2"):
        key = "trace" if reader == "v2_trace" else "run_id"
        return Answer(200, "application/json", f'{{"{key}": 1, "x": "{middle}"}}'.encode())
    root = ROOTS[reader]
    return Answer(200, "text/xml", f"<oml:{root}{XMLNS}>{middle}</oml:{root}>".encode())


def seconds(work: Callable[..., object], *arguments: object) -> float:
    """Processor time of one call, whatever it raises of what readers may raise."""
    started = time.process_time()
    with contextlib.suppress(OpenMLServerError):
        work(*arguments)
    return time.process_time() - started


@pytest.fixture(autouse=True)
def no_garbage_collection() -> Iterator[None]:
    """Its rounds come by chance."""
    gc.disable()
    yield
    gc.enable()


def growth(work: Callable[..., object], small: list[object], large: list[object]) -> float:
    """How many times as long the larger input takes, at best: others disturb, none helps."""
    best = float("inf")
    for _ in range(TRIES):
        much = seconds(work, *large)
        if much < NOTICEABLE:
            return 1.0
        best = min(best, much / max(seconds(work, *small), NOTICEABLE / 100))
        if best <= MOST:
            break
    return best


@pytest.mark.parametrize("reader", [name for name in (*READERS, *ALSO) if name != "nobody"])
def test_the_work_of_a_reader_grows_with_its_input(reader: str) -> None:
    for piece in inputs(reader):
        small, large = (document(reader, piece, SMALL * factor) for factor in (1, TIMES))
        grown = growth(lambda answer: conclude(_anew(answer), reader), [small], [large])
        assert grown <= MOST, f"{piece!r}: {grown:.1f} times for {TIMES} times as much"


def _anew(answer: Answer) -> Answer:
    return Answer(answer.status, answer.content_type, answer.body)


@pytest.mark.parametrize("status", [200, 412, 500])
@pytest.mark.parametrize("kind", ["text/xml", "text/html", "application/json"])
def test_the_work_for_a_refusal_grows_with_its_text(status: int, kind: str) -> None:
    for before in ("", f"<oml:error{XMLNS}>", "<html>"):
        for piece in inputs(f"{status}{kind}{before}"):
            small, large = (
                Answer(
                    status,
                    kind,
                    (before + piece * (SMALL * f // len(piece))).encode("utf-8", "replace"),
                )
                for f in (1, TIMES)
            )
            grown = growth(lambda answer: failure(_anew(answer), "read"), [small], [large])
            assert grown <= MOST, f"{piece!r}: {grown:.1f} times for {TIMES} times as much"


TEXTS = {
    "without_notices": without_notices,
    "display": display,
    "display_lines": display_lines,
    "first_line": first_line,
    "to_json": to_json,
    "no_formula": no_formula,
}


@pytest.mark.parametrize("name", TEXTS)
def test_the_work_for_a_text_grows_with_it(name: str) -> None:
    for piece in inputs(name):
        small, large = (piece * (SMALL * factor // len(piece)) for factor in (1, TIMES))
        grown = growth(TEXTS[name], [small], [large])
        assert grown <= MOST, f"{piece!r}: {grown:.1f} times for {TIMES} times as much"
