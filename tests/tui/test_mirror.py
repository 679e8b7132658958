"""The same screen on a mirror: totals, any order of all runs, what only a mirror can look for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from runbrowser.client.http import AsyncHTTPClient, HTTPClient
from runbrowser.demo.launch import DemoProcess
from runbrowser.fields.filters import parse
from runbrowser.mirror.folder import MirrorFolder, folder_of
from runbrowser.mirror.reading import Mirror
from runbrowser.mirror.source import MirrorSource, age
from runbrowser.mirror.sync import Sync
from runbrowser.models import RunFilter
from runbrowser.openml.base import RunSource
from runbrowser.openml.live import LiveSource
from runbrowser.tui.opening import OpenSource
from runbrowser.tui.screens.groups import ErrorGroupsScreen
from tests.support.demos import start
from tests.tui.harness import (
    browsing,
    live,
    main_screen,
    note,
    press,
    screen_text,
    shown_ids,
    status_line,
    workspace,
    write,
)


def copy_of(server: DemoProcess) -> MirrorFolder:
    """A mirror of a server, in the folder for data of this test."""
    folder = folder_of(server.v1)
    with HTTPClient(server.v1, server.api_key) as http:
        Sync(folder, http, RunFilter()).run()
    return folder


@pytest.fixture
def folder(demo: DemoProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MirrorFolder:
    monkeypatch.setenv("RUNBROWSER_DATA_DIR", str(tmp_path))
    return copy_of(demo)


def mirrored(folder: MirrorFolder, key: str | None = None) -> OpenSource:
    """What opens a mirror."""

    def open_source(tell: Callable[[str], None]) -> RunSource:
        http = AsyncHTTPClient(folder.server, key, retry="none")
        return MirrorSource(folder, LiveSource(http, user_id=2))

    return open_source


async def asks_nothing(source: RunSource) -> None:
    """Fails when the server is asked."""
    await source.http.close()


def ids_in_mirror(folder: MirrorFolder, sql: str) -> list[int]:
    with Mirror(folder) as mirror, mirror.query(sql) as (_, pieces):
        return [row[0] for piece in pieces for row in piece]


async def test_a_mirror_is_browsed_with_totals_and_without_a_request(folder: MirrorFolder) -> None:
    every = ids_in_mirror(folder, "SELECT run_id FROM runs ORDER BY run_id DESC")
    async with browsing(mirrored(folder)) as pilot:
        await asks_nothing(workspace(pilot).source)
        assert f"runs 1–30 of {len(every):,}" in status_line(pilot)
        assert "mirror of" in screen_text(pilot) and "min old" in screen_text(pilot)
        assert shown_ids(pilot) == every[:30]
        await press(pilot, "n")
        assert shown_ids(pilot) == every[30:60]
        await press(pilot, "p")
        assert shown_ids(pilot) == every[:30]
        await press(pilot, "number_sign")
        await write(pilot, "p77")
        await press(pilot, "enter")
        assert shown_ids(pilot) == every[76 * 30 : 77 * 30]
        facts = workspace(pilot).pager.facts
        assert set(shown_ids(pilot)) <= set(facts)


@pytest.mark.parametrize(
    "column, sql",
    [
        ("score", "SELECT r.run_id FROM runs r LEFT JOIN main_scores s USING (run_id) "
         "ORDER BY s.value DESC NULLS LAST, r.run_id DESC"),
        ("task", "SELECT run_id FROM runs ORDER BY task_id, run_id"),
        ("error", "SELECT run_id FROM all_runs ORDER BY error_message NULLS LAST, run_id"),
        ("flow", "SELECT run_id FROM all_runs ORDER BY flow NULLS LAST, run_id"),
    ],
)  # fmt: skip
async def test_s_orders_all_runs(column: str, sql: str, folder: MirrorFolder) -> None:
    every = ids_in_mirror(folder, sql)
    async with browsing(mirrored(folder)) as pilot:
        await asks_nothing(workspace(pilot).source)
        arrangement = workspace(pilot).arrangement
        workspace(pilot).selection.arrange(
            type(arrangement)(columns=arrangement.columns, sort=column)
        )
        await press(pilot)
        assert shown_ids(pilot) == every[:30]
        await press(pilot, "n", "n")
        assert shown_ids(pilot) == every[60:90]


@pytest.mark.parametrize(
    "text",
    [
        "flow~forest", "data~cancer", 'error=~"memory|heap"', "since:2021-06", "until:2021",
        "score>0.9", "-state:failed", "-task:9101 state:ok", "uploader:me",
    ],
)  # fmt: skip
async def test_filters_hold_over_everything(text: str, folder: MirrorFolder) -> None:
    filter = parse(text.replace("me", "2") if text == "uploader:me" else text)
    with Mirror(folder) as mirror:
        total = mirror.count(filter)
        rows, _ = mirror.page(filter, 30)
    async with browsing(mirrored(folder), parse(text)) as pilot:
        await asks_nothing(workspace(pilot).source)
        assert f"of {total:,}" in status_line(pilot) or not total
        assert shown_ids(pilot) == [row.run_id for row in rows]


async def test_what_a_mirror_does_not_hold_is_refused_and_the_rows_stay(
    folder: MirrorFolder,
) -> None:
    async with browsing(mirrored(folder)) as pilot:
        before = shown_ids(pilot)
        await press(pilot, "slash")
        await write(pilot, "tag:study_14")
        await press(pilot, "enter")
        assert "does not hold tags" in note(pilot)
        assert shown_ids(pilot) == before


async def test_a_server_says_what_only_a_mirror_can_and_b_changes_over(
    folder: MirrorFolder,
) -> None:
    async with browsing(live(folder.server)) as pilot:
        assert "B: mirror" in screen_text(pilot)
        await press(pilot, "slash")
        await write(pilot, "flow~forest")
        await press(pilot, "enter")
        assert "Only a mirror can look for flow~" in note(pilot)
        await press(pilot, "B")
        assert "mirror of" in screen_text(pilot)
        await press(pilot, "slash")
        await write(pilot, "flow~forest")
        await press(pilot, "enter")
        with Mirror(folder) as mirror:
            total = mirror.count(parse("flow~forest"))
        assert f"of {total:,}" in status_line(pilot)
        await press(pilot, "B")
        assert "Only a mirror can look for" in note(pilot), "the server cannot, so it stays"
        await press(pilot, "escape", "escape")
        assert workspace(pilot).filter.empty, note(pilot)
        await press(pilot, "B")
        assert "V1 openml, B: mirror" in screen_text(pilot)
        assert len(shown_ids(pilot)) == 30


async def test_without_a_mirror_the_key_says_how_to_make_one(
    demo: DemoProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNBROWSER_DATA_DIR", str(tmp_path))
    async with browsing(live(demo.v1)) as pilot:
        assert "B: mirror" not in screen_text(pilot)
        await press(pilot, "B")
        assert "`runbrowser sync` makes one" in note(pilot)


async def test_a_deleted_run_leaves_the_mirror_at_once_and_the_next_sync_keeps_it_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNBROWSER_DATA_DIR", str(tmp_path))
    with start() as server:
        folder = copy_of(server)
        async with browsing(
            mirrored(folder, server.api_key), parse("uploader:me state:failed")
        ) as pilot:
            first, *others = shown_ids(pilot)
            total = workspace(pilot).page.total  # type: ignore[union-attr]
            await press(pilot, "D")
            await press(pilot, "y")
            assert first not in shown_ids(pilot), screen_text(pilot)
            assert f"of {total - 1:,}" in status_line(pilot)
            assert main_screen(pilot).table.runs[0].run_id == others[0]
        with HTTPClient(server.v1, server.api_key) as http:
            Sync(folder, http, RunFilter()).run()
        assert folder.changes.pending() == (set(), b"")
        with Mirror(folder) as mirror:
            assert mirror.count(RunFilter(ids=(first,))) == 0


async def test_groups_of_errors_are_counted_over_everything(
    folder: MirrorFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runbrowser.tui.features.failed_runs.MOST", 60)
    counts = (
        "SELECT count(*) FROM runs JOIN messages USING (message_id) GROUP BY {} ORDER BY 1 DESC"
    )
    kinds = ids_in_mirror(folder, counts.format("essence"))
    flows = ids_in_mirror(folder, counts.format("flow_id"))
    assert sum(kinds) > 60, "more than are read"
    async with browsing(mirrored(folder), size=(140, 40)) as pilot:
        await press(pilot, "E")
        screen = pilot.app.screen
        assert isinstance(screen, ErrorGroupsScreen)
        assert [group.count for group in screen.lines] == kinds
        assert f"{len(kinds)} kinds in {sum(kinds):,} failed runs" in screen_text(pilot)
        assert "newest" in screen_text(pilot) and "marks and exports are of these" in screen_text(
            pilot
        )
        await press(pilot, "space")
        assert 0 < len(workspace(pilot).marks) < kinds[0]
        await press(pilot, "b")
        assert [group.count for group in screen.lines] == flows
        await press(pilot, "enter")
        assert f"of {flows[0]:,}" in status_line(pilot)


async def test_a_newer_version_is_taken_up_with_the_next_page(
    folder: MirrorFolder, demo: DemoProcess
) -> None:
    async with browsing(mirrored(folder)) as pilot:
        before = folder.current()
        with HTTPClient(demo.v1, demo.api_key) as http:
            Sync(folder, http, RunFilter()).run()
        assert folder.current() != before
        await press(pilot, "n")
        assert len(shown_ids(pilot)) == 30
        source = workspace(pilot).source
        assert isinstance(source, MirrorSource) and source.version == folder.current()
        await press(pilot, "r")
        assert len(shown_ids(pilot)) == 30


def test_an_age_is_told_in_one_unit() -> None:
    from datetime import UTC, datetime

    now = datetime(2026, 1, 31, 12, tzinfo=UTC)
    told = {
        "2026-01-31 11:30:00": "30 min",
        "2026-01-31 09:00:00": "3 h",
        "2026-01-21 12:00:00": "10 days",
        "": "an unknown time",
    }
    assert {text: age(text, now) for text in told} == told
