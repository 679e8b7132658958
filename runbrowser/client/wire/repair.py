"""Makes V1's descriptions readable for an XML parser, without losing a character.

V1 pastes some fields into its template unescaped. Those fields are known, and so is
what the template writes after each: a field's text goes on to the closing tag that the template
follows up. It is escaped here, and what the parser gives back is the text verbatim, as
``run/list`` and V2 give it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from typing import Any, NamedTuple
from xml.parsers.expat import ExpatError

from runbrowser.client.call import Answer
from runbrowser.errors import AnswerError
from runbrowser.text import display


class RawField(NamedTuple):
    """A field that V1 does not escape, as expressions of what stands around its text."""

    opening: str
    closing: str
    follower: str  # what the template writes next


def _field(name: str, follower: str, before: str = "") -> RawField:
    return RawField(rf"{before}<oml:{name}>", f"</oml:{name}>", follower)


RUN_FIELDS = (
    _field("uploader_name", "<oml:task_id>"),
    _field("flow_name", "<oml:setup_id>"),
    _field("error_message", "<oml:(?:run_details|setup_string)>"),
    _field("run_details", "<oml:setup_string>"),
    # Names of measures hold letters, digits and . _ - alone, so those of evaluations need no care.
    _field("name", "<oml:value>", before=r"<oml:parameter_setting>\s*"),
    _field("tag", "<oml:(?:tag|input_data|output_data)>|</oml:run>"),
    _field("name", "<oml:url>", before=r"</oml:did>\s*"),
    _field("name", "<oml:url>", before=r"</oml:file_id>\s*"),
    _field("url", "</oml:(?:dataset|file)>"),
    _field("array_data", "</oml:evaluation>"),
)
TRACE_FIELDS = (_field("setup_string", "<oml:evaluation>"),)

# After any other template: the closing tag that markup follows.
_ANY_MARKUP = r"</?oml:[a-z_]+[ />]|<!--|\Z"
_BARE_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9a-fA-F]{1,6});)")
_BARE_LESS = re.compile(r"<(?!/?oml:[a-z_]+(?:\s[^<>]*)?/?>|!--|\?xml)")

# XML has no way to write most control characters, and its parser turns CR into LF: they travel
# through the parser as characters of the last private plane; a character that comes from there
# itself travels behind a mark.
_SHIFT = 0x100000
_MARK = "\U0010fffd"
_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff\U00100000-\U0010ffff]")
_HIDDEN = re.compile(f"{_MARK}(.)|([\U00100000-\U0010ffff])", re.DOTALL)


def _hide(match: re.Match[str]) -> str:
    char = match[0]
    return _MARK + char if ord(char) >= _SHIFT else chr(_SHIFT + ord(char))


def show(text: str) -> str:
    """A text that went through the parser, with the characters that no XML can carry."""
    return _HIDDEN.sub(lambda m: m[1] if m[1] else chr(ord(m[2]) - _SHIFT), text)


def repair(text: str, raw_fields: Sequence[RawField] = RUN_FIELDS) -> str:
    """The document with its unescaped fields escaped, so that an XML parser can read it.

    Every field's end is looked for once, so the work grows with the text and not with its square.
    """
    text = _UNWRITABLE.sub(_hide, text.strip())
    opening = re.compile("|".join(f"({field.opening})" for field in raw_fields))
    ends = [
        [re.compile(rf"{field.closing}(?=\s*(?:{f}))") for f in (field.follower, _ANY_MARKUP)]
        for field in raw_fields
    ]
    parts: list[str] = []
    done = 0
    match = opening.search(text)
    while match is not None:
        candidates = ends[(match.lastindex or 1) - 1]
        end = None
        while end is None and candidates:
            end = candidates[0].search(text, match.end())
            if end is None:
                candidates.pop(0)  # nowhere in the rest of the text either
        if end is None:
            match = opening.search(text, match.end())
            continue
        field = text[match.end() : end.start()]
        parts += [text[done : match.end()], escape(field, quote=False), end[0]]
        done = end.end()
        match = opening.search(text, done)
    parts.append(text[done:])
    return "".join(parts)


def parse(answer: Answer, root: str, raw_fields: Sequence[RawField] = RUN_FIELDS) -> dict[str, Any]:
    """The named root element of a V1 document as xmltodict gives it, texts verbatim.

    Raises AnswerError when the document is another one, was cut off, or cannot be read even after
    repair.
    """
    import xmltodict

    text = answer.text.lstrip("\ufeff \t\r\n")
    opening = re.match(
        rf'(?:<\?xml[^>]*\?>\s*)?<oml:{root} xmlns:oml="http://openml\.org/openml"\s*/?>', text
    )
    if opening is None:
        raise AnswerError(
            f"The answer is not the oml:{root} that was asked for "
            f"(it begins: {display(text, 60)}). Check the server URL: V1 ends in /api/v1/xml/.",
            url=answer.url,
            status=answer.status,
        )
    if not text.rstrip().endswith((f"</oml:{root}>", "/>")):
        raise AnswerError(
            f"The server's description was cut off after {len(text):,} characters. Try again.",
            url=answer.url,
            status=answer.status,
        )
    repaired = repair(text[opening.start() :], raw_fields)
    options: dict[str, Any] = {"strip_whitespace": False}
    try:
        document = xmltodict.parse(repaired, **options)
    except (ExpatError, ValueError):
        # A field that is broken where no field is known to be: mend every stray character.
        mended = _BARE_LESS.sub("&lt;", _BARE_AMPERSAND.sub("&amp;", repaired))
        try:
            document = xmltodict.parse(mended, **options)
        except (ExpatError, ValueError) as error:
            raise AnswerError(
                f"The server's description cannot be read, even mended: {error}. "
                "Report it to OpenML with the id.",
                url=answer.url,
                status=answer.status,
            ) from None
    body = document[f"oml:{root}"]
    return body if isinstance(body, dict) else {}


def many(value: Any) -> list[Any]:
    """What xmltodict gives for none, one or several elements, as a list."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def text_of(value: Any) -> str | None:
    """An element's text: None when it is absent, '' when it is empty."""
    if isinstance(value, list):
        value = value[0]
    if isinstance(value, dict):
        value = value.get("#text", "")
    return None if value is None else show(str(value))


def element_text(element: dict[str, Any], name: str) -> str | None:
    """As :func:`text_of`; xmltodict gives None for an empty element, so presence is asked first."""
    key = f"oml:{name}"
    if key not in element:
        return None
    return text_of(element[key]) or ""
