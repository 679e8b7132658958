"""Files of runs, straight to the disk: streamed, resumable, checked, whole or not at all.

The bytes go to a file of their own beside the target, made exclusively and never through a link,
and take its name when all have come. What a broken transfer left is gone on with, now or by the
next call, only if the server names the version of the file (ETag or Last-Modified) and says that
it is still the same; else the transfer begins anew, as V1 ignores Range for files ("Files" in
docs/protocol.md).
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import filecmp
import glob
import hashlib
import os
import re
import secrets
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import httpx

from runbrowser.client.call import Answer, Call
from runbrowser.client.http import AsyncHTTPClient, HTTPClient
from runbrowser.client.intake import LARGEST_REFUSAL, Intake, Packing, Sink
from runbrowser.client.retry import attempts
from runbrowser.client.sender import Sender
from runbrowser.client.wire.errors import failure
from runbrowser.errors import (
    AnswerError,
    OpenMLConnectionError,
    OpenMLHashException,
    OpenMLServerError,
    UsageError,
)
from runbrowser.paths import private_folder
from runbrowser.text import display

Progress = Callable[[int, int | None], None]
"""Told after each piece: bytes had so far, and in all (None when the server does not say)."""

LARGEST_UNPACKED = 2**30
"""Bytes of a download that came packed; others are as large as they are, and say so before."""

_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_LONGEST_VERSION = 50  # characters; twice as many stand in a file's name
_RANGE = re.compile(r"bytes ([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18}|\*)\Z")
_UNSATISFIED = re.compile(r"bytes \*/([0-9]{1,18})\Z")


def download(
    http: HTTPClient,
    url: str,
    target: Path,
    *,
    checksum: str | None = None,
    progress: Progress | None = None,
    overwrite: bool = True,
) -> int:
    """Fetches a file to ``target``; its size in bytes.

    ``url`` is absolute or relative to the server; no key is sent. ``checksum`` is 'md5:...' or
    'sha256:...' in hexadecimal digits. Without ``overwrite`` a file of that name stays:
    FileExistsError, unless its bytes are those that came. A broken transfer goes on as the client's
    retry policy has it, and then with the next call. Raises OpenMLHashException when other bytes
    came, OpenMLServerError and its kinds when none did, OSError when they cannot be written.
    """
    part = _Part(http, url, target, checksum, progress)
    with part.kept_if_resumable():
        for attempt in attempts(http.policy, part.call, http.on_retry):
            with attempt:
                error = http.receive(part.call, part)
                if error is not None:
                    raise error
        return part.finish(overwrite=overwrite)


async def download_async(
    http: AsyncHTTPClient,
    url: str,
    target: Path,
    *,
    checksum: str | None = None,
    progress: Progress | None = None,
    overwrite: bool = True,
) -> int:
    """See :func:`download`; cancelling it leaves what came to be taken up again."""
    part = _Part(http, url, target, checksum, progress)
    with part.kept_if_resumable():
        async for attempt in attempts(http.policy, part.call, http.on_retry):
            with attempt:
                error = await http.receive(part.call, part)
                if error is not None:
                    raise error
        return await asyncio.to_thread(part.finish, overwrite=overwrite)


class PartFile:
    """The part of a file that has come: beside the target until it is whole.

    ``identity`` is part of its name, so that what belongs to another file is never gone on with;
    ``offset`` is where the transfer under way goes on, ``total`` the size that is promised.
    """

    def __init__(
        self,
        call: Call[bytes],
        shown_url: str,
        target: Path,
        identity: str,
        checksum: str | None,
        progress: Progress | None,
    ) -> None:
        self.call = call
        self.shown_url = shown_url
        self.offset = 0
        self.total: int | None = None
        self._target = target
        self._kind, self._digest = _parsed(checksum)
        self._on_progress = progress
        self._path = target.with_name(f".{target.name[:100]}.{identity}.part")
        private_folder(target.parent)

    def had(self) -> int:
        """Bytes that have come: of a file of one's own alone, which no link leads to."""
        try:
            there = self._path.lstat()
        except OSError:
            return 0
        return there.st_size if _is_own(there) else 0

    @contextlib.contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        """The part, ready for the bytes that come; never through a link, never another's file."""
        if self.offset:
            descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | _NO_LINK)
            if not _is_own(os.fstat(descriptor)):
                os.close(descriptor)
                raise OSError(errno.EPERM, "what has come is no file of one's own", self._path)
        else:
            self.discard()
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_LINK
            descriptor = os.open(self._path, flags, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())

    def write(self, stream: IO[bytes], piece: bytes) -> None:
        """Adds a piece."""
        stream.write(piece)
        self.offset += len(piece)

    def tell(self) -> None:
        """Tells how far it is."""
        if self._on_progress is not None:
            self._on_progress(self.offset, self.total)

    def finish(self, *, overwrite: bool = True) -> int:
        """Checks the whole and gives it its name; its size in bytes. Without ``overwrite``, see
        :func:`download`.
        """
        if not self.had():  # an empty file
            with self.open():
                pass
        size = self.had()
        if self.total is not None and size != self.total:
            raise self._other_bytes(f"{size:,} bytes came where {self.total:,} were promised")
        if self._kind is not None:
            with self._path.open("rb") as stream:
                found = hashlib.file_digest(stream, self._kind).hexdigest()
            if found != self._digest:
                raise self._other_bytes(
                    "the bytes that came are not those promised "
                    f"({self._kind} {found}, not {self._digest})"
                )
        if overwrite:
            self._path.replace(self._target)
        else:
            self._place()
        return size

    def _place(self) -> None:
        """Gives the part its name unless that is taken by other bytes."""
        try:
            os.link(self._path, self._target, follow_symlinks=False)
        except FileExistsError:
            same = _is_file(self._target) and filecmp.cmp(self._path, self._target, shallow=False)
            self.discard()
            if not same:
                raise
        except OSError:  # a file system without hard links
            if os.path.lexists(self._target):
                raise FileExistsError(errno.EEXIST, "it is there", str(self._target)) from None
            self._path.replace(self._target)
        else:
            self.discard()

    def discard(self) -> None:
        """Throws away what has come."""
        self._path.unlink(missing_ok=True)

    def _other_bytes(self, why: str) -> OpenMLHashException:
        self.discard()
        message = f"Could not {display(self.call.purpose, 200)}: {why}. Try again."
        return OpenMLHashException(message, url=self.shown_url)


