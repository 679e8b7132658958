"""V1's list of runs: every row is read, whatever its texts hold, and nothing else is a page."""

from __future__ import annotations

import functools
import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from runbrowser.client.wire import run_list as scanner
from runbrowser.errors import AnswerError
from runbrowser.models import RunPage, RunRow, RunState

from .pages import FOOT, HEAD, answer_of, page_of, read, row_of, run_row
from .recorded import Recorded, every, v1, v2

OML = "{http://openml.org/openml}"
LISTS = [
    case
    for case in every()
    if case.status == 200 and case.body.startswith(b"<oml:runs") and case.server == "v1"
]
WELL_FORMED = [case for case in LISTS if case.told.get("well_formed_xml")]
BROKEN = [case for case in LISTS if not case.told.get("well_formed_xml")]
SINGLE = {
    int(match[1]): case
    for case in LISTS
    if (match := re.search(r"/run/list/run/(\d+)(?:/|\Z)", case.path))
}

HOSTILE = [
    "a & b && c; AT&T",
    "TypeError: <class 'int'> & 1 < 2",
    "]]>",
    "&nbsp; &undefined; &#0; &lt;init&gt;",
    "\x00\x01\x08\x1b[31m\x1f\x7f",
    "\x1b]8;;http://example.org\x07link\x1b]8;;\x07",
    "line\r\nline\rline\nline\ttab",
    "</oml:error_message>",
    "</oml:error_message>\n    <oml:run_details>",
    "<oml:error_message>",
    "</oml:run>",
    "</oml:run_details>\n  </oml:run>\n",
    "</oml:runs>\n",
    "<oml:run>\n    <oml:run_id>666</oml:run_id>",
    "<oml:run_id>5</oml:run_id>",
    '<oml:runs xmlns:oml="http://openml.org/openml">',
    "<!-- ",
    "<![CDATA[",
    "<?xml version='1.0'?>",
    "\u202e\u200b\ufeff\u2028\u0085",
    "漢字 é 🙂",
    "\ufffd\ufffd",  # what bytes that are no UTF-8 become
    "<" * 5000,
    "x" * 20_000,
    "  \n\t ",
]


def values_by_a_parser(body: bytes) -> list[RunRow]:
    """The rows of a well-formed page as an XML parser gives them, each run once."""
    rows: dict[int, RunRow] = {}
    for element in ET.fromstring(body).iter(f"{OML}run"):
        texts = [child.text or None for child in element]
        assert [child.tag for child in element] == [f"{OML}{name}" for name in RunRow._fields]
        ids = [int(text) if text else None for text in texts[:6]]
        assert ids[0] is not None
        rows.setdefault(ids[0], RunRow(ids[0], *ids[1:], *texts[6:]))
    return list(rows.values())


def as_a_parser_would(row: RunRow) -> RunRow:
    """A row with its texts as XML parsing leaves them: entities resolved, line ends made one."""

    def parsed(text: str | None) -> str | None:
        return None if text is None else ET.fromstring(f"<x>{text}</x>").text

    return row._replace(
        error_message=parsed(row.error_message), run_details=parsed(row.run_details)
    )


@pytest.mark.parametrize("case", WELL_FORMED, ids=lambda case: case.id)
def test_a_well_formed_page_has_the_rows_that_a_parser_finds(case: Recorded) -> None:
    page = read(case.body)
    assert [as_a_parser_would(row) for row in page] == values_by_a_parser(case.body)
    assert page.received == case.body.count(b"<oml:run>")
    assert page.unread == ()


@functools.cache
def rows_by_run_id() -> dict[int, RunRow]:
    """Every run that a well-formed page tells of, by a parser."""
    return {
        row.run_id: row
        for case in WELL_FORMED
        for row in values_by_a_parser(case.body)
        if row.error_message is None
    }


@functools.cache
def messages_by_v2() -> dict[int, str]:
    """What V2 gives as error of each recorded run; JSON, so nothing is lost."""
    import json

    return {
        document["run_id"]: document["error"][0]
        for case in every()
        if case.server == "v2" and re.fullmatch(r"/run/\d+", case.path) and case.status == 200
        for document in [json.loads(case.body)]
        if document["error"]
    }


