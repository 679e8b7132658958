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


def test_sparse_data_is_refused_in_words() -> None:
    reader = _read("@relation r\n@attribute a numeric\n@data\n{0 1}\n")
    with pytest.raises(ArffError, match="line 4: its data is sparse"):
        list(reader.rows())


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
