"""Fixtures that the tests of sources and those of the browser share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from runbrowser.demo.launch import DemoProcess
from runbrowser.models import RunState
from tests.demo.seed import collected
from tests.demo.seed_write import write
from tests.support.demos import start

from .truth import in_each_state


@pytest.fixture(scope="session")
def states(demo: DemoProcess) -> dict[RunState, list[int]]:
    """Ids of runs of every state, as the demo tells them."""
    return in_each_state(demo.v1)


@pytest.fixture(scope="session")
def hostile_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalogue with the runs of the recorded servers, among them 900001 to 900079."""
    database = tmp_path_factory.mktemp("hostile") / "hostile.db"
    write(collected(), database)
    return database


@pytest.fixture(scope="session")
def hostile(hostile_file: Path) -> Iterator[DemoProcess]:
    """A demo server over the recorded servers' rows."""
    with start(database=hostile_file) as process:
        yield process
