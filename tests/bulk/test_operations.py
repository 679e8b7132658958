"""An operation is one module and one row: what is added at run time is followed by everything."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Collection, Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from runbrowser.bulk import journal as journals
from runbrowser.bulk.context import Context
from runbrowser.bulk.followup import inverse, retry
from runbrowser.bulk.operation import Operation, Verb
from runbrowser.bulk.operations import OPERATIONS, UNTAG
from runbrowser.bulk.operations.tag import set_tag
from runbrowser.bulk.outcome import Outcome, Progress, Report, State
from runbrowser.bulk.plan import Item, LeftOut, Plan, once
from runbrowser.bulk.remarks import Reason, remark
from runbrowser.errors import UsageError
from runbrowser.files.reports import to_csv, to_json
from runbrowser.models import Run
from runbrowser.pages.plans import plan_page, title
from runbrowser.pages.reports import broken_off, headline, report_page, story
from runbrowser.tui.jobs import Job
from tests.bulk.conftest import Desk, own_runs, words

JOURNALS = Path(__file__).parents[1] / "data" / "journals"


class Bless(Operation):
    """Gives runs the tag "blessed", unless they have it."""

    name = "bless"
    verb = Verb("bless", "blessing", "blessed")
    title = "bless {runs}"

    def plan(
        self,
        items: Iterable[Item],
        tag: str = "",
        *,
        user_id: int | None = None,
        is_admin: bool | None = None,
        refused: Collection[int] = (),
        kept: bool = True,
    ) -> Plan:
        items = once(items)
        left = [i for i in items if "blessed" in (i.tags or ())]
        return Plan(
            self,
            tuple(item for item in items if item not in left),
            "blessed",
            tuple(LeftOut(item.run_id, remark(Reason.HAS_TAG)) for item in left),
        )

    async def perform(self, context: Context, plan: Plan, item: Item, seen: Progress) -> Outcome:
        await context.begin_sending(item.run_id)
        return await set_tag(context, item, plan.tag)

    def inverse(self, report: Report) -> Plan:
        items = [item for item in report.plan.items if item.run_id in report.undoable]
        return UNTAG.plan([replace(item, tags=("blessed",)) for item in items], "blessed")

    def after(self, run: Run, plan: Plan) -> Run:
        return replace(run, tags=(*run.tags, plan.tag))


async def test_an_operation_that_is_added_is_followed_by_plan_report_journal_resume_and_undo(
    desk: Desk, catalogue: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(OPERATIONS, "bless", Bless())
    bless = OPERATIONS["bless"]
    ids = own_runs(catalogue, 4)
    items = await desk.items(ids)
    plan = bless.plan([*items, Item(5, tags=("blessed",))])
    # what is going to be done
    assert title(plan) == "bless 4 runs"
    page = plan_page(plan).plain
    assert page.startswith("Bless 4 runs") and "run 5, already has this tag" in page
    assert Job(plan, lambda: None).words.startswith("blessing ")
    # it breaks off after the first, and the journal knows it again
    stop = asyncio.Event()
    journal = journals.Journal.create(desk.state, plan, desk.http.server)
    report = await desk.do(
        plan, journal=journal, stop=stop, at_once=1, told=lambda *told: stop.set()
    )
    assert report.count(State.DONE) == 1 and report.resumable
    (recorded,) = journals.unfinished(desk.state)
    assert recorded.plan == plan and recorded.plan.operation is bless
    assert broken_off(recorded).startswith("bless 4 runs, begun ")
    assert "1 done, 3 not done" in broken_off(recorded)
    # it is taken up
    again = journals.Journal.reopen(recorded.path)
    report = await desk.do(again.plan, journal=again)
    assert headline(report) == "blessed 4 of 5 runs (blessed); 1 left out"
    assert [one.state for one in report.outcomes[:4]] == [State.DONE] * 4
    assert "blessed; tags: " in report_page(report, 80).plain
    assert "z undoes" in story(report)
    assert '"action": "bless"' in to_json(report) and "blessed; tags: " in to_csv(report)
    assert retry(report).items == ()
    for run_id in ids:
        run = await desk.run(run_id)
        assert run is not None and "blessed" in run.tags
        assert "blessed" in bless.after(replace(run, tags=()), plan).tags
    # and undone
    back = inverse(report)
    assert title(back) == "remove the tag blessed from 4 runs"
    assert (await desk.do(back)).count(State.DONE) == 4
    for run_id in ids:
        run = await desk.run(run_id)
        assert run is not None and "blessed" not in run.tags


async def test_an_operation_that_is_not_known_any_more_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A journal of a newer version, or of another: it stays, and is nobody's to take up."""
    with monkeypatch.context() as patched:
        patched.setitem(OPERATIONS, "bless", Bless())
        plan = OPERATIONS["bless"].plan([Item(1)])
        journal = journals.Journal.create(tmp_path, plan, "http://127.0.0.1:1/api/v1/xml/")
        journal.close()
    assert journals.unfinished(tmp_path) == [] and journal.path.exists()


@pytest.mark.parametrize("name", sorted(path.stem for path in JOURNALS.glob("*.jsonl")))
def test_journals_of_former_versions_are_read(tmp_path: Path, name: str) -> None:
    """They hold sentences where there are remarks now; what they say stands."""
    folder = journals.folder_of(tmp_path)
    folder.mkdir()
    path = folder / "20261125T090000-x-0123abcd.jsonl"
    path.write_bytes((JOURNALS / f"{name}.jsonl").read_bytes())
    recorded = journals.read(path)
    assert recorded is not None
    report = recorded.report()
    told = [words(outcome) for outcome in report.outcomes]
    assert plan_page(recorded.plan).plain and report_page(report, 80).plain
    assert recorded.ended == (name != "delete-broken-off")
    undo = inverse(report) if name != "untag-ended" else report.plan
    match name:
        case "delete-broken-off":
            assert recorded.open == (900102, 900103)
            assert "1 done, 1 in doubt, 1 not done" in broken_off(recorded)
            assert told[0] == "deleted; a copy is in the trash"
            assert told[-1] == "uploaded by user 3 (Bob), not by you"
            assert undo.items[0].entry == "127.0.0.1_1/900101-20261125T090000Z"
            assert journals.unfinished(tmp_path) == [recorded]
            journals.Journal.reopen(path).finish()  # and can be taken up
            assert journals.unfinished(tmp_path) == []
        case "tag-stopped":
            assert words(report.stopped) == "Stopped: no further runs were begun."
            assert headline(report) == (
                "tagged 2 of 6 runs (fine); 1 already so, 2 left out, 1 failed"
            )
            assert "already has the tag as Fine" in told
            assert undo.operation is UNTAG and undo.run_ids == (900101, 900102)
        case "untag-ended":
            (lost,) = report.plan.lost
            assert "once removed it cannot be set again" in words(lost)
            assert told[1].startswith("somebody else set this tag") and report.stopped is None
            with pytest.raises(UsageError, match="blank"):
                inverse(report)
        case "restore-ended":
            assert report.outcomes[0].new_id == 900777 and not undo.items
            assert "has no copy in the trash" in told
