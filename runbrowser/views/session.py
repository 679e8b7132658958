"""Where the last session of the browser was left, by server, so that the next begins there."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runbrowser.errors import UsageError
from runbrowser.locks import locked
from runbrowser.paths import read_regular, write_private
from runbrowser.views.view import View, from_table, to_table

_VERSION = 1
_MOST_SERVERS = 20
_MOST_BYTES = 256 * 1024
_MOST_PAGE = 10_000
_WAIT = 0.3  # seconds for another process: the place is noted while somebody quits


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody is: the view (its name is that of the saved view it came from, '' for none),
    the page counted from 0, the run under the cursor. ``remembered``: it is of a former session.
    """

    view: View = View()  # noqa: RUF009 - a plain value
    page: int = 0
    run_id: int | None = None
    remembered: bool = False

    @property
    def plain(self) -> bool:
        """Whether the browser would begin so anyway."""
        return self.page == 0 and self.run_id is None and self.view == View()


def read(path: Path, server: str) -> Place | None:
    """The place left on a server; None when there is none, or it cannot be read."""
    told = _servers(path).get(server)
    if not isinstance(told, dict):
        return None
    told = {key: value for key, value in told.items() if key != "at"}
    page, run_id = told.pop("page", 0), told.pop("run", None)
    try:
        view, _ = from_table(told)
    except UsageError:
        return None
    if type(page) is not int or not 0 <= page <= _MOST_PAGE or view.filter.local:
        page = 0  # what is looked for in the rows would have to be looked for from the start
    if type(run_id) is not int or run_id < 0:
        run_id = None
    return Place(View(view.name, view.filter, view.arrangement, view.sidebar, view.detail),
                 page, run_id, remembered=True)  # fmt: skip


def leave(path: Path, server: str, place: Place) -> None:
    """Notes the place for the next session; what other processes noted of other servers stays.

    Raises OSError. The text is ASCII: texts of strangers that came into a filter are escaped.
    """
    with locked(path, _WAIT):
        servers = {name: told for name, told in _servers(path).items() if isinstance(told, dict)}
        told = to_table(place.view) | {"page": place.page, "at": int(time.time())}
        if place.run_id is not None:
            told["run"] = place.run_id
        servers[server] = told
        newest = sorted(servers, key=lambda name: _age(servers[name]))[:_MOST_SERVERS]
        content = {"version": _VERSION, "servers": {name: servers[name] for name in newest}}
        _set_aside_if_damaged(path)
        write_private(path, json.dumps(content, indent=1, ensure_ascii=True).encode())


def _age(told: dict[str, Any]) -> float:
    at = told.get("at")
    return -at if isinstance(at, (int, float)) else 0.0


def _loaded(path: Path) -> dict[str, Any] | None:
    """The file's content, empty if there is none; None if it is damaged or of another version."""
    try:
        loaded = json.loads(read_regular(path, _MOST_BYTES))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError):
        return None
    return loaded if isinstance(loaded, dict) and loaded.get("version") == _VERSION else None


def _servers(path: Path) -> dict[str, Any]:
    found = (_loaded(path) or {}).get("servers")
    return found if isinstance(found, dict) else {}


def _set_aside_if_damaged(path: Path) -> None:
    if _loaded(path) is None:
        with suppress(FileNotFoundError):
            path.replace(path.with_name(f"{path.stem}.damaged{path.suffix}"))
