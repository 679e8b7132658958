"""What a run is about: its flow, task, data set, setup, uploader, study, tag; one record a kind.

A page about one of them, its runs, its address on the website and its text on the command line are
made from KINDS.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from runbrowser.errors import UsageError
from runbrowser.fields.addresses import looks_like_address, read_address
from runbrowser.models import RunFilter
from runbrowser.text import display


class Subject(NamedTuple):
    """One thing that runs are about: a kind by its key, and its id, or its name where it has none.

    ``task``: the task on which it was met, for what can only be compared on one task.
    """

    kind: str
    id: int | str
    task: int | None = None

    @property
    def text(self) -> str:
        """As it is written: ``flow:8353``."""
        return f"{self.kind}:{self.id}"

    @property
    def record(self) -> Kind:
        """What is known of its kind."""
        return KINDS[self.kind]

    @property
    def title(self) -> str:
        """As a heading: ``Flow 8353``."""
        return f"{self.record.noun[0].upper()}{self.record.noun[1:]} {display(self.id, 100)}"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of subject.

    key: before the id, as in the filter language. noun: what a person calls it. runs: the filter
    that lets its runs through; None where more must be known for it. page: its place on the
    website, '' where it has none. named: it has a name in place of an id.
    """

    key: str
    noun: str
    runs: Callable[[Subject], RunFilter] | None
    page: str = ""
    named: bool = False


def _by_ids(field: str) -> Callable[[Subject], RunFilter]:
    return lambda subject: RunFilter(**{field: (subject.id,)})  # type: ignore[arg-type]


KINDS: dict[str, Kind] = {
    kind.key: kind
    for kind in (
        Kind("run", "run", _by_ids("ids"), "r/{}"),
        Kind("flow", "flow", _by_ids("flow"), "f/{}"),
        Kind("task", "task", _by_ids("task"), "t/{}"),
        Kind("data", "data set", None, "d/{}"),
        Kind("setup", "setup", _by_ids("setup")),
        Kind("uploader", "uploader", _by_ids("uploader"), "u/{}"),
        Kind("study", "study", lambda subject: RunFilter(study=int(subject.id)), "s/{}"),
        Kind(
            "tag",
            "tag",
            lambda subject: RunFilter(tag=str(subject.id)),
            "search?type=run&tags.tag={}",
            named=True,
        ),
    )
}
"""Every kind of subject by its key."""

_ALSO = {"user": "uploader", "dataset": "data", "data-set": "data"}


def read_subject(text: str) -> Subject:
    """The subject that a text stands for: ``flow:8353``, ``tag:study_14``, a bare run id, or an
    address of the website or the API. Raises UsageError.
    """
    text = text.strip()
    if looks_like_address(text):
        address = read_address(text)
        if address is None:
            raise UsageError(f"{display(text, 80)!r} is no address of a run, flow, task or user.")
        return Subject(address.key, address.id)
    key, colon, value = text.partition(":")
    if not colon:
        key, value = "run", text
    key, value = _ALSO.get(key.strip().lower(), key.strip().lower()), value.strip().strip('"')
    kind = KINDS.get(key)
    if kind is None:
        raise UsageError(
            f"{display(text, 80)!r} is nothing that can be shown: write flow:8353; known are "
            f"{', '.join(KINDS)}."
        )
    if not value:
        raise UsageError(f"Say which {kind.noun} is meant: {key}:ID.")
    if kind.named:
        return Subject(key, value)
    if not (value.isascii() and value.isdecimal() and len(value) <= 18):
        raise UsageError(
            f"{display(value, 60)!r} is no id of a {kind.noun}: write {key}:ID with a number."
        )
    return Subject(key, int(value))


def web_page(subject: Subject, server: str) -> str:
    """The address of its page on the website that belongs to a server; '' where it has none."""
    page = subject.record.page
    if not page or not server:
        return ""
    parts = urlsplit(server)
    host = "www.openml.org" if parts.hostname == "api.openml.org" else parts.netloc
    return f"{parts.scheme}://{host}/{page.format(quote(str(subject.id), safe=''))}"
