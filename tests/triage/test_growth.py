"""Hostile inputs, doubled: the work of every reader of foreign text grows no more than they do."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from runbrowser.errors import RunbrowserError
from runbrowser.models import RunRow, Trace, TraceIteration
from runbrowser.triage.arff import ArffReader
from runbrowser.triage.arrays import read_array, read_matrix
from runbrowser.triage.evaluate import fold_rows
from runbrowser.triage.flow_names import short_name, steps
from runbrowser.triage.folds import fold_spread, fold_values
from runbrowser.triage.predictions import read_predictions
from runbrowser.triage.searches import searches
from runbrowser.triage.signatures import group_errors, signature

from ..growth import MOST_GROWTH, growth

HEAD = "@relation r\n@attribute a numeric\n@attribute b {x,y}\n@data\n"
LONGEST = 900_000  # a line that is longer is not read

# Each makes a file of about so many bytes.
FILES: dict[str, Callable[[int], str]] = {
    "blanks before a quote that does not open": lambda n: f"{HEAD}0,x{' ' * n}y'\n",
    "blanks between values": lambda n: f"{HEAD}0{' ' * n}'x\n",
    "a quote that is not closed": lambda n: f"{HEAD}0,'{'a' * n}\n",
    "quotes that are never closed": lambda n: HEAD + "0,'a\n" * (n // 5),
    "backslashes": lambda n: f"{HEAD}0,'{chr(92) * n}\n",
    "quotes in turn": lambda n: HEAD + "0," + "'\"" * (n // 2) + "\n",
    "escaped quotes": lambda n: HEAD + "0,'" + "\\'" * (n // 2) + "\n",
    "commas": lambda n: HEAD + "," * n + "\n",
    "blanks and commas in turn": lambda n: HEAD + " ," * (n // 2) + "'\n",
    "quoted values": lambda n: HEAD + "'a'," * (n // 4) + "\n",
    "quoted values between blanks": lambda n: HEAD + "'a' " * (n // 4) + "\n",
    "sparse pairs": lambda n: HEAD + "{" + "0 1," * (n // 4) + "\n",
    "sparse blanks": lambda n: HEAD + "{0" + " " * n + "'\n",
    "sparse digits": lambda n: HEAD + "{" + "1" * n + "\n",
    "braces": lambda n: HEAD + "{" * n + "\n",
    "NUL bytes": lambda n: HEAD + "\0" * n + "\n",
    "labels": lambda n: "@attribute b {" + "'a'," * (n // 4) + "\n",
    "labels without commas": lambda n: "@attribute b {" + "a " * (n // 2) + "\n",
    "blanks after a label": lambda n: "@attribute b {a" + " " * n + "'\n",
    "a name without end": lambda n: "@attribute '" + "a\\" * (n // 2) + "\n",
    "attributes": lambda n: "@attribute a numeric\n" * (n // 21),
    "comments": lambda n: HEAD + "%\n" * (n // 2),
}


def _read_file(file: bytes) -> None:
    try:
        for _ in ArffReader(io.BytesIO(file)).rows():
            pass
        read_predictions(io.BytesIO(file))
    except RunbrowserError:
        pass


@pytest.mark.parametrize("name", FILES)
def test_reading_a_file_takes_time_as_long_as_the_file(name: str) -> None:
    make = FILES[name]
    found = growth(lambda n: make(n).encode(), _read_file, 50_000, LONGEST)
    assert found < MOST_GROWTH


def _row(number: int, error: str) -> RunRow:
    return RunRow(number, number, 1, 1, number, 1, None, error, None)


def _steps_of(n: int) -> Trace:
    return Trace(
        1,
        tuple(TraceIteration(0, 0, i, 0.5, False, f'{{"parameter_{i}": "{i}"}}') for i in range(n)),
    )


READERS: dict[str, tuple[Callable[[int], object], Callable[..., object]]] = {
    "array of blanks": (lambda n: f"[{' ' * n}?", read_array),
    "array of missing values": (lambda n: "[" + "NaN," * (n // 4) + "1]", read_array),
    "array of infinities": (lambda n: "[" + "-Infinit" * (n // 8), read_array),
    "array of brackets": (lambda n: "[" * n, read_matrix),
    "array of digits": (lambda n: "[" + "1" * n, read_array),
    "fold values of digits": (lambda n: f"[{'1' * n}x]", lambda t: fold_spread(fold_values(t))),
    "fold values": (lambda n: "[" + "0.5," * (n // 4) + "]", fold_values),
    "flow name of brackets": (lambda n: "a(" * (n // 2), lambda t: steps.__wrapped__(t)),
    "flow name of steps": (
        lambda n: "sklearn.pipeline.Pipeline(" + "a=b.C," * (n // 6) + ")",
        lambda t: short_name(t, 20),
    ),
    "message of words": (lambda n: "a." * (n // 2) + ":", lambda t: signature.__wrapped__(t)),
    "message of quotes": (lambda n: "'a" * (n // 2), lambda t: signature.__wrapped__(t)),
    "message of slashes": (lambda n: "a/" * (n // 2), lambda t: signature.__wrapped__(t)),
    "messages of many flows": (
        lambda n: [_row(i, f"error {i}") for i in range(n // 100)],
        lambda rows: group_errors(rows, "flow"),
    ),
    "search in which every attempt has its own parameter": (
        lambda n: _steps_of(n // 100),
        searches,
    ),
    "folds of a row each": (lambda n: range(n // 10), lambda f: fold_rows([0] * len(f), f)),
}


@pytest.mark.parametrize("name", READERS)
def test_reading_a_text_takes_time_as_long_as_the_text(name: str) -> None:
    make, read = READERS[name]
    assert growth(make, read, 20_000, LONGEST) < MOST_GROWTH
