"""Exporting in the browser: the dialog, files, all that match in the background, stopping it."""

import csv
import html
import json
import re
import sys
from pathlib import Path

import pytest
from textual.widgets import Input

from runbrowser.demo.launch import DemoProcess
from runbrowser.fields.filters import parse
from runbrowser.tui.screens.groups import ErrorGroupsScreen
from runbrowser.tui.screens.leaderboard import LeaderboardScreen
from runbrowser.tui.widgets.choice_line import ChoiceLine
from tests.openml.truth import get, listed, listed_ids

from .counting import Counting, Reply
from .deeds import agree, is_main, page_ids, sees, top, waits
from .harness import browser, browsing, main_screen, note, press, screen_text, settle, shown_ids

FIELDS = ["run_id", "task_id", "task_type_id", "setup_id", "flow_id", "uploader", "upload_time",
          "error_message", "run_details"]  # fmt: skip
NAMES = ["flow_name", "data_name", "uploader_name"]
TASK = parse("task:9101")
SCORES = "evaluation/list/"  # what an export of rows that were read whole still asks for


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which a name without a folder is."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as stream:
        return list(csv.DictReader(stream))


async def test_x_and_enter_write_the_page_as_it_is_shown(demo: DemoProcess, here: Path) -> None:
    async with browsing(demo.v1, TASK) as pilot:
        await press(pilot, "s", "j", "enter")  # by run id
        shown = shown_ids(pilot)
        await press(pilot, "x", "enter")
        assert note(pilot) == f"{len(shown)} runs written to runs-task-9101.csv"
    rows = read_csv(here / "runs-task-9101.csv")
    assert [int(row["run_id"]) for row in rows] == shown
    assert list(rows[0]) == [*FIELDS, *NAMES, "state", "predictive_accuracy"]
    told = get(demo.v1, f"evaluation/list/function/predictive_accuracy/run/{shown[0]}")
    assert not rows[0]["predictive_accuracy"] or f">{rows[0]['predictive_accuracy']}" in told


async def test_marked_runs_come_first_and_their_number_is_told(
    demo: DemoProcess, here: Path
) -> None:
    async with browsing(demo.v1, TASK) as pilot:
        marked = shown_ids(pilot)[:2]
        await press(pilot, "space", "space", "x")
        page = len(page_ids(pilot))
        sees(pilot, "marked 2", f"this page {page}", "all that match")
        await press(pilot, "enter")
        assert "2 runs written" in note(pilot)
    assert [int(row["run_id"]) for row in read_csv(here / "runs-task-9101.csv")] == marked


async def test_another_format_gives_the_file_another_end(demo: DemoProcess, here: Path) -> None:
    async with browsing(demo.v1, TASK) as pilot:
        await press(pilot, "x", "tab", "tab", "right")
        assert top(pilot).query_one(Input).value == "runs-task-9101.json"
        await press(pilot, "enter")
    rows = json.loads((here / "runs-task-9101.json").read_text())
    assert list(rows[0])[: len(FIELDS)] == FIELDS
    assert isinstance(rows[0]["run_id"], int)


async def test_the_end_of_a_name_that_is_typed_chooses_the_format(
    demo: DemoProcess, here: Path
) -> None:
    import pyarrow.parquet

    async with browsing(demo.v1, TASK) as pilot:
        await press(pilot, "x")
        top(pilot).query_one(Input).value = "mine.parquet"
        await press(pilot, "enter")
        assert "written to mine.parquet" in note(pilot)
    assert pyarrow.parquet.read_table(here / "mine.parquet").column_names[:9] == FIELDS


async def test_without_scores_there_are_the_listed_columns_alone(
    demo: DemoProcess, here: Path
) -> None:
    async with browsing(demo.v1, TASK) as pilot:
        await press(pilot, "x", "tab", "right", "enter")
    assert list(read_csv(here / "runs-task-9101.csv")[0]) == [*FIELDS, *NAMES]


async def test_all_that_match_are_gathered_in_the_background(demo: DemoProcess, here: Path) -> None:
    filter = parse("task:9101 state:failed")
    async with browsing(demo.v1, filter, page_size=10) as pilot:
        page = shown_ids(pilot)
        await press(pilot, "x", "right", "enter")
        assert shown_ids(pilot) == page
        assert is_main(pilot)
        assert "written to runs-task-9101-state-failed.csv" in note(pilot)
    found = [int(row["run_id"]) for row in read_csv(here / "runs-task-9101-state-failed.csv")]
    truth = [i for i, error in listed(demo.v1, "task/9101/limit/10000/show_errors/true") if error]
    assert sorted(found) == sorted(set(truth))


