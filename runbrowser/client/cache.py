"""Kept replies: one folder an URL, laid out as openml-python lays out its own.

``<folder>/<reversed host>/<path parts>/[query]/`` holds ``body.xml`` or ``body.json``,
``meta.json`` and ``headers.json``; a body alone is enough to be read. ``runs/<id>/
description.xml`` below the host is where openml-python 0.15 looks for a run, so a run's reply is
found and kept there too. No file holds an API key: the URLs given here have none.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar
from urllib.parse import unquote, urlsplit

from runbrowser.client.call import Answer, Call
from runbrowser.client.sender import Sender
from runbrowser.errors import (
    NOT_FOUND_CODES,
    OpenMLConnectionError,
    OpenMLServerError,
    OpenMLServerException,
)
from runbrowser.locks import HeldError, locked_folder
from runbrowser.paths import private_folder, whole_file

T = TypeVar("T")

DEFAULT_SIZE = 500_000_000
"""The most bytes kept, oldest replies going first."""

_WAIT = 0.2  # seconds for another process's lock: what is not kept costs a request, no more
_LONGEST_NAME = 200  # bytes; file systems take 255
_SWEEP_EVERY = 0.02  # of the size: how much is written between two looks at the whole folder
# openml-python keeps runs by host alone, so only a server at its root may share that place.
_BELOW_BASE = ("api", "api_new", "runs", "run")
_PREDICTABLE = re.compile(r"/api/v1/xml/run/([0-9]{1,18})")


@dataclass(frozen=True, slots=True)
class Kept(Generic[T]):
    """A kept reply as a result; ``fresh`` unless it was meant to be kept only briefly."""

    result: T
    kept_at: float  # when the reply was received, seconds since 1970
    fresh: bool

    def stands_in_for(self, error: OpenMLServerError) -> bool:
        """Whether old data is better than this error: only where no server answered."""
        return isinstance(error, OpenMLConnectionError) or (
            not isinstance(error, OpenMLServerException) and (error.status or 0) >= 500
        )


class Held(NamedTuple):
    """What is kept of one server: ``size`` in bytes, ``oldest`` in seconds since 1970."""

    server: str
    replies: int
    size: int
    oldest: float


class ReplyCache:
    """Replies on disk, safe for several processes: every file is written whole or not at all.

    ``size`` is the most bytes kept; ``also_read`` are folders of the same layout that are read and
    never written, such as openml-python's own.
    """

    def __init__(
        self,
        folder: Path,
        *,
        size: int = DEFAULT_SIZE,
        also_read: Sequence[Path] = (),
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.folder = folder
        self.size = size
        self._also_read = tuple(also_read)
        self._clock = clock
        self._written: float = float("inf")  # bytes since the last sweep; the first write sweeps
        self._servers: dict[tuple[str, ...], str] = {}  # by their folders
        self._changes = 0  # on the server, as far as they are known
        self._outdated: dict[str, int] = {}  # by which of them an address was last outdated
        self._held_off = False  # by another process, when the lock was last asked for

    def find(self, sender: Sender, call: Call[T]) -> Kept[T] | None:
        """The kept reply to a call as its result; None when there is none that can be read."""
        url = sender.shown_url(call)
        for folder in (self.folder, *self._also_read):
            for body in _bodies(folder, url):
                found = self._load(body, url, own=folder is self.folder)
                if found is None:
                    continue
                try:
                    result = sender.conclude(call, found)
                except OpenMLServerError:  # an error or a web page that another tool kept
                    if folder is self.folder:
                        _set_aside(body)
                    continue
                kept_at = found.kept_at or 0.0
                most = call.keep_for(result) if call.keep_for is not None else None
                age = self._clock() - kept_at
                return Kept(result, kept_at, fresh=most is None or 0 <= age <= most)
        return None

    def mark(self) -> int:
        """A mark in time, to be taken before a request and given to :meth:`after_answer`."""
        return self._changes

    def after_answer(
        self, sender: Sender, call: Call[Any], answer: Answer, asked_at: int | None = None
    ) -> None:
        """Keeps a reply that was read, and forgets those that a write has outdated.

        A reply that was under way while a write outdated it is not kept: it may be from before.
        ``asked_at`` is the mark from before the request.
        """
        with contextlib.suppress(OSError):  # a full or read-only disk stops nobody
            if call.keep and answer.status == 200:
                self._store(sender.shown_url(call), answer, asked_at)
        self.forget(sender, call)

    def after_failure(self, sender: Sender, call: Call[Any], error: OpenMLServerError) -> None:
        """Forgets what may have been outdated: a failed write may have been done, and what the
        server no longer has is not kept.
        """
        if call.keep and isinstance(error, OpenMLServerException) and error.code in NOT_FOUND_CODES:
            self._outdate([sender.shown_url(call)])
        self.forget(sender, call)

    def forget(self, sender: Sender, call: Call[Any]) -> None:
        """Forgets what a write outdates, whatever became of it."""
        if call.outdates:
            self._outdate([sender.shown_url(replace(call, path=path)) for path in call.outdates])

    def _outdate(self, urls: Sequence[str]) -> None:
        self._changes += 1
        self._outdated |= dict.fromkeys(urls, self._changes)
        with contextlib.ExitStack() as lock:
            with contextlib.suppress(OSError):  # what is outdated goes, locked or not
                lock.enter_context(self._locked())
            with contextlib.suppress(OSError):
                for url in urls:
                    _remove(self.folder, url)

    def _store(self, url: str, answer: Answer, asked_at: int | None) -> None:
        entry = _entry(self.folder, url)
        private_folder(entry)
        body = entry / ("body.json" if "json" in answer.content_type else "body.xml")
        meta = {
            "status_code": answer.status,
            "url": url,
            "reason": "OK",
            "encoding": "utf-8",
            "created_at": self._clock(),
            "request": {"method": "GET", "url": url, "headers": {}, "body": None},
            "kept_by": "runbrowser",
            "sha256": hashlib.sha256(answer.body).hexdigest(),
        }
        headers = {"Content-Type": answer.content_type}
        with self._locked():
            if asked_at is not None and self._outdated.get(url, 0) > asked_at:
                return
            for other in entry.glob("body.*"):
                if other != body:
                    other.unlink(missing_ok=True)
            _write(entry / "headers.json", json.dumps(headers).encode())
            _write(entry / "meta.json", json.dumps(meta).encode())
            _write(body, answer.body)
            old = _old_entry(self.folder, url)
            if old is not None:
                private_folder(old.parent)
                _write(old, answer.body)
            self._written += 2 * len(answer.body) + 1000
            if self._written > self.size * _SWEEP_EVERY:
                self._written = 0
                self._sweep()

    def _load(self, body: Path, url: str, *, own: bool) -> Answer | None:
        """A kept reply; None when there is none, or it was damaged and is set aside."""
        for last in (False, True):
            try:
                content = body.read_bytes()
                meta = _json(body.with_name("meta.json"))
                kept_at = meta.get("created_at")
                if not isinstance(kept_at, (int, float)):
                    kept_at = body.stat().st_mtime
            except OSError:
                return None
            if body.name.startswith("body.") and meta.get("url") not in (None, url):
                return None  # another address that leads to the same folder, as a?b and a/b do
            digest = meta.get("sha256") if body.name.startswith("body.") else None
            if digest in (None, hashlib.sha256(content).hexdigest()) and content.strip():
                kind = "application/json" if body.suffix == ".json" else "text/xml"
                status = meta.get("status_code", 200)
                if status != 200:
                    return None
                return Answer(200, kind, content, url, kept_at=float(kept_at))
            if not own:
                return None
            if not last:  # another process may be between two of its files: let it end
                try:
                    with self._locked():
                        pass
                except OSError:
                    return None
        _set_aside(body)
        return None

    def contents(self) -> list[Held]:
        """What is kept, by server, the largest first; damaged files that were set aside too."""
        held: dict[str, Held] = {}
        for path in self._files():
            with contextlib.suppress(OSError):
                status = path.stat()
                server = self._server_of(path)
                before = held.get(server, Held(server, 0, 0, status.st_mtime))
                held[server] = Held(
                    server,
                    before.replies + path.name.startswith("body."),
                    before.size + status.st_size,
                    min(before.oldest, status.st_mtime),
                )
        return sorted(held.values(), key=lambda one: -one.size)

    def clear(self, server: str | None = None) -> int:
        """Takes away all that is kept, or what is of one server; the bytes that this frees.

        Raises OSError when a file cannot be removed, or another process holds them off.
        """
        freed = 0
        if not self.folder.is_dir():
            return freed
        with locked_folder(self.folder):
            for path in self._files():
                if server is None or self._server_of(path) == server:
                    with contextlib.suppress(FileNotFoundError):
                        freed += path.stat().st_size
                        path.unlink()
            folders = [path for path in self.folder.rglob("*") if path.is_dir()]
            for folder in sorted(folders, key=lambda path: len(path.parts), reverse=True):
                with contextlib.suppress(OSError):
                    folder.rmdir()  # only what is empty now
        return freed

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """Holds other processes off while one entry's files are written.

        Raises HeldError (an OSError) when another one holds them off: it may be stopped, or lie on
        a network that has gone. Only the first of several in a row waits for it, and shortly.
        """
        with contextlib.ExitStack() as lock:
            try:
                lock.enter_context(locked_folder(self.folder, 0 if self._held_off else _WAIT))
            except HeldError:
                self._held_off = True
                raise
            self._held_off = False
            yield

    def _files(self) -> Iterator[Path]:
        for path in self.folder.rglob("*"):
            if path.is_file() and path.name != ".lock":
                yield path

    def _server_of(self, path: Path) -> str:
        """The host that a kept file is of, and where V1 is on it if not at its root: as the entry
        tells, else from the folders that are named after the host reversed.
        """
        parts = path.relative_to(self.folder).parts[:-1]
        names = tuple(itertools.takewhile(lambda part: part not in _BELOW_BASE, parts))
        if names not in self._servers:
            url = urlsplit(str(_json(path.with_name("meta.json")).get("url", "")))
            base = url.path.partition("/api")[0].strip("/")
            if url.netloc and "api" in parts:
                self._servers[names] = f"{url.netloc}/{base}".rstrip("/")
            else:
                host = ".".join(reversed(names))
                return re.sub(r"_(\d+)\Z", r":\1", host) or "?"
        return self._servers[names]

    def _sweep(self) -> None:
        """Removes the oldest replies until no more than ``size`` bytes are kept."""
        files = []
        for path in self.folder.rglob("*"):
            try:
                if path.is_file():
                    status = path.stat()
                    files.append((status.st_mtime, status.st_size, path))
            except OSError:
                continue
        total = sum(size for _, size, _ in files)
        if total <= self.size:
            return
        for _, size, path in sorted(files, key=lambda file: file[0]):
            if path.name.startswith("."):
                continue
            with contextlib.suppress(OSError):
                path.unlink()
                total -= size
                path.parent.rmdir()  # only if it is empty
            if total <= self.size * 0.9:
                break


def _name(part: str) -> str:
    """A path part as a file name: never a way up, never too long, the same for the same part."""
    name = "".join(
        char if char.isprintable() and char not in '/\\:*?"<>|' else "_" for char in part
    )
    if name in (".", "..") or name.startswith("."):
        name = "_" + name[1:]
    if len(name.encode()) > _LONGEST_NAME or name != part:
        name = f"{name[:60]}-{hashlib.sha256(part.encode()).hexdigest()[:24]}"
    return name


def _host(url: str, *, old: bool = False) -> list[str]:
    """The reversed host as path parts; openml-python 0.15 leaves the colon of a port."""
    netloc = urlsplit(url).netloc.rpartition("@")[2]
    parts = netloc if old else netloc.replace(":", "_")
    return [part for part in reversed(parts.split(".")) if part.strip("./\\")]


def _entry(folder: Path, url: str) -> Path:
    """The folder of an URL's reply."""
    parts = urlsplit(url)
    names = [_name(unquote(part)) for part in parts.path.strip("/").split("/") if part]
    query = [_name(parts.query)] if parts.query else []
    return folder.joinpath(*_host(url), *names, *query)


