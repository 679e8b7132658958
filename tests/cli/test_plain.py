"""The browser as questions and answers: what is typed, what is said."""

from __future__ import annotations

import pytest

from runbrowser.cli.plain import ORDERS
from runbrowser.demo.launch import DemoProcess

from .conftest import Cli

SEARCHED = 900162


def _talk(cli: Cli, demo: DemoProcess, *lines: str, words: tuple[str, ...] = ()) -> list[str]:
    """What is said to some lines."""
    env = {"RUNBROWSER_API_KEY": demo.api_key, "RUNBROWSER_USER_ID": "2"}
    text = "".join(f"{line}\n" for line in lines)
    done = cli("--server", demo.v1, "--plain", *words, env=env, input=text)
    assert done.code == 0, done.err
    assert "\x1b" not in done.out
    return done.out.splitlines()


def test_pages_are_read_out_and_turned(cli: Cli, demo: DemoProcess) -> None:
    said = _talk(cli, demo, "", "p", "p", words=("task:9101", "state:ok"))
    heads = [line for line in said if line.startswith("Runs ")]
    assert [head.split(" of ")[0] for head in heads] == [
        "Runs 1 to 10",
        "Runs 11 to 20",
        "Runs 1 to 10",
    ]
    assert all(head.endswith(" under task:9101 state:ok, page 1.") for head in heads[::2])
    assert said[-1] == "This is the first page."
    assert not set("".join(said)) & set("│─━▁▄█✓✗○●")  # nothing is drawn
    rows = [line for line in said if line[0].isdigit()]
    assert len(rows) == 30 and all(", ok, " in row and " on iris, " in row for row in rows)
    assert rows[:10] == rows[20:]


def test_a_run_is_told_by_its_place_and_by_its_id(cli: Cli, demo: DemoProcess) -> None:
    said = _talk(cli, demo, "1", f"run {SEARCHED}", "99", words=(f"run:{SEARCHED}",))
    starts = [place for place, line in enumerate(said) if line == f"Run {SEARCHED}, ok."]
    assert len(starts) == 2
    first = said[starts[0] : starts[1]]
    assert any(line.startswith("Task 9101, Supervised Classification, on iris") for line in first)
    assert any(line.strip().startswith("predictive_accuracy: 0.") for line in first)
    assert any(line.endswith(" parameters") for line in first)
    assert said[-1].startswith("There is no run 99 on this page")


def test_a_failed_run_says_its_error_and_another_filter_is_taken(
    cli: Cli, demo: DemoProcess
) -> None:
    said = _talk(cli, demo, "/ task:9101 state:failed", "1", "/ state:nonsense", "/", "r")
    assert any(line.startswith("Runs 1 to 10 of 71 under task:9101") for line in said)
    read = next(place for place, line in enumerate(said) if line.endswith(", failed."))
    assert said[read + 1].startswith("Error: ")
    assert any(line.startswith("Not done: ") and "nonsense" in line for line in said)
    assert said.count(next(line for line in said if line.startswith("Runs 1 to 10 of 3,"))) == 3


def test_any_command_may_be_given_for_runs_by_their_ids(cli: Cli, fresh_demo: DemoProcess) -> None:
    said = _talk(
        cli, fresh_demo, f"tag plainly {SEARCHED}", f"run {SEARCHED}", "show task:9101", "tag '"
    )
    assert any(line.startswith(f"{SEARCHED}  done") for line in said)
    assert any(line.startswith("Tags: ") and "plainly" in line for line in said)
    assert "Not understood: No closing quotation." in said


@pytest.mark.parametrize("line", ["frobnicate", "run x", "show frog:1", "show"])
def test_what_is_not_understood_is_said_and_one_may_go_on(
    line: str, cli: Cli, demo: DemoProcess
) -> None:
    said = _talk(cli, demo, line, "?", "q", "never read")
    assert any(words.startswith(("Not understood: ", "Not done: ")) for words in said)
    assert said[-len(ORDERS) :] == [f"{order.written}: {order.words}" for order in ORDERS]


def test_a_server_that_is_gone_is_said(cli: Cli) -> None:
    done = cli("--server", "http://127.0.0.1:9/api/v1/xml/", "--plain", input="?\n")
    assert done.code == 0 and "Not done: " in done.out and "cannot be reached" in done.out
