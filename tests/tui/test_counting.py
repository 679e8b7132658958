"""A list that is longer than what is read of it says so, and is counted on demand."""

from collections.abc import Iterator

import pytest

from runbrowser.fields.filters import parse
from runbrowser.models import RunFilter
from tests.support.demos import start

from .counting import Counting, Reply, counting
from .deeds import command
from .harness import browsing, note, press, settle, status_line

MIRROR = "a mirror orders all of them (runbrowser sync)"
LONG = parse("task:10001")


@pytest.fixture(scope="module")
def long() -> Iterator[Counting]:
    """A counting server before 13,000 synthetic runs, most of them on one task."""
    with start(synthetic="runs=13000,flows=4,tasks=1") as demo, counting(demo.v1) as server:
        yield server


async def test_the_first_runs_of_a_long_list_are_named_and_all_are_counted_on_demand(
    long: Counting,
) -> None:
    async with browsing(long.v1, LONG, size=(160, 40), page_size=100) as pilot:
        assert "of the first 10,000," in status_line(pilot)
        assert note(pilot) == f"in order among the first 10,000; {MIRROR}"
        before = len(long.asked)
        await command(pilot, "count")
        await settle(pilot)
        asked = [path for path in long.asked[before:] if path.startswith("run/list/task")]
        assert asked == ["run/list/task/10001/show_errors/true"]
        assert "of the first 10,000 of 13,000," in status_line(pilot)
        assert note(pilot) == f"13,000 runs match; in order among the first 10,000; {MIRROR}"
        await press(pilot, "n")
        assert "runs 101\u2013200 of the first 10,000 of 13,000, page 2" in status_line(pilot)
        await press(pilot, "p")
        assert "of 13,000" in status_line(pilot)
        before = long.count("run/list/task/10001/show_errors")
        await command(pilot, "count")
        assert "it is known how many runs match" in note(pilot)
        assert long.count("run/list/task/10001/show_errors") == before


async def test_what_cannot_be_counted_is_said(long: Counting) -> None:
    refused = (
        b"<oml:error><oml:code>107</oml:code><oml:message>Database down</oml:message></oml:error>"
    )
    async with browsing(long.v1, LONG, size=(160, 40)) as pilot:
        long.answer(
            "run/list/task/10001/show_errors", Reply(412, "text/xml", refused + b"</oml:error>")
        )
        await command(pilot, "count")
        await settle(pilot)
        assert "Database down" in note(pilot)
        assert "of the first 10,000," in status_line(pilot)
        long.answer("run/list/task/10001/show_errors", None)
    async with browsing(long.v1, parse("task:10001 state:failed"), size=(160, 40)) as pilot:
        await command(pilot, "count")
        assert "known" in note(pilot) or "only the rows tell" in note(pilot)


async def test_all_runs_of_a_server_which_it_does_not_count_stay_an_estimate(
    long: Counting,
) -> None:
    async with browsing(long.v1, RunFilter(), size=(160, 40)) as pilot:
        assert "of about 1" in status_line(pilot)
        await command(pilot, "count")
        await settle(pilot)
        assert "of about 1" in status_line(pilot)
        assert note(pilot) == "the server does not tell how many"
