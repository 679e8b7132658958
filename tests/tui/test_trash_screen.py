"""The trash screen: what it lists, the way back for one and for all, and taking away for good."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from textual.pilot import Pilot

from runbrowser import paths
from runbrowser.bulk.entry import Entry
from runbrowser.bulk.trash import Trash
from runbrowser.demo.launch import DemoProcess
from runbrowser.fields.filters import parse
from runbrowser.tui.dialogs.destroy import DestroyDialog
from runbrowser.tui.screens.trash import TrashScreen
from runbrowser.tui.widgets.page_view import PageView

from .deeds import FAILED, acting_on, command, delete, is_main, page_ids, sees, tags_of, there, top
from .harness import browsing, note, press, screen_lines, screen_text

HABITS = [["enter"], ["escape"], ["q"], ["space", "enter"], ["D", "enter"], ["D", "escape"]]


def entries() -> list[Entry]:
    """What is in the trash of the test."""
    return Trash(paths.state_dir()).entries()


async def _delete_first(pilot: Pilot[int], number: int) -> list[int]:
    """Deletes the first runs of the page by the dialog; their ids."""
    ids = page_ids(pilot)[:number]
    await press(pilot, *["space"] * number)
    await delete(pilot, *("y" if number == 1 else str(number)), "enter")
    assert {entry.run_id for entry in entries()} >= set(ids)
    return ids


def _listed(pilot: Pilot[int]) -> list[int]:
    screen = top(pilot)
    assert isinstance(screen, TrashScreen)
    cells = [str(screen.table.get_row_at(place)[0]) for place in range(screen.table.row_count)]
    return [int(cell.lstrip("\u25cf ")) for cell in cells]


def _restored(ids: Sequence[int]) -> dict[int, int]:
    """The new ids of the runs."""
    found = {entry.run_id: entry.restored_as for entry in entries()}
    return {run_id: new for run_id in ids if (new := found[run_id]) is not None}


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (140, 40)])
async def test_an_empty_trash_says_so_and_no_key_does_anything(
    size: tuple[int, int], demo: DemoProcess
) -> None:
    async with browsing(acting_on(demo.v1, demo.api_key), size=size) as pilot:
        await command(pilot, "trash")
        sees(pilot, "The trash is empty", "q back")
        await press(pilot, "space", "asterisk", "r", "D", "j", "k", "G", "enter")
        assert isinstance(top(pilot), TrashScreen)
        await press(pilot, "escape")
        assert is_main(pilot)


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (140, 40)])
async def test_it_lists_copies_and_shows_what_the_one_under_the_cursor_holds(
    size: tuple[int, int], fresh_demo: DemoProcess
) -> None:
    v1 = fresh_demo.v1
    async with browsing(
        acting_on(v1, fresh_demo.api_key), parse(FAILED), page_size=8, size=size
    ) as pilot:
        tags = {run_id: tags_of(v1, run_id) for run_id in page_ids(pilot)}
        ids = await _delete_first(pilot, 3)
        await command(pilot, "trash")
        sees(pilot, "Trash", "3 copies", "just now", "r restore", "q back")
        assert sorted(_listed(pilot)) == sorted(ids)
        for place, run_id in enumerate(_listed(pilot)):
            if place:
                await press(pilot, "j")
            page = top(pilot).query_one(PageView).text
            assert f"Run {run_id}" in page
            assert all(f"#{tag}" in page for tag in tags[run_id])
            assert "description" in page and "demo-user" in page
        assert all(len(line) <= size[0] for line in screen_lines(pilot))
        await press(pilot, "g")
        assert f"Run {_listed(pilot)[0]}" in top(pilot).query_one(PageView).text


@pytest.mark.parametrize("keys", HABITS, ids=" ".join)
async def test_no_key_of_habit_takes_a_copy_away_or_restores_it(
    keys: list[str], fresh_demo: DemoProcess
) -> None:
    source = acting_on(fresh_demo.v1, fresh_demo.api_key)
    async with browsing(source, parse(FAILED), page_size=8) as pilot:
        ids = await _delete_first(pilot, 1)
        await command(pilot, "trash")
        await press(pilot, *keys)
        assert [entry.run_id for entry in entries()] == ids
        assert _restored(ids) == {}
        assert there(fresh_demo.v1, ids) == set()


async def test_one_is_restored_and_the_screen_says_as_what_from_then_on(
    fresh_demo: DemoProcess,
) -> None:
    v1 = fresh_demo.v1
    async with browsing(acting_on(v1, fresh_demo.api_key), parse(FAILED), page_size=8) as pilot:
        before = {run_id: set(tags_of(v1, run_id)) for run_id in page_ids(pilot)}
        ids = await _delete_first(pilot, 3)
        await command(pilot, "trash")
        wanted = _listed(pilot)[1]
        await press(pilot, "j", "r")
        assert is_main(pilot)
        new = _restored(ids)
        assert list(new) == [wanted]
        assert f"as run {new[wanted]}" in note(pilot)
        assert there(v1, [*ids, *new.values()]) == set(new.values())
        assert set(tags_of(v1, new[wanted])) == before[wanted]
        await command(pilot, "trash")
        assert str(new[wanted]) in screen_text(pilot)
        await press(pilot, "j")
        sees(pilot, f"as run {new[wanted]}")
        await press(pilot, "r")  # a second time is none: the run is there
        assert _restored(ids) == new


async def test_all_are_marked_and_restored_at_once(fresh_demo: DemoProcess) -> None:
    v1 = fresh_demo.v1
    source = acting_on(v1, fresh_demo.api_key)
    async with browsing(source, parse(FAILED), page_size=8, size=(80, 24)) as pilot:
        ids = await _delete_first(pilot, 5)
        await command(pilot, "trash")
        await press(pilot, "asterisk")
        sees(pilot, "\u25cf 5 marked")
        await press(pilot, "asterisk")  # all are marked: now none is
        assert "marked" not in screen_lines(pilot)[0]
        await press(pilot, "asterisk", "r")
        assert is_main(pilot)
        new = _restored(ids)
        assert sorted(new) == sorted(ids)
        assert there(v1, new.values()) == set(new.values())
        assert "restored 5" in note(pilot)


async def test_purge_asks_and_only_the_typed_count_takes_the_marked_ones_away(
    fresh_demo: DemoProcess,
) -> None:
    source = acting_on(fresh_demo.v1, fresh_demo.api_key)
    async with browsing(source, parse(FAILED), page_size=8, size=(80, 24)) as pilot:
        ids = await _delete_first(pilot, 4)
        await command(pilot, "trash")
        wanted = _listed(pilot)[:2]
        await press(pilot, "space", "space", "D")
        assert isinstance(top(pilot), DestroyDialog)
        sees(pilot, "Take 2 copies away", "nothing brings them back", *map(str, wanted), "Cancel")
        await press(pilot, "y")
        assert len(entries()) == 4
        await press(pilot, "3", "enter")
        sees(pilot, "3 is wrong; type 2")
        assert len(entries()) == 4
        await press(pilot, "2", "enter")
        assert isinstance(top(pilot), TrashScreen)
        assert {entry.run_id for entry in entries()} == set(ids) - set(wanted)
        assert sorted(_listed(pilot)) == sorted(set(ids) - set(wanted))
        sees(pilot, "2 copies taken away for good", "Trash 2 copies")
        await press(pilot, "j")
        sees(pilot, "r restore")  # the next key brings the hints back


async def test_one_copy_is_taken_away_by_y(fresh_demo: DemoProcess) -> None:
    source = acting_on(fresh_demo.v1, fresh_demo.api_key)
    async with browsing(source, parse(FAILED), page_size=8) as pilot:
        await _delete_first(pilot, 1)
        await command(pilot, "trash")
        await press(pilot, "D")
        sees(pilot, "It was not restored: nothing brings it back.", "y purges it")
        await press(pilot, "y")
        assert entries() == []
        sees(pilot, "The trash is empty")


async def test_a_trash_that_cannot_be_written_says_so_and_lists_what_is_left(
    fresh_demo: DemoProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = acting_on(fresh_demo.v1, fresh_demo.api_key)
    async with browsing(source, parse(FAILED), page_size=8) as pilot:
        ids = await _delete_first(pilot, 1)
        await command(pilot, "trash")
        rename = Path.rename

        def refuses(path: Path, target: Path) -> Path:
            if Trash(paths.state_dir()).folder in path.parents:
                raise PermissionError(13, "Permission denied")
            return rename(path, target)

        # A test that runs as the superuser cannot take the right away from itself.
        monkeypatch.setattr(Path, "rename", refuses)
        await press(pilot, "D")
        await press(pilot, "y")
        sees(pilot, "not all were taken away: Permission denied")
        assert [entry.run_id for entry in entries()] == ids
        assert _listed(pilot) == ids


async def test_without_a_key_the_trash_can_be_read_and_restoring_says_why_not(
    fresh_demo: DemoProcess,
) -> None:
    v1 = fresh_demo.v1
    async with browsing(acting_on(v1, fresh_demo.api_key), parse(FAILED), page_size=8) as pilot:
        ids = await _delete_first(pilot, 1)
    async with browsing(acting_on(v1, None), parse(FAILED)) as pilot:
        await command(pilot, "trash")
        assert _listed(pilot) == ids
        await press(pilot, "r")
        assert is_main(pilot)
        assert "Without an API key" in note(pilot)
        assert _restored(ids) == {}
