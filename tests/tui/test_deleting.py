"""Delete: what the dialog says, that no habit destroys anything, and the way back."""

from __future__ import annotations

import pytest
from textual.widgets import Button, Input

from runbrowser import paths
from runbrowser.bulk.trash import Trash
from runbrowser.demo.launch import DemoProcess
from runbrowser.fields.filters import parse
from runbrowser.tui.dialogs.destroy import DestroyDialog
from runbrowser.tui.widgets.page_view import PageView
from tests.bulk.faulty import LOST_REPLY, proxy_before
from tests.openml.truth import listed

from .deeds import (
    Gate,
    acting_on,
    delete,
    is_main,
    page_ids,
    sees,
    tags_of,
    there,
    top,
    waits,
)
from .harness import (
    browsing,
    current_id,
    detail_text,
    main_screen,
    note,
    open_run,
    press,
    screen_lines,
    screen_text,
    settle,
    status_line,
    workspace,
)

SIZES = [(60, 20), (80, 24), (140, 40)]


def copies() -> list[int]:
    """Run ids of the copies in the trash of the test."""
    return [entry.run_id for entry in Trash(paths.state_dir()).entries()]


def own(v1: str) -> str:
    """A filter on two pages of six own runs, and no others."""
    ids = [run_id for run_id, error in listed(v1, "uploader/2/show_errors/true") if error]
    return f"run:{','.join(map(str, sorted(set(ids))[:12]))}"


@pytest.mark.parametrize("size", SIZES)
async def test_the_dialog_says_what_is_lost_and_cancel_has_the_keys(
    size: tuple[int, int], demo: DemoProcess
) -> None:
    source = acting_on(demo.v1, demo.api_key)
    async with browsing(source, parse("uploader:2 tag:triaged"), size=size) as pilot:
        run_id = page_ids(pilot)[0]
        await press(pilot, "D")
        dialog = top(pilot)
        assert isinstance(dialog, DestroyDialog)
        assert isinstance(dialog.focused, Button)
        sees(pilot, "Delete 1 run", str(run_id), "demo-user", "#triaged", "Cancel")
        sees(pilot, "goes to the trash", "y deletes it, esc leaves")
        page = " ".join(dialog.query_one(PageView).text.split())  # broken for the width
        assert "a restored run is a new run" in page
        assert all(len(line) <= size[0] for line in screen_lines(pilot))
        await press(pilot, "escape")
    assert there(demo.v1, [run_id])


@pytest.mark.parametrize("size", SIZES)
async def test_of_many_runs_the_foot_with_cancel_and_the_count_stays_in_sight(
    size: tuple[int, int], demo: DemoProcess
) -> None:
    source = acting_on(demo.v1, demo.api_key)
    async with browsing(source, parse("uploader:2"), size=size, page_size=200) as pilot:
        await press(pilot, "asterisk")
        count = len(workspace(pilot).marks)
        assert count > 100
        await press(pilot, "D")
        sees(pilot, f"Delete {count} runs", "Cancel", f"type {count} to delete:")
        await press(pilot, "9")
        field = top(pilot).query_one("#count", Input)
        assert field.has_focus
        assert field.region.bottom < size[1]
        assert field.region.right < size[0]
        assert field.region.width >= 8
        before = screen_text(pilot)
        await press(pilot, "down", "down", "down")
        assert screen_text(pilot) != before
        sees(pilot, "Cancel")
        await press(pilot, "escape")
        assert note(pilot) == "nothing was deleted"


@pytest.mark.parametrize("keys", [["enter"], ["escape"], ["q"], ["n"], ["tab", "enter"]])
async def test_no_key_of_habit_deletes_one_run(keys: list[str], demo: DemoProcess) -> None:
    async with browsing(acting_on(demo.v1, demo.api_key), parse("uploader:2")) as pilot:
        run_id = page_ids(pilot)[0]
        await delete(pilot, *keys)
        assert is_main(pilot)
        assert workspace(pilot).report is None
        assert there(demo.v1, [run_id])
        assert copies() == []


