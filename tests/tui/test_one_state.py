"""Row and pane tell the same state of a run, whichever API it is read from."""

import pytest

from runbrowser.client.http import AsyncHTTPClient
from runbrowser.demo.launch import DemoProcess
from runbrowser.models import RunFilter, RunState
from runbrowser.openml.base import RunSource
from runbrowser.openml.live import LiveSource

from .harness import browsing, press, screen_text, workspace

# evaluated without any value; engine 1 failed where engine 2 did not; engine 1 failed; waits
RUNS = {
    59826: RunState.OK,
    900046: RunState.EVALUATION_FAILED,
    900016: RunState.EVALUATION_FAILED,
    900018: RunState.NOT_EVALUATED,
}
# V2 alone tells none of these states: what the lists tell holds for the pane as well
BY_LISTS = RUNS | {59826: RunState.NOT_EVALUATED, 900046: RunState.NOT_EVALUATED}


@pytest.mark.parametrize("apis", ["v1", "v2 and v1", "v2 alone"])
async def test_row_and_pane_agree(apis: str, hostile: DemoProcess) -> None:
    def open_source(tell: object) -> RunSource:
        return LiveSource(
            AsyncHTTPClient(hostile.v1, retry="none"),
            AsyncHTTPClient(hostile.v2, retry="none") if apis != "v1" else None,
            prefer_v2=apis != "v1",
            fallback=apis != "v2 alone",
        )

    expected = BY_LISTS if apis == "v2 alone" else RUNS
    async with browsing(open_source, RunFilter(ids=tuple(RUNS)), size=(200, 40)) as pilot:
        await press(pilot, "enter")
        for _ in RUNS:
            run_id = workspace(pilot).focus.run_id
            assert run_id is not None
            state = expected[run_id]
            shown = screen_text(pilot)
            assert f"Run {run_id}  {state.glyph} {state.value}" in shown
            assert workspace(pilot).pager.facts[run_id].state is state
            await press(pilot, "escape", "j", "enter")
        assert workspace(pilot).runs.get(run_id) is not None
