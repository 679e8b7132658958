"""What the tests of all three parts need."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..servers import Driver

Connect = Callable[..., Driver]

FIXTURE = Path(__file__).parents[2] / "data" / "run-100-production.xml"


def ids(catalogue: sqlite3.Connection, condition: str = "1", *values: Any) -> list[int]:
    """The runs for which a condition on the catalogue's table of runs holds, and no embargo."""
    embargoed = "SELECT id FROM task WHERE embargo_end_date > '2026'"
    statement = f"SELECT id FROM run WHERE task_id NOT IN ({embargoed}) AND {condition} ORDER BY id"
    return [run_id for (run_id,) in catalogue.execute(statement, values)]


def description(task: int = 9101, flow: int = 9201, more: str = "") -> bytes:
    """A run description as openml-python uploads it, of a decision tree on iris."""
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<oml:run xmlns:oml="http://openml.org/openml">\n'
        f"  <oml:task_id>{task}</oml:task_id>\n  <oml:flow_id>{flow}</oml:flow_id>\n"
        f"{more}</oml:run>\n"
    ).encode()
