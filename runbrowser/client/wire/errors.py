"""What a reply that is not the one asked for says, as the exception to raise."""

from __future__ import annotations

import html
import json
import re

from runbrowser.client.call import Answer
from runbrowser.client.wire.elements import begins
from runbrowser.client.wire.notices import is_notice, words_of
from runbrowser.errors import (
    AUTHENTICATION_CODES,
    NEXT_STEP,
    NO_RESULT_CODES,
    NOT_AUTHORIZED_CODES,
    AnswerError,
    OpenMLAuthenticationError,
    OpenMLNotAuthorizedError,
    OpenMLServerError,
    OpenMLServerException,
    OpenMLServerNoResult,
)
from runbrowser.text import display

_HTML = re.compile(r"\s*+<(?:!doctype html|html|head|body)", re.IGNORECASE)
_MOST = 100_000  # characters of an error or a web page that are looked at; a real one has 10,000

_STATUS_HELP = {
    400: "The server does not take a character in this request.",
    403: "The request names too many ids at once, or this server does not let you in.",
    404: "Check the server URL: V1 ends in /api/v1/xml/.",
    405: "This server does not do that; its other API version may.",
    412: "The server refused without a reason; check the API key and the ids.",
    422: "Check the values: ids are whole numbers.",
    414: "URI too long: the request names too many ids at once.",
    429: "The server asks to slow down; try again in a minute.",
    500: "The server failed inside; try again later, or report it to OpenML.",
    502: "The server is overloaded or restarting; try again in a minute.",
    503: "The server is overloaded or restarting; try again in a minute.",
    504: "The server took too long; ask for less at once, or try again later.",
}

NO_KEY = 102
_LARGE_UPLOAD = 100_000  # bytes; a form with a key and a tag has 100

_NO_HELP = "Try again later; if it stays, report it to OpenML with this number."


def _element(name: str, text: str) -> str:
    start = text.find(f"<oml:{name}>")
    end = text.find(f"</oml:{name}>", start) if start >= 0 else -1
    if end < 0:
        return ""
    # Parsed once as XML, V1's messages still hold the HTML entities of its own double escaping.
    return html.unescape(html.unescape(text[start + len(name) + 6 : end])).strip()


def _title(page: str) -> str:
    """The title of a web page; '' when it has none."""
    lower = page.lower() if len(page) == len(page.lower()) else page
    start = lower.find("<title")
    opened = lower.find(">", start) if start >= 0 else -1
    end = lower.find("</title", opened) if opened >= 0 else -1
    return html.unescape(page[opened + 1 : end]).strip() if end >= 0 else ""


def _number(code: object) -> int | None:
    try:
        return int(str(code))
    except ValueError:
        return None


def server_words(answer: Answer) -> tuple[int | None, str] | None:
    """The (code, message) of an error document in V1's XML or JSON or V2's; None if it is none."""
    text = answer.text
    if begins(text, "error") >= 0:
        text = text[:_MOST]
        words = [_element("message", text), _element("additional_information", text)]
        return _number(_element("code", text)), " - ".join(word for word in words if word)
    if "json" not in answer.content_type and not text.lstrip().startswith("{"):
        return None
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict):
        return None
    error = document.get("error")
    if isinstance(error, dict) and "code" in error:  # V1's JSON flavour
        words = [str(error.get("message", "")), str(error.get("additional_information", ""))]
        unescaped = (html.unescape(word).strip() for word in words)
        return _number(error["code"]), " - ".join(word for word in unescaped if word)
    if answer.status < 400 or not ("detail" in document or "title" in document):
        return None
    detail = document.get("detail") or document.get("title") or ""
    if isinstance(detail, dict):  # an older V2 wrapped code and message
        return _number(detail.get("code")), str(detail.get("message", detail))
    problems = document.get("errors")
    if isinstance(problems, list) and problems:  # 422: each problem names its place
        said = "; ".join(
            f"{'.'.join(str(part) for part in p.get('loc', ()))}: {p.get('msg', '')}"
            for p in problems
            if isinstance(p, dict)
        )
        detail = f"{detail} ({said})"
    return _number(document.get("code")), str(detail)


