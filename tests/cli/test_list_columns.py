"""``runbrowser list --columns`` and ``--sort``: every column, in every format, in its order."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pyarrow.parquet
import pytest

from runbrowser.demo.launch import DemoProcess
from runbrowser.fields.columns import COLUMNS, Need, column_of
from runbrowser.files.columns import types_of
from runbrowser.triage.flow_names import short_name
from tests.tui.counting import counting

from .conftest import Cli

TASK = ("--where", "task:9101")
NAMES = [one.name for one in COLUMNS.values() if one.need is not Need.RUN] + ["score:kappa"]


def _rows(cli: Cli, demo: DemoProcess, *words: str) -> list[dict[str, Any]]:
    done = cli("list", "--server", demo.v1, *TASK, "--format", "json", *words)
    assert done.code == 0, done.err
    rows: list[dict[str, Any]] = json.loads(done.out)
    return rows


def test_every_column_has_the_same_values_in_every_format(cli: Cli, demo: DemoProcess) -> None:
    words = ("list", "--server", demo.v1, *TASK, "--limit", "40", "--columns", ",".join(NAMES))
    rows = json.loads(cli(*words, "--format", "json").out)
    assert len(rows) > 30  # the limit counts the server's rows, some of which come twice
    assert all(list(row) == NAMES for row in rows)
    missing = [name for name in NAMES if all(row[name] is None for row in rows)]
    assert missing in ([], ["run_details"])
    lines = cli(*words, "--format", "jsonl").out.splitlines()
    assert [json.loads(line) for line in lines] == rows
    told = csv.DictReader(io.StringIO(cli(*words, "--format", "csv").out))
    as_text = [{name: "" if value is None else str(value) for name, value in row.items()}
               for row in rows]  # fmt: skip
    assert list(told) == as_text
    path = cli.home / "runs.parquet"
    done = cli(*words, "-o", str(path))
    assert done.code == 0, done.err
    assert pyarrow.parquet.read_table(path).to_pylist() == rows
    table = cli(*words).out.splitlines()
    assert len(table) == 1 + len(rows)
    for line, row in zip(table[1:], rows, strict=True):
        assert str(row["run_id"]) in line.split()


def test_names_stand_for_who_and_what_a_run_is(cli: Cli, demo: DemoProcess) -> None:
    rows = _rows(cli, demo, "--limit", "5", "--columns", "run_id,names")
    wanted = ["run_id", "flow_name", "data_name", "uploader_name", "state", "score"]
    assert rows and all(list(row) == wanted for row in rows)
    assert {row["data_name"] for row in rows} == {"iris"}


def test_values_have_the_types_of_their_columns(cli: Cli, demo: DemoProcess) -> None:
    types = types_of({name: column_of(name) or "" for name in NAMES})
    for row in _rows(cli, demo, "--limit", "40", "--columns", ",".join(types)):
        for name, type in types.items():
            assert row[name] is None or isinstance(row[name], type)


ORDERS = {
    "run_id": lambda value: value,
    "score": lambda value: -value,  # the best first; the task's measure is the higher the better
    "score:kappa": lambda value: -value,
    "spread": lambda value: value,
    "state": ["failed", "eval failed", "not evaluated", "ok"].index,
    "data_name": str.casefold,
    "uploader_name": str.casefold,
    "flow_name": lambda value: short_name(value).casefold(),
    "error_message": lambda value: value,
    "run_details": str.casefold,
}


@pytest.mark.parametrize("name", ORDERS)
def test_rows_are_ordered_by_a_column_and_those_without_a_value_come_last(
    cli: Cli, demo: DemoProcess, name: str
) -> None:
    words = ("--all", "--columns", f"run_id,{name}")
    one_way, turned = (_rows(cli, demo, *words, "--sort", sort) for sort in (name, f"-{name}"))
    assert {row["run_id"] for row in one_way} == {row["run_id"] for row in turned}
    assert len(one_way) > 40
    values, back = ([row[name] for row in rows] for rows in (one_way, turned))
    known = [value for value in values if value is not None]
    assert known
    assert known == sorted(known, key=ORDERS[name])
    assert values == known + [None] * (len(values) - len(known))
    assert list(map(ORDERS[name], back[: len(known)])) == list(map(ORDERS[name], known[::-1]))
    assert back[len(known) :] == values[len(known) :]


def test_the_newest_come_first(cli: Cli, demo: DemoProcess) -> None:
    rows = _rows(cli, demo, "--all", "--columns", "upload_time", "--sort", "upload_time")
    times = [row["upload_time"] for row in rows]
    assert times == sorted(times, reverse=True)


def test_every_column_orders_rows(cli: Cli, demo: DemoProcess) -> None:
    ids = {row["run_id"] for row in _rows(cli, demo, "--limit", "10")}
    for name in NAMES:
        rows = _rows(cli, demo, "--limit", "10", "--columns", "run_id", "--sort", name)
        assert {row["run_id"] for row in rows} == ids


@pytest.mark.parametrize(
    ("columns", "lists", "others"),
    [
        ("run_id,flow_id,error_message", 1, 0),
        ("run_id,uploader_name", 1, 3),
        ("run_id,state", 2, 3),
        ("run_id,score", 2, 3),
    ],
)
def test_only_what_a_column_needs_is_asked_for(
    cli: Cli, demo: DemoProcess, columns: str, lists: int, others: int
) -> None:
    with counting(demo.v1) as server:
        words = ("--columns", columns, "--limit", "40", "--format", "csv")
        assert cli("list", "--server", server.v1, *TASK, *words).code == 0
        assert server.count("run/list/limit/40/") == 1
        assert server.count("run/list") <= lists
        assert len(server.asked) <= lists + others
        again = len(server.asked)
        if columns == "run_id,uploader_name":  # names are kept
            assert cli("list", "--server", server.v1, *TASK, *words).code == 0
            assert len(server.asked) == again + 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--columns", "run_id,colour"), "There is no column 'colour'"),
        (("--columns", "flow:kappa"), "There is no column 'flow:kappa'"),
        (("--columns", ","), "--columns wants names"),
        (("--columns", "tags"), "does not tell tags"),
        (("--sort", "colour"), "There is no column 'colour'"),
        (("--sort", "-tags"), "does not tell tags"),
    ],
)
def test_a_column_that_there_is_none_of_is_wrong_use_and_asks_nothing(
    cli: Cli, demo: DemoProcess, words: tuple[str, ...], message: str
) -> None:
    with counting(demo.v1) as server:
        done = cli("list", "--server", server.v1, *words)
    assert (done.code, done.out) == (2, "")
    assert message in done.err
    assert server.asked == []


def test_an_order_of_a_part_and_of_several_measures_says_so(cli: Cli, demo: DemoProcess) -> None:
    where = ("--where", "task:9101,9105", "--columns", "run_id,score", "--format", "csv")
    done = cli("list", "--server", demo.v1, *where, "--sort", "score", "--limit", "400")
    assert done.code == 0
    assert "what is ordered are the first 400" in done.err
    assert "the scores are of different measures, ordered each by itself" in done.err
