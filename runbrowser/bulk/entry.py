"""A copy in the trash: its manifest, whole or not believed, and its files with their sums."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import UnionType
from typing import Any

from runbrowser.errors import UsageError
from runbrowser.paths import read_regular
from runbrowser.text import display

MANIFEST = "manifest.json"
RESTORED = "restored.json"
VERSION = 1

_MOST_MANIFEST = 100_000_000  # bytes
_LATEST = 1e11  # seconds since 1970: no calendar goes further


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


def read_entry(path: Path) -> Entry | None:
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
