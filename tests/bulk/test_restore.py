"""Restoring: the run is published again from its copy, once, and what is new is said plainly."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from runbrowser.bulk import journal as journals
from runbrowser.bulk.entry import Entry
from runbrowser.bulk.followup import inverse
from runbrowser.bulk.operations import DELETE, RESTORE
from runbrowser.bulk.outcome import Outcome, Report, State
from runbrowser.bulk.plan import Item
from runbrowser.bulk.restoration import again, as_item
from runbrowser.bulk.trash import Trash
from runbrowser.client.calls import actions
from runbrowser.client.http import AsyncHTTPClient
from runbrowser.demo import DEMO_USER_ID
from runbrowser.demo.launch import DemoProcess
from runbrowser.models import Run
from tests.bulk.conftest import ADMIN_KEY, QUICK, Desk, own_runs, words
from tests.bulk.faulty import LOST_REPLY, LOST_REQUEST, Proxy
from tests.support.demos import start


def states(outcomes: tuple[Outcome, ...]) -> list[State]:
    return [outcome.state for outcome in outcomes]


async def deleted(desk: Desk, *run_ids: int) -> Report:
    report = await desk.do(DELETE.plan([Item(i) for i in run_ids]))
    assert report.ok
    return report


async def predictions(desk: Desk, run: Run) -> bytes | None:
    for file in run.files:
        if file.name == "predictions":
            return await desk.http.send(actions.download(run.run_id, file))
    return None


def with_trace(catalogue: sqlite3.Connection) -> int:
    (run_id,) = catalogue.execute(
        "SELECT t.run_id FROM trace t JOIN run r ON r.id = t.run_id WHERE r.uploader = ? LIMIT 1",
        (DEMO_USER_ID,),
    ).fetchone()
    return int(run_id)


async def test_a_restored_run_is_the_deleted_one_but_for_what_is_said_to_be_new(
    desk: Desk, catalogue: sqlite3.Connection
) -> None:
    run_id = with_trace(catalogue)
    before = await desk.run(run_id)
    assert before is not None
    arff = await predictions(desk, before)
    report = await deleted(desk, run_id)
    restored = await desk.do(inverse(report), user_id=DEMO_USER_ID)
    (outcome,) = restored.outcomes
    assert outcome.state is State.DONE and outcome.new_id is not None
    assert str(outcome.new_id) in words(outcome) and "evaluations are computed anew" in words(
        outcome
    )
    after = await desk.run(outcome.new_id)
    assert after is not None
    assert after.run_id > run_id
    for name in ("task_id", "flow_id", "setup_id", "uploader", "error_message", "run_details",
                 "setup_string", "parameter_settings", "input_data"):  # fmt: skip
        assert getattr(after, name) == getattr(before, name), name
    assert set(after.tags) == set(before.tags)
    assert set(after.output_files) == set(before.output_files)
    assert await predictions(desk, after) == arff
    assert after.evaluations == {}


async def test_a_copy_is_restored_once(desk: Desk, catalogue: sqlite3.Connection) -> None:
    report = await deleted(desk, *own_runs(catalogue, 1))
    first = await desk.do(inverse(report))
    second = await desk.do(inverse(report))
    assert states(second.outcomes) == [State.ALREADY]
    assert second.outcomes[0].new_id == first.outcomes[0].new_id
    assert desk.trash.entries()[0].restored_as == first.outcomes[0].new_id


async def test_failed_runs_are_restored_with_their_error(
    desk: Desk, catalogue: sqlite3.Connection
) -> None:
    rows = catalogue.execute(
        "SELECT id, length(error_message) FROM run WHERE uploader = ? AND error_message <> ''"
        " ORDER BY length(error_message) DESC",
        (DEMO_USER_ID,),
    ).fetchall()
    for run_id, size in (rows[0], rows[-1]):
        before = await desk.run(run_id)
        report = await deleted(desk, run_id)
        (outcome,) = (await desk.do(inverse(report))).outcomes
        assert outcome.state is State.DONE, words(outcome)
        after = await desk.run(outcome.new_id or 0)
        assert before is not None and after is not None
        assert (after.error_message or "")[:100] == (before.error_message or "")[:100]
        assert ("cut to 128" in words(outcome)) == (size > 128)


async def test_a_run_that_is_still_there_is_not_published_again(
    behind: Desk, proxy: Proxy, catalogue: sqlite3.Connection
) -> None:
    (run_id,) = own_runs(catalogue, 1)
    proxy.fault = lambda asked: LOST_REQUEST if asked.method == "DELETE" else None
    await behind.do(DELETE.plan([Item(run_id)]))
    entry = behind.trash.find(run_id)
    report = await behind.do(RESTORE.plan([as_item(entry)]))
    assert states(report.outcomes) == [State.ALREADY]
    assert "still on the server" in words(report.outcomes[0])
    assert proxy.sent("POST") == []


async def test_a_lost_reply_is_settled_by_finding_the_new_run(
    behind: Desk, proxy: Proxy, catalogue: sqlite3.Connection
) -> None:
    report = await deleted(behind, *own_runs(catalogue, 3))
    proxy.fault = lambda asked: LOST_REPLY if asked.path == "run" else None
    restored = await behind.do(inverse(report), user_id=DEMO_USER_ID)
    assert states(restored.outcomes) == [State.DONE] * 3
    assert proxy.sent("POST").count("run") == 3
    new_ids = [outcome.new_id for outcome in restored.outcomes]
    assert len(set(new_ids)) == 3
    for outcome in restored.outcomes:
        after = await behind.run(outcome.new_id or 0)
        assert after is not None
        entry = behind.trash.get(outcome.entry or "")
        assert (after.task_id, after.setup_id) == (entry.told["task_id"], entry.told["setup_id"])


async def test_a_lost_upload_is_doubtful_and_looked_for_before_it_is_sent_again(
    behind: Desk, proxy: Proxy, catalogue: sqlite3.Connection
) -> None:
    report = await deleted(behind, *own_runs(catalogue, 1))
    proxy.fault = lambda asked: LOST_REQUEST if asked.path == "run" else None
    lost = await behind.do(inverse(report), user_id=DEMO_USER_ID)
    assert states(lost.outcomes) == [State.DOUBTFUL]
    (open_,) = journals.unfinished(behind.state)
    proxy.fault = lambda asked: None
    journal = journals.Journal.reopen(open_.path)
    patient = replace(QUICK, upload=8.0)
    taken = await behind.do(journal.plan, journal=journal, user_id=DEMO_USER_ID, patience=patient)
    assert states(taken.outcomes) == [State.DONE]
    assert proxy.sent("POST").count("run") == 2  # the first never arrived
    assert any("may still be on its way" in said for said in behind.said)


@pytest.mark.parametrize("sent", [False, True])
async def test_taken_up_after_a_crash_a_run_is_published_once(
    behind: Desk, proxy: Proxy, catalogue: sqlite3.Connection, sent: bool
) -> None:
    report = await deleted(behind, *own_runs(catalogue, 1))
    (outcome,) = report.outcomes
    entry = behind.trash.get(outcome.entry or "")
    plan = inverse(report)
    journal = journals.Journal.create(behind.state, plan, behind.http.server)
    journal.note("begin", outcome.run_id)
    # What is on the disk when the process is killed around the upload.
    upload, _ = again(entry, "0123456789abcdef")
    behind.trash.note_restoring(entry, {"token": "0123456789abcdef", "sent_at": time.time()})
    journal.note("sent", outcome.run_id)
    journal.close()
    if sent:
        from runbrowser.bulk.delivery import Delivery
        from runbrowser.bulk.publication import send_upload

        await send_upload(Delivery(behind.http, patience=QUICK), upload)
    journal = journals.Journal.reopen(journal.path)
    taken = await behind.do(journal.plan, journal=journal)
    assert states(taken.outcomes) == [State.DONE]
    assert proxy.sent("POST").count("run") == 1


@pytest.fixture
def lenient_demo() -> Iterator[DemoProcess]:
    """A demo that lets runs of a study go: only those have tags from before today's rules."""
    with start(studies_cascade=True) as process:
        yield process