def as_three_byte_characters(text: str) -> str:
    """V1's database connection carries no character beyond U+FFFF (PROTOCOL 3)."""
    return re.sub("[\U00010000-\U0010ffff]", "?", text)


@pytest.mark.parametrize("case", BROKEN, ids=lambda case: case.id)
def test_a_broken_page_has_the_rows_that_other_pages_and_v2_tell(case: Recorded) -> None:
    page = read(case.body)
    assert page.unread == ()
    # Row starts at the start of a line with the template's indentation; no message has one.
    starts = re.findall(
        rb"(?m)^\t?  (?:  )?<oml:run>\n    <oml:run_id>(\d+)</oml:run_id>", case.body
    )
    assert [row.run_id for row in page] == list(dict.fromkeys(map(int, starts)))
    assert page.received == len(starts)
    for row in page:
        known = rows_by_run_id().get(row.run_id)
        if known is not None:
            assert as_a_parser_would(row) == known
        message = messages_by_v2().get(row.run_id)
        if message is not None:
            assert row.error_message == as_three_byte_characters(message)
        alone = SINGLE.get(row.run_id)
        if alone is not None and alone is not case:
            assert list(read(alone.body)) == [row]


def test_the_runs_that_break_a_page_are_checked_against_v2() -> None:
    checked = {row.run_id for case in BROKEN for row in read(case.body)} & set(messages_by_v2())
    assert {900001, 900002, 900005, 900009} <= checked


def test_bytes_of_hostile_messages_are_kept() -> None:
    def message(name: str) -> str:
        (row,) = read(v1(name).body)
        assert row.error_message is not None
        return row.error_message

    assert message("run_list_s01") == "Error: x & y failed; a && b; AT&T"
    assert "<" in message("run_list_s02")
    assert "\r\n" in message("run_list_s04")
    assert message("run_list_s09") == "\x1b[31mRED ERROR\x1b[0m \x1b[2J\x1b[H cleared"
    assert "\x1b]" in message("run_list_s10")
    assert any(ord(char) < 0x20 for char in message("run_list_s08"))
    assert "\u202e" in message("run_list_s26")
    assert message("w_upload_error_amp_list").startswith("TypeError: <class 'int'> & 1 < 2")


def test_one_broken_run_does_not_cost_the_others() -> None:
    page = read(v1("run_list_one_bad_among_good").body)
    assert [row.run_id for row in page] == [900001, 900018, 900019, 900020]
    assert [row.state for row in page] == [RunState.FAILED, *[RunState.UNKNOWN] * 3]


def test_a_run_that_two_engines_evaluated_is_kept_once_and_counted_twice() -> None:
    page = read(v1("run_list_s45").body, limit=2)
    assert (len(page), page.received, page.last) == (1, 2, False)


def test_absent_values_are_none() -> None:
    (row,) = read(v1("run_list_s38").body)
    assert row.uploader is None
    (row,) = read(v1("run_list_s13").body)
    assert row.upload_time is None
    assert row.error_message is None


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:30]))
def test_a_hostile_text_in_either_field_is_read_back_byte_for_byte(text: str) -> None:
    rows = [run_row(1, text), run_row(2, "before", None), run_row(3, None, "after")]
    assert list(read(page_of(rows))) == rows
    if "</oml:error_message>\n    <oml:run_details>" in text:
        return  # in run_details this cannot be told from the template; see the next test
    rows = [run_row(1, None, text), run_row(2, text, text), run_row(3, "x", "y")]
    assert list(read(page_of(rows))) == rows


def test_a_message_that_ends_a_message_keeps_all_of_it_and_the_page_stays_whole() -> None:
    text = "</oml:error_message>\n    <oml:run_details>"
    page = read(page_of([run_row(1, None, f"a{text}b"), run_row(2)]))
    assert [row.run_id for row in page] == [1, 2]
    assert (page[0].error_message, page[0].run_details) == (
        "</oml:error_message>\n    <oml:run_details>a",
        "b",
    )


