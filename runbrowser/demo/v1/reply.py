"""What a V1 call answers, before headers common to all are added."""

import re
from dataclasses import dataclass, field

XML = "text/xml; charset=utf-8"
JSON = "application/json; charset=utf-8"
HTML = "text/html; charset=UTF-8"
APACHE_HTML = "text/html; charset=iso-8859-1"

_ASTRAL = re.compile("[\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Reply:
    """One answer: HTTP status, content type, body, and headers of its own.

    streamed: written by PHP piece by piece, as downloads are: a wish for a range is not heard, and
    when compressed it comes in chunks without a length.
    """

    status: int
    content_type: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    # Apache's own pages come from outside PHP: no cookie, no cache rules.
    from_php: bool = True
    streamed: bool = False


def encode(text: str) -> bytes:
    """Text as the server sends it: V1's database connection turns four-byte characters into `?`."""
    if not text.isascii():
        text = _ASTRAL.sub("?", text)
    return text.encode("utf-8", "replace")


# Controls but tab and line ends, and two that are no characters.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def legal_in_xml(text: str) -> str:
    """The same without the characters that no XML document may hold, escaped or not."""
    return _ILLEGAL.sub("\ufffd", text)


def fatal() -> Reply:
    """What is left of a call in which PHP died: status 500 and nothing else."""
    return Reply(500, HTML, b"", {"connection": "close"})
