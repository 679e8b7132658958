"""Pictures of what is told of one run, at three sizes, as they were when somebody looked at them.

After a change that is meant: ``pytest tests/tui/test_snapshots_detail.py --snapshot-update``, then
look.
"""

from collections.abc import Iterator

import pytest
from textual.pilot import Pilot

from runbrowser.demo.launch import DemoProcess
from runbrowser.fields.filters import parse

from .counting import Counting, Reply, counting
from .detail.predicted import file_of
from .detail.test_trace import trace_reply
from .harness import app_on, live, press, settle
from .test_snapshots import SIZES, Compare, _size_name

SEARCH, REPEATED, DIGITS, REGRESSION = 900131, 900112, 900231, 900104
FILE = r".*predictions\.arff"


@pytest.fixture
def own(demo: DemoProcess) -> Iterator[Counting]:
    """A server before the demo that files come through as well."""
    with counting(demo.v1) as server:
        server.known_as = f"127.0.0.1:{server.port}".encode()
        yield server


def _picture(
    snap_compare: Compare, v1: str, size: tuple[int, int], run_id: int, *keys: str
) -> bool:
    async def before(pilot: Pilot[int]) -> None:
        await settle(pilot)
        for key in ("enter", *keys):
            await press(pilot, key)

    return snap_compare(
        app_on(live(v1), parse(f"run:{run_id}")), terminal_size=size, run_before=before
    )


@pytest.mark.parametrize("size", SIZES, ids=_size_name)
@pytest.mark.parametrize("run_id", [SEARCH, REPEATED], ids=["10_folds", "50_folds"])
def test_the_charts_of_a_run(
    run_id: int, size: tuple[int, int], demo: DemoProcess, snap_compare: Compare
) -> None:
    keys = ["pagedown"] if size[1] > 30 else ["pagedown", "pagedown"]
    assert _picture(snap_compare, demo.v1, size, run_id, *keys)


@pytest.mark.parametrize("size", SIZES, ids=_size_name)
@pytest.mark.parametrize(
    "run_id", [SEARCH, DIGITS, REGRESSION], ids=["3_classes", "10_classes", "regression"]
)
def test_the_predictions_of_a_run(
    run_id: int, size: tuple[int, int], demo: DemoProcess, snap_compare: Compare
) -> None:
    assert _picture(snap_compare, demo.v1, size, run_id, "i")


@pytest.mark.parametrize("size", SIZES, ids=_size_name)
@pytest.mark.parametrize("long", [1, 1_000], ids=["letters", "long_names"])
def test_the_predictions_of_26_classes(
    long: int, size: tuple[int, int], own: Counting, snap_compare: Compare
) -> None:
    labels = [chr(97 + i) * long for i in range(26)]
    pairs = [(i, i) for i in range(26) for _ in range(20)] + [(3, 4)] * 9 + [(7, 2)] * 5
    own.answer(FILE, Reply(200, "text/plain", file_of(labels, pairs)))
    assert _picture(snap_compare, own.v1, size, SEARCH, "i")


@pytest.mark.parametrize("size", SIZES, ids=_size_name)
def test_two_classes_with_damaged_lines_and_a_server_that_says_otherwise(
    size: tuple[int, int], own: Counting, snap_compare: Compare
) -> None:
    file = file_of(["benign", "malignant"], [(0, 0)] * 40 + [(1, 1)] * 30 + [(1, 0)] * 6)
    own.answer(FILE, Reply(200, "text/plain", file + b"\ndamaged\n0,0,?,?,?\n"))
    assert _picture(snap_compare, own.v1, size, SEARCH, "i")


@pytest.mark.parametrize("size", SIZES, ids=_size_name)
def test_the_attempts_of_a_search(
    size: tuple[int, int], demo: DemoProcess, snap_compare: Compare
) -> None:
    assert _picture(snap_compare, demo.v1, size, SEARCH, "a", "n", "j")


@pytest.mark.parametrize("size", SIZES, ids=_size_name)
def test_a_thousand_attempts_by_score(
    size: tuple[int, int], own: Counting, snap_compare: Compare
) -> None:
    own.answer(r"run/trace/", trace_reply(1_000, parameters=12))
    assert _picture(snap_compare, own.v1, size, SEARCH, "a", "s", "j")


@pytest.mark.parametrize("size", SIZES, ids=_size_name)
def test_words_found_in_the_detail(
    size: tuple[int, int], own: Counting, snap_compare: Compare
) -> None:
    own.known_as = b"openml.example"
    keys = ("slash", *"gamma", "enter", "n")
    assert _picture(snap_compare, own.v1, size, SEARCH, *keys)


@pytest.mark.parametrize("size", SIZES, ids=_size_name)
def test_a_value_to_copy(size: tuple[int, int], demo: DemoProcess, snap_compare: Compare) -> None:
    assert _picture(snap_compare, demo.v1, size, SEARCH, "C", *"svc")
