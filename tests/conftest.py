"""Fixtures for all tests: the demo server as a process of its own."""

from collections.abc import Iterator

import pytest

from runbrowser.demo.launch import DemoProcess
from tests.support.demos import start


@pytest.fixture(scope="session")
def demo() -> Iterator[DemoProcess]:
    """A demo server shared by all tests of a worker. Only read from it."""
    with start(no_evaluation=True) as process:
        yield process


@pytest.fixture
def fresh_demo() -> Iterator[DemoProcess]:
    """A demo server of its own for one test, to be written to. What is published stays as it is."""
    with start(no_evaluation=True) as process:
        yield process
