"""Words that fit the cause: what a refusal says, and what to do next."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from runbrowser.client.call import Call
from runbrowser.client.calls import v1
from runbrowser.client.remarks import retrying
from runbrowser.errors import OpenMLAuthenticationError, OpenMLServerError
from runbrowser.models import RunFilter

from .servers import KEY, Driver, Reply, serving
from .test_download import fetch

Connect = Callable[..., Driver]
CASES = Path(__file__).parent.parent / "data" / "cases"
LIST = v1.list_runs(RunFilter(), 10)
HTML = {"content-type": "text/html; charset=utf-8"}


def words(connect: Connect, reply: Reply, call: Call = LIST, **options: object) -> str:
    with serving(reply) as server, pytest.raises(OpenMLServerError) as caught:
        connect(server.base, KEY, **options).send(call)
    return str(caught.value)


def test_a_file_that_is_gone_is_said_to_be_gone(connect: Connect, tmp_path: Path) -> None:
    page = (CASES / "file-gone" / "reply.html").read_bytes()
    with serving(Reply(404, page, HTML)) as server, pytest.raises(OpenMLServerError) as caught:
        fetch(connect(server.base), f"{server.origin}/data/download/7/p.arff", tmp_path / "f")
    for said in (
        str(caught.value),
        words(connect, Reply(410, page, HTML), Call("x", "GET", "f", bytes, largest=9)),
    ):
        assert "the server no longer has this file" in said
        assert "server URL" not in said
    assert "Check the server URL" in words(connect, Reply(404, page, HTML))


def test_102_to_a_large_upload_with_a_key_speaks_of_its_size(connect: Connect) -> None:
    body = (CASES / "refused-key-on-a-large-upload" / "reply.xml").read_bytes()
    large = v1.publish("run", {"predictions": ("p.arff", bytes(300_000))})
    said = words(connect, Reply(412, body), large)
    assert "An API key was sent: the upload of 300," in said
    assert "may be larger than the server takes" in said
    assert "Set your API key" not in said
    small = words(connect, Reply(412, body), v1.tag(5, "x"))
    assert "An API key was sent, but the server did not see it" in small
    with serving(Reply(412, body)) as server, pytest.raises(OpenMLAuthenticationError) as caught:
        connect(server.base, KEY).send(large)
    assert caught.value.code == 102
    assert caught.value.message.startswith("No authentication")
    assert "no API key" not in str(caught.value)


@pytest.mark.parametrize("headers", [HTML, {"content-type": "text/xml"}, {"content-type": ""}])
@pytest.mark.parametrize("body", ["", "  \n"])
def test_an_empty_500_is_no_web_page(connect: Connect, headers: dict[str, str], body: str) -> None:
    said = words(connect, Reply(500, body, headers))
    assert "HTTP 500 with an empty answer" in said
    assert "web page" not in said


def test_a_fatal_error_of_php_is_told_as_one(connect: Connect) -> None:
    body = "<br />\n<b>Fatal error</b>:  Out of memory in <b>/x.php</b> on line <b>3</b><br />"
    assert "HTTP 500 with a PHP error (Fatal error : Out of memory" in words(
        connect, Reply(500, body, HTML)
    )


def test_429_is_told_in_its_own_words_with_the_time_to_wait(connect: Connect) -> None:
    plain = {"content-type": "text/plain", "retry-after": "90"}
    said = words(connect, Reply(429, "Slow down, please.\nTen a minute.", plain))
    assert "HTTP 429 with the words: Slow down, please. Ten a minute" in said
    assert said.endswith("The server asks to wait 90 s; try again then.")
    json = {"content-type": "application/json", "retry-after": "5"}
    said = words(connect, Reply(429, '{"detail": "Rate limit exceeded"}', json))
    assert "Rate limit exceeded [HTTP 429]. The server asks to wait 5 s" in said
    page = words(
        connect, Reply(503, "<html><title>Busy</title></html>", HTML | {"retry-after": "7"})
    )
    assert 'titled "Busy"' in page and "asks to wait 7 s" in page


def test_the_reason_is_said_before_a_request_is_repeated(connect: Connect) -> None:
    told: list[str] = []
    replies = iter([Reply(429, "Slow down", {"content-type": "text/plain"})])

    def on_retry(call: Call, attempt: int, wait: float, error: OpenMLServerError) -> None:
        told.append(retrying(call, wait, error))

    from runbrowser.client.retry import HUMAN

    from .pages import page_of

    with serving(lambda _: next(replies, Reply(body=page_of([])))) as server:
        connect(server.base, retry=HUMAN, on_retry=on_retry).send(LIST)
    assert told == [
        "Could not list runs: the server answered HTTP 429 with the words: Slow down; "
        "trying again in 1 s"
    ]
