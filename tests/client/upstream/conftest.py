"""A demo to read, one to write to, and the catalogue that both have."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from runbrowser.demo.catalogue import unpack
from runbrowser.demo.launch import DemoProcess
from tests.support.demos import start

from ..chaos import Proxy, before


@pytest.fixture(scope="package")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    """What the demo's runs are, asked of its catalogue itself."""
    path = tmp_path_factory.mktemp("catalogue") / "catalogue.db"
    unpack(path)
    with closing(sqlite3.connect(path)) as connection:
        yield connection


@pytest.fixture(scope="package")
def writable() -> Iterator[DemoProcess]:
    """A demo for the tests that write; each has runs of its own."""
    with start() as process:
        yield process


@pytest.fixture
def proxy(demo: DemoProcess) -> Iterator[Proxy]:
    with before(demo.v1) as made:
        yield made


@pytest.fixture
def writing(writable: DemoProcess) -> Iterator[Proxy]:
    with before(writable.v1) as made:
        yield made