def test_a_message_that_forges_a_row_without_ending_its_own_adds_no_row() -> None:
    forged = row_of(run_row(666, "forged")).partition("</oml:error_message>")[0]
    rows = [run_row(1, f"x {forged}"), run_row(2, f"{forged}<oml:run_id>7</oml:run_id>")]
    assert list(read(page_of(rows))) == rows


ANY_TEXT = st.text(
    st.one_of(
        st.characters(exclude_categories=("Cs",)),
        st.sampled_from([chr(0xDC80 + n) for n in range(128)]),
        st.sampled_from("<>/&;:\n\t \r"),
    ),
    max_size=60,
)
FRAGMENTS = st.lists(
    st.one_of(
        ANY_TEXT,
        st.sampled_from([text for text in HOSTILE if len(text) < 100]),
        st.sampled_from(
            ["<oml:run>", "\n", "  ", "    ", "<oml:run_id>", "1", "</oml:run_id>", "</oml:run>"]
        ),
    ),
    max_size=6,
).map("".join)


def can_be_told(text: str) -> bool:
    """Whether a text is no piece of the template that ends its own field and begins another."""
    # A row's end and the next row's start, or a message's end and the details' start.
    return (
        not re.search(r"</oml:run_details>\s*</oml:run>\s*<oml:run>\s*<oml:run_id>", text)
        and "</oml:error_message>\n    <oml:run_details>" not in text
    )


TEXTS = st.one_of(st.none(), FRAGMENTS.filter(can_be_told)).map(
    # What reaches the client went through UTF-8 and back.
    lambda t: (t or "").encode("utf-8", "surrogateescape").decode("utf-8", "replace") or None
)
IDS = st.one_of(st.none(), st.integers(0, 10**12))
ROWS = st.builds(
    RunRow,
    run_id=st.integers(0, 10**12),
    task_id=IDS,
    task_type_id=IDS,
    setup_id=IDS,
    flow_id=IDS,
    uploader=IDS,
    upload_time=st.one_of(st.none(), st.just("2020-02-19 10:18:00")),
    error_message=TEXTS,
    run_details=TEXTS,
)


@settings(max_examples=300, deadline=None)
@given(st.lists(ROWS, max_size=6, unique_by=lambda row: row.run_id))
@example([run_row(1, "<oml:run>\n    <oml:run_id>1</oml:run_id>"), run_row(2)])
@example([run_row(1, "x", "</oml:run_details>\n  </oml:run>\n  "), run_row(2, "</oml:runs>")])
def test_whatever_the_texts_hold_exactly_the_rows_come_back(rows: list[RunRow]) -> None:
    page = read(page_of(rows))
    assert list(page) == rows
    assert page.received == len(rows)
    assert page.unread == ()


def is_whole(body: bytes) -> bool:
    """Whether bytes, or pieces of a page, happen to make one."""
    return body.strip().startswith(b"<oml:runs ") and body.strip().endswith(b"</oml:runs>")


PIECES = FRAGMENTS.map(lambda text: text.encode("utf-8", "replace"))


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.binary(max_size=400), PIECES).filter(lambda body: not is_whole(body)))
def test_other_bytes_are_never_a_page_and_never_another_error(body: bytes) -> None:
    with pytest.raises(AnswerError):
        read(body)


