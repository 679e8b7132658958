"""While an action goes on: browsing, a second action, stopping, leaving, and taking it up again."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from textual.pilot import Pilot

from runbrowser import paths
from runbrowser.bulk import journal as journals
from runbrowser.bulk import outcome as outcomes
from runbrowser.bulk.journal import Journal
from runbrowser.bulk.operations import TAG
from runbrowser.bulk.outcome import State
from runbrowser.bulk.plan import Item
from runbrowser.bulk.trash import Trash
from runbrowser.demo.launch import DemoProcess
from runbrowser.fields.filters import parse
from runbrowser.tui.dialogs.choose import ChooseDialog
from tests.bulk.faulty import Proxy, proxy_before

from .deeds import (
    FAILED,
    Gate,
    acting_on,
    delete,
    is_main,
    page_ids,
    sees,
    tagged,
    there,
    top,
    type_into,
    waits,
)
from .harness import browsing, eventually, main_screen, note, press, settle, status_line, workspace


async def _tag(pilot: Pilot[int], tag: str) -> None:
    await press(pilot, "t")
    await type_into(pilot, tag)
    await pilot.press("enter")


def _tags_sent(proxy: Proxy) -> list[str]:
    return [run for asked in proxy.asked if asked.path == "run/tag" for run in asked.form["run_id"]]


async def test_a_job_shows_how_far_it_is_while_one_browses(fresh_demo: DemoProcess) -> None:
    v1 = fresh_demo.v1
    with proxy_before(v1) as proxy:
        gate = Gate("POST", passes=4, path="run/tag")
        proxy.fault = gate
        async with browsing(
            acting_on(proxy.v1, fresh_demo.api_key), parse(FAILED), page_size=10, size=(60, 20)
        ) as pilot:
            await press(pilot, "asterisk")
            wanted = page_ids(pilot)
            await _tag(pilot, "slowly")
            await waits(pilot, lambda: "4 of 10" in note(pilot))
            sees(pilot, "tagging", "4 of 10; X stops")
            await pilot.press("n")
            await waits(pilot, lambda: "page 2" in status_line(pilot))
            await waits(pilot, lambda: "4 of 10" in note(pilot))  # its progress comes back
            await pilot.press("e")
            await waits(pilot, lambda: "page 1" in status_line(pilot))
            await pilot.press("enter")
            await waits(pilot, lambda: main_screen(pilot).pane.display)
            await pilot.press("escape")
            await waits(pilot, lambda: not main_screen(pilot).pane.display)
            gate.open()
            await settle(pilot)
            assert tagged(v1, "slowly") == set(wanted)
            assert note(pilot) == "tagged 10 runs (slowly); z undoes"


async def test_esc_does_not_stop_a_job_nor_say_so(fresh_demo: DemoProcess) -> None:
    with proxy_before(fresh_demo.v1) as proxy:
        gate = Gate("POST", passes=1, path="run/tag")
        proxy.fault = gate
        source = acting_on(proxy.v1, fresh_demo.api_key)
        async with browsing(source, parse(FAILED), page_size=5) as pilot:
            await press(pilot, "asterisk")
            await _tag(pilot, "on")
            await waits(pilot, lambda: "1 of 5" in note(pilot))
            await pilot.press("escape")
            await pilot.pause()
            assert note(pilot) != "stopped"
            assert len(workspace(pilot).marks) == 0  # what esc is for, when nothing is open
            gate.open()
            await settle(pilot)
            assert len(tagged(fresh_demo.v1, "on")) == 5


async def test_a_second_action_waits_for_its_turn_and_says_so(fresh_demo: DemoProcess) -> None:
    with proxy_before(fresh_demo.v1) as proxy:
        gate = Gate("POST", passes=1, path="run/tag")
        proxy.fault = gate
        source = acting_on(proxy.v1, fresh_demo.api_key)
        async with browsing(source, parse(FAILED), page_size=5) as pilot:
            await press(pilot, "asterisk")
            await _tag(pilot, "first")
            await waits(pilot, lambda: "1 of 5" in note(pilot))
            for key in ("t", "T", "D", "P"):
                await pilot.press(key)
                await pilot.pause()
                assert is_main(pilot)
                assert "tag 5 runs with first goes on: one action at a time" in note(pilot)
            gate.open()
            await settle(pilot)
            assert len(tagged(fresh_demo.v1, "first")) == 5


async def test_a_stopped_job_tells_what_was_not_begun_and_the_rest_can_be_done(
    fresh_demo: DemoProcess,
) -> None:
    v1 = fresh_demo.v1
    with proxy_before(v1) as proxy:
        gate = Gate("POST", passes=4, path="run/tag")
        proxy.fault = gate
        source = acting_on(proxy.v1, fresh_demo.api_key)
        async with browsing(source, parse(FAILED), page_size=12, size=(60, 20)) as pilot:
            await press(pilot, "X")
            assert note(pilot) == "no action is under way"
            await press(pilot, "asterisk")
            wanted = page_ids(pilot)
            await _tag(pilot, "half")
            await waits(pilot, lambda: gate.held)
            await pilot.press("X")
            await pilot.pause()
            await waits(pilot, lambda: "stopping" in note(pilot))
            gate.open()
            await settle(pilot)
            done = tagged(v1, "half")
            assert 4 <= len(done) < 12
            sees(pilot, f"tagged {len(done)} of 12 runs (half)", "! shows each run")
            await press(pilot, "exclamation_mark")
            sees(pilot, f"r try the {12 - len(done)} again")
            await press(pilot, "r")
            assert tagged(v1, "half") == set(wanted)
            assert len(_tags_sent(proxy)) == 12
            assert note(pilot) == "tagged 12 runs (half); z undoes"
            await press(pilot, "z")
            assert tagged(v1, "half") == set()


async def test_quitting_in_the_middle_asks_and_staying_goes_on(fresh_demo: DemoProcess) -> None:
    with proxy_before(fresh_demo.v1) as proxy:
        gate = Gate("POST", passes=1, path="run/tag")
        proxy.fault = gate
        source = acting_on(proxy.v1, fresh_demo.api_key)
        async with browsing(source, parse(FAILED), page_size=5, size=(60, 20)) as pilot:
            await press(pilot, "asterisk")
            await _tag(pilot, "stay")
            await waits(pilot, lambda: gate.held)
            for key in ("escape", "q", "enter"):  # enter: stay is the first choice
                await pilot.press("q")
                await waits(pilot, lambda: isinstance(top(pilot), ChooseDialog))
                sees(pilot, "Under way: tag 5 runs with stay", "stop it and quit", "is on disk")
                await pilot.press(key)
                await waits(pilot, lambda: is_main(pilot))
                assert not pilot.app._exit
            gate.open()
            await settle(pilot)
            assert len(tagged(fresh_demo.v1, "stay")) == 5
            assert pilot.app.is_running


async def test_stop_and_quit_waits_for_what_was_sent_and_the_rest_can_be_taken_up(
    fresh_demo: DemoProcess,
) -> None:
    v1 = fresh_demo.v1
    with proxy_before(v1) as proxy:
        gate = Gate("POST", passes=2, path="run/tag")
        proxy.fault = gate
        source = acting_on(proxy.v1, fresh_demo.api_key)
        async with browsing(source, parse(FAILED), page_size=12) as pilot:
            await press(pilot, "asterisk")
            await _tag(pilot, "bye")
            await waits(pilot, lambda: gate.held)
            await pilot.press("q")
            await waits(pilot, lambda: isinstance(top(pilot), ChooseDialog))
            await pilot.press("j", "enter")
            await waits(pilot, lambda: is_main(pilot))
            assert not pilot.app._exit
            await pilot.press("q")  # asked again: now it can be left at once as well
            await waits(pilot, lambda: isinstance(top(pilot), ChooseDialog))
            sees(pilot, "quit when it has stopped", "quit now")
            await pilot.press("enter")
            gate.open()
            await waits(pilot, lambda: pilot.app._exit)
        done = tagged(v1, "bye")
        assert 2 <= len(done) < 12
        assert len(_tags_sent(proxy)) == len(done)
        state = paths.state_dir()
        (stopped,) = journals.unfinished(state)
        report = stopped.report()
        assert {o.run_id for o in report.outcomes if o.state is State.DONE} == done
        assert report.count(State.STOPPED) == 12 - len(done)
        async with browsing(source) as pilot:
            sees(pilot, "Broke off: tag 12 runs with bye", f"{len(done)} done", "take it up")
            await press(pilot, "enter")
        assert len(tagged(v1, "bye")) == 12
        assert len(_tags_sent(proxy)) == len(set(_tags_sent(proxy))) == 12
        assert journals.unfinished(state) == []


async def test_leaving_at_once_is_taken_up_at_the_next_start_without_doing_anything_twice(
    fresh_demo: DemoProcess,
) -> None:
    v1 = fresh_demo.v1
    with proxy_before(v1) as proxy:
        gate = Gate("POST", passes=3, path="run/tag")
        proxy.fault = gate
        source = acting_on(proxy.v1, fresh_demo.api_key)
        async with browsing(source, parse(FAILED), page_size=12) as pilot:
            await press(pilot, "asterisk")
            wanted = page_ids(pilot)
            await _tag(pilot, "again")
            await waits(pilot, lambda: gate.held)
            pilot.app.exit(0)
        gate.open()
        state = paths.state_dir()
        await eventually(lambda: len(journals.unfinished(state)) == 1)  # what was sent may end
        async with browsing(source, size=(60, 20)) as pilot:
            sees(pilot, "Broke off: tag 12 runs with again", "take it up", "ask next time")
            await press(pilot, "enter")
            assert tagged(v1, "again") == set(wanted)
            assert journals.unfinished(state) == []
            assert "tagged 12 runs (again)" in note(pilot) or "already so" in note(pilot)
        assert sorted(set(_tags_sent(proxy))) == sorted(map(str, wanted))
        assert all(_tags_sent(proxy).count(str(run_id)) <= 1 for run_id in wanted)


def _broken_off(v1: str, tag: str, run_ids: Sequence[int], done: int) -> Path:
    """The journal of a tag that a crash cut short after some runs."""
    plan = TAG.plan([Item(run_id) for run_id in run_ids], tag)
    journal = Journal.create(paths.state_dir(), plan, v1)
    for run_id in run_ids[:done]:
        journal.note("begin", run_id)
        journal.note("sent", run_id)
        outcome = outcomes.done(run_id)
        journal.note("done", run_id, outcome=outcome)
    journal.close()
    return journal.path


@pytest.mark.parametrize("keys", [["escape"], ["q"], ["j", "enter"]])
async def test_later_leaves_what_broke_off_for_the_next_start(
    keys: list[str], fresh_demo: DemoProcess
) -> None:
    v1 = fresh_demo.v1
    path = _broken_off(v1, "kept", [900156, 900384, 900372], 0)
    source = acting_on(v1, fresh_demo.api_key)
    async with browsing(source, parse(FAILED)) as pilot:
        await press(pilot, *keys)
        assert is_main(pilot)
        await _tag(pilot, "other")  # another action may go on meanwhile
        await settle(pilot)
        assert is_main(pilot)
    assert tagged(v1, "kept") == set()
    assert [recorded.path for recorded in journals.unfinished(paths.state_dir())] == [path]


async def test_forget_ends_it_and_what_was_done_can_be_read_and_undone(
    fresh_demo: DemoProcess,
) -> None:
    v1 = fresh_demo.v1
    done = sorted(tagged(v1, "triaged"))[:1]
    _broken_off(v1, "triaged", [*done, 900384, 900372], 1)
    async with browsing(acting_on(v1, fresh_demo.api_key), parse(FAILED)) as pilot:
        await press(pilot, "j", "j", "enter")
        assert is_main(pilot)
        assert note(pilot) == "forgotten; ! shows what was done"
        assert journals.unfinished(paths.state_dir()) == []
        await press(pilot, "exclamation_mark")
        sees(pilot, f"{done[0]} done: tagged", "It broke off and was not taken up.")
        await press(pilot, "escape", "z")
        assert done[0] not in tagged(v1, "triaged")


async def test_several_that_broke_off_are_asked_about_one_after_the_other(
    fresh_demo: DemoProcess,
) -> None:
    v1 = fresh_demo.v1
    _broken_off(v1, "one", [900156], 0)
    _broken_off(v1, "two", [900384], 0)
    _broken_off(v1, "three", [900372], 0)
    async with browsing(acting_on(v1, fresh_demo.api_key), parse(FAILED)) as pilot:
        seen = []
        for keys in (["enter"], ["j", "enter"], ["enter"]):
            assert isinstance(top(pilot), ChooseDialog)
            seen.append(top(pilot)._title)  # type: ignore[attr-defined]
            await press(pilot, *keys)
        assert is_main(pilot)
        assert len(set(seen)) == 3
    assert sum(len(tagged(v1, tag)) for tag in ("one", "two", "three")) == 2
    assert len(journals.unfinished(paths.state_dir())) == 1


async def test_what_broke_off_on_another_server_is_not_asked_about(demo: DemoProcess) -> None:
    _broken_off("http://127.0.0.1:9/api/v1/xml/", "elsewhere", [900156], 0)
    async with browsing(acting_on(demo.v1, demo.api_key)) as pilot:
        assert is_main(pilot)


async def test_a_session_that_only_reads_is_not_asked(demo: DemoProcess) -> None:
    _broken_off(demo.v1, "no", [900156], 0)
    async with browsing(acting_on(demo.v1, None)) as pilot:
        assert is_main(pilot)
    assert len(journals.unfinished(paths.state_dir())) == 1


async def test_a_journal_that_cannot_be_written_changes_nothing(
    demo: DemoProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    monkeypatch.setenv("RUNBROWSER_STATE_DIR", str(blocked / "state"))
    async with browsing(acting_on(demo.v1, demo.api_key), parse(FAILED)) as pilot:
        await _tag(pilot, "nowhere")
        await settle(pilot)
        assert "Nothing was changed: the journal cannot be written" in note(pilot)
        assert tagged(demo.v1, "nowhere") == set()
        assert workspace(pilot).job is None
        await press(pilot, "t")  # and the next action may be tried
        assert not is_main(pilot)


async def test_a_delete_stopped_half_way_keeps_copies_of_what_went_and_no_others(
    fresh_demo: DemoProcess,
) -> None:
    v1 = fresh_demo.v1
    with proxy_before(v1) as proxy:
        gate = Gate("DELETE", passes=3)
        proxy.fault = gate
        source = acting_on(proxy.v1, fresh_demo.api_key)
        async with browsing(source, parse(FAILED), page_size=10) as pilot:
            await press(pilot, "asterisk")
            wanted = page_ids(pilot)
            await press(pilot, "D")
            await pilot.press("1", "0", "enter")
            await waits(pilot, lambda: gate.held)
            await pilot.press("X")
            await asyncio.sleep(0)
            gate.open()
            await settle(pilot)
            left = there(v1, wanted)
            gone = set(wanted) - left
            assert 3 <= len(gone) < 10
            entries = Trash(paths.state_dir()).entries()
            assert {entry.run_id for entry in entries} == gone
            assert set(workspace(pilot).marks.ids) == left
            await delete(pilot, *str(len(left)), "enter")
            assert there(v1, wanted) == set()
