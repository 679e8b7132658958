"""A comparison as a file: the screen's sentences, and all numbers in full."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest

from runbrowser.pages.comparison import words as words_of
from runbrowser.pages.comparison.export import FORMATS, as_csv, as_json, as_markdown, export
from runbrowser.pages.comparison.layout import lay_out
from runbrowser.pages.comparison.page import page
from runbrowser.pages.comparison.words import test_words as said
from runbrowser.triage.comparison import Comparison, Entry, compare_runs

from .runs import a_run

TEN = [0.9, 0.91, 0.92, 0.9, 0.93, 0.9, 0.94, 0.9, 0.92, 0.91]
EVIL = "\x1b[31m=1+1 | a\r\nb \udcff \u202e"


@pytest.fixture
def comparison() -> Comparison:
    runs = [
        a_run(1, TEN, value=1 / 3, parameters={"C": "1.0", "tol": "0.1"}),
        a_run(2, TEN[::-1], value=2 / 3, parameters={"C": "2.0", "tol": "0.1"}),
        a_run(3, error_message=EVIL, parameters={"C": EVIL, "tol": "0.1"}),
    ]
    entries = [Entry(run.run_id, run, "2024-01-01 10:00:00") for run in runs]
    return compare_runs([*entries, Entry(4, failure="Unknown run.")], {}, {}, baseline=1)


def sentences(comparison: Comparison) -> list[str]:
    return [
        *words_of.warnings(comparison),
        *words_of.missing(comparison),
        *(said(comparison, test) for test in comparison.tests),
        *words_of.caveats(comparison),
    ]


def flat(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("\\", ""))


def test_the_sentences_are_those_of_the_screen_in_every_form(comparison: Comparison) -> None:
    screen = flat(page(comparison, lay_out(4, 100)).plain)
    told = sentences(comparison)
    assert len(told) >= 5
    for words in told:
        assert flat(words) in screen
        assert flat(words) in flat(as_markdown(comparison))
        assert flat(words) in flat(as_csv(comparison))
        assert words in json.dumps(json.loads(as_json(comparison)), ensure_ascii=False)


def test_json_has_every_number_in_full(comparison: Comparison) -> None:
    told = json.loads(as_json(comparison))
    assert told["baseline"] == 2
    assert [run["run_id"] for run in told["runs"]] == [1, 2, 3, 4]
    assert told["runs"][3]["failure"] == "Unknown run."
    accuracy = told["evaluations"][0]
    assert accuracy["values"] == [1 / 3, 2 / 3, None, None]
    assert accuracy["changes"][0] == 1 / 3 - 2 / 3
    assert accuracy["best"] == [2]
    test = told["tests"][0]
    done = comparison.tests[0].test
    assert done is not None
    assert (test["run_id"], test["p"], test["t"], test["mean"]) == (1, done.p, done.t, done.mean)
    assert len(test["differences"]) == 10
    assert {line["name"]: line["differs"] for line in told["parameters"]} == {
        "C": True,
        "tol": False,
    }


def test_csv_has_a_column_for_each_run_and_no_formula(comparison: Comparison) -> None:
    rows = list(csv.reader(io.StringIO(as_csv(comparison))))
    assert rows[0] == ["section", "group", "name", "differs", "1", "2", "3", "4"]
    assert {len(row) for row in rows} == {8}
    table = {(row[0], row[2]): row for row in rows}
    assert table["run", "baseline"][4:] == ["no", "yes", "no", "no"]
    assert float(table["evaluation", "predictive_accuracy"][4]) == 1 / 3
    assert table["parameter", "tol"][3] == "no"
    done = comparison.tests[0].test
    assert done is not None
    assert float(table["test", "p"][4]) == done.p
    formula = compare_runs(
        [
            Entry(n, a_run(n, parameters={"f": text}))
            for n, text in ((1, "=HYPERLINK()"), (2, "-1"))
        ],
        {},
        {},
    )
    cells = {row[2]: row[4:] for row in csv.reader(io.StringIO(as_csv(formula)))}
    assert cells["f"] == ["'=HYPERLINK()", "-1"]


@pytest.mark.parametrize("format", FORMATS)
def test_foreign_text_is_harmless_and_can_be_written(comparison: Comparison, format: str) -> None:
    text = export(comparison, format, everything=True)
    assert text.encode()
    assert text.endswith("\n")
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", text)


def test_markdown_tables_have_as_many_cells_as_columns(comparison: Comparison) -> None:
    text = as_markdown(comparison, everything=True)
    for line in text.splitlines():
        if line.startswith("|"):
            assert len(re.findall(r"(?<!\\)\|", line)) == 6, line
    assert "2 \u25c6" in text
    assert "## Fold by fold" in text
    assert "tol" in text
    assert "tol" not in as_markdown(comparison)