@settings(max_examples=300, deadline=None)
@given(st.one_of(ANY_TEXT, FRAGMENTS))
def test_anything_between_the_roots_tags_is_read_or_kept(middle: str) -> None:
    page = read(f"{HEAD}{middle}{FOOT}")
    assert page.received == len(page.unread) + len(page) or page.received > len(page)
    if middle.strip() and not len(page):
        assert page.unread


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n",
        "<!DOCTYPE html><html><title>Page Not Found</title></html>",
        '{"runs":{"run":[]}}',
        "run_id,task_id\n1,2\n",
        '<oml:run xmlns:oml="http://openml.org/openml"></oml:run>',
        '<oml:evaluations xmlns:oml="http://openml.org/openml"></oml:evaluations>',
        '<oml:runs xmlns:oml="http://example.org/other"></oml:runs>',
        "<oml:runs></oml:runs>",
        "<runs></runs>",
        '<oml:error xmlns:oml="http://openml.org/openml"><oml:code>512</oml:code></oml:error>',
        HEAD,
        f"{HEAD}{row_of(run_row(1))}",
        f"{HEAD}{FOOT}{FOOT}x",
    ],
    ids=lambda text: text[:40],
)
def test_what_is_no_list_of_runs_is_a_value_error_in_words(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a list of runs|cut off") as caught:
        read(text)
    assert isinstance(caught.value, AnswerError)
    assert "Check the server URL" in str(caught.value) or "Try again" in str(caught.value)


@pytest.mark.parametrize("name", ["run_get_s18", "eval_pa_runs", "tag_list", "x_flow"])
def test_other_documents_of_v1_are_no_list_of_runs(name: str) -> None:
    with pytest.raises(AnswerError):
        read(v1(name).body)


def test_documents_of_v2_are_no_list_of_runs() -> None:
    with pytest.raises(AnswerError):
        read(v2("run_get_s18").body)


@pytest.mark.parametrize(
    "name", ["run_list_s02", "run_list_one_bad_among_good", "run_list_f_limit"]
)
def test_a_page_cut_short_anywhere_is_an_error_and_never_a_shorter_page(name: str) -> None:
    body = v1(name).body
    end = body.rindex(b">") + 1
    for cut in range(end):
        with pytest.raises(AnswerError):
            read(body[:cut])
    assert len(read(body[:end])) == len(read(body))


def test_an_empty_list_is_an_empty_page() -> None:
    for text in (f"{HEAD}{FOOT}", '<oml:runs xmlns:oml="http://openml.org/openml"/>'):
        page = read(text, limit=10, offset=20)
        assert (len(page), page.received, page.limit, page.offset) == (0, 0, 10, 20)
        assert page.last
        assert list(page) == []


def test_white_space_a_byte_order_mark_and_a_declaration_around_the_list_do_not_matter() -> None:
    rows = [run_row(1, "&"), run_row(2)]
    for before in ("\n", "\ufeff", '<?xml version="1.0" encoding="UTF-8"?>\n'):
        assert list(read(f"{before}{page_of(rows)}{chr(10) * 200}")) == rows


def other_template(row: RunRow) -> str:
    """A row as another server might write it: other order, other white space, parts missing."""
    return (
        f"<oml:run>\r\n<oml:error_message>{row.error_message or ''}</oml:error_message>"
        f"<oml:flow_id>{row.flow_id}</oml:flow_id> <oml:run_id> {row.run_id} </oml:run_id>"
        f"<oml:new>thing</oml:new></oml:run>\r\n"
    )


def test_rows_of_an_unknown_template_are_read_by_their_names() -> None:
    rows = [run_row(1, "a & b"), run_row(2), run_row(3, "x < y </oml:error_message> z")]
    page = read(f"{HEAD}{''.join(map(other_template, rows))}{FOOT}")
    assert [(r.run_id, r.flow_id, r.error_message) for r in page] == [
        (1, 668, "a & b"),
        (2, 668, None),
        (3, 668, "x < y </oml:error_message> z"),
    ]
    assert all(row.task_id is None and row.upload_time is None for row in page)


def test_other_white_space_between_rows_swallows_none() -> None:
    rows = [run_row(1, "a & b < c"), run_row(2, "</oml:run>"), run_row(3)]
    page = page_of(rows)
    for other in (page.replace("\n", "\r\n"), page.replace("</oml:run>\n    <", "</oml:run><")):
        assert list(read(other)) == rows


def test_an_unknown_row_among_known_ones_costs_neither() -> None:
    newer = row_of(run_row(2, "b < c")).replace(
        "<oml:setup_id>", "<oml:new>x</oml:new><oml:setup_id>"
    )
    text = f"{HEAD}{row_of(run_row(1, '&'))}{newer}{row_of(run_row(3, '&'))}{FOOT}"
    assert list(read(text)) == [run_row(1, "&"), run_row(2, "b < c"), run_row(3, "&")]


@pytest.mark.parametrize(
    "row",
    [
        "<oml:run><oml:task_id>1</oml:task_id></oml:run>",
        "<oml:run><oml:run_id>abc</oml:run_id></oml:run>",
        "<oml:run><oml:run_id>-1</oml:run_id></oml:run>",
        "<oml:run><oml:run_id>٣</oml:run_id></oml:run>",
        f"<oml:run><oml:run_id>{'9' * 40}</oml:run_id></oml:run>",
        "<oml:run><oml:run_id>1</oml:run_id><oml:task_id>x</oml:task_id></oml:run>",
        "words that are no row",
    ],
)
def test_a_row_that_cannot_be_read_is_kept_as_text_and_counted(row: str) -> None:
    good = row_of(run_row(7, "a < b"))
    for text in (f"{HEAD}{good}{row}\n{FOOT}", f"{HEAD}{row}\n    {good.lstrip()}{FOOT}"):
        page = read(text, limit=2)
        assert len(page.unread) == 1
        assert row in page.unread[0]
        assert page.received == len(page) + 1


def work_for(text: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """Characters handed to row expressions and name searches while a page is read."""
    looked_at = 0
    row, by_name = scanner._ROW, scanner._by_name

    class Row:
        def fullmatch(self, piece: str) -> re.Match[str] | None:
            nonlocal looked_at
            looked_at += len(piece)
            return row.fullmatch(piece)

    def counted_by_name(piece: str, *rest: list) -> None:
        nonlocal looked_at
        looked_at += len(piece)
        by_name(piece, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(scanner, "_ROW", Row())
        patch.setattr(scanner, "_by_name", counted_by_name)
        read(text)
    return looked_at


@pytest.mark.parametrize(
    "page",
    [
        lambda n: f"{HEAD}{''.join(other_template(run_row(i + 1, 'x')) for i in range(n))}{FOOT}",
        lambda n: page_of([run_row(1, "<" * 100 * n)]),
        lambda n: page_of([run_row(1, "</oml:error_message>" * 5 * n)]),
        lambda n: page_of([run_row(1, None, "</oml:run_details>\n  </oml:run>\n" * 3 * n)]),
        lambda n: page_of([run_row(1, "<oml:run>\n    <oml:run_id>1</oml:run_id>" * 2 * n)]),
        lambda n: page_of([run_row(i + 1, "<") for i in range(n)]),
        lambda n: f"{HEAD}{'<oml:run>' * 10 * n}{FOOT}",
        lambda n: f"{HEAD}{' ' * 100 * n}<oml:run>{FOOT}",
    ],
    ids=["foreign", "less", "ends", "row ends", "starts", "broken", "unclosed", "blanks"],
)
def test_the_work_grows_with_the_page_and_not_with_its_square(
    page, monkeypatch: pytest.MonkeyPatch
) -> None:
    small, large = page(100), page(1000)
    growth = len(large) / len(small)
    assert work_for(large, monkeypatch) <= 1.5 * growth * work_for(small, monkeypatch)


@pytest.mark.timeout(60)
def test_the_worst_pages_are_read_whole() -> None:
    foreign = "".join(other_template(run_row(n + 1, "a & b")) for n in range(10_000))
    assert len(read(f"{HEAD}{foreign}{FOOT}")) == 10_000
    (row,) = read(page_of([run_row(1, "<" * 1_000_000)]))
    assert row.error_message == "<" * 1_000_000
    broken = [run_row(n + 1, "</oml:error_message> & <oml:run>") for n in range(10_000)]
    assert list(read(page_of(broken))) == broken
    separators = "</oml:error_message>\n    <oml:run_details>" * 20_000
    page = read(page_of([run_row(1, separators, "end"), run_row(2)]))
    assert (len(page), page[0].run_details) == (2, "end")


def test_a_page_gives_rows_by_index_slice_and_iteration() -> None:
    rows = [run_row(n, None if n % 2 else f"e{n}") for n in range(5)]
    page = read(page_of(rows), limit=5)
    assert isinstance(page, RunPage)
    assert (page[0], page[-1], page[1:3]) == (rows[0], rows[4], rows[1:3])
    assert list(page) == rows
    assert not page.last
    assert answer_of("é").body == "é".encode()