@pytest.mark.parametrize("key", ["X", "escape"])
async def test_x_and_esc_stop_it_and_nothing_is_written(
    key: str, counted: Counting, here: Path
) -> None:
    async with browsing(counted.v1, page_size=30) as pilot:
        page = shown_ids(pilot)
        held = counted.hold(SCORES)
        before = counted.count(SCORES)
        await pilot.press("x", "right", "enter")
        await waits(pilot, lambda: counted.count(SCORES) > before)
        await waits(pilot, lambda: note(pilot).startswith("exporting"))
        await pilot.press(key)
        await waits(pilot, lambda: note(pilot) == "export stopped; nothing was written")
        held.set()
        assert shown_ids(pilot) == page
        assert browser(pilot).exports.under_way is None
    assert list(here.iterdir()) == []


async def test_keys_work_while_it_goes_on_and_a_second_one_has_to_wait(
    counted: Counting, here: Path
) -> None:
    async with browsing(counted.v1, page_size=30) as pilot:
        held = counted.hold(SCORES)
        before = counted.count(SCORES)
        await pilot.press("x", "right", "enter")
        await waits(pilot, lambda: counted.count(SCORES) > before)
        await pilot.press("j", "j")
        await waits(pilot, lambda: main_screen(pilot).table.cursor_row == 2)
        await pilot.press("x")
        await waits(pilot, lambda: "one at a time" in note(pilot))
        assert is_main(pilot)
        held.set()
        await settle(pilot)
        assert "written to runs.csv" in note(pilot)
    every = listed_ids(counted.upstream, "limit/10000/show_errors/true")
    newest_first = sorted(every, reverse=True)
    assert [int(row["run_id"]) for row in read_csv(here / "runs.csv")] == newest_first


async def test_a_file_that_is_there_is_asked_about(demo: DemoProcess, here: Path) -> None:
    path = here / "runs-task-9101.csv"
    path.write_text("old")
    async with browsing(demo.v1, TASK) as pilot:
        await press(pilot, "x", "enter")
        sees(pilot, "is there already", "enter again replaces it")
        assert path.read_text() == "old"
        await press(pilot, "escape")
        assert path.read_text() == "old"
        await press(pilot, "x", "enter")
        await agree(pilot)
        await settle(pilot)
        assert "written" in note(pilot)
    assert path.read_text().startswith("run_id,")


async def test_another_name_is_asked_about_anew(demo: DemoProcess, here: Path) -> None:
    for name in ("a.csv", "b.csv"):
        (here / name).write_text("old")
    async with browsing(demo.v1, TASK) as pilot:
        await press(pilot, "x")
        for name in ("a.csv", "b.csv"):
            top(pilot).query_one(Input).value = name
            await press(pilot, "enter")
            sees(pilot, f"{name} is there already")
    assert {path.read_text() for path in here.iterdir()} == {"old"}


@pytest.mark.parametrize(
    ("name", "words"),
    [("missing/runs.csv", "There is no folder"), (".", "is a folder"), ("", "no name yet")],
)
async def test_what_is_wrong_with_a_name_is_told_in_the_dialog(
    name: str, words: str, demo: DemoProcess, here: Path
) -> None:
    async with browsing(demo.v1, TASK) as pilot:
        await press(pilot, "x")
        top(pilot).query_one(Input).value = name
        await press(pilot, "enter")
        sees(pilot, words)
        await press(pilot, "escape")
        assert is_main(pilot)
    assert list(here.iterdir()) == []


