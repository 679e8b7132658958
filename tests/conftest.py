"""Fixtures for all tests: the demo server as a process of its own."""

import gc
import os
import signal
import sys
from collections.abc import Iterator

import pytest

from runbrowser.demo.launch import DemoProcess
from tests.support.demos import start

# Hundreds of processes are started by tests: none is to compile the whole package once more.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# A shell's background job ignores ctrl+c, and so would every process that tests interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_xdist_auto_num_workers() -> int | None:
    """More than there are processors: a test of the browser or of a process waits half its time."""
    if os.environ.get("PYTEST_XDIST_AUTO_NUM_WORKERS"):
        return None  # xdist's own way of being told
    processors = os.cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):  # not on every system
        processors = len(os.sched_getaffinity(0))
    return processors + max(2, processors // 2)


def pytest_collection_finish() -> None:
    """Modules and tests stay until the end: to look for garbage among them again and again took a
    quarter of the time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


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
