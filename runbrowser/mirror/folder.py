"""Where the versions of a mirror lie, and which of them is the current one.

A version is a DuckDB file that is never written again once it is current, so readers are never
locked out: a sync makes the next version beside it and then turns the pointer.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

from runbrowser.errors import RunbrowserError, UsageError
from runbrowser.locks import locked
from runbrowser.mirror.changes import Changes
from runbrowser.paths import data_dir, private_folder, read_regular, write_private
from runbrowser.text import display

_VERSION = re.compile(r"runs-([0-9]{6,12})\.duckdb")
_POINTER = "current"


class MirrorFolder:
    """The mirror of one server below a data folder."""

    def __init__(self, data_dir: Path, server: str) -> None:
        self.server = server
        host = re.sub(r"[^a-zA-Z0-9.-]", "_", urlsplit(server).netloc) or "server"
        mark = hashlib.sha256(server.rstrip("/").encode()).hexdigest()[:8]
        self.path = data_dir / "mirror" / f"{host[:80]}-{mark}"
        self.building = self.path / "building.duckdb"
        self.changes = Changes(self.path / "changes.jsonl")

    def current(self) -> Path | None:
        """The version to read, None when there is none."""
        try:
            name = read_regular(self.path / _POINTER, 1_000).decode("utf-8", "replace").strip()
        except OSError:
            return None
        path = self.path / name
        return path if _VERSION.fullmatch(name) and path.is_file() else None

    def publish(self) -> Path:
        """Makes what was built the current version, and takes the older ones away.

        Whoever has an older one open goes on reading it.
        """
        version = self.path / f"runs-{self._newest_number() + 1:06d}.duckdb"
        self.building.rename(version)
        write_private(self.path / _POINTER, f"{version.name}\n".encode())
        self.sweep()
        return version

    def sweep(self) -> None:
        """Takes away versions that are not current, and what an ended sync left."""
        current = self.current()
        if current is None:
            return
        for path in self.path.glob("runs-*.duckdb*"):
            if not path.name.startswith(current.name):
                with suppress(OSError):
                    path.unlink()

    def purge(self) -> int:
        """Takes the whole mirror away; the bytes that were freed."""
        freed = 0
        if not self.path.is_dir():
            return 0
        with self.syncing():
            for path in sorted(self.path.rglob("*"), reverse=True):
                if path.name.endswith(".lock"):
                    continue
                if path.is_dir():
                    path.rmdir()
                else:
                    freed += path.stat().st_size
                    path.unlink()
        return freed

    @contextmanager
    def syncing(self) -> Iterator[None]:
        """Keeps other syncs off. UsageError when one is at work."""
        private_folder(self.path)
        lock = locked(self.path / "sync", wait=0.2)
        try:
            lock.__enter__()
        except OSError:
            raise UsageError(
                f"Another sync of {display(self.server)} is at work; wait until it has ended."
            ) from None
        try:
            yield
        finally:
            lock.__exit__(None, None, None)

    def drop_building(self) -> None:
        """Forgets what an interrupted sync had begun."""
        for path in self.path.glob("building.duckdb*"):
            path.unlink()

    def _newest_number(self) -> int:
        found = (_VERSION.fullmatch(path.name) for path in self.path.glob("runs-*.duckdb"))
        return max((int(match[1]) for match in found if match), default=0)


def folder_of(server: str) -> MirrorFolder:
    """The mirror of a server in the folder for data."""
    return MirrorFolder(data_dir(), server)


class MirrorError(RunbrowserError):
    """A mirror cannot be read or written: damaged, of another schema, or on a full disk."""


def missing(server: str) -> UsageError:
    """What to say where no mirror is."""
    return UsageError(
        f"There is no mirror of {display(server)} on this machine: `runbrowser sync` makes one."
    )


def other_schema(version: str | None, wanted: int) -> MirrorError:
    """What to say of a mirror whose tables this code does not know."""
    return MirrorError(
        "The mirror was made by another version of runbrowser (its tables are of version "
        f"{display(version, 20)}, not {wanted}): `runbrowser sync` makes it anew, "
        "`runbrowser mirror purge` takes it away."
    )
