"""The recorded replies of the real servers, as the client would receive them."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from runbrowser.client.call import Answer

WIRE = Path(__file__).parent.parent / "data" / "wire"


@dataclass(frozen=True)
class Recorded:
    """One exchange: the request as it was made, the reply byte for byte as it travelled."""

    server: str
    name: str
    method: str
    path: str
    status: int
    content_type: str
    headers: Mapping[str, str]
    sent: bytes = field(repr=False)  # still compressed where the server compressed it
    form: Mapping[str, str] = field(default_factory=dict)
    multipart: Mapping[str, str] = field(default_factory=dict)
    told: Mapping[str, Any] = field(default_factory=dict, repr=False)  # the whole record

    @property
    def body(self) -> bytes:
        """The reply's body after content decoding."""
        if self.headers.get("content-encoding") == "gzip":
            return gzip.decompress(self.sent)
        return self.sent

    @property
    def answer(self) -> Answer:
        """The reply as the senders hand it to the readers."""
        url = f"http://127.0.0.1{self.path.partition('?')[0]}"
        return Answer(self.status, self.content_type.lower(), self.body, url)

    @property
    def id(self) -> str:
        """``server/case``, for the names of parametrised tests."""
        return f"{self.server}/{self.name}"


@cache
def index() -> tuple[tuple[str, str], ...]:
    """(server, case) of every recording, from the recordings' own index."""
    with (WIRE / "INDEX.tsv").open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return tuple((row["server"], row["case"]) for row in rows)


@cache
def recorded(server: str, name: str) -> Recorded:
    """One recording by server (``v1`` or ``v2``) and case name."""
    folder = WIRE / server
    told = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    packed = folder / f"{name}.body.gz"  # packed for storage only
    sent = (
        gzip.decompress(packed.read_bytes())
        if packed.exists()
        else (folder / f"{name}.body").read_bytes()
    )
    headers = {name.lower(): value for name, value in told["response_headers"].items()}
    return Recorded(
        server=server,
        name=name,
        method=told["method"],
        path=told["path"],
        status=told["status"],
        content_type=headers.get("content-type", ""),
        headers=headers,
        sent=sent,
        form=told.get("form") or {},
        multipart=told.get("multipart") or {},
        told=told,
    )


@cache
def every() -> tuple[Recorded, ...]:
    """All recordings of both servers, in the index's order."""
    return tuple(recorded(server, name) for server, name in index())


def v1(name: str) -> Recorded:
    """A recording of V1."""
    return recorded("v1", name)


def v2(name: str) -> Recorded:
    """A recording of V2."""
    return recorded("v2", name)
