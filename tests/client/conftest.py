"""Both clients for every test that asks for ``connect``."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from .servers import DRIVERS, Driver


@pytest.fixture(params=DRIVERS, ids=lambda driver: driver.name)
def connect(request: pytest.FixtureRequest) -> Iterator[Callable[..., Driver]]:
    """Makes a client, blocking or async, which is closed at the test's end."""
    made: list[Driver] = []
    with asyncio.Runner() as runner:

        def make(*args: Any, **options: Any) -> Driver:
            made.append(request.param(runner, *args, **{"retry": "none"} | options))
            return made[-1]

        yield make
        for driver in made:
            driver.close()