def is_html(answer: Answer) -> bool:
    """Whether a web page came, which V1 sends with status 200 for a wrong address."""
    text = answer.text
    return bool(_HTML.match(text[:400])) or (
        "html" in answer.content_type
        and bool(text.strip())
        and not text.lstrip().startswith("<oml:")
    )


def failure(answer: Answer, purpose: str, *, file: bool = False) -> OpenMLServerError | None:
    """The exception that a reply stands for; None when it looks like an answer. ``file`` tells
    that a run's file was asked for, and not the API.

    See "Refusals" in docs/protocol.md.
    """
    told = server_words(answer)
    if told is not None:
        return refusal(*told, answer, purpose)
    if is_html(answer) or answer.status >= 400:
        return _wordless(answer, purpose, file)
    if not answer.body.strip():
        message = f"Could not {purpose}: the server's answer is empty. Try again."
        return AnswerError(message, url=answer.url, status=answer.status)
    return None


def refusal(
    code: int | None, words: str, answer: Answer, purpose: str
) -> OpenMLServerException | OpenMLServerError:
    """The exception for a refusal in the server's own words."""
    said = display(words, 600).strip().rstrip(".") or "the server gave no reason"
    number = f" [code {code}]" if code is not None else f" [HTTP {answer.status}]"
    step = NEXT_STEP.get(code or 0) or (_step(answer) if code is None else _NO_HELP)
    message = f"Could not {purpose}: {said}{number}. {step}"
    kind: type[OpenMLServerException] = OpenMLServerException
    if code in NO_RESULT_CODES:
        kind = OpenMLServerNoResult
    elif code in AUTHENTICATION_CODES or answer.status == 401:
        kind = OpenMLAuthenticationError
    elif code in NOT_AUTHORIZED_CODES:
        kind = OpenMLNotAuthorizedError
    return kind(
        message, code, answer.url, status=answer.status, message=display(words, 600).strip()
    )


def key_unseen(error: OpenMLServerError, answer: Answer, purpose: str) -> OpenMLAuthenticationError:
    """The exception for 102 to a request that had a key: PHP throws a form away, the key in it
    too, when it is larger than the server takes.
    """
    if answer.uploaded > _LARGE_UPLOAD:
        why = (
            f"An API key was sent: the upload of {answer.uploaded:,} bytes may be larger than the "
            "server takes. Send less, or ask the server's operators for its limit"
        )
    else:
        why = "An API key was sent, but the server did not see it; a proxy may have taken it away"
    words = getattr(error, "message", "")
    return OpenMLAuthenticationError(
        f"Could not {purpose}: {words.rstrip('.')} [code {NO_KEY}]. {why}.",
        NO_KEY,
        answer.url,
        status=answer.status,
        message=words,
    )


def _step(answer: Answer) -> str:
    """What to do about a status, with the time that the server asks to wait."""
    if answer.retry_after and answer.status in (429, 503):
        return f"The server asks to wait {round(answer.retry_after):,} s; try again then."
    return _STATUS_HELP.get(answer.status, _NO_HELP)


def _wordless(answer: Answer, purpose: str, file: bool) -> OpenMLServerError:
    """A web page, a plain text or an empty body where data was asked for."""
    text = answer.text[:_MOST]
    title = _title(text) if is_html(answer) else ""
    page = f' titled "{display(title, 80)}"' if title else ""
    if answer.status < 400:
        return AnswerError(
            f"Could not {purpose}: {answer.url} answered with a web page{page}, not with "
            + ("the file." if file else "data. Check the server URL: V1 ends in /api/v1/xml/."),
            url=answer.url,
            status=answer.status,
        )
    words = ""
    if is_html(answer):
        what = f"a web page{page}"
        if is_notice(text):
            what = f"a PHP error ({words_of(text)})"
    elif not text.strip():
        what = "an empty answer"
    else:
        words = display(" ".join(text[:2_000].split()), 200)
        what = f"the words: {words}" if answer.content_type.startswith("text/plain") else "an error"
    step = _step(answer)
    if file and answer.status in (404, 410):
        message = (
            f"Could not {purpose}: the server no longer has this file (HTTP {answer.status}). "
            "Other files of the run may still be there."
        )
    else:
        told = f"HTTP {answer.status} with {what}".rstrip(".")
        message = f"Could not {purpose}: the server answered {told}. {step}"
    return OpenMLServerError(message, url=answer.url, status=answer.status)
