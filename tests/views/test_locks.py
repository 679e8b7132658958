"""A process that holds a lock for ever holds nobody else up for longer than a second or so."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from runbrowser.views import session, store
from runbrowser.views.view import View

SERVER = "http://127.0.0.1:1/api/v1/xml/"
WRITERS: dict[str, Callable[[Path], object]] = {
    "views.toml": lambda path: store.change(path, store.saved(View("a"))),
    "session.json": lambda path: session.leave(path, SERVER, session.Place(page=3)),
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", WRITERS)
def test_a_lock_that_is_never_given_back_ends_in_words(tmp_path: Path, name: str) -> None:
    path, write = tmp_path / name, WRITERS[name]
    write(path)
    before = path.read_bytes()
    holder = os.open(tmp_path / f".{name}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(holder, fcntl.LOCK_EX)
        with pytest.raises(OSError, match="another process holds it"):
            write(path)
        assert path.read_bytes() == before
    finally:
        os.close(holder)
    write(path)
    assert (path.with_name(f".{name}.lock").stat().st_mode & 0o077) == 0
