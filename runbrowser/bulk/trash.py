"""The trash: whole copies of deleted runs on disk, from which they can be published again.

One folder a copy, ``<state>/trash/<host>/<run id>-<time>/``, made under another name: whole,
with the manifest's sizes and SHA-256 sums, or not there. Nothing is taken away unasked.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from types import UnionType
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from runbrowser.bulk.remarks import Reason, Remark, remark
from runbrowser.errors import UsageError
from runbrowser.paths import private_folder, read_regular, write_private
from runbrowser.text import display

MOST_BYTES = 5_000_000_000
MOST_DAYS = 90
MANIFEST = "manifest.json"
RESTORED = "restored.json"
VERSION = 1

_MOST_MANIFEST = 100_000_000  # bytes
_LATEST = 1e11  # seconds since 1970: no calendar goes further

_UNFINISHED, _GOING = ".new-", ".gone-"
_LOCK = "lock"
_DAY = 86_400.0


@dataclass(frozen=True)
class Entry:
    """One whole copy of a run in the trash.

    ``told`` is the manifest: run_id, server, kept_at, uploader, uploader_name, task_id, flow_id,
    flow_name, setup_id, task_type, upload_time, state, error_message, tags, evaluations (by
    measure), studies (None: not known), files (name, file, size, sha256, ...), missing (words).
    """

    path: Path
    told: Mapping[str, Any]

    @property
    def name(self) -> str:
        """What the copy is called: host folder and own folder, such as ``host/900101-...``."""
        return f"{self.path.parent.name}/{self.path.name}"

    @property
    def run_id(self) -> int:
        """The id that the run had."""
        return int(self.told["run_id"])

    @property
    def server(self) -> str:
        """The base URL of the server that it was on."""
        return str(self.told["server"])

    @property
    def kept_at(self) -> float:
        """When the copy was made, seconds since 1970."""
        return float(self.told["kept_at"])

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags that the run had, verbatim."""
        return tuple(map(str, self.told.get("tags", ())))

    @property
    def missing(self) -> tuple[str, ...]:
        """What could not be had, in words; the copy is not whole then, by the user's consent."""
        return tuple(map(str, self.told.get("missing", ())))

    @property
    def files(self) -> list[Mapping[str, Any]]:
        """The files of the copy as the manifest names them."""
        return list(self.told["files"])

    @cached_property
    def size(self) -> int:
        """Bytes on the disk, the manifest included."""
        own = 0
        with suppress(OSError):  # taken away meanwhile
            own = (self.path / MANIFEST).stat().st_size
        return sum(int(file["size"]) for file in self.files) + own

    @property
    def restoring(self) -> Mapping[str, Any]:
        """What a restore noted: see :mod:`restore`; empty when there was none."""
        try:
            told = json.loads(read_regular(self.path / RESTORED, _MOST_MANIFEST))
        except (OSError, ValueError, RecursionError):
            return {}
        return told if isinstance(told, dict) else {}

    @property
    def restored_as(self) -> int | None:
        """The id of the run that was published from it, if one was."""
        new_id = self.restoring.get("new_id")
        return int(new_id) if isinstance(new_id, int) else None

    def content(self, file: Mapping[str, Any]) -> bytes:
        """The bytes of a file. UsageError when they are not what the manifest says."""
        words = self._damage(file)
        if words:
            raise UsageError(f"The copy of run {self.run_id} in the trash is damaged: {words}.")
        return (self.path / str(file["file"])).read_bytes()

    def named(self, name: str) -> Mapping[str, Any] | None:
        """The first of the run's own files with this name, such as ``description``."""
        return next((f for f in self.files if f["kind"] == "file" and f["name"] == name), None)

    def damage(self) -> list[str]:
        """What is wrong with the files on the disk, in words; empty when all sums are right."""
        return [words for file in self.files if (words := self._damage(file))]

    def _damage(self, file: Mapping[str, Any]) -> str:
        name = display(file["file"], 80)
        try:
            content = read_regular(self.path / file["file"], file["size"] + 1_000_000)
        except OSError as error:
            return f"{name} cannot be read ({display(error.strerror or error)})"
        if len(content) != file["size"]:
            return f"{name} has {len(content):,} bytes instead of {file['size']:,}"
        if hashlib.sha256(content).hexdigest() != file["sha256"]:
            return f"{name} is not what was kept"
        return ""


class Due(NamedTuple):
    """A copy that is past the trash's bounds, and by which."""

    entry: Entry
    remark: Remark


