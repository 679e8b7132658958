"""What was changed on the server through a browser since the mirror was made.

Runs that were deleted are hidden at once; the next sync looks at all of these runs anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from runbrowser.locks import locked
from runbrowser.paths import private_folder, read_regular, write_private

_MOST = 4_000_000  # bytes of the file that are believed


class Changes:
    """A file with a line for each run, beside the versions of a mirror."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read_at: tuple[int, int] | None = None
        self._gone: tuple[int, ...] = ()

    def add(self, run_ids: Iterable[int], gone: Iterable[int]) -> None:
        """Notes runs that were changed, and those that are no more. OSError when it cannot."""
        lost = set(gone)
        entries = sorted({*run_ids, *lost})
        if not entries or not self._path.parent.is_dir():
            return
        lines = [json.dumps({"run": run_id, "gone": run_id in lost}) + "\n" for run_id in entries]
        private_folder(self._path.parent)
        with locked(self._path):
            write_private(self._path, self._content() + "".join(lines).encode())

    def gone(self) -> tuple[int, ...]:
        """The runs that are no more."""
        try:
            stat = self._path.stat()
        except OSError:
            return ()
        at = stat.st_mtime_ns, stat.st_size
        if at != self._read_at:
            last = dict(self._entries(self._content()))
            self._gone = tuple(run_id for run_id, is_gone in last.items() if is_gone)
            self._read_at = at
        return self._gone

    def pending(self) -> tuple[set[int], bytes]:
        """All runs noted, and what :meth:`settle` takes to forget them."""
        content = self._content()
        return {run_id for run_id, _ in self._entries(content)}, content

    def settle(self, content: bytes) -> None:
        """Forgets what a sync has looked at; what was noted meanwhile stays."""
        if not content:
            return
        with locked(self._path):
            now = self._content()
            if now.startswith(content):
                write_private(self._path, now[len(content) :])

    def _content(self) -> bytes:
        try:
            return read_regular(self._path, _MOST)
        except OSError:
            return b""

    @staticmethod
    def _entries(content: bytes) -> Iterable[tuple[int, bool]]:
        for line in content.splitlines():
            try:
                entry = json.loads(line)
            except ValueError:
                continue
            if isinstance(entry, dict) and type(entry.get("run")) is int:
                yield entry["run"], entry.get("gone") is True
