"""``runbrowser show``: pages about what runs are about, without the browser."""

from __future__ import annotations

import json

from runbrowser.demo.launch import DemoProcess

from .conftest import Cli


def test_a_flow_is_told_as_text_json_and_markdown(cli: Cli, demo: DemoProcess) -> None:
    done = cli("show", "--server", demo.v1, "flow:9201")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("Flow 9201  DecisionTreeClassifier\n")
    assert "What fails" in done.out and "\x1b" not in done.out
    assert done.out.rstrip().endswith("/f/9201")
    found = json.loads(cli("show", "--server", demo.v1, "flow:9201", "--format", "json").out)
    assert found["id"] == 9201 and found["filter"] == "flow:9201"
    assert f"{found['runs']:,}" in done.out
    assert sum(found["states"].values()) == found["runs"]
    told = cli("show", "--server", demo.v1, "flow:9201", "--format", "markdown")
    assert told.out.startswith("# Flow 9201: DecisionTreeClassifier\n")


def test_several_subjects_one_of_them_unknown(cli: Cli, demo: DemoProcess) -> None:
    done = cli("show", "--server", demo.v1, "task:9101", "run:900101", "flow:1", "--format", "json")
    assert done.code == 5 and "Unknown flow" in done.err
    assert [one.get("subject", one.get("run_id")) for one in json.loads(done.out)] == [
        "task:9101",
        900101,
    ]


def test_wrong_use_and_what_is_not_there(cli: Cli, demo: DemoProcess) -> None:
    assert cli("show", "--server", demo.v1, "frog:1").code == 2
    assert cli("show", "--server", demo.v1, "flow:SVC").code == 2
    assert cli("show", "--server", demo.v1, "run:900101", "--format", "markdown").code == 2
    assert cli("show", "--server", demo.v1, "flow:1").code == 3
