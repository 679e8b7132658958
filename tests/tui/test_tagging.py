"""Tag and untag: the dialog, completion, what the server refuses, undo."""

from __future__ import annotations

import sqlite3
import unicodedata
from pathlib import Path

import pytest
from textual.widgets import Input, Static

from runbrowser.demo.catalogue import unpack
from runbrowser.demo.launch import DemoProcess
from runbrowser.fields.filters import parse
from runbrowser.tui.dialogs.tag import TagDialog
from runbrowser.tui.screens.report import ReportScreen
from tests.bulk.faulty import LOST_REQUEST, proxy_before, refused
from tests.support.demos import start

from .deeds import (
    FAILED,
    OTHERS_KEY,
    Gate,
    acting_on,
    delete,
    is_main,
    page_ids,
    sees,
    tag_as,
    tagged,
    tags_of,
    top,
    type_into,
    waits,
)
from .harness import (
    browsing,
    detail_text,
    note,
    press,
    raw_text,
    screen_text,
    settle,
    status_line,
    workspace,
    write,
)


def _said(dialog: object) -> str:
    assert isinstance(dialog, TagDialog)
    return str(dialog.query_one("#tag-note", Static).render())


async def test_a_tag_is_set_told_shown_and_undone(fresh_demo: DemoProcess) -> None:
    v1 = fresh_demo.v1
    async with browsing(acting_on(v1, fresh_demo.api_key), parse(FAILED)) as pilot:
        run_id = page_ids(pilot)[0]
        before = tags_of(v1, run_id)
        await press(pilot, "t")
        assert f"for run {run_id}" in screen_text(pilot)
        await write(pilot, "look-at-this")
        await press(pilot, "enter")
        assert is_main(pilot)
        assert set(tags_of(v1, run_id)) == {*before, "look-at-this"}
        assert note(pilot).startswith(f"run {run_id} tagged")
        assert note(pilot).endswith("z undoes")
        await press(pilot, "z")
        assert tags_of(v1, run_id) == before
        await press(pilot, "z")
        assert "look-at-this" in tags_of(v1, run_id)


async def test_marked_runs_are_tagged_and_stay_marked(fresh_demo: DemoProcess) -> None:
    v1 = fresh_demo.v1
    async with browsing(acting_on(v1, fresh_demo.api_key), parse(FAILED), page_size=5) as pilot:
        await press(pilot, "asterisk")
        wanted = set(page_ids(pilot))
        await press(pilot, "n", "asterisk")
        wanted |= set(page_ids(pilot))
        assert len(wanted) == 10
        await press(pilot, "e")  # the marked runs are out of sight now
        await press(pilot, "t")
        assert "for 10 runs" in screen_text(pilot)
        await write(pilot, "seen")
        await press(pilot, "enter")
        assert tagged(v1, "seen") == wanted
        assert note(pilot) == "tagged 10 runs (seen); z undoes"
        assert set(workspace(pilot).marks.ids) == wanted
        await press(pilot, "z")
        assert tagged(v1, "seen") == set()
        assert set(workspace(pilot).marks.ids) == wanted


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (140, 40)])
async def test_three_hundred_marked_runs_are_tagged_and_undone(
    size: tuple[int, int], fresh_demo: DemoProcess
) -> None:
    source = acting_on(fresh_demo.v1, fresh_demo.api_key)
    async with browsing(source, parse("uploader:4"), size=size, page_size=300) as pilot:
        await press(pilot, "asterisk", "t")
        wanted = set(workspace(pilot).marks.ids)
        assert len(wanted) >= 290
        await type_into(pilot, "many")
        sees(pilot, f"Tag {len(wanted)} runs with many")
        await press(pilot, "enter")
        assert tagged(fresh_demo.v1, "many") == wanted
        await press(pilot, "z")
        assert tagged(fresh_demo.v1, "many") == set()
        assert f"untagged {len(wanted)} runs" in note(pilot)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("two words", "not a blank"),
        ("caf\u00e9", "not \u00e9"),
        ("a&b", "not &"),
        ("[bold]", "not [ ]"),
        ("x" * 65, "this has 65"),
        ("0", "none at all"),
        (" ", "at least one"),
    ],
)
async def test_a_tag_is_checked_as_it_is_typed(text: str, word: str, demo: DemoProcess) -> None:
    async with browsing(acting_on(demo.v1, demo.api_key), size=(60, 20)) as pilot:
        await press(pilot, "t")
        await type_into(pilot, text)
        sees(pilot, word)
        await press(pilot, "enter")
        assert isinstance(top(pilot), TagDialog)
        await press(pilot, "escape")
        assert is_main(pilot)
        assert workspace(pilot).report is None


