"""Deleting runs: a whole copy first, others' runs spared, doubts settled by looking."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest

from runbrowser.bulk import journal as journals
from runbrowser.bulk import studies
from runbrowser.bulk.followup import inverse, retry
from runbrowser.bulk.operations import DELETE
from runbrowser.bulk.outcome import Outcome, State
from runbrowser.bulk.plan import Item, Study
from runbrowser.bulk.remarks import Reason, message, remark
from runbrowser.bulk.trash import Trash
from runbrowser.client.http import AsyncHTTPClient
from runbrowser.demo import DEMO_USER_ID
from runbrowser.demo.launch import DemoProcess
from runbrowser.pages.reports import broken_off, report_text
from tests.bulk.conftest import ADMIN_KEY, READER_KEY, Desk, own_runs, words
from tests.bulk.faulty import LOST_REPLY, LOST_REQUEST, Asked, Fault, Proxy, refused
from tests.support.demos import start


def states(outcomes: tuple[Outcome, ...]) -> list[State]:
    return [outcome.state for outcome in outcomes]


async def test_a_deleted_run_is_gone_and_all_of_it_is_in_the_trash(
    desk: Desk, catalogue: sqlite3.Connection
) -> None:
    (run_id,) = catalogue.execute(
        "SELECT t.run_id FROM trace t JOIN run r ON r.id = t.run_id WHERE r.uploader = ? LIMIT 1",
        (DEMO_USER_ID,),
    ).fetchone()
    before = await desk.run(run_id)
    row = await desk.row(run_id)
    assert before is not None and row is not None
    report = await desk.do(DELETE.plan(await desk.items([run_id]), user_id=DEMO_USER_ID))
    assert states(report.outcomes) == [State.DONE]
    assert await desk.run(run_id) is None
    entry = desk.trash.get(report.outcomes[0].entry or "")
    assert entry.damage() == []
    assert entry.tags == before.tags
    assert entry.told["upload_time"] == row.upload_time
    assert entry.told["evaluations"] == {
        e.name: e.value for e in before.evaluation_list if e.fold is None
    }
    kept = {file["name"]: entry.content(file) for file in entry.files if file["kind"] == "file"}
    assert set(kept) == set(before.output_files) >= {"description", "predictions", "trace"}
    assert all(kept.values())
    (server,) = (f for f in entry.files if f["file"] == "run.xml")
    assert entry.content(server).decode() == before.description_text
    assert any(f["file"] == "trace.xml" for f in entry.files)


async def test_the_studies_of_a_run_are_kept(tmp_path: Path, catalogue: sqlite3.Connection) -> None:
    run_id, owner = catalogue.execute(
        "SELECT r.id, r.uploader FROM study_run s JOIN run r ON r.id = s.run_id"
        " WHERE s.study_id = 9302 LIMIT 1"
    ).fetchone()
    # A server that refuses to delete a study's run (394) leaves no copy that could tell of it.
    with start(studies_cascade=True) as demo:
        async with AsyncHTTPClient(demo.v1, ADMIN_KEY, retry="none") as http:
            desk = Desk(http, tmp_path, Trash(tmp_path))
            plan = DELETE.plan([Item(run_id, owner)], user_id=1, is_admin=True)
            report = await desk.do(plan, user_id=1, is_admin=True)
    assert report.ok
    (entry,) = desk.trash.entries()
    assert entry.told["studies"] == [[9302, "Forests of the demo"]]


async def test_runs_of_others_are_left_out_and_nothing_is_asked_of_them(
    behind: Desk, proxy: Proxy, catalogue: sqlite3.Connection
) -> None:
    mine, theirs = own_runs(catalogue, 1), own_runs(catalogue, 2, user=3)
    items = [Item(mine[0], DEMO_USER_ID), *(Item(run_id, 3) for run_id in theirs)]
    plan = DELETE.plan(items, user_id=DEMO_USER_ID)
    assert plan.run_ids == tuple(mine)
    assert [left.run_id for left in plan.left_out] == theirs
    report = await behind.do(plan)
    assert states(report.outcomes) == [State.DONE, State.LEFT_OUT, State.LEFT_OUT]
    assert not any(str(run_id) in asked.path for run_id in theirs for asked in proxy.asked)


async def test_the_server_refuses_runs_of_others_and_no_copy_of_them_stays(
    desk: Desk, catalogue: sqlite3.Connection
) -> None:
    theirs = own_runs(catalogue, 2, user=3)
    report = await desk.do(DELETE.plan([Item(run_id) for run_id in theirs]))
    assert [(o.state, o.code) for o in report.outcomes] == [(State.FAILED, 393)] * 2
    assert "not yours" in words(report.outcomes[0])
    assert desk.trash.entries() == []
    assert all([await desk.run(run_id) for run_id in theirs])


async def test_who_is_known_spares_runs_whose_uploader_the_plan_did_not_know(
    behind: Desk, proxy: Proxy, catalogue: sqlite3.Connection
) -> None:
    (theirs,) = own_runs(catalogue, 1, user=3)
    report = await behind.do(DELETE.plan([Item(theirs)]), user_id=DEMO_USER_ID)
    assert states(report.outcomes) == [State.LEFT_OUT]
    assert proxy.sent("DELETE") == []


async def test_a_run_that_is_not_there_is_told_and_nothing_is_sent(
    behind: Desk, proxy: Proxy
) -> None:
    report = await behind.do(DELETE.plan([Item(1)]))
    assert states(report.outcomes) == [State.ALREADY]
    assert proxy.sent("DELETE") == []


@pytest.mark.parametrize(
    "fault",
    [LOST_REPLY, Fault(status=502, body=b"<html>bad gateway</html>", content_type="text/html"),
     Fault(status=500), Fault(status=200, body=b"<oml:odd/>"), refused(105, before=False)],
    ids=["lost", "gateway", "fatal", "odd", "105"],
)  # fmt: skip
async def test_a_delete_in_doubt_is_done_when_the_run_is_gone(
    behind: Desk, proxy: Proxy, catalogue: sqlite3.Connection, fault: Fault
) -> None:
    ids = own_runs(catalogue, 3)
    proxy.fault = lambda asked: fault if asked.method == "DELETE" else None
    report = await behind.do(DELETE.plan([Item(i, DEMO_USER_ID) for i in ids]))
    assert states(report.outcomes) == [State.DONE] * 3
    assert sorted(proxy.sent("DELETE")) == [f"run/{run_id}" for run_id in ids]
    assert sorted(entry.run_id for entry in behind.trash.entries()) == ids
    assert journals.unfinished(behind.state) == []


async def test_a_delete_in_doubt_has_failed_when_the_run_is_there_and_its_copy_stays(
    behind: Desk, proxy: Proxy, catalogue: sqlite3.Connection
) -> None:
    (run_id,) = own_runs(catalogue, 1)
    proxy.fault = lambda asked: LOST_REQUEST if asked.method == "DELETE" else None
    report = await behind.do(DELETE.plan([Item(run_id)]))
    (outcome,) = report.outcomes
    assert outcome.state is State.FAILED
    assert "still there" in words(outcome)
    assert len(behind.trash.entries()) == 1
    proxy.fault = lambda asked: None
    again = await behind.do(retry(report))
    assert states(again.outcomes) == [State.DONE]
    (entry,) = behind.trash.entries()  # the older copy went with it
    assert entry.name == again.outcomes[0].entry


async def test_392_after_somebody_else_was_quicker_keeps_the_copy(
    behind: Desk, proxy: Proxy, catalogue: sqlite3.Connection
) -> None:
    (run_id,) = own_runs(catalogue, 1)
    proxy.fault = lambda asked: refused(392) if asked.method == "DELETE" else None
    report = await behind.do(DELETE.plan([Item(run_id)]))
    assert [(o.state, o.code) for o in report.outcomes] == [(State.ALREADY, 392)]
    assert len(behind.trash.entries()) == 1


async def test_a_run_in_doubt_and_those_not_begun_stay_in_the_journal_until_they_are_done(
    behind: Desk, proxy: Proxy, catalogue: sqlite3.Connection
) -> None:
    ids = own_runs(catalogue, 4)
    gone = False

    def fault(asked: Asked) -> Fault | None:
        nonlocal gone
        gone = gone or asked.method == "DELETE"
        return LOST_REPLY if gone else None

    proxy.fault = fault
    report = await behind.do(DELETE.plan([Item(i, DEMO_USER_ID) for i in ids]), at_once=1)
    assert states(report.outcomes) == [State.DOUBTFUL, *[State.STOPPED] * 3]
    assert report.stopped
    (open_,) = journals.unfinished(behind.state)
    assert report.resumable and open_.open == tuple(ids)
    assert "0 done, 1 in doubt, 3 not done" in broken_off(open_)
    proxy.fault = lambda asked: None
    journal = journals.Journal.reopen(open_.path)
    taken = await behind.do(journal.plan, journal=journal)
    assert states(taken.outcomes) == [State.DONE] * 4
    assert sorted(proxy.sent("DELETE")) == [f"run/{i}" for i in ids]
    assert journals.unfinished(behind.state) == []


@pytest.mark.parametrize("name", ["description.xml", "predictions.arff"])
async def test_without_a_whole_copy_nothing_is_deleted_unless_the_user_says_so(
    behind: Desk, proxy: Proxy, catalogue: sqlite3.Connection, name: str, fresh_demo: DemoProcess
) -> None:
    (run_id,) = catalogue.execute(
        "SELECT r.id FROM run r JOIN file f ON f.run_id = r.id"
        " WHERE r.uploader = ? AND f.name = 'predictions' LIMIT 1",
        (DEMO_USER_ID,),
    ).fetchone()
    run = await behind.run(run_id)
    assert run is not None
    lost = run.description_text.replace(name, "nothing-here").replace(
        f"data/download/{run.output_files[name.partition('.')[0]]}/", "data/download/1/"
    )
    reply = Fault(status=200, body=lost.encode())
    proxy.fault = lambda asked: reply if asked.path == f"run/{run_id}" and asked.method == "GET" \
        else None  # fmt: skip
    report = await behind.do(DELETE.plan([Item(run_id)]))
    assert states(report.outcomes) == [State.FAILED]
    assert "no whole copy" in words(report.outcomes[0])
    assert proxy.sent("DELETE") == []
    assert list(behind.trash.folder.glob("*/*")) == []
    report = await behind.do(DELETE.plan([Item(run_id)]), delete_unkept=True)
    (outcome,) = report.outcomes
    assert outcome.state is State.DONE
    (entry,) = behind.trash.entries()
    assert entry.missing


async def test_a_trash_that_cannot_be_written_stops_every_delete(
    behind: Desk, proxy: Proxy, catalogue: sqlite3.Connection
) -> None:
    behind.trash.folder.parent.mkdir(parents=True, exist_ok=True)
    behind.trash.folder.write_text("in the way")
    report = await behind.do(DELETE.plan([Item(i) for i in own_runs(catalogue, 2)]))
    assert states(report.outcomes) == [State.FAILED] * 2
    assert proxy.sent("DELETE") == []


async def test_code_107_pauses_and_goes_on(
    behind: Desk, proxy: Proxy, catalogue: sqlite3.Connection
) -> None:
    ids = own_runs(catalogue, 3)
    left = [3]

    def fault(asked: Asked) -> Fault | None:
        if asked.method == "DELETE" and left[0] > 0:
            left[0] -= 1
            return refused(107, "Database connection error")
        return None

    proxy.fault = fault
    report = await behind.do(DELETE.plan([Item(i) for i in ids]), at_once=1)
    assert states(report.outcomes) == [State.DONE] * 3
    assert len(proxy.sent("DELETE")) == 6
    assert len(behind.said) == 3 and "Going on in" in behind.said[0]


async def test_a_database_that_stays_away_ends_the_action_in_words(
    behind: Desk, proxy: Proxy, catalogue: sqlite3.Connection
) -> None:
    proxy.fault = lambda asked: refused(107, "Database down") if asked.method == "DELETE" else None
    report = await behind.do(DELETE.plan([Item(i) for i in own_runs(catalogue, 5)]), at_once=2)
    assert states(report.outcomes) == [State.STOPPED] * 5
    assert "Database down" in words(report.stopped)
    assert behind.trash.entries() == []
    assert journals.unfinished(behind.state) == []


async def test_a_wrong_key_is_told_once_with_where_it_came_from(
    fresh_demo: DemoProcess, tmp_path: Path, catalogue: sqlite3.Connection
) -> None:
    async with AsyncHTTPClient(fresh_demo.v1, "f" * 32, retry="none") as http:
        desk = Desk(http, tmp_path, Trash(tmp_path))
        plan = DELETE.plan([Item(i) for i in own_runs(catalogue, 8)])
        report = await desk.do(plan, key_origin="OPENML_APIKEY")
    assert states(report.outcomes) == [State.STOPPED] * 8
    assert words(report.stopped).count("OPENML_APIKEY") >= 1 and "103" in words(report.stopped)
    assert report_text(report).count("103") == 1
    assert report.stopped_code == 103
    assert desk.trash.entries() == []
    assert "f" * 32 not in "".join(p.read_text() for p in tmp_path.rglob("*.jsonl"))


@pytest.mark.parametrize("key", [None, READER_KEY])
async def test_without_a_key_that_may_write_nothing_is_changed(
    fresh_demo: DemoProcess, tmp_path: Path, catalogue: sqlite3.Connection, key: str | None
) -> None:
    ids = own_runs(catalogue, 3)
    async with AsyncHTTPClient(fresh_demo.v1, key, retry="none") as http:
        desk = Desk(http, tmp_path, Trash(tmp_path))
        report = await desk.do(DELETE.plan([Item(i) for i in ids]))
        assert all([await desk.run(run_id) for run_id in ids])
    assert states(report.outcomes) == [State.STOPPED] * 3
    assert ("104" if key else "no API key") in words(report.stopped)
    assert desk.trash.entries() == []


async def test_a_server_that_is_gone_ends_the_action_in_words(
    desk: Desk, fresh_demo: DemoProcess, catalogue: sqlite3.Connection
) -> None:
    ids = own_runs(catalogue, 6)
    plan = DELETE.plan([Item(i) for i in ids])
    fresh_demo.stop()
    report = await desk.do(plan)
    assert states(report.outcomes) == [State.STOPPED] * 6
    assert "cannot be reached" in words(report.stopped)


async def test_105_of_a_real_index_failure_counts_as_done(
    demo_without_index: DemoProcess, tmp_path: Path, catalogue: sqlite3.Connection
) -> None:
    ids = own_runs(catalogue, 2)
    async with AsyncHTTPClient(
        demo_without_index.v1, demo_without_index.api_key, retry="none"
    ) as http:
        desk = Desk(http, tmp_path, Trash(tmp_path))
        report = await desk.do(DELETE.plan([Item(i) for i in ids]))
        assert [(o.state, o.code) for o in report.outcomes] == [(State.DONE, 105)] * 2
        assert [await desk.run(i) for i in ids] == [None, None]


async def test_stop_lets_what_was_sent_end_and_begins_nothing_more(
    behind: Desk, proxy: Proxy, catalogue: sqlite3.Connection
) -> None:
    ids = own_runs(catalogue, 12)
    stop = asyncio.Event()

    def told(outcome: Outcome, done: int, total: int) -> None:
        assert total == 12
        if done == 4:
            stop.set()

    report = await behind.do(DELETE.plan([Item(i) for i in ids]), stop=stop, told=told)
    done = report.count(State.DONE)
    assert 4 <= done <= 6
    assert report.count(State.STOPPED) == 12 - done
    assert report.stopped == remark(Reason.STOPPED_BY_USER)
    assert sorted(proxy.sent("DELETE")) == sorted(
        f"run/{o.run_id}" for o in report.outcomes if o.state is State.DONE
    )
    assert len(behind.trash.entries()) == done
    again = await behind.do(retry(report))
    assert again.count(State.DONE) == 12 - done


async def test_cancelled_in_the_middle_nothing_is_lost_and_the_rest_can_be_taken_up(
    behind: Desk, proxy: Proxy, catalogue: sqlite3.Connection
) -> None:
    ids = own_runs(catalogue, 9)
    begun = asyncio.Event()

    def told(outcome: Outcome, done: int, total: int) -> None:
        if done == 3:
            begun.set()

    task = asyncio.create_task(behind.do(DELETE.plan([Item(i) for i in ids]), told=told))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    (open_,) = journals.unfinished(behind.state)
    deleted = {i for i in ids if await behind.run(i) is None}
    assert 3 <= len(deleted) < 9
    assert {entry.run_id for entry in behind.trash.entries()} == deleted
    journal = journals.Journal.reopen(open_.path)
    report = await behind.do(journal.plan, journal=journal)
    assert states(report.outcomes) == [State.DONE] * 9
    assert sorted(proxy.sent("DELETE")) == sorted(f"run/{i}" for i in ids)
    assert sorted(entry.run_id for entry in behind.trash.entries()) == ids


async def test_an_action_that_was_killed_after_its_last_run_has_nothing_more_to_do(
    behind: Desk, proxy: Proxy, catalogue: sqlite3.Connection
) -> None:
    (run_id,) = own_runs(catalogue, 1)
    journal = journals.Journal.create(behind.state, DELETE.plan([Item(run_id)]), behind.http.server)
    journal.note("done", run_id, outcome=Outcome(run_id, State.DONE, (message("deleted"),)))
    journal.close()
    journal = journals.Journal.reopen(journal.path)
    report = await behind.do(journal.plan, journal=journal)
    assert states(report.outcomes) == [State.DONE] and not report.stopped
    assert proxy.asked == []
    assert journals.unfinished(behind.state) == []


async def test_what_a_plan_undoes_are_the_runs_that_it_deleted(
    desk: Desk, catalogue: sqlite3.Connection
) -> None:
    mine, theirs = own_runs(catalogue, 2), own_runs(catalogue, 1, user=3)
    report = await desk.do(DELETE.plan([Item(i) for i in (*mine, *theirs, 5)]))
    back = inverse(report)
    assert back.run_ids == tuple(mine)
    assert all(item.entry for item in back.items)


async def test_progress_is_told_for_each_run(desk: Desk, catalogue: sqlite3.Connection) -> None:
    ids = own_runs(catalogue, 5)
    await desk.do(DELETE.plan([Item(i) for i in ids]), at_once=2)
    assert [(done, total) for _, done, total in desk.told] == [(n, 5) for n in range(1, 6)]


async def test_what_is_the_same_for_all_runs_is_asked_once_and_no_key_is_in_a_get(
    behind: Desk, proxy: Proxy, catalogue: sqlite3.Connection
) -> None:
    counts = {}
    for number, ids in ((1, own_runs(catalogue, 1)), (20, own_runs(catalogue, 21)[1:])):
        proxy.asked.clear()
        report = await behind.do(DELETE.plan([Item(i) for i in ids]))
        assert report.ok
        own = [a for a in proxy.asked if "/list" in a.path]
        files = sum(len(entry.files) for entry in behind.trash.entries() if entry.run_id in ids)
        # The list of the runs, that of the studies, and each of the two that it names.
        assert len(own) == 4, [asked.path for asked in own]
        counts[number] = len(own)
        assert len(proxy.asked) <= 4 + len(ids) * 4 + files
        for asked in proxy.asked:
            assert (asked.method == "DELETE") == ("api_key" in asked.query), asked
    assert counts[1] == counts[20]


async def test_more_studies_than_are_asked_before_a_delete_cost_one_request(
    behind: Desk, proxy: Proxy, catalogue: sqlite3.Connection
) -> None:
    row = "<oml:study><oml:id>{}</oml:id><oml:name>S</oml:name></oml:study>"
    body = "<oml:study_list>" + "".join(row.format(i) for i in range(1, 41)) + "</oml:study_list>"
    reply = Fault(status=200, body=body.encode())
    proxy.fault = lambda asked: reply if asked.path.startswith("study/list") else None
    report = await behind.do(DELETE.plan([Item(i) for i in own_runs(catalogue, 2)]))
    assert report.ok
    assert sum("/list" in asked.path for asked in proxy.asked) == 2
    (first, _) = behind.trash.entries()
    assert first.told["studies"] is None


def listed_run(catalogue: sqlite3.Connection) -> tuple[int, int]:
    run_id, owner = catalogue.execute(
        "SELECT r.id, r.uploader FROM study_run s JOIN run r ON r.id = s.run_id"
        " WHERE s.study_id = 9302 ORDER BY 1 LIMIT 1"
    ).fetchone()
    return run_id, owner


@pytest.mark.parametrize("known", [True, False], ids=["asked before", "asked after the refusal"])
async def test_a_refusal_for_a_study_names_it_and_the_way_out(
    fresh_demo: DemoProcess,
    tmp_path: Path,
    catalogue: sqlite3.Connection,
    known: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run_id, owner = listed_run(catalogue)
    if not known:
        monkeypatch.setattr(studies.studies_of, "__defaults__", (0,))
    async with AsyncHTTPClient(fresh_demo.v1, ADMIN_KEY, retry="none") as http:
        desk = Desk(http, tmp_path, Trash(tmp_path))
        items = await studies.with_studies(http, [Item(run_id, owner)])
        plan = DELETE.plan(items, user_id=1, is_admin=True)
        told = [words(one) for one in plan.notes if "Forests of the demo" in words(one)]
        assert bool(told) == known
        assert not known or (f"run {run_id} in study 9302" in told[0] and "detach" in told[0])
        report = await desk.do(plan, user_id=1, is_admin=True)
        (outcome,) = report.outcomes
        assert (outcome.state, outcome.code) == (State.FAILED, 394)
        assert "study 9302 (Forests of the demo)" in words(outcome)
        assert f"detach_from_study(9302, [{run_id}])" in words(outcome)
        assert desk.trash.entries() == [] and await desk.run(run_id) is not None


async def test_a_plan_with_studies_survives_its_journal(tmp_path: Path) -> None:
    plan = DELETE.plan([Item(1, studies=(Study(9, "Nine"),)), Item(2, studies=()), Item(3)])
    journal = journals.Journal.create(tmp_path, plan, "http://h/")
    journal.close()
    recorded = journals.read(journal.path)
    assert recorded is not None and recorded.plan == plan


async def test_a_copy_that_was_dropped_within_the_second_does_not_take_the_next_with_it(
    behind: Desk, proxy: Proxy, catalogue: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    (run_id,) = own_runs(catalogue, 1)
    monkeypatch.setattr("runbrowser.bulk.trash.time.time", lambda: 1_800_000_000.0)
    plan = DELETE.plan([Item(run_id)])
    journal = journals.Journal.create(behind.state, plan, behind.http.server)
    stop = asyncio.Event()
    note = journal.note

    def stopping(step: str, run_id: int, **more: object) -> None:
        note(step, run_id, **more)  # type: ignore[arg-type]
        if step == "kept":
            stop.set()

    monkeypatch.setattr(journal, "note", stopping)
    report = await behind.do(plan, journal=journal, stop=stop)
    assert states(report.outcomes) == [State.STOPPED] and behind.trash.entries() == []
    again = journals.Journal.reopen(journal.path)
    assert again.progress[run_id].entry is not None
    report = await behind.do(plan, journal=again)
    assert states(report.outcomes) == [State.DONE]
    assert behind.trash.find(run_id).damage() == []
