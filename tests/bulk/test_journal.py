"""The journal: on the disk before anything is done, locked, and readable however it broke off."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from runbrowser.bulk import journal as journals
from runbrowser.bulk.journal import Journal
from runbrowser.bulk.operations import DELETE, TAG
from runbrowser.bulk.outcome import Outcome, State
from runbrowser.bulk.plan import Item, Plan
from runbrowser.bulk.remarks import Reason, message, remark
from runbrowser.errors import UsageError
from runbrowser.pages.reports import broken_off

SERVER = "http://127.0.0.1:1/api/v1/xml/"
DONE = Outcome(1, State.DONE, (message("deleted"),), entry="h/1-x", undoable=True)


def plan(*ids: int) -> Plan:
    return DELETE.plan([Item(i, tags=("a", "b")) for i in ids or (1, 2, 3)])


def test_every_step_comes_back_when_the_journal_is_read(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path, plan(), SERVER)
    journal.note("begin", 1)
    journal.note("kept", 1, entry="h/1-x")
    journal.note("sent", 1)
    journal.note("done", 1, outcome=DONE)
    journal.note("begin", 2)
    journal.note("kept", 2, entry="h/2-x")
    journal.close()
    (open_,) = journals.unfinished(tmp_path)
    assert (open_.plan, open_.server) == (plan(), SERVER)
    assert open_.progress[1].outcome == DONE
    assert open_.progress[2] == journals.Progress(begun=True, entry="h/2-x")
    assert open_.open == (2, 3)
    assert "1 done, 2 not done" in broken_off(open_)
    states = [outcome.state for outcome in open_.report().outcomes]
    assert states == [State.DONE, State.STOPPED, State.STOPPED]


def test_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path / "state", plan(), SERVER)
    assert journal.path.stat().st_mode & 0o777 == 0o600
    assert journal.path.parent.stat().st_mode & 0o777 == 0o700
    journal.close()


def test_a_finished_action_is_a_report_and_not_unfinished(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path, plan(1), SERVER)
    journal.note("done", 1, outcome=DONE)
    journal.finish(remark(Reason.STOPPED_BY_USER))
    assert journals.unfinished(tmp_path) == []
    (ended,) = journals.reports(tmp_path)
    assert ended.report().outcomes == (DONE,)
    assert ended.report().stopped == remark(Reason.STOPPED_BY_USER)
    with pytest.raises(UsageError, match="has ended"):
        Journal.reopen(journal.path)
    with pytest.raises(OSError):
        journal.note("begin", 1)


def test_an_action_of_a_living_process_is_not_taken_up(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path, plan(), SERVER)
    assert journals.unfinished(tmp_path) == []
    with pytest.raises(UsageError, match="at work"):
        Journal.reopen(journal.path)
    journal.close()
    assert len(journals.unfinished(tmp_path)) == 1


def test_a_killed_process_leaves_its_action_to_the_next(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path\n"
        "from runbrowser.bulk.journal import Journal\n"
        "from runbrowser.bulk.operations import TAG\n"
        "from runbrowser.bulk.plan import Item\n"
        "j = Journal.create(Path(sys.argv[1]), TAG.plan([Item(1)], 't'), 'http://h/')\n"
        "j.note('sent', 1); print('ready', flush=True); time.sleep(100)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None and process.stdout.readline() == b"ready\n"
        assert journals.unfinished(tmp_path) == []
        os.kill(process.pid, signal.SIGKILL)
    (open_,) = journals.unfinished(tmp_path)
    assert open_.progress[1].sent
    assert "1 in doubt" in broken_off(open_)


def test_actions_of_other_servers_are_left_to_them(tmp_path: Path) -> None:
    Journal.create(tmp_path, plan(), SERVER).close()
    assert len(journals.unfinished(tmp_path, SERVER)) == 1
    assert journals.unfinished(tmp_path, "http://elsewhere/") == []


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_a_torn_last_line_is_cut_away_and_the_rest_counts(tmp_path: Path, cut: int) -> None:
    journal = Journal.create(tmp_path, plan(), SERVER)
    journal.note("done", 1, outcome=DONE)
    whole = journal.path.stat().st_size
    journal.note("done", 2, outcome=Outcome(2, State.DONE, (message("deleted"),)))
    last = journal.path.stat().st_size - whole
    journal.close()
    os.truncate(journal.path, whole + min(cut, last - 1))
    again = Journal.reopen(journal.path)
    assert set(again.progress) == {1}
    again.note("done", 2, outcome=Outcome(2, State.FAILED, (message("later"),)))
    again.close()
    recorded = journals.read(journal.path)
    assert recorded is not None
    assert recorded.progress[2].outcome == Outcome(2, State.FAILED, (message("later"),))


def test_damaged_lines_in_the_middle_are_passed_over(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path, plan(), SERVER)
    with journal.path.open("ab") as stream:
        stream.write(b'\x00\xff garbage\n[1]\n{"step":"done","run_id":1}\n{"run_id":"x"}\n')
    journal.note("done", 2, outcome=Outcome(2, State.DONE, (message("deleted"),)))
    journal.close()
    (open_,) = journals.unfinished(tmp_path)
    assert open_.open == (1, 3)


@pytest.mark.parametrize("content", [b"", b"no json\n", b"{}\n", b'{"step":"plan","version":9}\n'])
def test_a_file_that_is_no_journal_is_passed_over(tmp_path: Path, content: bytes) -> None:
    folder = journals.folder_of(tmp_path)
    folder.mkdir()
    (folder / "20200101T000000-tag-x.jsonl").write_bytes(content)
    (folder / ".20200101T000000-tag-y.jsonl").write_bytes(b"never begun\n")
    assert journals.unfinished(tmp_path) == journals.reports(tmp_path) == []
    with pytest.raises(UsageError, match="no plan"):
        Journal.reopen(folder / "20200101T000000-tag-x.jsonl")


def test_reports_are_bounded_and_broken_off_actions_are_never_taken_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journals, "MOST_REPORTS", 3)
    broken = Journal.create(tmp_path, plan(), SERVER)
    broken.close()
    for number in range(6):
        journal = Journal.create(tmp_path, TAG.plan([Item(number + 1)], "t"), SERVER)
        journal.finish()
    assert len(journals.reports(tmp_path)) == 3
    assert [r.path for r in journals.unfinished(tmp_path)] == [broken.path]


def test_a_forgotten_action_becomes_a_report(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path, plan(), SERVER)
    journal.note("sent", 2)
    journal.close()
    report = journals.forget(journal.path)
    assert [o.state for o in report.outcomes] == [State.STOPPED, State.DOUBTFUL, State.STOPPED]
    assert journals.unfinished(tmp_path) == []


def test_no_line_of_a_journal_holds_more_than_the_plan_and_its_steps(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path, plan(), SERVER)
    journal.note("begin", 1)
    journal.close()
    lines = [json.loads(line) for line in journal.path.read_text().splitlines()]
    assert set(lines[0]) == {
        "step", "version", "server", "at", "kind", "tag", "items", "left_out", "lost", "notes"
    }  # fmt: skip
    assert lines[1] == {"step": "begin", "run_id": 1}


def test_what_was_not_begun_is_no_outcome_even_where_a_former_version_noted_it(
    tmp_path: Path,
) -> None:
    journal = Journal.create(tmp_path, plan(), SERVER)
    journal.note("done", 1, outcome=DONE)
    journal.note("sent", 2)
    journal.note("done", 2, outcome=Outcome(2, State.STOPPED, (message("was not begun"),)))
    journal.close()
    (open_,) = journals.unfinished(tmp_path)
    assert open_.open == (2, 3)
    assert "1 done, 2 not done" in broken_off(open_)


def test_a_request_that_was_withdrawn_leaves_no_doubt(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path, plan(), SERVER)
    for step in ("begin", "sent", "withdrawn"):
        journal.note(step, 2)
    journal.note("done", 3, outcome=Outcome(3, State.FAILED, (message("not yours"),)))
    journal.close()
    (open_,) = journals.unfinished(tmp_path)
    assert "0 done, 1 failed, 2 not done" in broken_off(open_)
