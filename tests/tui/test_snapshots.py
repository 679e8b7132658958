"""Pictures of the browser, at three sizes, as they were when somebody last looked at them.

After a change that is meant: ``pytest tests/tui/test_snapshots.py --snapshot-update``, then look.
"""

from collections.abc import Awaitable, Callable, Iterator

import pytest
from textual.pilot import Pilot

from runbrowser.demo import DEMO_USER_ID
from runbrowser.demo.launch import DemoProcess
from runbrowser.fields.filters import parse
from runbrowser.models import RunFilter, RunState

from .counting import Counting, counting
from .harness import app_on, live, open_run, press, settle, write

SIZES = [(140, 40), (80, 24), (60, 20)]
NOBODY = "http://127.0.0.1:9/api/v1/xml/"  # the port of a service that throws away what it gets


def _size_name(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"


Steps = Callable[[Pilot[int]], Awaitable[None]]
Compare = Callable[..., bool]


@pytest.fixture
def openml(demo: DemoProcess) -> Iterator[Counting]:
    """The demo under an address that is the same in every picture."""
    with counting(demo.v1) as server:
        server.known_as = b"openml.example"
        yield server


async def _nothing(pilot: Pilot[int]) -> None:
    return None


async def _third_row(pilot: Pilot[int]) -> None:
    await press(pilot, "j", "j")


async def _filter_line(pilot: Pilot[int]) -> None:
    await pilot.press("slash")
    await write(pilot, "task:9101 state:fa")


async def _wrong_filter(pilot: Pilot[int]) -> None:
    await pilot.press("slash")
    await write(pilot, "task:x state:failed")


async def _sidebar(pilot: Pilot[int]) -> None:
    await press(pilot, "f")


async def _help(pilot: Pilot[int]) -> None:
    await press(pilot, "question_mark")


async def _go_to(pilot: Pilot[int]) -> None:
    await press(pilot, "number_sign")
    await write(pilot, "p3")


def _compare(
    snap_compare: Compare,
    v1: str,
    size: tuple[int, int],
    steps: Steps,
    filter: RunFilter | None = None,
) -> bool:
    async def before(pilot: Pilot[int]) -> None:
        await settle(pilot)
        await steps(pilot)
        await settle(pilot)

    app = app_on(live(v1, user_id=DEMO_USER_ID), filter, page_size=100)
    return snap_compare(app, terminal_size=size, run_before=before)


@pytest.mark.parametrize("size", SIZES, ids=_size_name)
@pytest.mark.parametrize(
    "steps",
    [_third_row, _filter_line, _wrong_filter, _sidebar, _help, _go_to],
    ids=lambda steps: steps.__name__.strip("_"),
)
def test_the_table_and_what_opens_over_it(
    steps: Steps, size: tuple[int, int], openml: Counting, snap_compare: Compare
) -> None:
    assert _compare(snap_compare, openml.v1, size, steps)


@pytest.mark.parametrize("size", SIZES, ids=_size_name)
@pytest.mark.parametrize(
    "state",
    [state for state in RunState if state is not RunState.UNKNOWN],
    ids=lambda state: state.name.lower(),
)
def test_the_detail_of_a_run_in_each_state(
    state: RunState,
    size: tuple[int, int],
    openml: Counting,
    states: dict[RunState, list[int]],
    snap_compare: Compare,
) -> None:
    run_id = states[state][0]

    async def read(pilot: Pilot[int]) -> None:
        await open_run(pilot, run_id)

    assert _compare(snap_compare, openml.v1, size, read, parse("task:9101"))


@pytest.mark.parametrize("size", SIZES, ids=_size_name)
def test_an_empty_result(size: tuple[int, int], openml: Counting, snap_compare: Compare) -> None:
    filter = parse('task:9101 error~"no such words"')
    assert _compare(snap_compare, openml.v1, size, _nothing, filter)


@pytest.mark.parametrize("size", SIZES, ids=_size_name)
def test_an_unreachable_server(size: tuple[int, int], snap_compare: Compare) -> None:
    assert _compare(snap_compare, NOBODY, size, _nothing)


@pytest.mark.parametrize("size", [(120, 36)], ids=_size_name)
def test_without_colour(
    size: tuple[int, int],
    openml: Counting,
    snap_compare: Compare,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert _compare(snap_compare, openml.v1, size, _third_row)