@pytest.mark.parametrize(
    "keys",
    [["enter"], ["escape"], ["q"], ["n"], ["y", "escape"], ["3", "escape"], ["tab", "enter"]],
)
async def test_no_key_of_habit_deletes_several(keys: list[str], demo: DemoProcess) -> None:
    async with browsing(acting_on(demo.v1, demo.api_key), parse("uploader:2")) as pilot:
        await press(pilot, "space", "space", "space")
        await delete(pilot, *keys)
        assert is_main(pilot)
        assert workspace(pilot).report is None
        assert len(there(demo.v1, workspace(pilot).marks.ids)) == 3
        assert len(workspace(pilot).marks) == 3


async def test_y_and_clicks_outside_do_nothing_to_several(demo: DemoProcess) -> None:
    async with browsing(acting_on(demo.v1, demo.api_key), parse("uploader:2")) as pilot:
        await press(pilot, "space", "space")
        await delete(pilot, "y", "Y")
        assert isinstance(top(pilot), DestroyDialog)
        await pilot.click(offset=(1, 1))
        await settle(pilot)
        assert isinstance(top(pilot), DestroyDialog)
        await pilot.click("#cancel")
        await settle(pilot)
        assert is_main(pilot)
        assert len(there(demo.v1, workspace(pilot).marks.ids)) == 2


async def test_another_number_is_told_and_deletes_nothing(fresh_demo: DemoProcess) -> None:
    v1 = fresh_demo.v1
    source = acting_on(v1, fresh_demo.api_key)
    async with browsing(source, parse(own(v1)), size=(60, 20)) as pilot:
        await press(pilot, "asterisk")
        wanted = page_ids(pilot)
        assert len(wanted) == 12
        for wrong in ("1", "11", "120", "012"):
            await delete(pilot, *wrong, "enter")
            assert isinstance(top(pilot), DestroyDialog), wrong
            sees(pilot, f"{wrong} is wrong; type 12:", "Cancel")
            assert top(pilot).query_one("#count", Input).value == ""
            await press(pilot, "enter")  # with nothing typed it cancels
            assert is_main(pilot)
        assert there(v1, wanted) == set(wanted)
        await delete(pilot, "1", "2", "enter")
        assert there(v1, wanted) == set()
        assert sorted(copies()) == sorted(wanted)
        assert len(workspace(pilot).marks) == 0
        assert note(pilot).startswith("deleted 12 runs")
        assert "z undoes" in note(pilot)


async def test_one_run_is_deleted_by_y_restored_by_z_and_its_tags_are_there_again(
    fresh_demo: DemoProcess,
) -> None:
    v1 = fresh_demo.v1
    source = acting_on(v1, fresh_demo.api_key)
    async with browsing(source, parse("uploader:2 tag:triaged")) as pilot:
        ids = page_ids(pilot)
        tags = tags_of(v1, ids[0])
        await press(pilot, "enter")
        await delete(pilot, "y")
        assert there(v1, ids[:1]) == set()
        assert ids[0] not in page_ids(pilot)
        assert not main_screen(pilot).pane.display or str(ids[0]) not in detail_text(pilot)
        assert f"run {ids[0]} deleted; a copy is in the trash; z undoes" in note(pilot)
        await press(pilot, "z")
        assert workspace(pilot).report is not None
        new_id = workspace(pilot).report.outcomes[0].new_id
        assert new_id is not None
        assert new_id in page_ids(pilot)
        assert sorted(tags_of(v1, new_id)) == sorted(tags)
        assert f"published again as run {new_id}" in note(pilot)
        await press(pilot, "z")
        assert "undone by deleting it" in note(pilot)


async def test_runs_of_others_are_left_out_with_a_word(fresh_demo: DemoProcess) -> None:
    v1 = fresh_demo.v1
    mine = listed(v1, "uploader/2/limit/2")[0][0]
    theirs = listed(v1, "uploader/3/limit/2")[0][0]
    also = listed(v1, "uploader/4/limit/2")[0][0]
    filter = parse(f"run:{mine},{theirs},{also}")
    async with browsing(acting_on(v1, fresh_demo.api_key), filter, size=(60, 20)) as pilot:
        await press(pilot, "asterisk", "D")
        sees(pilot, "Delete 1 run", "Left out: 2 runs (2 not yours)", "y deletes it")
        page = " ".join(top(pilot).query_one(PageView).text.split())
        assert "uploaded by user 3 (forest-lab), not by you" in page
        await press(pilot, "y")
        assert there(v1, [mine, theirs, also]) == {theirs, also}
        assert set(workspace(pilot).marks.ids) == {theirs, also}
        await press(pilot, "D")
        assert is_main(pilot)
        assert "not by you, and 1 more are not yours either" in note(pilot)