class _Part(PartFile):
    """A part that comes over HTTP, and what to make of the replies that bring the rest."""

    def __init__(
        self,
        sender: Sender,
        url: str,
        target: Path,
        checksum: str | None,
        progress: Progress | None,
    ) -> None:
        call: Call[bytes] = Call(f"fetch {target.name}", "GET", url, lambda answer: answer.body)
        shown = sender.shown_url(call)
        self._address = hashlib.sha256(shown.encode()).hexdigest()[:12]
        super().__init__(call, shown, target, self._address, checksum, progress)
        self._sender = sender
        self._version = ""  # as the server names it; '': what came cannot be gone on with
        self._name_for(self._left_before())

    def _left_before(self) -> str:
        """The version of the newest part that a former call left."""
        found = []
        pattern = f".{glob.escape(self._target.name[:100])}.{self._address}.*.part"
        for path in self._target.parent.glob(pattern):
            with contextlib.suppress(ValueError, OSError):
                there = path.lstat()
                version = bytes.fromhex(path.name.split(".")[-2]).decode()
                if _is_own(there) and version:
                    found.append((there.st_mtime, version))
        return max(found, default=(0.0, ""))[1]

    def _name_for(self, version: str) -> None:
        self._version = version
        middle = version.encode().hex() if version else f"new-{secrets.token_hex(8)}"
        name = f".{self._target.name[:100]}.{self._address}.{middle}.part"
        self._path = self._target.with_name(name)

    @contextlib.contextmanager
    def kept_if_resumable(self) -> Iterator[None]:
        """Takes what came away if the block fails, unless a later call can go on with it."""
        try:
            yield
        except BaseException:
            if not self._version:
                self.discard()
            raise

    def begin(self, response: httpx.Response) -> Sink:
        """See Receiver.begin."""
        if self.takes(response):
            return _ToDisk(self, response)
        return _Refusal(self, response)

    def headers(self) -> dict[str, str]:
        """What to ask for: the rest, if a part has come; never compressed, so that bytes count."""
        had = self.had()
        whole = {"accept-encoding": "identity"}
        if not (had and self._version):
            return whole
        return whole | {"range": f"bytes={had}-", "if-range": self._version}

    def takes(self, response: httpx.Response) -> bool:
        """Whether the reply brings the file, or its rest."""
        kind = response.headers.get("content-type", "").lower()
        if response.status_code == 206:
            told = _RANGE.match(response.headers.get("content-range", ""))
            encoded = response.headers.get("content-encoding", "identity") != "identity"
            if told is None or int(told[1]) != self.had() or encoded:
                return False
            if _version(response) not in ("", self._version):
                return False
            self.offset = int(told[1])
            self.total = None if told[3] == "*" else int(told[3])
            return True
        if response.status_code != 200 or "text/html" in kind:
            return False
        self.offset = 0
        self.discard()
        self._name_for(_version(response))
        length = response.headers.get("content-length", "")
        encoded = response.headers.get("content-encoding", "identity") != "identity"
        known = length.isascii() and length.isdecimal() and len(length) <= 18 and not encoded
        self.total = int(length) if known else None
        return True

    def refused(self, response: httpx.Response, body: bytes) -> OpenMLServerError | None:
        """The exception for a reply that brings no file; None if the file is complete already."""
        if response.status_code == 416:
            told = _UNSATISFIED.match(response.headers.get("content-range", ""))
            if told is not None and int(told[1]) == self.had():
                return None
        if response.status_code in (206, 416):
            self.discard()
            return OpenMLConnectionError(
                f"Could not {display(self.call.purpose, 200)}: what had come before does not fit "
                "the file on the server. Try again.",
                url=self.shown_url,
            )
        answer: Answer = self._sender.answer(self.call, response, body)
        error = failure(answer, display(self.call.purpose, 200), file=True)
        if error is None:
            error = AnswerError("The answer is not the file. Try again.", url=answer.url)
        error.retry_after = answer.retry_after
        return error


