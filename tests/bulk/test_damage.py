"""State on the disk that is not what it has to be: it is set aside in words, the rest is shown."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from runbrowser.bulk import journal as journals
from runbrowser.bulk.entry import Entry
from runbrowser.bulk.journal import Journal
from runbrowser.bulk.operations import DELETE
from runbrowser.bulk.outcome import Outcome, State
from runbrowser.bulk.plan import Item, Study
from runbrowser.bulk.records import plan_to_json
from runbrowser.bulk.remarks import message
from runbrowser.bulk.restoration import as_item
from runbrowser.bulk.trash import Trash
from runbrowser.errors import UsageError
from runbrowser.files.reports import to_json
from runbrowser.pages import trash as pages
from runbrowser.pages.plans import plan_page, title
from runbrowser.pages.reports import broken_off, headline, report_page, run_lines
from runbrowser.paths import write_private
from runbrowser.views import session, store

SERVER = "http://127.0.0.1:1/api/v1/xml/"
ODD: tuple[Any, ...] = (
    None, True, -1, 1.5, float("nan"), float("inf"), 10**30, "", "x", "\x1b]0;x\x07", [], [None],
    [1], {}, {"a": 1}, [[1, 2]], "../../x", "\x00",
)  # fmt: skip
FORMS = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def copy_of(trash: Trash, run_id: int) -> Entry:
    told = {
        "run_id": run_id, "uploader": 2, "uploader_name": "A B", "task_id": 59, "task_type": "t",
        "flow_id": 4, "flow_name": "f(1)", "setup_id": 9, "upload_time": "2020-02-19 10:18:00",
        "state": "ok", "error_message": None, "evaluations": {"kappa": 0.5, "x": None},
        "tags": ["a"], "studies": [[1, "S"]], "missing": [],
    }  # fmt: skip
    about = {"file": "files/1-p", "kind": "file", "name": "predictions", "filename": "p.arff"}
    return trash.store(SERVER, told, [(about, b"bytes")])


def use(entry: Entry) -> None:
    """All that is read of a copy anywhere."""
    pages.page(entry, entry.restored_as, 80)[:]
    pages.cells(entry, 140, 40, marked=False, restored_as=entry.restored_as)
    _ = entry.size, entry.damage(), as_item(entry), entry.restoring
    entry.named("predictions")


PARTS = [
    *((name,) for name in ("run_id", "server", "kept_at", "uploader", "task_id", "flow_name",
      "error_message", "evaluations", "tags", "studies", "missing", "files", "version")),
    *(("files", 0, name) for name in ("file", "kind", "name", "filename", "size", "sha256")),
]  # fmt: skip


@pytest.mark.parametrize("part", PARTS, ids=lambda part: ".".join(map(str, part)))
def test_a_manifest_of_a_wrong_type_hides_no_other_copy(
    tmp_path: Path, part: tuple[str | int, ...]
) -> None:
    trash = Trash(tmp_path)
    good, bad = copy_of(trash, 1), copy_of(trash, 2)
    manifest = bad.path / "manifest.json"
    whole = json.loads(manifest.read_text())
    for value in (*ODD, KeyError):
        told = json.loads(json.dumps(whole))
        place = told
        for key in part[:-1]:
            place = place[key]
        if value is KeyError:
            del place[part[-1]]
        else:
            place[part[-1]] = value
        manifest.write_text(json.dumps(told))
        entries = trash.entries()
        assert good.name in {entry.name for entry in entries}
        assert len(entries) + len(trash.damaged()) == 2
        for entry in entries:
            use(entry)
        trash.due(), trash.size(), trash.find(1)


def fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def deep(path: Path) -> None:
    path.write_text("[" * 100_000)


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def device(path: Path) -> None:
    path.unlink()
    path.symlink_to("/dev/zero")


def bytes_(path: Path) -> None:
    path.write_bytes(b"\xff\x00" * 100)


KINDS = [fifo, deep, folder, device, bytes_]


@pytest.mark.timeout(60)
@pytest.mark.parametrize("spoil", KINDS)
def test_no_kind_of_file_in_the_place_of_a_state_file_hangs_or_breaks_its_reader(
    tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    trash = Trash(tmp_path)
    good, bad = copy_of(trash, 1), copy_of(trash, 2)
    spoil(bad.path / "manifest.json")
    assert [entry.name for entry in trash.entries()] == [good.name]
    assert trash.damaged() == [bad.path]
    write_private(good.path / "restored.json", b"{}")
    spoil(good.path / "restored.json")
    assert good.restoring == {} and good.restored_as is None
    spoil(good.path / "files" / "1-p")
    assert good.damage()
    plan = DELETE.plan([Item(1)])
    whole, broken = Journal.create(tmp_path, plan, SERVER), Journal.create(tmp_path, plan, SERVER)
    whole.close(), broken.close()
    spoil(broken.path)
    assert [recorded.path for recorded in journals.unfinished(tmp_path)] == [whole.path]
    assert journals.reports(tmp_path) == []
    for name, read in (
        ("views.toml", lambda path: store.read(path).views),
        ("session.json", lambda path: session.read(path, SERVER)),
    ):
        path = tmp_path / name
        path.write_text("")
        spoil(path)
        assert not read(path)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
FIELDS = [*Item.__slots__, "kind", "tag", "items", "left_out", "lost", "notes", "at", "server"]


@FORMS
@given(st.sampled_from(FIELDS), JSON, JSON)
@example("items", [], None)
def test_a_journal_of_any_values_is_read_or_passed_over(
    tmp_path: Path, name: str, value: Any, step: Any
) -> None:
    item = Item(1, 2, "u", ("t",), "s", "a", "e", "h/1-x", (Study(1, "S"),))
    first: dict[str, Any] = plan_to_json(DELETE.plan([item, Item(2)]))
    first |= {"step": "plan", "version": 1, "server": SERVER, "at": 1.0}
    if name in first:
        first[name] = value
    else:
        first["items"][0][name] = value
    first["version"] = journals.VERSION
    done = {"step": "done", "run_id": 1, "outcome": {"run_id": 1, "state": "done"}}
    old, new = (
        {**done, "outcome": {**done["outcome"], name: step}} for name in ("words", "remarks")
    )
    lines = [first, step, {"step": "kept", "run_id": 1, "entry": step}, old, new]
    lines.append({"step": "end", "why": value} if name == "at" else step)
    path = journals.folder_of(tmp_path) / "20200101T000000-delete-x.jsonl"
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    for recorded in journals.unfinished(tmp_path):
        report = recorded.report()
        assert broken_off(recorded) and headline(report) and run_lines(report) and to_json(report)
        assert title(recorded.plan) and recorded.open is not None
        assert plan_page(recorded.plan).plain and report_page(report, 60).plain


@FORMS
@given(JSON, st.sampled_from(["view", "page", "run", "at", "filter", "columns", "name"]))
def test_a_session_of_any_values_is_read_or_passed_over(
    tmp_path: Path, value: Any, name: str
) -> None:
    path = tmp_path / "session.json"
    path.write_text(json.dumps({"version": 1, "servers": {SERVER: {name: value}, "other": value}}))
    session.read(path, SERVER)
    session.leave(path, SERVER, session.Place(page=3))
    left = session.read(path, SERVER)
    assert left is not None and left.page == 3


@FORMS
@given(st.text(max_size=60), st.sampled_from(["name", "filter", "columns", "sort", "fold", "odd"]))
def test_views_of_any_text_are_read_or_told(tmp_path: Path, text: str, name: str) -> None:
    path = tmp_path / "views.toml"
    content = f'[[view]]\nname = "a"\n\n[[view]]\n{name} = {text}\n'
    path.write_bytes(content.encode("utf-8", "replace"))
    found = store.read(path)
    assert len(found.views) == 2 or found.wrong
    with pytest.raises(UsageError):
        found.find("no such view \x1b")


def test_what_killed_processes_left_is_swept(tmp_path: Path) -> None:
    old, plan = time.time() - 7200, DELETE.plan([Item(1)])
    write_private(tmp_path / "session.json", b"{}")
    names = (".session.json.abcd1234", ".session.json.lock", ".session.json.abcd123", ".abcd1234")
    for name in names:
        (tmp_path / name).write_text("x")
        os.utime(tmp_path / name, (old, old))
    (tmp_path / ".session.json.young_01").write_text("x")
    write_private(tmp_path / "session.json", b"{}")
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"session.json", *names[1:], ".session.json.young_01"}
    never = journals.folder_of(tmp_path) / ".20200101T000000-tag-y.jsonl"
    never.parent.mkdir()
    never.write_text("x")
    os.utime(never, (old, old))
    journal = Journal.create(tmp_path, plan, SERVER)
    journal.note("done", 1, outcome=Outcome(1, State.DONE, (message("deleted"),)))
    journal.finish()
    assert [path.name for path in never.parent.iterdir()] == [journal.path.name]