def _old_entry(folder: Path, url: str) -> Path | None:
    """Where openml-python 0.15 keeps this reply; None for what is no V1 run."""
    parts = urlsplit(url)
    match = _PREDICTABLE.fullmatch(parts.path)
    if match is None or parts.query:  # its place says nothing of parameters
        return None
    return folder.joinpath(*_host(url, old=True), "runs", match[1], "description.xml")


def _bodies(folder: Path, url: str) -> Iterator[Path]:
    entry = _entry(folder, url)
    yield from sorted(path for path in entry.glob("body.*") if path.suffix in (".xml", ".json"))
    old = _old_entry(folder, url)
    if old is not None and old.exists():
        yield old


def _remove(folder: Path, url: str) -> None:
    for body in _bodies(folder, url):
        body.unlink(missing_ok=True)


def _set_aside(body: Path) -> None:
    """Takes a damaged file out of use without destroying it."""
    with contextlib.suppress(OSError):
        body.replace(body.with_name(f"damaged-{body.name}"))


def _json(path: Path) -> dict[str, Any]:
    try:
        loaded = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError, RecursionError):
        return {}
    return loaded if isinstance(loaded, dict) else {}


def _write(path: Path, content: bytes) -> None:
    # A reply that is lost or damaged is asked for again: nobody waits for the disk.
    with whole_file(path, lasting=False) as stream:
        stream.write(content)
