"""The trash: whole copies of deleted runs on disk, from which they can be published again.

One folder a copy, ``<state>/trash/<host>/<run id>-<time>/``, made under another name: whole,
with the manifest's sizes and SHA-256 sums, or not there. Nothing is taken away unasked.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import shutil
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from runbrowser import locks
from runbrowser.bulk.entry import MANIFEST, RESTORED, VERSION, Entry, read_entry
from runbrowser.bulk.remarks import Reason, Remark, remark
from runbrowser.errors import UsageError
from runbrowser.locks import Lock, is_held, lock_file
from runbrowser.paths import synchronise, write_private
from runbrowser.text import display

MOST_BYTES = 5_000_000_000
MOST_DAYS = 90

_UNFINISHED, _GOING = ".new-", ".gone-"
_DAY = 86_400.0
_ABANDONED = _DAY / 24  # seconds after which what has no lock is nobody's


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
        found = [entry for path in self._folders() if (entry := read_entry(path)) is not None]
        if server is not None:
            found = [entry for entry in found if entry.server == server]
        return sorted(found, key=lambda entry: (entry.kept_at, entry.name), reverse=True)

    def damaged(self) -> list[Path]:
        """Folders of the trash whose manifest cannot be read."""
        return [path for path in self._folders() if read_entry(path) is None]

    def get(self, name: str) -> Entry:
        """The copy with this name. UsageError when there is none."""
        path = self.folder / name
        entry = read_entry(path) if re.fullmatch(r"[^/\\]+/\d+-[\w-]+", name) else None
        if entry is None:
            raise UsageError(f"There is no copy {display(name, 80)} in the trash.")
        return entry

    def find(self, run_id: int, server: str | None = None) -> Entry:
        """The newest copy of a run. UsageError when there is none."""
        paths = self.folder.glob(f"*/{run_id}-*")
        found = [entry for path in paths if (entry := read_entry(path)) is not None]
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
        now = time.time()
        name = f"{_UNFINISHED}{told['run_id']}-{secrets.token_hex(6)}"
        new = self.folder / folder_name(server) / name
        lock = Lock(new)  # before there is anything that a sweep could find
        try:
            new.mkdir(mode=0o700)
            listed = []
            for about, content in files:
                write_private(new / about["file"], content)
                digest = hashlib.sha256(content).hexdigest()
                listed.append({**about, "size": len(content), "sha256": digest})
            manifest = {"version": VERSION, "server": server, "kept_at": now, **told}
            manifest["files"] = listed
            text = json.dumps(manifest, indent=1, ensure_ascii=True)
            write_private(new / MANIFEST, text.encode())
            path = _rename(new, int(told["run_id"]), now)
        except BaseException:
            shutil.rmtree(new, ignore_errors=True)
            raise
        finally:
            lock.release(discard=True)
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
            other = read_entry(path)
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
                with suppress(OSError):
                    lock_file(path).unlink()
        for folder in self.folder.glob("*/"):
            locks.sweep(folder, f".{_UNFINISHED}*.lock", _ABANDONED)

    def _folders(self) -> list[Path]:
        paths = self.folder.glob("*/*")
        return [p for p in paths if not p.name.startswith(".") and p.is_dir()]


def folder_name(server: str) -> str:
    """The folder of a server: its host and port, in characters that every file system takes."""
    return re.sub(r"[^A-Za-z0-9.-]+", "_", urlsplit(server).netloc.rpartition("@")[2]) or "server"


def _rename(new: Path, run_id: int, now: float) -> Path:
    stamp = datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%SZ")
    for number in range(1, 1000):
        path = new.with_name(f"{run_id}-{stamp}" + (f"-{number}" if number > 1 else ""))
        with suppress(OSError):  # taken: a folder that is not empty cannot be replaced
            new.rename(path)
            synchronise(path.parent)
            return path
    raise OSError(f"no free name for run {run_id} in {new.parent}")


def _abandoned(path: Path) -> bool:
    """Whether nobody is at work on an unfinished copy: a crash left it."""
    if lock_file(path).exists():
        return not is_held(path)
    with suppress(OSError):  # just finished
        return time.time() - path.stat().st_mtime > _ABANDONED
    return False
