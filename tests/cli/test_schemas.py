"""JSON on stdout is as docs/schemas says: scripts may rely on it."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from runbrowser.demo.launch import DemoProcess

from .conftest import Cli

FOLDER = Path(__file__).parents[2] / "docs" / "schemas"
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))


def schema(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return found


def strict(part: Any) -> Any:
    """The schema with nothing beside what it names: what is new must be documented."""
    if isinstance(part, list):
        return [strict(one) for one in part]
    if not isinstance(part, dict):
        return part
    made = {name: strict(one) for name, one in part.items()}
    if "properties" in part and "required" in part:
        made["additionalProperties"] = False
    return made


def hold(name: str, told: Any) -> None:
    Draft202012Validator(strict(schema(name))).validate(told)


@pytest.mark.parametrize("name", NAMES)
def test_every_schema_is_one_and_is_told_of(name: str) -> None:
    Draft202012Validator.check_schema(schema(name))
    page = (FOLDER.parent / "command-line.md").read_text(encoding="utf-8")
    assert f"(schemas/{name}.json)" in page


def test_runs_of_every_state_are_as_their_schema_says(
    cli: Cli, demo: DemoProcess, catalogue: sqlite3.Connection
) -> None:
    env = {"RUNBROWSER_SERVER": demo.v1}
    listed = json.loads(cli("list", "--limit", "2000", "--format", "json", env=env).out)
    assert len(listed) > 1000
    hold("list", listed)
    every = [row["run_id"] for row in listed]
    some = map(str, [*every[:40], *(row["run_id"] for row in listed if row["error_message"])][:60])
    told = json.loads(cli("get", *some, "--format", "json", env=env).out)
    assert {"ok", "failed"} <= {run["state"] for run in told}
    for run in told:
        hold("get", run)
    one = json.loads(cli("get", str(every[0]), "--format", "json", "--server-v2", demo.v2,
                         "--api-version", "v2", env=env).out)  # fmt: skip
    hold("get", one)


def test_scores_and_attempts_are_as_their_schema_says(cli: Cli, demo: DemoProcess) -> None:
    env = {"RUNBROWSER_SERVER": demo.v1}
    for more in ([], ["--per-fold"]):
        words = ["evaluations", "--function", "predictive_accuracy", "--task", "9101", *more]
        hold("evaluations", json.loads(cli(*words, "--format", "json", env=env).out))
    hold("trace", json.loads(cli("trace", "900162", "--format", "json", env=env).out))


def test_reports_are_as_their_schema_says(cli: Cli, fresh_demo: DemoProcess) -> None:
    env = {"RUNBROWSER_SERVER": fresh_demo.v1, "RUNBROWSER_API_KEY": fresh_demo.api_key,
           "RUNBROWSER_USER_ID": str(fresh_demo.user_id)}  # fmt: skip
    for words in (["tag", "x", "900101", "1"], ["untag", "x", "900101"],
                  ["delete", "900356", "900101", "--yes"]):  # fmt: skip
        hold("report", json.loads(cli(*words, "--format", "json", env=env).out))


def test_the_line_of_the_demo_is_as_its_schema_says(demo: DemoProcess) -> None:
    told = {"v1": demo.v1, "v2": demo.v2, "api_key": demo.api_key, "user_id": demo.user_id}
    hold("demo", told)
