"""Rows as files: what other programs read in them."""

import csv
import io
import json
import re

import pyarrow.parquet
import pytest

from runbrowser.files.formats import SUFFIXES, Columns, Row, format_of, writer

COLUMNS: Columns = {"run_id": int, "error_message": str, "accuracy": float}


def written(format: str, *pieces: list[Row], shown: bool = False) -> bytes:
    """The document of rows that came in pieces."""
    stream = io.BytesIO()
    out = writer(format, stream, COLUMNS, shown=shown)
    for piece in pieces:
        out.rows(piece)
    out.end()
    return stream.getvalue()


def read_csv(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode(), newline="")))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1"])
def test_a_text_that_a_spreadsheet_would_calculate_gets_an_apostrophe_in_csv(text: str) -> None:
    (_, row) = read_csv(written("csv", [(1, text, None)]))
    assert row == ["1", f"'{text}", ""]


@pytest.mark.parametrize("format", ["json", "jsonl", "parquet"])
def test_the_other_formats_keep_such_a_text_whole(format: str) -> None:
    content = written(format, [(1, "=1+1", None)])
    if format == "parquet":
        rows = pyarrow.parquet.read_table(io.BytesIO(content)).to_pylist()
    else:
        rows = [json.loads(content)] if format == "jsonl" else json.loads(content)
    assert rows == [{"run_id": 1, "error_message": "=1+1", "accuracy": None}]


def test_numbers_below_zero_stay_numbers_in_csv() -> None:
    assert read_csv(written("csv", [(1, "", -0.5)]))[1] == ["1", "", "-0.5"]


def test_commas_quotes_and_line_breaks_come_back_from_csv() -> None:
    text = 'a, "b"\nc\r\nd'
    assert read_csv(written("csv", [(1, text, None)]))[1][1] == text


def cells_of(line: str) -> list[str]:
    """The cells of a line of a Markdown table."""
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def test_markdown_is_a_table_of_one_line_each_with_numbers_to_the_right() -> None:
    text = written("markdown", [(1, "a|b\nc", 0.5)], [(20, "d", None)]).decode()
    head, rule, *lines = text.splitlines()
    assert cells_of(head) == list(COLUMNS)
    assert [cell[-1] for cell in cells_of(rule)] == [":", "-", ":"]
    assert [len(cells_of(line)) for line in lines] == [3, 3]
    assert cells_of(lines[0]) == ["1", "a\\|b c", "0.5"]
    assert cells_of(lines[1]) == ["20", "d", ""]


def test_markdown_shows_no_markup_of_strangers() -> None:
    hostile = "<img src=x> [a](b) `c` *d* _e_ \\| \x1b[31m"
    line = written("markdown", [(1, hostile, None)]).decode().splitlines()[2]
    assert "\x1b" not in line
    assert len(cells_of(line)) == 3 or line.count("|") - line.count("\\|") == 4
    unescaped = re.sub(r"\\.", "", line)
    assert not set(unescaped) & set("<>[]`*_")


@pytest.mark.parametrize("format", SUFFIXES)
def test_a_document_without_rows_is_a_document(format: str) -> None:
    content = written(format)
    if format == "parquet":
        table = pyarrow.parquet.read_table(io.BytesIO(content))
        assert (table.column_names, table.num_rows) == (list(COLUMNS), 0)
    elif format == "json":
        assert json.loads(content) == []
    elif format == "jsonl":
        assert content == b""
    elif format == "csv":
        assert read_csv(content) == [list(COLUMNS)]
    else:
        assert len(content.splitlines()) == 2


def test_parquet_is_written_in_row_groups() -> None:
    pieces = [[(n, None, n / 7) for n in range(start, start + 4_000)]
              for start in range(0, 24_000, 4_000)]  # fmt: skip
    file = pyarrow.parquet.ParquetFile(io.BytesIO(written("parquet", *pieces)))
    assert file.num_row_groups == 2
    assert file.read().column("run_id").to_pylist() == list(range(24_000))


def test_on_a_terminal_csv_shows_what_the_terminal_would_obey() -> None:
    content = written("csv", [(1, "a\x1b[31mb", None)], shown=True)
    assert b"\x1b" not in content


@pytest.mark.parametrize(
    ("name", "format"),
    [
        ("a.csv", "csv"),
        ("a.MD", "markdown"),
        ("a.b.jsonl", "jsonl"),
        ("csv", None),
        ("a.txt", None),
    ],
)
def test_the_end_of_a_name_tells_the_format(name: str, format: str | None) -> None:
    assert format_of(name) == format