async def test_leaving_the_dialog_changes_nothing(demo: DemoProcess) -> None:
    async with browsing(acting_on(demo.v1, demo.api_key)) as pilot:
        before = tags_of(demo.v1, page_ids(pilot)[0])
        await press(pilot, "t")
        await write(pilot, "never")
        await pilot.click(offset=(1, 1))
        assert isinstance(top(pilot), TagDialog)
        await press(pilot, "escape")
        assert is_main(pilot)
        await press(pilot, "t", "enter")  # nothing typed: it says what is wanted
        assert isinstance(top(pilot), TagDialog)
        await press(pilot, "q")  # a letter, here
        assert top(pilot).query_one(Input).value == "q"
        await press(pilot, "escape")
        assert tags_of(demo.v1, page_ids(pilot)[0]) == before


async def test_tab_completes_tags_in_use_that_may_be_set(demo: DemoProcess) -> None:
    async with browsing(acting_on(demo.v1, demo.api_key)) as pilot:
        await press(pilot, "t")
        await write(pilot, "needs")
        await settle(pilot)
        await press(pilot, "tab")
        assert top(pilot).query_one(Input).value == "needs-review"
        await press(pilot, "escape", "t")
        await write(pilot, "random")  # "random forest" is in use and may not be set today
        await settle(pilot)
        await press(pilot, "tab")
        assert top(pilot).query_one(Input).value == "random"
        await press(pilot, "escape")


async def test_the_dialog_says_which_runs_have_the_tag_already(fresh_demo: DemoProcess) -> None:
    v1 = fresh_demo.v1
    async with browsing(acting_on(v1, fresh_demo.api_key), parse("tag:triaged")) as pilot:
        await press(pilot, "enter")  # the first one is read
        await press(pilot, "escape", "space", "space", "t")
        await type_into(pilot, "triaged")
        assert _said(top(pilot)).startswith("Tag 1 run with triaged; 1 run left out: already")
        await press(pilot, "enter")
        assert "1 already so" in note(pilot)
        await press(pilot, "z")
        assert "nothing to do" in note(pilot)
        assert len(tagged(v1, "triaged")) == 18


async def test_untag_names_the_tags_of_the_runs_and_leaves_out_those_without(
    fresh_demo: DemoProcess,
) -> None:
    v1 = fresh_demo.v1
    with_tag = sorted(tagged(v1, "triaged"))[:2]
    without = next(iter(sorted(tagged(v1, "tuned") - tagged(v1, "triaged"))))
    filter = parse(f"run:{','.join(map(str, [*with_tag, without]))}")
    async with browsing(acting_on(v1, fresh_demo.api_key), filter) as pilot:
        await press(pilot, "asterisk", "T")
        sees(pilot, "for 3 runs; on them now:", "triaged")
        await write(pilot, "tria")
        await settle(pilot)
        await press(pilot, "tab")
        assert "1 run left out: does not have this tag" in _said(top(pilot))
        await press(pilot, "enter")
        assert not tagged(v1, "triaged") & set(with_tag)
        assert workspace(pilot).report is not None
        await press(pilot, "z")
        assert tagged(v1, "triaged") >= set(with_tag)


async def test_untag_says_before_that_others_tags_stay_and_why_afterwards(
    fresh_demo: DemoProcess,
) -> None:
    v1 = fresh_demo.v1
    ours, theirs = sorted(tagged(v1, "triaged"))[:2]
    tag_as(v1, fresh_demo.api_key, ours, "mixed")
    tag_as(v1, OTHERS_KEY, theirs, "mixed")
    async with browsing(
        acting_on(v1, fresh_demo.api_key), parse(f"run:{ours},{theirs}"), size=(60, 20)
    ) as pilot:
        await press(pilot, "asterisk", "T")
        await type_into(pilot, "mixed")
        await press(pilot, "enter")
        assert tagged(v1, "mixed") == {theirs}
        assert "untagged 1 of 2 runs (mixed); 1 failed: somebody else set this tag" in note(pilot)
        assert "z undoes" in note(pilot)
        await press(pilot, "exclamation_mark")
        assert isinstance(top(pilot), ReportScreen)
        sees(pilot, f"{theirs} failed: somebody else set this tag", f"{ours} done: untagged")
        await press(pilot, "escape")
        await press(pilot, "T")  # now it is known, and said before anything is tried
        await type_into(pilot, "mixed")
        sees(pilot, "somebody else set this tag")
        await press(pilot, "enter")
        assert "nothing to do" in note(pilot)
        await press(pilot, "z")  # only what was really done is undone
        assert tagged(v1, "mixed") == {ours, theirs}