class _ToDisk:
    """The body of a reply that brings a file, on its way to the disk."""

    full = False

    def __init__(self, part: _Part, response: httpx.Response) -> None:
        self._part = part
        self._packing = Packing(part.call, response)
        self._open = contextlib.ExitStack()
        self._stream = self._open.enter_context(part.open())

    def takes_long(self, piece: bytes) -> bool:
        """A disk may be slow."""
        return True

    def take(self, piece: bytes) -> None:
        """See Sink.take. Raises AnswerError when what was packed, though nobody asked for that,
        is larger than LARGEST_UNPACKED: its size is not known before.
        """
        for step in self._packing.unpacked(piece):
            if self._packing.packed and self._part.offset + len(step) > LARGEST_UNPACKED:
                raise AnswerError(
                    f"Could not {display(self._part.call.purpose, 200)}: the server packed the "
                    f"file, and it unpacks to more than {LARGEST_UNPACKED // 2**20:,} MB. "
                    "Ask its operators."
                )
            self._part.write(self._stream, step)

    def progress(self) -> None:
        """See Sink.progress."""
        self._part.tell()

    def end(self) -> OpenMLServerError | None:
        """See Sink.end."""
        self._packing.end()
        self.close()
        return None

    def close(self) -> None:
        """What has come is on the disk."""
        self._open.close()


class _Refusal(Intake):
    """The body of a reply that brings no file."""

    def __init__(self, part: _Part, response: httpx.Response) -> None:
        super().__init__(part.call, response, LARGEST_REFUSAL, cut=True)
        self._part = part
        self._response = response

    def end(self) -> OpenMLServerError | None:
        """See Sink.end."""
        return self._part.refused(self._response, self.body)


def _version(response: httpx.Response) -> str:
    """By what the server names this very file: a strong ETag, else the time of its last change."""
    tag = response.headers.get("etag", "")
    version = tag if tag.startswith('"') else response.headers.get("last-modified", "")
    return version if version.isascii() and len(version) <= _LONGEST_VERSION else ""


def _is_own(there: os.stat_result) -> bool:
    """Whether it is a plain file of the user's own with one name."""
    mine = not hasattr(os, "geteuid") or there.st_uid == os.geteuid()
    return stat.S_ISREG(there.st_mode) and mine and there.st_nlink == 1


def _is_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _parsed(checksum: str | None) -> tuple[str | None, str]:
    if checksum is None:
        return None, ""
    kind, _, digits = checksum.strip().lower().partition(":")
    if kind not in ("md5", "sha256") or not re.fullmatch("[0-9a-f]+", digits):
        raise UsageError(f"{display(checksum, 100)!r} is no checksum; give md5:... or sha256:...")
    return kind, digits
