"""A process that holds a lock and is stopped holds nobody up for longer than a second or so.

The process is a real one, which took the lock by the code that takes it in daily use, and is
stopped by SIGSTOP while it has it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from runbrowser import locks
from runbrowser.bulk import journal as journals
from runbrowser.bulk.journal import Journal
from runbrowser.bulk.operations import TAG
from runbrowser.bulk.plan import Item
from runbrowser.bulk.trash import Trash
from runbrowser.client.cache import ReplyCache
from runbrowser.errors import UsageError
from runbrowser.locks import Lock, lock_file
from runbrowser.mirror.folder import MirrorFolder
from runbrowser.openml.names import NameStore
from runbrowser.views import session, store
from runbrowser.views.view import View
from tests.support.holders import stopped_holder

SERVER = "http://127.0.0.1:1/api/v1/xml/"
ABOUT = {"file": "files/1", "kind": "file", "name": "f"}
pytestmark = pytest.mark.timeout(60)

LOCK = "from runbrowser.locks import Lock; held = Lock(folder / {!r})"
CACHE = "from runbrowser.locks import locked_folder; held = locked_folder(folder); held.__enter__()"
NAMES = (
    "import sqlite3; held = sqlite3.connect(folder / 'names.db', isolation_level=None)\n"
    "held.execute('BEGIN EXCLUSIVE')"
)
JOURNAL = (
    "from runbrowser.bulk.journal import Journal\n"
    "from runbrowser.bulk.operations import TAG\n"
    "from runbrowser.bulk.plan import Item\n"
    f"held = Journal.create(folder, TAG.plan([Item(7)], 'x'), {SERVER!r})"
)
TRASH = (
    "from runbrowser.bulk.trash import Trash\n"
    "def files():\n"
    f"    yield {ABOUT!r}, b'x'\n"
    "    wait()\n"
    f"Trash(folder).store({SERVER!r}, {{'run_id': 7}}, files())"
)
SYNC = (
    "from runbrowser.mirror.folder import MirrorFolder\n"
    f"held = MirrorFolder(folder, {SERVER!r}).syncing(); held.__enter__()"
)


def saving_a_view(folder: Path) -> None:
    with pytest.raises(OSError, match="another process holds it"):
        store.change(folder / "views.toml", store.saved(View("b")))
    assert [view.name for view in store.read(folder / "views.toml").views] == ["a"]


def leaving_a_place(folder: Path) -> None:
    with pytest.raises(OSError, match="another process holds it"):
        session.leave(folder / "session.json", SERVER, session.Place(page=4))
    place = session.read(folder / "session.json", SERVER)
    assert place is not None and place.page == 3


def clearing_the_cache(folder: Path) -> None:
    with pytest.raises(OSError, match="another process holds it"):
        ReplyCache(folder).clear()


def reading_and_keeping_names(folder: Path) -> None:
    names = NameStore(folder / "names.db")
    names.keep("flow", {1: "other", 2: "b"})
    assert names.find("flow", [1, 2]) == {}  # they are asked for


def the_journal_of_another(folder: Path) -> None:
    (path,) = journals.folder_of(folder).glob("[!.]*.jsonl")
    assert journals.unfinished(folder) == []  # somebody is at work on it
    for take in (Journal.reopen, journals.forget):
        with pytest.raises(UsageError, match="another runbrowser is at work on it"):
            take(path)
    mine = Journal.create(folder, TAG.plan([Item(8)], "y"), SERVER)
    mine.note("begin", 8)
    mine.finish()
    assert [one.plan.tag for one in journals.reports(folder)] == ["y"]
    assert path.exists() and lock_file(path).exists() and not lock_file(mine.path).exists()


def a_trash_in_which_another_keeps_a_copy(folder: Path) -> None:
    trash = Trash(folder)
    old = time.time() - 100_000
    for path in trash.folder.glob("*/.*"):
        os.utime(path, (old, old))  # however long it has been stopped
    trash.sweep()
    assert len(list(trash.folder.glob("*/.new-*"))) == 1
    entry = trash.store(SERVER, {"run_id": 7}, [(ABOUT, b"y")])
    assert [one.name for one in trash.entries()] == [entry.name] and not trash.damaged()
    trash.supersede(entry)
    trash.purge([entry])
    assert trash.entries() == []


def a_sync_of_the_same_mirror(folder: Path) -> None:
    with pytest.raises(UsageError, match="Another sync"), MirrorFolder(folder, SERVER).syncing():
        pass


@dataclass(frozen=True)
class Case:
    """What the stopped process has done, and what others do meanwhile."""

    holder: str
    others: Callable[[Path], None]


CASES = {
    "views": Case(LOCK.format("views.toml"), saving_a_view),
    "session": Case(LOCK.format("session.json"), leaving_a_place),
    "cache": Case(CACHE, clearing_the_cache),
    "names": Case(NAMES, reading_and_keeping_names),
    "journal": Case(JOURNAL, the_journal_of_another),
    "trash": Case(TRASH, a_trash_in_which_another_keeps_a_copy),
    "mirror": Case(SYNC, a_sync_of_the_same_mirror),
}


@pytest.mark.parametrize("name", CASES)
def test_a_stopped_process_that_holds_a_lock_holds_nobody_up(tmp_path: Path, name: str) -> None:
    store.change(tmp_path / "views.toml", store.saved(View("a")))
    session.leave(tmp_path / "session.json", SERVER, session.Place(page=3))
    NameStore(tmp_path / "names.db").keep("flow", {1: "a"})
    with stopped_holder(tmp_path, CASES[name].holder):
        CASES[name].others(tmp_path)


def test_what_a_killed_process_held_is_free_again(tmp_path: Path) -> None:
    with stopped_holder(tmp_path, JOURNAL), stopped_holder(tmp_path, TRASH):
        pass
    (recorded,) = journals.unfinished(tmp_path)
    assert recorded.open == (7,)
    journals.forget(recorded.path)
    trash = Trash(tmp_path)
    trash.sweep()
    assert list(trash.folder.glob("*/*")) == []
    assert [p.name for p in recorded.path.parent.iterdir()] == [recorded.path.name]


def test_a_lock_is_for_all_threads_private_and_leaves_no_file_behind_when_discarded(
    tmp_path: Path,
) -> None:
    path = tmp_path / "new" / "thing"
    lock = Lock(path)
    assert locks.is_held(path)
    with pytest.raises(locks.HeldError):
        Lock(path, wait=0)
    assert lock_file(path).stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0
    lock.release()
    assert not locks.is_held(path) and lock_file(path).exists()
    Lock(path).release(discard=True)
    assert list(path.parent.iterdir()) == [] and not locks.is_held(path)
    assert list(path.parent.iterdir()) == []  # to ask makes no file


def test_locks_of_files_that_are_gone_are_swept_unless_they_are_held_or_new(tmp_path: Path) -> None:
    held = Lock(tmp_path / "held.jsonl")
    for name in ("gone", "there", "new"):
        Lock(tmp_path / f"{name}.jsonl").release()
    (tmp_path / "there.jsonl").write_text("x")
    old = time.time() - 100
    for path in tmp_path.glob(".*.lock"):
        if path.name != ".new.jsonl.lock":
            os.utime(path, (old, old))
    locks.sweep(tmp_path, ".*.jsonl.lock", 60)
    left = {".held.jsonl.lock", ".there.jsonl.lock", ".new.jsonl.lock", "there.jsonl"}
    assert {path.name for path in tmp_path.iterdir()} == left
    held.release()
