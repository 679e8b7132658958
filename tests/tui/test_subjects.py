"""What is read is followed: from a run to its flow, data set, tag ..., on from there, and back."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from runbrowser.demo.launch import DemoProcess
from runbrowser.fields.filters import parse, to_text
from runbrowser.fields.subjects import Subject
from runbrowser.models import RunFilter
from runbrowser.tui.screens.subject import SubjectScreen
from runbrowser.tui.widgets.detail import DetailPane

from .counting import counting
from .deeds import top
from .harness import (
    browsing,
    detail_text,
    main_screen,
    press,
    screen_text,
    settle,
    shown_ids,
    steps,
    until,
    workspace,
)

FLOW = 9201
OF_FLOW = parse(f"flow:{FLOW} state:ok")


def _pane(pilot: Pilot[int]) -> DetailPane:
    return top(pilot).query_one(DetailPane)


def _target(pilot: Pilot[int]) -> object:
    """What Enter would open."""
    link = _pane(pilot).link
    return None if link is None else link.target


def _trail(pilot: Pilot[int]) -> list[str]:
    screen = top(pilot)
    assert isinstance(screen, SubjectScreen)
    return [visit.subject.text for visit in screen.trail.visits[: screen.trail.at + 1]]


def _foot(pilot: Pilot[int]) -> str:
    return str(top(pilot).query_one(".page-foot", Static).render())


async def test_from_a_run_to_its_flow_to_the_best_run_of_that_and_back_twice_is_five_keys(
    demo: DemoProcess,
) -> None:
    async with browsing(demo.v1, OF_FLOW) as pilot:
        await press(pilot, "enter")
        run = workspace(pilot).focus.run_id
        keys = ["enter", "enter", "escape", "escape"]
        assert len(keys) <= 5
        await press(pilot, keys[0])
        assert _trail(pilot) == [f"flow:{FLOW}"]
        target = _target(pilot)
        assert isinstance(target, Subject) and target.kind == "run"
        best = max(
            row.value or 0.0
            for row in await workspace(pilot).source.scores(shown_ids(pilot), "predictive_accuracy")
            if row.task_id == workspace(pilot).focused_row().task_id  # type: ignore[union-attr]
        )
        await press(pilot, keys[1])
        assert _trail(pilot) == [f"flow:{FLOW}", target.text]
        assert _pane(pilot).page.text.startswith(f"Run {target.id}")
        read = await workspace(pilot).source.run(int(target.id))
        assert float(read.evaluations["predictive_accuracy"]) >= best
        await press(pilot, keys[2])
        assert _trail(pilot) == [f"flow:{FLOW}"] and _target(pilot) == target
        await press(pilot, keys[3])
        assert top(pilot) is main_screen(pilot)
        assert detail_text(pilot).startswith(f"Run {run}")


async def test_a_page_costs_six_requests_once_and_none_on_the_way_back(demo: DemoProcess) -> None:
    with counting(demo.v1) as server:
        async with browsing(server.v1, OF_FLOW) as pilot:
            await press(pilot, "enter")
            before = len(server.asked)
            await press(pilot, "enter")
            assert len(server.asked) - before <= 6
            await press(pilot, "enter")
            before = len(server.asked)
            await steps(pilot, "escape", "greater_than_sign", "escape", "escape")
            await press(pilot, "greater_than_sign")
            assert _trail(pilot) == [f"flow:{FLOW}"]
            assert server.asked[before:] == []


async def test_every_kind_of_thing_in_a_run_is_a_link_and_opens_a_page(demo: DemoProcess) -> None:
    async with browsing(demo.v1, parse("tag:baseline state:ok"), size=(100, 80)) as pilot:
        await press(pilot, "enter")
        found = []
        while (target := _target(pilot)) not in found:
            assert isinstance(target, Subject)
            found.append(target)
            await press(pilot, "enter")
            assert _pane(pilot).page.text.startswith(target.title)
            await steps(pilot, "escape", "l")
        kinds = [subject.kind for subject in found]
        assert kinds[:5] == ["flow", "data", "task", "uploader", "setup"]
        assert "tag" in kinds
        await press(pilot, "h")
        assert _target(pilot) == found[-2]


async def test_from_a_page_to_its_runs_and_to_one_run_in_the_table(demo: DemoProcess) -> None:
    async with browsing(demo.v1, OF_FLOW) as pilot:
        await steps(pilot, "enter", "enter")
        while not isinstance(_target(pilot), RunFilter):
            await press(pilot, "h")
        await press(pilot, "enter")
        assert top(pilot) is main_screen(pilot)
        assert to_text(workspace(pilot).filter).startswith(f"flow:{FLOW}")


async def test_the_website_is_named_for_what_has_a_page_there(demo: DemoProcess) -> None:
    async with browsing(demo.v1, OF_FLOW) as pilot:
        await steps(pilot, "enter", "enter", "o")
        await until(pilot, lambda: f"/f/{FLOW}" in _foot(pilot))


@pytest.mark.parametrize("size", [(140, 40), (80, 24), (60, 20)])
async def test_a_page_stands_in_any_room_and_a_click_follows_a_link(
    size: tuple[int, int], demo: DemoProcess
) -> None:
    async with browsing(demo.v1, OF_FLOW, size=size) as pilot:
        await press(pilot, "enter")
        pane = _pane(pilot)
        row = next(n for n, line in enumerate(pane.page.text.split("\n")) if "data set" in line)
        region = pane.page.scrollable_content_region
        await pilot.click(offset=(region.x + 12, region.y + row))
        await settle(pilot)
        assert _trail(pilot)[0].startswith("data:")
        text = screen_text(pilot)
        for named in ("? help", ": commands", "q back"):
            assert named in text
        assert all(len(line) <= size[0] for line in text.split("\n"))