async def test_tags_of_others_and_old_tags_are_told(
    lenient_demo: DemoProcess, tmp_path: Path, catalogue: sqlite3.Connection
) -> None:
    (run_id,) = catalogue.execute(
        "SELECT run_id FROM run_tag WHERE tag = 'random forest' LIMIT 1"
    ).fetchone()
    async with AsyncHTTPClient(lenient_demo.v1, ADMIN_KEY, retry="none") as http:
        desk = Desk(http, tmp_path, Trash(tmp_path))
        report = await deleted(desk, run_id)
        (outcome,) = (await desk.do(inverse(report))).outcomes
        assert "'random forest' is refused" in words(outcome)
        after = await desk.run(outcome.new_id or 0)
        assert after is not None and "random forest" not in after.tags and after.tags


async def test_a_damaged_copy_is_not_published(
    behind: Desk, proxy: Proxy, catalogue: sqlite3.Connection
) -> None:
    report = await deleted(behind, *own_runs(catalogue, 1))
    entry = behind.trash.entries()[0]
    file = entry.named("description")
    assert file is not None
    (entry.path / file["file"]).write_bytes(b"<oml:run/>")
    (outcome,) = (await behind.do(inverse(report))).outcomes
    assert outcome.state is State.FAILED and "damaged" in words(outcome)
    assert proxy.sent("POST") == []


