"""Servers for the tests of sources."""

from collections.abc import Iterator

import pytest

from runbrowser.demo.launch import DemoProcess
from tests.tui.counting import Counting, counting

from .servers import hostile, hostile_file, states  # noqa: F401


@pytest.fixture
def counted(demo: DemoProcess) -> Iterator[Counting]:
    """A counting server before the demo."""
    with counting(demo.v1) as server:
        yield server