async def test_untag_on_runs_of_others_warns(demo: DemoProcess) -> None:
    async with browsing(acting_on(demo.v1, demo.api_key), parse("uploader:3")) as pilot:
        await press(pilot, "T")
        await type_into(pilot, "needs-review")
        shown = _said(top(pilot))
        assert "does not have this tag" in shown or "only who set a tag" in shown
        await press(pilot, "escape")


async def test_legacy_tags_can_be_removed_and_the_loss_is_said(fresh_demo: DemoProcess) -> None:
    v1 = fresh_demo.v1
    owner = acting_on(v1, OTHERS_KEY, user_id=3)
    async with browsing(owner, parse('tag:"random forest"')) as pilot:
        run_id = page_ids(pilot)[0]
        await press(pilot, "T")
        await write(pilot, "random")
        await settle(pilot)
        await press(pilot, "tab")
        assert "once removed it cannot be set again" in _said(top(pilot))
        await press(pilot, "enter")
        assert "random forest" not in tags_of(v1, run_id)
        await press(pilot, "z")
        assert "made of A-Z" in note(pilot)


async def test_a_tag_is_shown_at_once_and_taken_back_with_the_reason(
    fresh_demo: DemoProcess,
) -> None:
    with proxy_before(fresh_demo.v1) as proxy:
        gate = Gate("POST", path="run/tag")
        proxy.fault = gate
        async with browsing(acting_on(proxy.v1, fresh_demo.api_key), parse(FAILED)) as pilot:
            run_id = page_ids(pilot)[0]
            await press(pilot, "enter")
            await press(pilot, "t")
            await type_into(pilot, "quick")
            await pilot.press("enter")
            await waits(pilot, lambda: gate.held)
            assert "quick" in detail_text(pilot)
            assert "quick" not in tags_of(fresh_demo.v1, run_id)
            proxy.fault = lambda asked: (
                refused(477, "Tag is refused") if asked.path == "run/tag" else None
            )
            gate.open()
            await settle(pilot)
            assert "quick" in tags_of(fresh_demo.v1, run_id)  # that one had left before
            await press(pilot, "t")
            await type_into(pilot, "slow")
            await press(pilot, "enter")
            assert "slow" not in detail_text(pilot)
            assert "Tag is refused" in note(pilot)
            assert note(pilot).startswith(f"run {run_id} ")


async def test_after_a_failure_only_the_rest_is_tried_again_and_undo_takes_all_back(
    fresh_demo: DemoProcess,
) -> None:
    v1 = fresh_demo.v1
    with proxy_before(v1) as proxy:
        async with browsing(
            acting_on(proxy.v1, fresh_demo.api_key), parse(FAILED), page_size=6
        ) as pilot:
            wanted = page_ids(pilot)
            bad = set(map(str, wanted[:2]))
            proxy.fault = lambda asked: (
                refused(478, "Not today")
                if asked.method == "POST" and bad & set(asked.form.get("run_id", ()))
                else None
            )
            await press(pilot, "asterisk", "t")
            await type_into(pilot, "partly")
            await press(pilot, "enter")
            assert tagged(v1, "partly") == set(wanted[2:])
            assert "tagged 4 of 6 runs (partly); 2 failed" in note(pilot)
            proxy.fault = lambda asked: None
            before = len([a for a in proxy.asked if a.path == "run/tag"])
            await press(pilot, "exclamation_mark")
            sees(pilot, "r try the 2 again")
            await press(pilot, "r")
            assert tagged(v1, "partly") == set(wanted)
            assert len([a for a in proxy.asked if a.path == "run/tag"]) == before + 2
            assert note(pilot) == "tagged 6 runs (partly); z undoes"
            await press(pilot, "z")
            assert tagged(v1, "partly") == set()