async def test_a_missing_parquet_engine_is_told_with_the_command_that_brings_it(
    demo: DemoProcess, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    async with browsing(demo.v1, TASK) as pilot:
        await press(pilot, "x")
        top(pilot).query_one(Input).value = "runs.parquet"
        await press(pilot, "enter")
        sees(pilot, "pip install 'runbrowser[parquet]'")
        await press(pilot, "tab", "p")  # it cannot be chosen: struck out
        assert top(pilot).query_one("#export-format", ChoiceLine).chosen == 0
    assert list(here.iterdir()) == []


async def test_five_keys_write_all_runs_of_a_task_with_names_scores_and_parameters_to_parquet(
    counted: Counting, here: Path
) -> None:
    async with browsing(counted.v1, parse("task:9101"), page_size=20) as pilot:
        before = len(counted.asked)
        await press(pilot, "x", "a", "p", "p", "enter")
        await waits(pilot, lambda: "runs written to runs-task-9101.parquet" in note(pilot))
        asked = counted.asked[before:]
    table = pytest.importorskip("pyarrow.parquet").read_table(here / "runs-task-9101.parquet")
    every = sorted(listed_ids(counted.v1, "task/9101/show_errors/true"))
    assert sorted(table.column("run_id").to_pylist()) == every
    assert table.column_names[: len(FIELDS) + 4] == [*FIELDS, *NAMES, "state"]
    assert set(table.column("data_name").to_pylist()) == {"iris"}
    assert all(table.column("flow_name").to_pylist())
    types = {field.name: str(field.type) for field in table.schema}
    assert types["predictive_accuracy"] == "double"
    assert types["sklearn.svm._classes.SVC.kernel"] == "string"
    assert types["sklearn.svm._classes.SVC.shrinking"] == "bool"
    rows = {row["run_id"]: row for row in table.to_pylist()}
    run = next(row for row in rows.values() if row["flow_id"] == 9208 and row["state"] == "ok")
    text = get(counted.v1, f"setup/list/setup/{run['setup_id']}")
    kernel = re.search(r"<oml:parameter_name>kernel</.*?<oml:value>(.*?)</", text, re.DOTALL)
    assert kernel is not None
    assert json.dumps(run["sklearn.svm._classes.SVC.kernel"]) == html.unescape(kernel[1])
    setups = {row["setup_id"] for row in rows.values()}
    asked_setups = [path for path in asked if path.startswith("setup/")]
    assert len(asked_setups) <= 1 + len(setups) // 500  # in bulk


async def test_ids_alone_are_written_where_they_are_chosen(demo: DemoProcess, here: Path) -> None:
    async with browsing(demo.v1, TASK) as pilot:
        await press(pilot, "x", "i", "enter")
        await waits(pilot, lambda: "written" in note(pilot))
    assert list(read_csv(here / "runs-task-9101.csv")[0]) == [*FIELDS, "predictive_accuracy"]


async def test_a_failure_of_the_server_is_told_and_nothing_is_written(
    counted: Counting, here: Path
) -> None:
    async with browsing(counted.v1, page_size=30) as pilot:
        counted.answer(SCORES, Reply(500, "text/html", b""))
        await press(pilot, "x", "right", "enter")
        assert note(pilot).startswith("export: ")
        assert "Nothing was written" in note(pilot)
    assert list(here.iterdir()) == []


async def test_the_leaderboard_is_exported_in_the_columns_of_evaluations(
    demo: DemoProcess, here: Path
) -> None:
    from runbrowser.files.columns import EVALUATION_COLUMNS

    async with browsing(demo.v1, TASK) as pilot:
        await press(pilot, "L")
        board = top(pilot)
        assert isinstance(board, LeaderboardScreen)
        best = [(line.run_id, line.value) for line in board.lines]
        await press(pilot, "x", "enter")
        assert "best-of-task-9101-predictive_accuracy.csv" in screen_text(pilot)
    rows = read_csv(here / "best-of-task-9101-predictive_accuracy.csv")
    assert list(rows[0]) == list(EVALUATION_COLUMNS)
    assert [(int(row["run_id"]), float(row["value"])) for row in rows] == best


@pytest.mark.parametrize("size", [(140, 40), (80, 24), (60, 20)])
async def test_the_whole_dialog_is_on_the_screen_at_any_size(
    size: tuple[int, int], demo: DemoProcess
) -> None:
    async with browsing(demo.v1, TASK, size=size) as pilot:
        await press(pilot, "space", "x")
        sees(pilot, "Export runs", "this page", "all that match", "Markdown", "esc leaves")


async def test_the_runs_of_an_error_group_are_exported_from_its_list(
    demo: DemoProcess, here: Path
) -> None:
    async with browsing(demo.v1, TASK) as pilot:
        await press(pilot, "E")
        groups = top(pilot)
        assert isinstance(groups, ErrorGroupsScreen)
        ids = set(groups.lines[1].run_ids)
        await press(pilot, "j", "x", "enter")
        assert f"{len(ids)} run" in screen_text(pilot)
    rows = read_csv(here / "runs-task-9101-state-failed.csv")
    assert {int(row["run_id"]) for row in rows} == ids
    assert all(row["error_message"] for row in rows)


@pytest.mark.parametrize("keys", [["x", "enter"], ["x", "right", "enter"]])
async def test_scores_of_the_measure_that_was_chosen_come_along(
    keys: list[str], demo: DemoProcess, here: Path
) -> None:
    async with browsing(demo.v1, TASK) as pilot:
        browser(pilot).order.choose_measure("kappa")
        await settle(pilot)
        await press(pilot, *keys)
        assert "written" in note(pilot)
    told = get(demo.v1, "evaluation/list/function/kappa/task/9101/limit/10000")
    pairs = re.findall(
        r"<oml:run_id>(\d+)</oml:run_id>.*?<oml:value>(.*?)</oml:value>", told, re.DOTALL
    )
    truth = {int(run_id): float(value) for run_id, value in pairs}
    rows = read_csv(here / "runs-task-9101.csv")
    scored = {int(row["run_id"]): float(row["kappa"]) for row in rows if row["kappa"]}
    assert len(scored) > 5
    assert scored == {run_id: truth[run_id] for run_id in scored}
