"""Tagging and untagging many runs: what counts as done, whose tags they are, and undoing it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from runbrowser.bulk import journal as journals
from runbrowser.bulk.followup import inverse
from runbrowser.bulk.operations import OPERATIONS, TAG, UNTAG
from runbrowser.bulk.outcome import Outcome, State
from runbrowser.bulk.plan import Item, Plan
from runbrowser.bulk.trash import Trash
from runbrowser.client.http import AsyncHTTPClient
from runbrowser.demo import DEMO_USER_ID
from runbrowser.demo.launch import DemoProcess
from runbrowser.errors import UsageError
from tests.bulk.conftest import Desk, own_runs, words
from tests.bulk.faulty import LOST_REPLY, LOST_REQUEST, Fault, Proxy, refused


def states(outcomes: tuple[Outcome, ...]) -> list[State]:
    return [outcome.state for outcome in outcomes]


async def test_tags_of_many_runs_are_set_and_undone_where_they_were_really_set(
    desk: Desk, catalogue: sqlite3.Connection
) -> None:
    ids = [*own_runs(catalogue, 3), *own_runs(catalogue, 3, user=3)]
    first = await desk.do(TAG.plan([Item(ids[0])], "sorted-out"))
    assert first.ok
    report = await desk.do(TAG.plan([Item(i) for i in ids], "sorted-out"))
    assert states(report.outcomes) == [State.ALREADY, *[State.DONE] * 5]
    assert report.outcomes[0].code == 473
    back = inverse(report)
    assert (back.operation, back.tag, back.run_ids) == (UNTAG, "sorted-out", tuple(ids[1:]))
    undone = await desk.do(back)
    assert states(undone.outcomes) == [State.DONE] * 5
    tagged = [i for i in ids if "sorted-out" in ((await desk.run(i)) or pytest.fail("gone")).tags]
    assert tagged == [ids[0]]


async def test_an_untag_is_undone_by_tagging_again(
    desk: Desk, catalogue: sqlite3.Connection
) -> None:
    ids = own_runs(catalogue, 2)
    await desk.do(TAG.plan([Item(i) for i in ids], "once"))
    report = await desk.do(UNTAG.plan(await desk.items(ids), "once"))
    assert states(report.outcomes) == [State.DONE] * 2
    again = await desk.do(inverse(report))
    assert states(again.outcomes) == [State.DONE] * 2
    for run_id in ids:
        run = await desk.run(run_id)
        assert run is not None and "once" in run.tags


async def test_runs_known_to_have_the_tag_are_left_out(
    desk: Desk, catalogue: sqlite3.Connection
) -> None:
    ids = own_runs(catalogue, 2)
    await desk.do(TAG.plan([Item(ids[0])], "Known"))
    items = await desk.items(ids)
    assert TAG.plan(items, "Known").run_ids == (ids[1],)
    plan = TAG.plan(items, "known")
    assert plan.run_ids == (ids[1],)
    assert "as Known" in words(plan.left_out[0])
    assert UNTAG.plan(items, "known").run_ids == (ids[0],)


async def test_the_same_tag_in_other_capitals_is_told(
    desk: Desk, catalogue: sqlite3.Connection
) -> None:
    (run_id,) = own_runs(catalogue, 1)
    await desk.do(TAG.plan([Item(run_id)], "Loud"))
    report = await desk.do(TAG.plan([Item(run_id)], "loud"))
    assert [(o.state, o.code) for o in report.outcomes] == [(State.ALREADY, 474)]


async def test_tags_of_others_stay_and_the_reason_is_told(
    desk: Desk, catalogue: sqlite3.Connection
) -> None:
    rows = catalogue.execute(
        "SELECT run_id FROM run_tag WHERE tag = 'needs-review' AND uploader = 3 LIMIT 2"
    ).fetchall()
    ids = [run_id for (run_id,) in rows]
    items = await desk.items(ids)
    plan = UNTAG.plan(items, "needs-review", user_id=DEMO_USER_ID)
    assert any("administrator" in words(one) for one in plan.notes)
    report = await desk.do(plan)
    assert [(o.state, o.code) for o in report.outcomes] == [(State.FAILED, 476)] * 2
    assert "somebody else" in words(report.outcomes[0])
    known = {o.run_id for o in report.outcomes if o.code == 476}
    later = UNTAG.plan(items, "needs-review", user_id=DEMO_USER_ID, refused=known)
    assert later.items == ()
    assert [left.run_id for left in later.left_out] == ids


async def test_untagging_what_is_not_tagged_is_nothing_to_do(
    desk: Desk, catalogue: sqlite3.Connection
) -> None:
    report = await desk.do(UNTAG.plan([Item(i) for i in own_runs(catalogue, 1)], "never-set"))
    assert [(o.state, o.code) for o in report.outcomes] == [(State.ALREADY, 475)]


async def test_old_tags_can_be_removed_and_cannot_be_undone(
    fresh_demo: DemoProcess, tmp_path: Path, catalogue: sqlite3.Connection
) -> None:
    (run_id, owner) = catalogue.execute(
        "SELECT run_id, uploader FROM run_tag WHERE tag = 'bagging&boosting' LIMIT 1"
    ).fetchone()
    (key,) = catalogue.execute("SELECT api_key FROM user WHERE id = ?", (owner,)).fetchone()
    async with AsyncHTTPClient(fresh_demo.v1, key, retry="none") as http:
        desk = Desk(http, tmp_path, Trash(tmp_path))
        plan = UNTAG.plan([Item(run_id)], "bagging&boosting")
        assert plan.lost
        report = await desk.do(plan)
        assert states(report.outcomes) == [State.DONE]
        with pytest.raises(UsageError):
            inverse(report)


@pytest.mark.parametrize(
    "fault", [LOST_REPLY, Fault(status=500), refused(105, before=False)], ids=["lost", "500", "105"]
)
@pytest.mark.parametrize("verb", ["tag", "untag"])
async def test_a_doubt_is_settled_by_looking_and_the_request_is_not_repeated(
    behind: Desk, proxy: Proxy, catalogue: sqlite3.Connection, fault: Fault, verb: str
) -> None:
    ids = own_runs(catalogue, 2)
    if verb == "untag":
        assert (await behind.do(TAG.plan([Item(i) for i in ids], "doubted"))).ok
    proxy.asked.clear()
    proxy.fault = lambda asked: fault if asked.path == f"run/{verb}" else None
    plan = OPERATIONS[verb].plan(await behind.items(ids), "doubted")
    report = await behind.do(plan)
    assert states(report.outcomes) == [State.DONE] * 2
    assert len(proxy.sent("POST")) == 2
    assert all(outcome.undoable for outcome in report.outcomes)


async def test_a_lost_request_has_failed_when_the_run_shows_no_change(
    behind: Desk, proxy: Proxy, catalogue: sqlite3.Connection
) -> None:
    proxy.fault = lambda asked: LOST_REQUEST if asked.method == "POST" else None
    report = await behind.do(TAG.plan([Item(i) for i in own_runs(catalogue, 2)], "lost"))
    assert states(report.outcomes) == [State.FAILED] * 2
    assert "does not have the tag" in words(report.outcomes[0])


async def test_a_tag_that_is_there_in_other_capitals_settles_a_doubt(
    behind: Desk, proxy: Proxy, catalogue: sqlite3.Connection
) -> None:
    (run_id,) = own_runs(catalogue, 1)
    assert (await behind.do(TAG.plan([Item(run_id)], "fine"))).ok
    proxy.fault = lambda asked: LOST_REPLY if asked.method == "POST" else None
    report = await behind.do(TAG.plan([Item(run_id)], "FINE"))
    assert states(report.outcomes) == [State.DONE]  # to the server they are the same
    assert not report.undoable  # it may have been there before


async def test_a_tag_found_after_a_lost_reply_is_not_undone_where_it_may_be_older(
    behind: Desk, proxy: Proxy, catalogue: sqlite3.Connection
) -> None:
    proxy.fault = lambda asked: LOST_REPLY if asked.method == "POST" else None
    report = await behind.do(TAG.plan([Item(i) for i in own_runs(catalogue, 1)], "unsure"))
    assert states(report.outcomes) == [State.DONE]
    assert inverse(report).items == ()


async def test_a_run_that_is_gone_fails_alone(desk: Desk, catalogue: sqlite3.Connection) -> None:
    (run_id,) = own_runs(catalogue, 1)
    report = await desk.do(TAG.plan([Item(1), Item(run_id)], "here"))
    assert [(o.state, o.code) for o in report.outcomes] == [(State.FAILED, 472), (State.DONE, None)]
    assert report.failed == (1,)


async def test_a_journal_with_a_sent_tag_is_taken_up_by_looking_first(
    behind: Desk, proxy: Proxy, catalogue: sqlite3.Connection
) -> None:
    ids = own_runs(catalogue, 3)
    plan = TAG.plan([Item(i) for i in ids], "crashed")
    assert (await behind.do(Plan(TAG, plan.items[:1], "crashed"))).ok
    journal = journals.Journal.create(behind.state, plan, behind.http.server)
    journal.note("begin", ids[0])
    journal.note("sent", ids[0])  # it arrived, and then the process was killed
    journal.note("begin", ids[1])
    journal.note("sent", ids[1])  # it never arrived
    journal.close()
    proxy.asked.clear()
    (open_,) = journals.unfinished(behind.state, behind.http.server)
    report = await behind.do(open_.plan, journal=journals.Journal.reopen(open_.path))
    assert states(report.outcomes) == [State.DONE] * 3
    assert sorted(int(a.form["run_id"][0]) for a in proxy.asked if a.method == "POST") == ids[1:]
