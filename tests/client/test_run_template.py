"""A description is read by V1's template or by a parser, and both give the same run."""

from __future__ import annotations

from dataclasses import astuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runbrowser.client.call import Answer
from runbrowser.client.wire import run_list
from runbrowser.client.wire.run_description import by_parser, read_run
from runbrowser.client.wire.run_template import read_by_template
from runbrowser.errors import AnswerError
from runbrowser.models import Run

from .pages import answer_of, page_of, read, run_row
from .recorded import Recorded, every
from .test_run_descriptions import FIELDS, PRODUCTION, RUNS, description
from .test_run_list import ANY_TEXT, FRAGMENTS, HOSTILE


def assert_equal(answer: Answer) -> Run | None:
    """The run that the template gives, after comparing it with the parser's; None for none."""
    by_template = read_by_template(answer)
    if by_template is not None:
        parsed = by_parser(answer)
        assert by_template == parsed
        assert by_template.unread == parsed.unread
        assert by_template.description_text == parsed.description_text
        assert [type(e.value) for e in by_template.evaluation_list] == [
            type(e.value) for e in parsed.evaluation_list
        ]
    return by_template


def test_the_template_reads_nearly_all_that_is_recorded_as_the_parser_does() -> None:
    read_so = [case for case in RUNS if assert_equal(case.answer) is not None]
    assert len(read_so) >= len(RUNS) - 7  # the others hold `<` in their texts
    assert assert_equal(answer_of(PRODUCTION.read_bytes())) is not None


@pytest.mark.parametrize("case", every(), ids=lambda case: case.id)
def test_no_other_document_is_taken_for_a_run(case: Recorded) -> None:
    run = read_by_template(case.answer)
    assert (run is not None) <= case.body.lstrip().startswith(b"<oml:run ")


@pytest.mark.parametrize("field", FIELDS)
def test_hostile_texts_are_the_same_either_way(field: str) -> None:
    for text in HOSTILE:
        if "<oml:run_details>" not in text:
            assert_equal(answer_of(description(**{field: text})))


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from(FIELDS), st.one_of(ANY_TEXT, FRAGMENTS)))
def test_any_texts_are_the_same_either_way(texts: dict[str, str]) -> None:
    assert_equal(answer_of(description(**texts)))


SAMPLES = [PRODUCTION.read_bytes()[:6_000] + PRODUCTION.read_bytes()[-3_000:]] + [
    case.body for case in RUNS if len(case.body) < 6_000
]
EDITS = st.lists(
    st.tuples(
        st.floats(0, 1),
        st.integers(0, 12),
        st.sampled_from(
            [
                *b"|@|\n|&amp;|&|&#65;|&#xD800;|&nbsp;|\xff|<|>|1|-|_|nan|]]>".split(b"|"),
                b"<oml:tag>x</oml:tag>",
                b"<oml:value>1</oml:value>",
            ]
        ),
    ),
    min_size=1,
    max_size=3,
)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(SAMPLES), EDITS)
def test_an_edited_description_is_the_same_either_way(
    body: bytes, edits: list[tuple[float, int, bytes]]
) -> None:
    for where, removed, inserted in edits:
        at = int(where * len(body))
        body = body[:at] + inserted + body[at + removed :]
    answer = answer_of(body)
    by_template = read_by_template(answer)
    try:
        parsed = by_parser(answer)
    except AnswerError:
        return  # more may be read by the template than by a parser
    if by_template is not None:  # as text: a value may be NaN
        assert repr(astuple(by_template)) == repr(astuple(parsed))


def test_a_description_in_other_white_space_is_read_by_the_template() -> None:
    text = description()
    run = read_run(answer_of(text))
    for other in (text.replace("\n", "\r\n"), text.replace("\n", ""), text.replace("  ", "\t")):
        assert assert_equal(answer_of(other)) == run


@pytest.mark.parametrize(
    "change",
    [
        lambda page: page.replace("\n", "\r\n"),
        lambda page: page.replace("    <", "  <"),
        lambda page: page.replace("\t\t", "    "),
        lambda page: "".join(line.strip() for line in page.splitlines()),
        lambda page: page.replace("<oml:run_details></oml:run_details>", "<oml:run_details/>"),
        lambda page: page.replace(">2</oml:uploader>", "> 2 </oml:uploader>"),
    ],
)
def test_a_page_in_other_white_space_is_read_in_one_go(
    change, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row by row it took 25 times as long as today's template."""
    rows = [run_row(1, "a & b"), run_row(2), run_row(3, None, "x")]

    def slow(*_: object) -> None:
        raise AssertionError("read row by row")

    monkeypatch.setattr(run_list, "_row_by_row", slow)
    assert list(read(change(page_of(rows)))) == rows
