"""The trash: copies are whole or not there, bounded, and taken away only when somebody asks."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from runbrowser.bulk.entry import Entry
from runbrowser.bulk.trash import Trash, folder_name
from runbrowser.errors import UsageError
from runbrowser.pages.numbers import size_words
from tests.bulk.conftest import words

SERVER = "https://www.openml.org/api/v1/xml/"
DAY = 86_400.0


def put(trash: Trash, run_id: int = 7, content: bytes = b"x" * 100, **told: Any) -> Entry:
    about = {"file": "files/1-predictions.arff", "kind": "file", "name": "predictions"}
    run = {"file": "run.xml", "kind": "server", "name": "description"}
    told = {"run_id": run_id, "tags": ["a"], "missing": [], **told}
    return trash.store(SERVER, told, [(run, b"<oml:run/>"), (about, content)])


def aged(entry: Entry, days: float) -> Entry:
    """The entry as if it had been kept so long ago."""
    path = entry.path / "manifest.json"
    told = json.loads(path.read_text())
    told["kept_at"] -= days * DAY
    path.write_text(json.dumps(told))
    return Entry(entry.path, told)


def test_a_copy_is_found_by_name_and_by_run_and_holds_what_was_put_in(tmp_path: Path) -> None:
    trash = Trash(tmp_path)
    entry = put(trash)
    assert trash.get(entry.name).told == entry.told
    assert trash.find(7).path == entry.path
    found = entry.named("predictions")
    assert found is not None and entry.content(found) == b"x" * 100
    assert entry.damage() == []
    assert trash.size() == entry.size > 110
    assert [e.path for e in trash.entries(SERVER)] == [entry.path]
    assert trash.entries("http://other/") == []
    with pytest.raises(UsageError):
        trash.find(8)
    for name in ("nothing/1-2", "../trash/1-2", "a", f"{entry.name}/../{entry.path.name}"):
        with pytest.raises(UsageError):
            trash.get(name)


def test_files_of_the_trash_are_for_their_owner_alone(tmp_path: Path) -> None:
    entry = put(Trash(tmp_path / "state"))
    for path in [entry.path, *entry.path.rglob("*"), entry.path.parent, entry.path.parents[1]]:
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600)


def test_copies_of_one_run_in_one_second_have_names_of_their_own(tmp_path: Path) -> None:
    trash = Trash(tmp_path)
    assert len({put(trash).name for _ in range(4)}) == 4


def test_a_changed_file_is_told_and_not_given(tmp_path: Path) -> None:
    trash = Trash(tmp_path)
    for change in (b"y" * 100, b"short"):
        entry = put(trash)
        (entry.path / "files/1-predictions.arff").write_bytes(change)
        assert len(entry.damage()) == 1
        found = entry.named("predictions")
        assert found is not None
        with pytest.raises(UsageError, match="damaged"):
            entry.content(found)
    (entry.path / "files/1-predictions.arff").unlink()
    assert "cannot be read" in entry.damage()[0]


@pytest.mark.parametrize(
    "manifest",
    [b"", b"{", b"[]", b"{}", b'{"version":1,"run_id":7,"server":"s","kept_at":1,"files":7}',
     b'{"version":1,"run_id":7,"server":"s","kept_at":1,"files":[{"file":"../../x"}]}',
     b'{"version":1,"run_id":7,"server":"s","kept_at":1,"files":[{"file":"/etc/x"}]}'],
)  # fmt: skip
def test_a_copy_with_a_damaged_manifest_is_set_apart(tmp_path: Path, manifest: bytes) -> None:
    trash = Trash(tmp_path)
    entry, whole = put(trash), put(trash, 8)
    (entry.path / "manifest.json").write_bytes(manifest)
    assert [e.run_id for e in trash.entries()] == [whole.run_id]
    assert trash.damaged() == [entry.path]


def test_a_full_disk_leaves_no_half_copy(tmp_path: Path) -> None:
    trash = Trash(tmp_path)
    about = {"file": "files/1", "kind": "file", "name": "f"}
    in_the_way = {"file": "files/1/2", "kind": "file", "name": "g"}
    with pytest.raises(OSError):
        trash.store(SERVER, {"run_id": 1}, [(about, b"x"), (in_the_way, b"y")])
    assert list(trash.folder.glob("*/*")) == []


def test_a_process_killed_while_it_keeps_leaves_nothing_that_looks_whole(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from runbrowser.bulk.trash import Trash\n"
        "def files():\n"
        "    yield {'file': 'files/1', 'kind': 'file', 'name': 'f'}, b'x' * 1000\n"
        "    print('half', flush=True); sys.stdin.read()\n"
        "    yield {'file': 'files/2', 'kind': 'file', 'name': 'g'}, b'y'\n"
        "Trash(Path(sys.argv[1])).store('http://h/', {'run_id': 1}, files())"
    )
    trash = Trash(tmp_path)
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None and process.stdout.readline() == b"half\n"
        trash.sweep()
        assert len(list(trash.folder.glob("*/.new-*"))) == 1  # somebody is at work on it
        os.kill(process.pid, signal.SIGKILL)
    assert trash.entries() == [] and trash.damaged() == []
    trash.sweep()
    assert list(trash.folder.glob("*/*")) == []


def test_what_is_too_old_or_too_much_is_named_and_stays_until_somebody_purges(
    tmp_path: Path,
) -> None:
    trash = Trash(tmp_path, most_bytes=4_000, most_days=30)
    old = aged(put(trash, 1), 31)
    large = [aged(put(trash, number, b"z" * 2_000), 10 - number) for number in (2, 3)]
    new = put(trash, 4)
    due = trash.due()
    assert [d.entry.run_id for d in due] == [1, 2]
    assert "31 days" in words(due[0].remark) and "kB" in words(due[1].remark)
    assert len(trash.entries()) == 4
    freed = trash.purge(d.entry for d in due)
    assert freed > 2_000
    assert not old.path.exists() and not large[0].path.exists()
    assert [e.run_id for e in trash.entries()] == [new.run_id, 3]
    assert trash.due() == []


def test_an_older_copy_of_a_run_goes_when_a_newer_one_is_whole(tmp_path: Path) -> None:
    trash = Trash(tmp_path)
    older, other = aged(put(trash, 7), 1), put(trash, 77)
    restored = aged(put(trash, 7), 2)
    trash.note_restoring(restored, {"new_id": 99})
    lacking = put(trash, 7, missing=["predictions"])
    trash.supersede(lacking)
    assert older.path.exists()
    newer = put(trash, 7)
    trash.supersede(newer)
    left = {entry.path for entry in trash.entries()}
    assert older.path not in left and lacking.path not in left
    assert {newer.path, other.path, restored.path} <= left
    assert restored.restored_as == 99


def test_a_purge_that_broke_off_is_finished_by_the_next_sweep(tmp_path: Path) -> None:
    trash = Trash(tmp_path)
    entry = put(trash)
    entry.path.rename(entry.path.with_name(f".gone-{entry.path.name}"))
    assert trash.entries() == []
    trash.sweep()
    assert list(trash.folder.glob("*/*")) == []


def test_folders_are_named_by_host_and_sizes_in_words() -> None:
    assert folder_name(SERVER) == "www.openml.org"
    assert folder_name("http://u:p@127.0.0.1:8000/x/") == "127.0.0.1_8000"
    assert [size_words(n) for n in (0, 999, 1500, 4_900_000_000)] == [
        "0 B", "999 B", "1.5 kB", "4.9 GB"
    ]  # fmt: skip
