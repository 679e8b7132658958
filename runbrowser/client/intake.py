"""Replies as they come in: bounded in time and size before either is spent.

Between two pieces httpx's own limit holds; a server that sends a byte now and then would keep us
for good, one that packs gigabytes into kilobytes would take all memory. So a reply is unpacked
here, piece by piece and in steps, and in no other packing than the one that was asked for.
"""

from __future__ import annotations

import math
import time
import zlib
from collections.abc import Iterator
from typing import Any, Protocol

import httpx

from runbrowser.client.call import Call
from runbrowser.errors import AnswerError, OpenMLServerError
from runbrowser.text import display

LARGEST_DOCUMENT = 64 * 2**20
"""Bytes of a document, unpacked; 10,000 runs are 6 MB."""

LARGEST_FILE = 256 * 2**20
"""Bytes of a file that is read into memory, unpacked; downloads go to the disk."""

LARGEST_REFUSAL = 2**20
"""Bytes of a refusal that are read, unpacked; what comes after them is not looked at."""

_STEP = 2**20  # bytes unpacked at once
_READ_TIMES = 10  # a whole reply may take so many times the limit between two of its pieces
_QUICK = 2_048  # packed bytes of a piece that are unpacked at once, whatever they hold


class Receiver(Protocol):
    """Takes what a request brings; it may be used again when the request is repeated."""

    def headers(self) -> dict[str, str]:
        """Headers of the request beside the usual ones."""
        ...

    def begin(self, response: httpx.Response) -> Sink:
        """Where the body of this reply goes, told from its head."""
        ...


class Sink(Protocol):
    """Takes the body of one reply, still packed."""

    @property
    def full(self) -> bool:
        """Whether no more is wanted."""
        ...

    def takes_long(self, piece: bytes) -> bool:
        """Whether taking a piece may hold up an event loop."""
        ...

    def take(self, piece: bytes) -> None:
        """One more piece. Raises httpx's exceptions and AnswerError."""
        ...

    def progress(self) -> None:
        """Tells whoever waits how far it is; not called in a thread."""
        ...

    def end(self) -> OpenMLServerError | None:
        """All has come; the exception to raise if it is not what was asked for."""
        ...

    def close(self) -> None:
        """Nothing more comes, whether or not all has."""
        ...


class Packing:
    """Unpacks a body in steps. Raises AnswerError for a packing that was not asked for."""

    def __init__(self, call: Call[Any], response: httpx.Response) -> None:
        named = response.headers.get("content-encoding", "").strip().lower()
        if named not in ("", "identity", "gzip", "x-gzip"):
            raise AnswerError(
                f"Could not {display(call.purpose, 200)}: the server packed its reply "
                f"({display(named, 60)}) as nobody asked it to. Try again, or ask its operators.",
                status=response.status_code,
            )
        packed = named not in ("", "identity")
        self._unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS) if packed else None
        self._begun = False

    @property
    def packed(self) -> bool:
        """Whether there is anything to unpack."""
        return self._unpacker is not None

    def unpacked(self, piece: bytes) -> Iterator[bytes]:
        """What a piece holds, in steps of bounded size. Raises httpx.DecodingError."""
        unpacker = self._unpacker
        if unpacker is None:
            yield piece
            return
        self._begun = self._begun or bool(piece)
        while piece and not unpacker.eof:
            try:
                step = unpacker.decompress(piece, _STEP)
            except zlib.error as error:
                raise httpx.DecodingError(str(error)) from None
            piece = unpacker.unconsumed_tail
            yield step

    def end(self) -> None:
        """Raises httpx.DecodingError when the end of what was packed has not come."""
        if self._unpacker is not None and self._begun and not self._unpacker.eof:
            raise httpx.DecodingError("it ends before its end")


class Intake:
    """A body that is kept in memory. Beyond ``most`` bytes it is given up (AnswerError), or taken
    as it is so far if ``cut``.
    """

    def __init__(
        self, call: Call[Any], response: httpx.Response, most: int, *, cut: bool = False
    ) -> None:
        self._purpose = call.purpose
        self._packing = Packing(call, response)
        self._until = deadline(response)
        self._most = most
        self._cut = cut
        self._pieces: list[bytes] = []
        self._size = 0
        self.full = False

    def takes_long(self, piece: bytes) -> bool:
        """See Sink.takes_long."""
        return self._packing.packed and len(piece) > _QUICK

    def take(self, piece: bytes) -> None:
        """See Sink.take: httpx.ReadTimeout when it is late, AnswerError when it is too much."""
        if time.monotonic() > self._until:
            raise httpx.ReadTimeout("the reply came too slowly")
        for step in self._packing.unpacked(piece):
            self._size += len(step)
            if self._size > self._most:
                if self._cut:
                    self._pieces.append(step[: len(step) - (self._size - self._most)])
                    self.full = True
                    return
                raise AnswerError(
                    f"Could not {display(self._purpose, 200)}: the reply is larger than "
                    f"{self._most // 2**20} MB. Ask for less at once."
                )
            self._pieces.append(step)

    def progress(self) -> None:
        """Nobody is told."""

    def close(self) -> None:
        """Memory needs no closing."""

    @property
    def body(self) -> bytes:
        """All that came. Raises httpx.DecodingError when the packed body breaks off."""
        if not self.full:
            self._packing.end()
        return b"".join(self._pieces)


def deadline(response: httpx.Response) -> float:
    """When a reply must have come whole, on the monotonic clock."""
    read = response.request.extensions.get("timeout", {}).get("read")
    return math.inf if read is None else time.monotonic() + _READ_TIMES * read
