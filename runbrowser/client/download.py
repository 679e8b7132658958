"""Files of runs, straight to the disk: streamed, resumable, checked, whole or not at all.

The bytes go to ``.<name>.<address>.part`` beside the target and take its name when all have come.
What a broken transfer left is taken up by the next one with a Range request, which V1's web server
honours for documents ("Files" in docs/protocol.md).
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import re
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

_RANGE = re.compile(r"bytes ([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18}|\*)\Z")
_UNSATISFIED = re.compile(r"bytes \*/([0-9]{1,18})\Z")


def download(
    http: HTTPClient,
    url: str,
    target: Path,
    *,
    checksum: str | None = None,
    progress: Progress | None = None,
) -> int:
    """Fetches a file to ``target``; its size in bytes.

    ``url`` is absolute or relative to the server; no key is sent. ``checksum`` is 'md5:...' or
    'sha256:...' in hexadecimal digits. A broken transfer goes on as the client's retry policy has
    it, and then with the next call. Raises OpenMLHashException when other bytes came,
    OpenMLServerError and its kinds when none did, OSError when they cannot be written.
    """
    part = _Part(http, url, target, checksum, progress)
    for attempt in attempts(http.policy, part.call, http.on_retry):
        with attempt:
            error = http.receive(part.call, part)
            if error is not None:
                raise error
    return part.finish()


async def download_async(
    http: AsyncHTTPClient,
    url: str,
    target: Path,
    *,
    checksum: str | None = None,
    progress: Progress | None = None,
) -> int:
    """See :func:`download`; cancelling it leaves what came to be taken up again."""
    part = _Part(http, url, target, checksum, progress)
    async for attempt in attempts(http.policy, part.call, http.on_retry):
        with attempt:
            error = await http.receive(part.call, part)
            if error is not None:
                raise error
    return await asyncio.to_thread(part.finish)


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
        """Bytes that have come."""
        return self._path.stat().st_size if self._path.exists() else 0

    @contextlib.contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        """The part, ready for the bytes that come."""
        flags = os.O_WRONLY | os.O_CREAT | (os.O_APPEND if self.offset else os.O_TRUNC)
        with os.fdopen(os.open(self._path, flags, 0o600), "wb") as stream:
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

    def finish(self) -> int:
        """Checks the whole and gives it its name; its size in bytes."""
        if not self._path.exists():  # an empty file
            self._path.touch(0o600)
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
        self._path.replace(self._target)
        return size

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
        identity = hashlib.sha256(shown.encode()).hexdigest()[:12]
        super().__init__(call, shown, target, identity, checksum, progress)
        self._sender = sender

    def begin(self, response: httpx.Response) -> Sink:
        """See Receiver.begin."""
        if self.takes(response):
            return _ToDisk(self, response)
        return _Refusal(self, response)

    def headers(self) -> dict[str, str]:
        """What to ask for: the rest, if a part has come; never compressed, so that bytes count."""
        had = self.had()
        return {"accept-encoding": "identity"} | ({"range": f"bytes={had}-"} if had else {})

    def takes(self, response: httpx.Response) -> bool:
        """Whether the reply brings the file, or its rest."""
        kind = response.headers.get("content-type", "").lower()
        if response.status_code == 206:
            told = _RANGE.match(response.headers.get("content-range", ""))
            encoded = response.headers.get("content-encoding", "identity") != "identity"
            if told is None or int(told[1]) != self.had() or encoded:
                return False
            self.offset = int(told[1])
            self.total = None if told[3] == "*" else int(told[3])
            return True
        if response.status_code != 200 or "text/html" in kind:
            return False
        self.offset = 0
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
        """See Sink.take."""
        for step in self._packing.unpacked(piece):
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


def _parsed(checksum: str | None) -> tuple[str | None, str]:
    if checksum is None:
        return None, ""
    kind, _, digits = checksum.strip().lower().partition(":")
    if kind not in ("md5", "sha256") or not re.fullmatch("[0-9a-f]+", digits):
        raise UsageError(f"{display(checksum, 100)!r} is no checksum; give md5:... or sha256:...")
    return kind, digits
