"""Pictures of columns, measures and views, at three sizes, as they were when last looked at.

After a change that is meant: ``pytest tests/tui/test_snapshots_views.py --snapshot-update``.
"""

from collections.abc import Iterator

import pytest
from textual.pilot import Pilot

from runbrowser import paths
from runbrowser.demo import DEMO_USER_ID
from runbrowser.demo.launch import DemoProcess
from runbrowser.fields.filters import parse
from runbrowser.views.arrangement import Arrangement
from runbrowser.views.store import change, saved
from runbrowser.views.view import View

from .counting import Counting, counting
from .harness import app_on, live, press, settle, write
from .test_snapshots import SIZES, Compare, Steps, _size_name

SCORES = ("run_id", "state", "score", "spread", "score:kappa", "spread:kappa", "flow", "error")


@pytest.fixture
def openml(demo: DemoProcess) -> Iterator[Counting]:
    """The demo under an address that is the same in every picture."""
    with counting(demo.v1) as server:
        server.known_as = b"openml.example"
        yield server


async def _measures(pilot: Pilot[int]) -> None:
    await press(pilot, "M")
    await write(pilot, "squared")


async def _columns(pilot: Pilot[int]) -> None:
    await press(pilot, "c", "j", "space")


async def _several_scores(pilot: Pilot[int]) -> None:
    await press(pilot, "right_square_bracket")
    await press(pilot, "right_square_bracket")


async def _folded(pilot: Pilot[int]) -> None:
    await press(pilot, "c", "f", "enter")


async def _changed_view(pilot: Pilot[int]) -> None:
    await press(pilot, "right_square_bracket")
    await press(pilot, "e")


async def _save(pilot: Pilot[int]) -> None:
    await pilot.app.run_action("app.do('save_view')")


@pytest.mark.parametrize("size", SIZES, ids=_size_name)
@pytest.mark.parametrize(
    "steps",
    [_measures, _columns, _several_scores, _folded, _changed_view, _save],
    ids=lambda steps: steps.__name__.strip("_"),
)
def test_columns_measures_and_views(
    steps: Steps, size: tuple[int, int], openml: Counting, snap_compare: Compare
) -> None:
    _compare(snap_compare, openml, size, steps)


@pytest.mark.parametrize("size", [(120, 36)], ids=_size_name)
def test_views_without_colour(
    size: tuple[int, int],
    openml: Counting,
    snap_compare: Compare,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    _compare(snap_compare, openml, size, _several_scores)


def _compare(snap_compare: Compare, openml: Counting, size: tuple[int, int], steps: Steps) -> None:
    for view in (
        View("failed on iris", parse("task:9101 state:failed")),
        View("scores", parse("task:9101"), Arrangement(SCORES, sort="score:kappa")),
        View("all of the nightly builds", parse("uploader:3")),
        View("a name that is as long as it may be, which is sixty cells long"[:60]),
    ):
        change(paths.views_file(), saved(view))

    async def before(pilot: Pilot[int]) -> None:
        await settle(pilot)
        await steps(pilot)
        await settle(pilot)

    source = live(openml.v1, user_id=DEMO_USER_ID)
    app = app_on(source, parse("task:9101"), page_size=100)
    assert snap_compare(app, terminal_size=size, run_before=before)
