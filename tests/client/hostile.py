"""Documents made to blind, fill, freeze or lead astray who reads them, as faults of the network.

Beside the broken networks of ``chaos``: here the connection holds, and what comes over it is bad.
"""

from __future__ import annotations

import functools
import gzip
import random
import threading
from collections import Counter
from collections.abc import Callable

from .chaos import HTML, JSON, XML, Answered, Asked, Fault, as_it_came, chance, message

_NOTICE = (
    b'<div style="border:1px solid #990000;padding-left:20px;margin:0 0 10px 0;">\n\n'
    b"<h4>A PHP Error was encountered</h4>\n\n<p>Severity: Notice</p>\n"
    b"<p>Message:  Undefined variable: x</p>\n<p>Filename: models/Run.php</p>\n"
    b"<p>Line Number: 7</p>\n\n\n</div>"
)
_ESCAPES = b"\x1b[2J\x1b]0;owned\x07\x1b[?1049l\xe2\x80\xae[bold]\x9b31m"
_ARFF_HEAD = (
    b"@relation p\n@attribute repeat numeric\n@attribute fold numeric\n@attribute row_id numeric\n"
)


def _changed(change: Callable[[bytes], bytes]) -> Callable[[Answered], bytes]:
    def raw(answered: Answered) -> bytes:
        kind = ("content-type", answered.header("content-type"))
        return message(answered.status, change(answered.plain), kind)

    return raw


def _in_texts(what: bytes) -> Callable[[Answered], bytes]:
    return _changed(lambda body: body.replace(b"</oml:", what + b"</oml:", 40))


def _packed(body: bytes, kind: tuple[str, str] = XML, encoding: str = "gzip") -> bytes:
    return message(200, body, kind, ("content-encoding", encoding))


@functools.cache
def _bomb() -> bytes:
    return _packed(gzip.compress(b"<oml:runs>" + bytes(150_000_000), 9))


@functools.cache
def _twice() -> bytes:
    return _packed(gzip.compress(gzip.compress(bytes(50_000_000), 9), 9), encoding="gzip, gzip")


def _run(inside: bytes, run_id: int = 900101) -> bytes:
    body = (
        b'<oml:run xmlns:oml="http://openml.org/openml"><oml:run_id>%d</oml:run_id>'
        b"<oml:uploader>2</oml:uploader><oml:task_id>9101</oml:task_id>"
        b"<oml:flow_id>9201</oml:flow_id>%s</oml:run>" % (run_id, inside)
    )
    return message(200, body, XML)


@functools.cache
def _long_run(number: int) -> bytes:
    parts = [
        b"<oml:parameter_setting><oml:name>p%d</oml:name><oml:value>%d</oml:value>"
        b"<oml:component>9201</oml:component></oml:parameter_setting>" % (n, n)
        for n in range(number)
    ]
    return _run(b"".join(parts) + b"".join(b"<oml:tag>t%d</oml:tag>" % n for n in range(number)))


@functools.cache
def _many_rows(number: int) -> bytes:
    rows = b"".join(
        b"<oml:run><oml:run_id>%d</oml:run_id><oml:task_id>9101</oml:task_id>"
        b"<oml:task_type_id>1</oml:task_type_id><oml:setup_id>1</oml:setup_id>"
        b"<oml:flow_id>9201</oml:flow_id><oml:uploader>2</oml:uploader>"
        b"<oml:upload_time>2026-01-01 00:00:00</oml:upload_time>"
        b"<oml:error_message>x</oml:error_message><oml:run_details></oml:run_details></oml:run>"
        % (10**9 + n)
        for n in range(number)
    )
    return message(200, b'<oml:runs xmlns:oml="http://openml.org/openml">%s</oml:runs>' % rows, XML)


@functools.cache
def _many_classes(number: int) -> bytes:
    labels = b",".join(b"c%d" % n for n in range(number))
    head = _ARFF_HEAD + b"@attribute prediction {%s}\n@attribute correct {%s}\n" % (labels, labels)
    rows = b"".join(b"0,0,%d,c%d,c%d\n" % (n, n % number, (n * 7) % number) for n in range(500))
    return message(200, head + b"@data\n" + rows, ("content-type", "text/plain"))


@functools.cache
def _blanks(number: int) -> bytes:
    body = _ARFF_HEAD + b"@attribute prediction {a,b}\n@data\n0,0,1,a" + b" " * number + b"b'\n"
    return message(200, body, ("content-type", "text/plain"))


HOSTILE: dict[str, Callable[[Answered], bytes]] = {
    "escapes": _in_texts(_ESCAPES),
    "latin-1": _in_texts(b"\xe9t\xe9"),
    "notice before": _changed(lambda body: _NOTICE + body),
    "notice between": _changed(
        lambda body: body.replace(b"</oml:run>", b"</oml:run>" + _NOTICE, 3)
    ),
    "packed twice": lambda answered: _twice(),
    "bomb": lambda answered: _bomb(),
    "titles": lambda answered: message(500, b"<title>" * 40_000, HTML),
    "long run": lambda answered: _long_run(5_000),
    "many rows": lambda answered: _many_rows(10_000),
    "many classes": lambda answered: _many_classes(2_000),
    "blanks": lambda answered: _blanks(6_000),
    "deep XML": lambda answered: message(200, b"<oml:run>" * 50_000, XML),
    "deep JSON": lambda answered: message(200, b"[" * 100_000, JSON),
    "long message": lambda answered: _run(
        b"<oml:error_message>%s</oml:error_message>" % (b"x y\t\x1b" * 300_000)
    ),
    "odd numbers": _changed(
        lambda body: body.replace(b"_id>9", b"_id>-9", 2).replace(b":value>0.", b":value>nan", 5)
        .replace(b"_id>1<", b"_id>99999999999999999999999999999999<", 2)
    ),
    "redirect to itself": lambda answered: message(302, b"", HTML, ("location", "?again")),
    "redirect elsewhere": lambda answered: message(
        302, b"", HTML, ("location", "http://127.0.0.2:9/elsewhere")
    ),
    "come back in an hour": lambda answered: message(429, b"", HTML, ("retry-after", "3600")),
    "headers": lambda answered: message(
        answered.status, answered.plain, XML, *((f"x-{n}", "y" * 200) for n in range(60))
    ),
    "another run": lambda answered: _run(b"", 1),
    "as it came, without length": lambda answered: as_it_came(answered, sized=False),
}  # fmt: skip
"""What hostile replies there are; each is made of the server's own or takes its place."""


def storm(seed: int, share: float = 0.25) -> Callable[[Asked], Fault]:
    """As ``chance``, with a hostile document in so many of the replies."""
    network = chance(seed)
    times: Counter[tuple[str, ...]] = Counter()
    lock = threading.Lock()

    def draw(asked: Asked) -> Fault:
        with lock:
            times[asked.deed] += 1
            rng = random.Random(f"storm {seed} {asked.deed} {times[asked.deed]}")
        if rng.random() >= share:
            return network(asked)
        name = rng.choice(tuple(HOSTILE))
        unsized = name.endswith("length")
        return Fault(name, raw=HOSTILE[name], then="close" if unsized else "keep")

    return draw
