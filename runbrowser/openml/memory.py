"""What is remembered of a server between sessions: the newest run id."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

from runbrowser.paths import write_private

_MOST_SERVERS = 50


class NewestMemory:
    """The newest run id of one server, for as long as the session lasts; with a path it is kept in
    that JSON file, an object of ids by server. A file that cannot be read or written is passed
    over: the newest run is then found anew.
    """

    def __init__(self, server: str, path: Path | None = None) -> None:
        self._server = server
        self._path = path
        self._known: int | None = None

    def newest(self) -> int:
        """The newest run id known, 0 for none."""
        if self._known is None:
            self._known = self._read().get(self._server, 0)
        return self._known

    def keep_newest(self, run_id: int) -> None:
        """Remembers the newest run id."""
        if run_id == self._known:
            return
        self._known = run_id
        if self._path is None:
            return
        ids = self._read()
        ids.pop(self._server, None)
        ids[self._server] = run_id
        kept = dict(list(ids.items())[-_MOST_SERVERS:])
        with contextlib.suppress(OSError):
            write_private(self._path, json.dumps(kept).encode())

    def _read(self) -> dict[str, int]:
        if self._path is None:
            return {}
        try:
            table = json.loads(self._path.read_bytes())
        except (OSError, ValueError, RecursionError):
            return {}
        if not isinstance(table, dict):
            return {}
        return {
            server: run_id
            for server, run_id in table.items()
            if type(run_id) is int and 0 < run_id < 1 << 62
        }