class Trash:
    """The trash of all servers.

    ``most_bytes`` and ``most_days`` are its bounds: :meth:`due` tells what is beyond them; nothing
    goes by itself.
    """

    def __init__(
        self, state_dir: Path, *, most_bytes: int = MOST_BYTES, most_days: float = MOST_DAYS
    ) -> None:
        self.folder = state_dir / "trash"
        self.most_bytes = most_bytes
        self.most_days = most_days

    def entries(self, server: str | None = None) -> list[Entry]:
        """The copies, newest first; of one server, if it is given. Damaged ones are left out."""
        found = [entry for path in self._folders() if (entry := _read(path)) is not None]
        if server is not None:
            found = [entry for entry in found if entry.server == server]
        return sorted(found, key=lambda entry: (entry.kept_at, entry.name), reverse=True)

    def damaged(self) -> list[Path]:
        """Folders of the trash whose manifest cannot be read."""
        return [path for path in self._folders() if _read(path) is None]

    def get(self, name: str) -> Entry:
        """The copy with this name. UsageError when there is none."""
        path = self.folder / name
        entry = _read(path) if re.fullmatch(r"[^/\\]+/\d+-[\w-]+", name) else None
        if entry is None:
            raise UsageError(f"There is no copy {display(name, 80)} in the trash.")
        return entry

    def find(self, run_id: int, server: str | None = None) -> Entry:
        """The newest copy of a run. UsageError when there is none."""
        paths = self.folder.glob(f"*/{run_id}-*")
        found = [entry for path in paths if (entry := _read(path)) is not None]
        if server is not None:
            found = [entry for entry in found if entry.server == server]
        if found:
            return max(found, key=lambda entry: (entry.kept_at, entry.name))
        raise UsageError(f"There is no copy of run {run_id} in the trash.")

    def store(
        self, server: str, told: Mapping[str, Any], files: Iterable[tuple[dict[str, Any], bytes]]
    ) -> Entry:
        """Puts a copy into the trash, whole or not at all.

        ``told`` is the manifest without what is known here; ``files`` are pairs of what is known
        of a file (``file`` is its path in the copy, ``kind`` and ``name`` what it is) and its
        bytes. Raises OSError.
        """
        host = folder_name(server)
        private_folder(self.folder / host)
        now = time.time()
        new = self.folder / host / f"{_UNFINISHED}{told['run_id']}-{secrets.token_hex(6)}"
        new.mkdir(mode=0o700)
        lock = os.open(new / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            listed = []
            for about, content in files:
                write_private(new / about["file"], content)
                digest = hashlib.sha256(content).hexdigest()
                listed.append({**about, "size": len(content), "sha256": digest})
            manifest = {"version": VERSION, "server": server, "kept_at": now, **told}
            manifest["files"] = listed
            text = json.dumps(manifest, indent=1, ensure_ascii=True)
            write_private(new / MANIFEST, text.encode())
            (new / _LOCK).unlink()
            path = _rename(new, int(told["run_id"]), now)
        except BaseException:
            shutil.rmtree(new, ignore_errors=True)
            raise
        finally:
            os.close(lock)
        return Entry(path, manifest)

    def note_restoring(self, entry: Entry, told: Mapping[str, Any]) -> None:
        """Notes beside a copy how far its restoring is. Raises OSError."""
        write_private(entry.path / RESTORED, json.dumps(told).encode())

    def size(self) -> int:
        """Bytes of all copies."""
        return sum(entry.size for entry in self.entries())

    def due(self, now: float | None = None) -> list[Due]:
        """What is beyond the bounds and would go in a purge, oldest first, with the reason."""
        now = time.time() if now is None else now
        entries = self.entries()[::-1]
        total = sum(entry.size for entry in entries)
        found = []
        for entry in entries:
            days = (now - entry.kept_at) / _DAY
            if days > self.most_days:
                found.append(Due(entry, remark(Reason.KEPT_LONG, days, self.most_days)))
            elif total > self.most_bytes:
                found.append(Due(entry, remark(Reason.TRASH_FULL, total, self.most_bytes)))
            else:
                continue
            total -= entry.size
        return found

    def purge(self, entries: Iterable[Entry]) -> int:
        """Takes copies away for good; the bytes that this frees. Raises OSError."""
        freed = 0
        for entry in entries:
            size = entry.size
            # Renamed first: a crash in the middle leaves no copy that looks whole.
            going = entry.path.with_name(f"{_GOING}{entry.path.name}-{secrets.token_hex(4)}")
            entry.path.rename(going)
            shutil.rmtree(going)
            freed += size
        return freed

    def supersede(self, entry: Entry) -> None:
        """Takes older copies of the same run away, made before a delete that did not happen.

        Run ids are given once, so the newest whole copy holds all. What was restored stays.
        """
        if entry.missing:
            return
        for path in entry.path.parent.glob(f"{entry.run_id}-*"):
            other = _read(path)
            if other is None or path == entry.path or other.kept_at > entry.kept_at:
                continue
            if other.server == entry.server and not other.restoring:
                with suppress(OSError):
                    self.purge([other])

    def sweep(self) -> None:
        """Takes away what crashes left: copies that never became whole, purges that broke off."""
        for path in self.folder.glob("*/.*"):
            if path.name.startswith(_GOING) or (
                path.name.startswith(_UNFINISHED) and _abandoned(path)
            ):
                shutil.rmtree(path, ignore_errors=True)

    def _folders(self) -> list[Path]:
        paths = self.folder.glob("*/*")
        return [p for p in paths if not p.name.startswith(".") and p.is_dir()]


def folder_name(server: str) -> str:
    """The folder of a server: its host and port, in characters that every file system takes."""
    return re.sub(r"[^A-Za-z0-9.-]+", "_", urlsplit(server).netloc.rpartition("@")[2]) or "server"


def _read(path: Path) -> Entry | None:
    """A copy whose manifest is what one has to be, in all that is read of it later; else None."""
    try:
        told = json.loads(read_regular(path / MANIFEST, _MOST_MANIFEST))
        whole = isinstance(told, dict) and _is_manifest(told)
    except (OSError, ValueError, RecursionError):
        return None
    return Entry(path, told) if whole else None


_TEXT, _ID = str | None, int | None
_MANIFEST: dict[str, type | UnionType] = {
    "uploader": _ID,
    "uploader_name": _TEXT,
    "task_id": _ID,
    "task_type": _TEXT,
    "flow_id": _ID,
    "flow_name": _TEXT,
    "setup_id": _ID,
    "upload_time": _TEXT,
    "state": _TEXT,
    "error_message": _TEXT,
}


def _is_manifest(told: Mapping[str, Any]) -> bool:
    kept_at, files, studies = told.get("kept_at"), told.get("files"), told.get("studies")
    scores = told.get("evaluations", {})
    return (
        told.get("version") == VERSION
        and _is_number(told.get("run_id"))
        and isinstance(told.get("server"), str)
        and isinstance(kept_at, int | float)
        and 0 <= kept_at < _LATEST  # which NaN is not
        and all(isinstance(told.get(name), kind) for name, kind in _MANIFEST.items())
        and all(_are_texts(told.get(name, [])) for name in ("tags", "missing"))
        and isinstance(scores, dict)
        and all(isinstance(score, int | float | None) for score in scores.values())
        and (studies is None or (isinstance(studies, list) and all(map(_is_study, studies))))
        and isinstance(files, list)
        and all(map(_is_file, files))
    )


def _is_number(thing: object) -> bool:
    return isinstance(thing, int) and not isinstance(thing, bool) and thing >= 0


def _are_texts(thing: object) -> bool:
    return isinstance(thing, list) and all(isinstance(text, str) for text in thing)


def _is_study(thing: object) -> bool:
    return (
        isinstance(thing, list)
        and len(thing) == 2
        and _is_number(thing[0])
        and isinstance(thing[1], str)
    )


def _is_file(thing: object) -> bool:
    return (
        isinstance(thing, dict)
        and all(isinstance(thing.get(name), str) for name in ("file", "kind", "name", "sha256"))
        and isinstance(thing.get("filename", ""), str)
        and _is_number(thing.get("size"))
        and _inside(thing["file"])
    )


def _inside(name: str) -> bool:
    if "\0" in name:
        return False
    parts = Path(name).parts
    return bool(parts) and ".." not in parts and not Path(name).is_absolute()


def _rename(new: Path, run_id: int, now: float) -> Path:
    stamp = datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%SZ")
    for number in range(1, 1000):
        path = new.with_name(f"{run_id}-{stamp}" + (f"-{number}" if number > 1 else ""))
        with suppress(OSError):  # taken: a folder that is not empty cannot be replaced
            new.rename(path)
            _synchronise(path.parent)
            return path
    raise OSError(f"no free name for run {run_id} in {new.parent}")


def _abandoned(path: Path) -> bool:
    """Whether nobody is at work on an unfinished copy."""
    try:
        lock = os.open(path / _LOCK, os.O_RDWR)
    except FileNotFoundError:  # just being made, just being finished, or left so by a crash
        return time.time() - path.stat().st_mtime > _DAY / 24
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(lock)
    return True


def _synchronise(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
