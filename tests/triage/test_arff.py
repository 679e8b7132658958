"""ARFF as Weka, openml-python and others write it; damaged files; anything at all."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbrowser.triage.arff import LONGEST_LINE, ArffError, ArffReader


def _read(text: str | bytes) -> ArffReader:
    return ArffReader(io.BytesIO(text.encode() if isinstance(text, str) else text))


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return "'" + escaped.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t") + "'"


def test_names_types_and_labels_are_read_however_they_are_written() -> None:
    reader = _read(
        "% a comment\r\n\r\n@RELATION 'a b'\r\n@attribute plain NUMERIC\r\n"
        "@Attribute 'with blank' real\r\n"
        '@ATTRIBUTE "double \\" quoted" INTEGER\r\n'
        "@attribute\tcorrect { a, 'b c',\"d\", 'it\\'s' }\r\n"
        "@attribute tight{x,y}\r\n"
        "@attribute words STRING\r\n@attribute day date 'yyyy'\r\n@DATA\r\n"
    )
    assert [(a.name, a.kind) for a in reader.attributes] == [
        ("plain", "numeric"), ("with blank", "numeric"), ('double " quoted', "numeric"),
        ("correct", "nominal"), ("tight", "nominal"), ("words", "other"), ("day", "other"),
    ]  # fmt: skip
    assert reader.attributes[3].labels == ("a", "b c", "d", "it's")
    assert reader.attributes[4].labels == ("x", "y")


def test_rows_are_read_with_quotes_blanks_comments_and_missing_values() -> None:
    reader = _read(
        "@relation r\n@attribute a numeric\n@attribute b {x}\n@data\n"
        "1,x\n% between\n\n 2 , 'x y' \n?,\"?\"\n3,'a,b'\n4,'it\\'s'\n5,\n"
    )
    assert list(reader.rows()) == [
        ["1", "x"], ["2", "x y"], [None, "?"], ["3", "a,b"], ["4", "it's"], ["5", ""],
    ]  # fmt: skip


def test_a_damaged_line_is_told_and_the_others_are_read() -> None:
    reader = _read(
        "@relation r\n@attribute a numeric\n@attribute b numeric\n@data\n1,2\n1\n1,2,3\n'a,2\n3,4"
    )
    rows = list(reader.rows())
    assert rows[0] == ["1", "2"]
    assert rows[1] == "1 values where there are 2 columns"
    assert rows[2] == "3 values where there are 2 columns"
    assert rows[3] == "quotes that do not match"
    assert rows[4] == ["3", "4"]
    assert reader.line == 9


def test_a_line_without_end_takes_no_memory_and_costs_only_itself() -> None:
    head = b"@relation r\n@attribute a numeric\n@data\n"
    rows = list(_read(head + b"1\n" + b"9" * (3 * LONGEST_LINE) + b"\n2\n").rows())
    assert rows == [["1"], f"longer than {LONGEST_LINE:,} bytes", ["2"]]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "ends before @data"),
        ("<html>", "'<html>' stands where"),
        ("@relation r\n@data\n", "before any @attribute"),
        ("@relation r\n@attribute a\n@data\n", "has no type"),
        ("@relation r\n@attribute\n@data\n", "without a name"),
        ("@relation r\n@attribute a {x,y\n@data\n", "not closed"),
        ("@relation r\n@attribute a numeric\n", "ends before @data"),
    ],
)
def test_what_is_no_arff_is_refused_with_the_line_and_the_reason(text: str, why: str) -> None:
    with pytest.raises(ArffError, match=why):
        _read(text)


def test_sparse_rows_are_read_and_what_they_leave_out_is_0_or_the_first_label() -> None:
    reader = _read(
        "@relation r\n@attribute a numeric\n@attribute b {x,'y z'}\n@attribute c string\n@data\n"
        "{0 1}\n{ 1 'y z' , 2 \"q\" }\n{}\n{0 1.5, 1 x}, {2}\n{0 ?}\n{3 1}\n{0 1\n{0}\n"
    )
    assert list(reader.rows()) == [
        ["1", "x", None], ["0", "y z", "q"], ["0", "x", None], ["1.5", "x", None],
        [None, "x", None], "a value for column 3 where there are 3",
        "sparse data that is not closed or not in pairs",
        "sparse data that is not closed or not in pairs",
    ]  # fmt: skip


def test_values_between_blanks_or_tabs_are_read_as_weka_reads_them() -> None:
    reader = _read(
        "@relation r\n@attribute a numeric\n@attribute b {x 'y z'}\n@attribute c numeric\n@data\n"
        "1 x 2\n1\t'y z'\t?\n1 , \"y z\"   2\n1,y z,2\n1 x\n1 x 2 3\n1 'x 2\n"
    )
    assert reader.attributes[1].labels == ("x", "y z")
    assert list(reader.rows()) == [
        ["1", "x", "2"], ["1", "y z", None], ["1", "y z", "2"], ["1", "y z", "2"],
        "1 values where there are 3 columns", "1 values where there are 3 columns",
        "quotes that do not match",
    ]  # fmt: skip


def test_nul_bytes_around_lines_are_no_lines() -> None:
    head = b"@relation r\n@attribute a numeric\n@data\n"
    assert list(_read(head + b"1\n\0\n2\0\n\0\0").rows()) == [["1"], ["2"]]
    assert list(_read(head + b"1\n" + b"\0" * (2 * LONGEST_LINE)).rows()) == [["1"]]


def test_a_byte_order_mark_and_latin_1_do_no_harm_and_utf_16_is_named() -> None:
    text = "@relation r\n@attribute a {x,\u00e9}\n@data\n\u00e9\n"
    assert list(_read(b"\xef\xbb\xbf" + text.encode()).rows()) == [["\u00e9"]]
    reader = _read(text.encode("latin-1"))
    (row,) = reader.rows()
    assert row == [reader.attributes[0].labels[1]]
    with pytest.raises(ArffError, match="UTF-16"):
        _read(text.encode("utf-16"))


LABELS = st.lists(st.text(min_size=1, max_size=20), min_size=1, max_size=6, unique=True)


@given(LABELS)
def test_labels_of_any_characters_come_back_as_they_were(labels: list[str]) -> None:
    labels = [label.encode("utf-8", "replace").decode() for label in labels]
    listed = ",".join(map(_quoted, labels))
    data = "\n".join(map(_quoted, labels))
    reader = _read(f"@relation r\n@attribute a {{{listed}}}\n@data\n{data}\n")
    assert reader.attributes[0].labels == tuple(labels)
    assert list(reader.rows()) == [[label] for label in labels]


@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_are_read_or_refused(body: bytes, headed: bool) -> None:
    head = b"@relation r\n@attribute a numeric\n@attribute b {x,'y z'}\n@data\n" if headed else b""
    try:
        for row in ArffReader(io.BytesIO(head + body)).rows():
            assert isinstance(row, str) or len(row) == 2 or not headed
    except ArffError as error:
        assert "line " in str(error)