async def test_what_is_typed_before_the_runs_were_read_deletes_nothing(
    demo: DemoProcess,
) -> None:
    with proxy_before(demo.v1) as proxy:
        source = acting_on(proxy.v1, demo.api_key)
        async with browsing(source, parse("uploader:2")) as pilot:
            run_id = page_ids(pilot)[0]
            gate = Gate("GET", path=f"run/{run_id}")
            proxy.fault = gate
            await pilot.press("D")
            await waits(pilot, lambda: gate.held)
            sees(pilot, "reading what would be lost", "Cancel")
            await pilot.press("y", "y", "1")
            assert isinstance(top(pilot), DestroyDialog)
            gate.open()
            await settle(pilot)
            assert isinstance(top(pilot), DestroyDialog)
            sees(pilot, "y deletes it")
            await press(pilot, "escape")
            assert there(demo.v1, [run_id])


async def test_a_server_that_does_not_answer_does_not_keep_the_dialog_open(
    demo: DemoProcess,
) -> None:
    with proxy_before(demo.v1) as proxy:
        async with browsing(acting_on(proxy.v1, demo.api_key), parse("uploader:2")) as pilot:
            gate = Gate("GET", path="run/9")
            proxy.fault = gate
            await pilot.press("D")
            await waits(pilot, lambda: gate.held)
            await pilot.press("escape")
            await waits(pilot, lambda: is_main(pilot))
            gate.open()
            await settle(pilot)
            assert is_main(pilot)
            assert workspace(pilot).job is None


async def test_when_the_last_page_is_deleted_the_one_before_it_is_shown(
    fresh_demo: DemoProcess,
) -> None:
    v1 = fresh_demo.v1
    source = acting_on(v1, fresh_demo.api_key)
    async with browsing(source, parse(own(v1)), page_size=5) as pilot:
        await press(pilot, "n", "asterisk", "n", "asterisk")
        gone = workspace(pilot).marks.ids
        assert len(gone) == 7
        await delete(pilot, "7", "enter")
        assert there(v1, gone) == set()
        left = page_ids(pilot)
        assert len(left) == 5
        assert not set(left) & set(gone)
        assert "page 1" in status_line(pilot)
        assert note(pilot).startswith("deleted 7 runs")


async def test_the_cursor_stays_where_the_deleted_run_was(fresh_demo: DemoProcess) -> None:
    v1 = fresh_demo.v1
    source = acting_on(v1, fresh_demo.api_key)
    async with browsing(source, parse(own(v1)), page_size=30) as pilot:
        ids = page_ids(pilot)
        await press(pilot, "j", "j", "j")
        await delete(pilot, "y")
        assert page_ids(pilot) == [run_id for run_id in ids if run_id != ids[3]]
        assert current_id(pilot) == ids[4]


async def test_after_a_lost_reply_the_run_is_looked_at_and_nothing_is_sent_twice(
    fresh_demo: DemoProcess,
) -> None:
    v1 = fresh_demo.v1
    with proxy_before(v1) as proxy:
        proxy.fault = lambda asked: LOST_REPLY if asked.method == "DELETE" else None
        source = acting_on(proxy.v1, fresh_demo.api_key)
        async with browsing(source, parse(own(v1))) as pilot:
            run_id = page_ids(pilot)[0]
            await delete(pilot, "y")
            assert proxy.sent("DELETE") == [f"run/{run_id}"]
            assert there(v1, [run_id]) == set()
            assert "the run was looked at: it is gone" in note(pilot)
            assert copies() == [run_id]


async def test_an_open_detail_of_a_deleted_run_closes(fresh_demo: DemoProcess) -> None:
    v1 = fresh_demo.v1
    source = acting_on(v1, fresh_demo.api_key)
    async with browsing(source, parse(own(v1))) as pilot:
        run_id = page_ids(pilot)[2]
        await open_run(pilot, run_id)
        assert detail_text(pilot).startswith(f"Run {run_id}")
        await delete(pilot, "y")
        assert not main_screen(pilot).pane.display
        assert main_screen(pilot).focused is main_screen(pilot).table
