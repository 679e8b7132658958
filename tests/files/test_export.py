"""Runs as a file: all that match, their scores, and files that are whole or not there."""

import asyncio
import csv
import json
import re
import threading
import tracemalloc
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from runbrowser.client.http import AsyncHTTPClient
from runbrowser.demo.launch import DemoProcess
from runbrowser.errors import OpenMLServerError
from runbrowser.fields.filters import parse
from runbrowser.files.columns import RUN_COLUMNS
from runbrowser.files.export import (
    FileIsThereError,
    Gathered,
    Sheet,
    StoppedError,
    sheet_of,
    with_measures,
    write,
)
from runbrowser.files.formats import Row
from runbrowser.models import RunRow, RunState
from runbrowser.openml.base import Facts
from runbrowser.openml.live import LiveSource
from tests.openml.truth import get, in_each_state, listed, listed_ids
from tests.tui.counting import Counting, Reply, counting

EVERY = "limit/10000/show_errors/true"
ROW = RunRow(1, 2, 1, 3, 4, 5, "2026-01-01 00:00:00", None, None)


def rows_sheet(count: int) -> Sheet:
    return sheet_of([ROW._replace(run_id=n) for n in range(1, count + 1)], {})


async def gathered(v1: str, text: str, path: Path, *, scores: bool = False) -> list[dict[str, str]]:
    """The rows of a CSV file with all runs that match."""
    source = LiveSource(AsyncHTTPClient(v1, retry="none"))
    try:
        with Gathered() as found:
            await found.gather(source, parse(text), scores=scores)
            write(path, "csv", found.sheet())
    finally:
        await source.close()
    with path.open(newline="") as stream:
        return list(csv.DictReader(stream))


async def test_all_runs_are_in_the_file_each_once(demo: DemoProcess, tmp_path: Path) -> None:
    rows = await gathered(demo.v1, "", tmp_path / "runs.csv")
    assert sorted(int(row["run_id"]) for row in rows) == sorted(listed_ids(demo.v1, EVERY))
    assert list(rows[0]) == list(RUN_COLUMNS)


async def test_all_runs_of_a_list_that_is_read_in_two_steps_are_in_the_file(
    demo: DemoProcess, tmp_path: Path
) -> None:
    rows = await gathered(demo.v1, "type:classification", tmp_path / "runs.csv")
    truth = listed_ids(demo.v1, f"task_type/1/{EVERY}")
    assert len(truth) > 1000
    assert sorted(int(row["run_id"]) for row in rows) == sorted(truth)


async def test_a_filter_that_only_rows_can_tell_is_applied(
    demo: DemoProcess, tmp_path: Path
) -> None:
    rows = await gathered(demo.v1, "task:9101 state:failed", tmp_path / "runs.csv")
    truth = {run_id for run_id, error in listed(demo.v1, f"task/9101/{EVERY}") if error}
    assert {int(row["run_id"]) for row in rows} == truth
    assert truth


async def test_runs_in_a_state_are_those_that_have_it(demo: DemoProcess, tmp_path: Path) -> None:
    states = in_each_state(demo.v1)
    rows = await gathered(demo.v1, "state:eval-failed", tmp_path / "runs.csv")
    assert {int(row["run_id"]) for row in rows} == set(states[RunState.EVALUATION_FAILED])


async def test_scores_are_columns_named_by_measure(demo: DemoProcess, tmp_path: Path) -> None:
    rows = await gathered(demo.v1, "task:9101", tmp_path / "runs.csv", scores=True)
    told = get(demo.v1, "evaluation/list/function/predictive_accuracy/task/9101/limit/10000")
    pairs = re.findall(
        r"<oml:run_id>(\d+)</oml:run_id>.*?<oml:value>(.*?)</oml:value>", told, re.DOTALL
    )
    truth = {int(run_id): float(value) for run_id, value in pairs}
    scored = {
        int(row["run_id"]): float(row["predictive_accuracy"])
        for row in rows
        if row["predictive_accuracy"]
    }
    assert truth
    assert scored == truth


def test_rows_at_hand_have_the_scores_that_are_known(tmp_path: Path) -> None:
    rows = [ROW, ROW._replace(run_id=2), ROW._replace(run_id=3)]
    facts = {1: Facts(RunState.OK, "kappa", 0.25), 3: Facts(RunState.OK, "recall", 0.5)}
    path = tmp_path / "runs.json"
    write(path, "json", sheet_of(rows, facts))
    told = json.loads(path.read_text())
    assert [(run["kappa"], run["recall"]) for run in told] == [
        (0.25, None),
        (None, None),
        (None, 0.5),
    ]


def test_a_measure_takes_no_other_columns_place() -> None:
    columns = with_measures(["run_id", "kappa"])
    assert list(columns) == [*RUN_COLUMNS, "run_id (score)", "kappa"]


def test_a_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "runs.csv"
    assert write(path, "csv", rows_sheet(3)) == 3
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_file_that_is_there_is_replaced_only_on_request(tmp_path: Path) -> None:
    path = tmp_path / "runs.csv"
    path.write_text("old")
    with pytest.raises(FileIsThereError):
        write(path, "csv", rows_sheet(3))
    assert path.read_text() == "old"
    write(path, "csv", rows_sheet(3), overwrite=True)
    assert path.read_text().startswith("run_id,")


@pytest.mark.parametrize("format", ["csv", "json", "parquet", "markdown"])
def test_what_is_stopped_half_way_leaves_nothing_behind(format: str, tmp_path: Path) -> None:
    stop = threading.Event()

    def pieces() -> Iterator[Sequence[Row]]:
        yield [ROW]
        stop.set()
        yield [ROW]

    with pytest.raises(StoppedError):
        write(tmp_path / "runs", format, Sheet(RUN_COLUMNS, pieces()), stop=stop)
    assert list(tmp_path.iterdir()) == []


async def test_a_server_that_fails_half_way_leaves_no_file(
    demo: DemoProcess, tmp_path: Path
) -> None:
    with counting(demo.v1) as server:
        await _fails_on_the_second_page(server, tmp_path)


async def _fails_on_the_second_page(server: Counting, folder: Path) -> None:
    server.answer("run/list/limit/10000/", Reply(500, "text/html", b""))
    with pytest.raises(OpenMLServerError):
        await gathered(server.v1, "type:classification", folder / "runs.csv")
    assert list(folder.iterdir()) == []
    assert server.count("run/list") == 2


async def test_memory_does_not_grow_with_the_number_of_runs(tmp_path: Path) -> None:
    class Endless(LiveSource):
        """A source of so many pieces; no server is asked."""

        pieces = 0

        async def walk(self, filter, *, most=None, progress=None, tally=None):  # type: ignore[no-untyped-def, override]
            for first in range(1, self.pieces * 1_000, 1_000):
                yield [ROW._replace(run_id=n, error_message=f"{n} " * 50)
                       for n in range(first, first + 1_000)]  # fmt: skip

    async def peak(pieces: int) -> int:
        source = Endless(AsyncHTTPClient("http://127.0.0.1:9/api/v1/xml/", retry="none"))
        source.pieces = pieces
        tracemalloc.start()
        with Gathered() as found:
            await found.gather(source, parse(""), scores=False)
            count = await asyncio.to_thread(write, tmp_path / f"{pieces}.csv", "csv", found.sheet())
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        await source.close()
        assert count == pieces * 1_000
        return highest

    small = await peak(3)
    assert await peak(40) < 1.5 * small