async def test_a_server_that_goes_away_is_told_once_and_the_rest_can_be_tried_again(
    fresh_demo: DemoProcess,
) -> None:
    v1 = fresh_demo.v1
    with proxy_before(v1) as proxy:
        async with browsing(
            acting_on(proxy.v1, fresh_demo.api_key), parse(FAILED), page_size=8, size=(60, 20)
        ) as pilot:
            wanted = page_ids(pilot)
            sent: list[str] = []

            def fault(asked):  # type: ignore[no-untyped-def]
                if asked.path == "run/tag":
                    sent.append(asked.path)
                return LOST_REQUEST if len(sent) > 3 else None

            proxy.fault = fault
            await press(pilot, "asterisk", "t")
            await type_into(pilot, "away")
            await press(pilot, "enter")
            done = tagged(v1, "away")
            assert len(done) == 3
            assert "! shows each run" in note(pilot)
            assert len(sent) < 8  # it was not tried for every run
            assert f"tagged 3 of {len(wanted)} runs" in note(pilot)
            proxy.fault = lambda asked: None
            await press(pilot, "exclamation_mark", "r")
            assert tagged(v1, "away") == set(wanted)
            assert workspace(pilot).report is not None
            assert workspace(pilot).report.ok


def _harmful(text: str) -> list[str]:
    return [f"U+{ord(c):04X}" for c in text if unicodedata.category(c) in ("Cc", "Cs", "Co", "Cf")]


NASTY = "\x1b]52;c;QUFB\x07[bold]x[/]\u202eevil\u200b"


@pytest.fixture
def nasty_catalogue(tmp_path: Path) -> tuple[Path, list[int]]:
    """A catalogue with a tag, an uploader and an error by somebody who means harm."""
    database = tmp_path / "nasty.db"
    unpack(database)
    with sqlite3.connect(database) as connection:
        ids = [
            run_id
            for (run_id,) in connection.execute("SELECT id FROM run WHERE uploader = 2 LIMIT 3")
        ]
        connection.executemany(
            "INSERT INTO run_tag (run_id, tag, uploader) VALUES (?, ?, 2)",
            [(run_id, NASTY) for run_id in ids],
        )
        connection.execute("UPDATE user SET first_name = ? WHERE id = 2", (NASTY,))
        connection.executemany(
            "UPDATE run SET error_message = ? WHERE id = ?", [(NASTY, run_id) for run_id in ids]
        )
    connection.close()
    return database, ids


@pytest.mark.parametrize("size", [(60, 20), (140, 40)])
async def test_texts_that_mean_harm_are_harmless_in_every_dialog_and_the_report(
    size: tuple[int, int], nasty_catalogue: tuple[Path, list[int]]
) -> None:
    database, ids = nasty_catalogue
    with start(database=database) as server:
        source = acting_on(server.v1, server.api_key)
        filter = parse(f"run:{','.join(map(str, ids))}")
        async with browsing(source, filter, size=size) as pilot:
            await press(pilot, "asterisk")
            assert all("evil" in (row.error_message or "") for row in workspace(pilot).marks)
            for keys in (["T"], ["D"], ["Y"], ["E"], ["t"]):
                await press(pilot, *keys)
                assert not is_main(pilot)
                assert _harmful(raw_text(pilot)) == [], keys
                await press(pilot, "escape")
                assert is_main(pilot)
            await press(pilot, "T")
            sees(pilot, "[bold]x[/]")
            await type_into(pilot, "\u241b")  # as it is shown, so it is typed, and completed
            await press(pilot, "tab")
            assert _harmful(raw_text(pilot)) == []
            await press(pilot, "enter")
            assert not any("evil" in tag for tag in tags_of(server.v1, ids[0]))
            assert _harmful(raw_text(pilot)) == []
            await press(pilot, "exclamation_mark")
            assert _harmful(raw_text(pilot)) == []
            await press(pilot, "escape")
            await delete(pilot, "3", "enter")
            await pilot.app.run_action("app.do('trash')")
            await settle(pilot)
            sees(pilot, "3 copies")
            assert _harmful(raw_text(pilot)) == []
            assert "[bold]" in screen_text(pilot)
            await press(pilot, "asterisk", "D")
            assert _harmful(raw_text(pilot)) == []
            await press(pilot, "escape", "escape")
            assert "3 marked" not in status_line(pilot)