async def test_without_an_uploaded_description_the_server_s_own_is_used(
    desk: Desk, catalogue: sqlite3.Connection
) -> None:
    (run_id,) = own_runs(catalogue, 1)
    before = await desk.run(run_id)
    report = await deleted(desk, run_id)
    entry = desk.trash.entries()[0]
    told = dict(entry.told)
    told["files"] = [f for f in entry.files if f["name"] != "description" or f["kind"] != "file"]
    (entry.path / "manifest.json").write_text(json.dumps(told))
    (outcome,) = (await desk.do(inverse(report))).outcomes
    assert outcome.state is State.DONE, words(outcome)
    assert "as the server had it" in words(outcome)
    after = await desk.run(outcome.new_id or 0)
    assert before is not None and after is not None
    assert (after.setup_id, after.task_id) == (before.setup_id, before.task_id)


async def test_a_copy_of_another_server_is_refused(
    desk: Desk, catalogue: sqlite3.Connection
) -> None:
    report = await deleted(desk, *own_runs(catalogue, 1))
    entry = desk.trash.entries()[0]
    told = {**entry.told, "server": "https://test.openml.org/api/v1/xml/"}
    (entry.path / "manifest.json").write_text(json.dumps(told))
    (outcome,) = (await desk.do(inverse(report))).outcomes
    assert outcome.state is State.FAILED and "test.openml.org" in words(outcome)


def test_what_belonged_to_the_old_run_is_not_uploaded_again(tmp_path: Path) -> None:
    description = b"""<oml:run xmlns:oml="http://openml.org/openml"><oml:run_id>1</oml:run_id>
<oml:uploader>2</oml:uploader><oml:task_id>59</oml:task_id><oml:flow_id>4</oml:flow_id>
<oml:setup_id>9</oml:setup_id><oml:error_message>caf\xc3\xa9 &lt;b&gt;</oml:error_message>
<oml:parameter_setting><oml:name>C</oml:name><oml:value>1</oml:value></oml:parameter_setting>
<oml:tag>old</oml:tag><oml:input_data/><oml:output_data><oml:evaluation><oml:name>f_measure
</oml:name><oml:value>0.5</oml:value></oml:evaluation></oml:output_data></oml:run>"""
    about = {"file": "files/1", "kind": "file", "name": "description", "filename": "d.xml"}
    told = {"run_id": 1, "tags": [], "missing": []}
    entry: Entry = Trash(tmp_path).store("http://h/", told, [(about, description)])
    upload, notes = again(entry, "token")
    text = upload.content.decode()
    for gone in ("run_id", "uploader", "setup_id", "oml:tag", "input_data"):
        assert gone not in text
    assert "caf? &lt;b&gt;" in text and "<oml:name>C</oml:name>" in text and "f_measure" in text
    assert "token" in text and any("error_message" in words(one) for one in notes)
    assert upload.description.task_id == 59


@pytest.mark.parametrize("char", ["\x01", "\x0b", "\x1b", "\ufffe", "\x7f"])
async def test_a_message_with_a_control_character_and_no_description_file_is_restored(
    desk: Desk, catalogue: sqlite3.Connection, char: str
) -> None:
    (run_id,) = catalogue.execute(
        "SELECT id FROM run WHERE uploader = ? AND error_message LIKE 'ValueError: %' LIMIT 1",
        (DEMO_USER_ID,),
    ).fetchone()
    report = await deleted(desk, run_id)
    (entry,) = desk.trash.entries()
    server = next(file for file in entry.files if file["file"] == "run.xml")
    text = entry.content(server).decode().replace("ValueError: ", f"ValueError: a{char}b ", 1)
    assert char in text
    (entry.path / "run.xml").write_text(text)
    told = dict(entry.told)
    whole = {"size": len(text.encode()), "sha256": hashlib.sha256(text.encode()).hexdigest()}
    told["files"] = [
        {**file, **whole} if file["file"] == "run.xml" else file
        for file in entry.files
        if file["name"] != "description" or file["kind"] != "file"
    ]
    (entry.path / "manifest.json").write_text(json.dumps(told))
    (outcome,) = (await desk.do(inverse(report))).outcomes
    assert outcome.state is State.DONE, words(outcome)
    assert "error_message" in words(outcome)
    after = await desk.run(outcome.new_id or 0)
    assert after is not None and (after.error_message or "").startswith("ValueError: a?b ")


async def test_restoring_many_runs_asks_for_no_list_of_runs(
    behind: Desk, proxy: Proxy, catalogue: sqlite3.Connection
) -> None:
    ids = own_runs(catalogue, 12)
    report = await deleted(behind, *ids)
    proxy.asked.clear()
    restored = await behind.do(inverse(report))
    assert states(restored.outcomes) == [State.DONE] * 12
    assert not [asked for asked in proxy.asked if "list" in asked.path]
    tags = sum(len(entry.tags) for entry in behind.trash.entries())
    # Of each run: whether it is still there, its upload, its tags.
    assert len(proxy.asked) == 2 * 12 + tags
