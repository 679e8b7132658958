"""Saved views on the command line."""

import csv
import io
import json
from pathlib import Path

from runbrowser.demo.launch import DemoProcess
from runbrowser.fields.filters import parse
from runbrowser.views.arrangement import Arrangement
from runbrowser.views.store import change, saved
from runbrowser.views.view import View

from .conftest import Cli


def _save(cli: Cli, view: View) -> Path:
    path = cli.home / "state" / "views.toml"
    change(path, saved(view))
    return path


SHORT = Arrangement(columns=("run_id", "score", "setup", "task", "error"))


def test_a_list_has_the_runs_and_the_columns_of_a_view(cli: Cli, demo: DemoProcess) -> None:
    _save(cli, View("iris", parse("task:9101"), SHORT))
    done = cli("list", "--server", demo.v1, "--view", "iris", "--format", "csv", "--limit", "20")
    rows = list(csv.reader(io.StringIO(done.out)))
    assert rows[0] == ["run_id", "setup_id", "task_id", "error_message"]
    assert {row[2] for row in rows[1:]} == {"9101"}
    assert len(rows) > 10
    assert "does not tell score" in done.err
    assert done.code == 0


def test_options_win_over_the_view_and_what_they_leave_open_is_its(
    cli: Cli, demo: DemoProcess
) -> None:
    _save(cli, View("iris", parse("task:9101 type:classification"), SHORT))
    words = ("--view", "iris", "--task", "9102", "--format", "json", "--limit", "5")
    done = cli("list", "--server", demo.v1, *words)
    rows = json.loads(done.out)
    assert {row["task_id"] for row in rows} == {9102}
    assert set(rows[0]) == {"run_id", "setup_id", "task_id", "error_message"}


def test_a_view_without_columns_lists_all_of_them(cli: Cli, demo: DemoProcess) -> None:
    _save(cli, View("iris", parse("task:9101")))
    words = ("--server", demo.v1, "--limit", "5")
    plain = cli("list", *words, "--task", "9101")
    assert cli("list", *words, "--view", "iris").out == plain.out
    assert cli("--view", "iris", "list", *words).out == plain.out


def test_a_table_for_the_eye_has_the_columns_in_the_views_order(
    cli: Cli, demo: DemoProcess
) -> None:
    _save(cli, View("iris", parse("task:9101"), SHORT))
    done = cli("list", "--server", demo.v1, "--view", "iris", "--limit", "5")
    assert done.out.splitlines()[0].split() == ["run", "setup", "task", "error"]


def test_a_view_that_there_is_none_of_names_those_there_are(cli: Cli, demo: DemoProcess) -> None:
    _save(cli, View("iris", parse("task:9101")))
    done = cli("list", "--server", demo.v1, "--view", "wine")
    assert done.code == 2
    assert done.out == ""
    assert "There is no view 'wine': there are iris." in done.err


def test_a_damaged_file_is_told_and_left_alone(cli: Cli, demo: DemoProcess) -> None:
    path = _save(cli, View("iris", parse("task:9101")))
    path.write_text("[[view]\n")
    done = cli("list", "--server", demo.v1, "--view", "iris")
    assert done.code == 2
    assert "views.toml is no TOML" in done.err
    assert path.read_text() == "[[view]\n"
