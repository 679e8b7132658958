"""Locks between processes: waited for a moment, never for ever.

A process that holds a lock may be stopped, or lie on a network that has gone. So every lock has a
limit, after which there are words. The system gives a lock back however its process ends.
"""

from __future__ import annotations

import errno
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from runbrowser.paths import private_folder

if TYPE_CHECKING:
    from filelock import BaseFileLock

LONGEST_WAIT = 1.0
"""Seconds after which somebody who waits is told that another process holds a lock."""

_LOOK_EVERY = 0.01  # seconds: who waits has no place in a queue, and must see the gaps of others


class HeldError(OSError):
    """Another process holds the lock, and did not let go of it while it was waited for."""


def lock_file(path: Path) -> Path:
    """The file whose lock stands for ``path``: beside it, as a rename would part them."""
    return path.with_name(f".{path.name}.lock")


class Lock:
    """A lock on ``path`` that is held, by this process and for all its threads.

    Waits at most ``wait`` seconds; missing folders are made (0700). HeldError when another process
    holds it for longer, OSError when the file of the lock cannot be made.
    """

    def __init__(self, path: Path, wait: float = LONGEST_WAIT) -> None:
        self._file = lock_file(path)
        self._held = _hold(self._file, wait, str(path))

    def release(self, *, discard: bool = False) -> None:
        """Gives it back. ``discard``: the lock's file goes, as nobody will want it again."""
        if discard and self._held.is_locked:
            with suppress(OSError):
                self._file.unlink()
        self._held.release()


@contextmanager
def locked(path: Path, wait: float = LONGEST_WAIT) -> Iterator[None]:
    """Holds other processes off the file ``path`` while it is read and written.

    Raises as :class:`Lock`, with words for a person.
    """
    lock = Lock(path, wait)
    try:
        yield
    finally:
        lock.release()


@contextmanager
def locked_folder(folder: Path, wait: float = LONGEST_WAIT) -> Iterator[None]:
    """Holds other processes off what is in a folder, by the file ``.lock`` in it.

    Raises as :class:`Lock`.
    """
    held = _hold(folder / ".lock", wait, str(folder))
    try:
        yield
    finally:
        held.release()


def is_held(path: Path) -> bool:
    """Whether another process, or this one, holds the lock of ``path``; asked without waiting.

    What cannot be found out counts as held.
    """
    file = lock_file(path)
    if not file.exists():
        return False
    try:
        _hold(file, 0, str(path)).release()
    except OSError:
        return True
    return False


def sweep(folder: Path, pattern: str, age: float) -> None:
    """Takes away the files of locks whose file is gone: those that match ``pattern`` in a folder,
    are older than ``age`` seconds and that nobody holds.
    """
    for file in folder.glob(pattern):
        path = file.with_name(file.name.removeprefix(".").removesuffix(".lock"))
        with suppress(OSError):
            if path.exists() or time.time() - file.lstat().st_mtime < age or is_held(path):
                continue
            file.unlink()


def _hold(file: Path, wait: float, what: str) -> BaseFileLock:
    import filelock

    private_folder(file.parent)
    lock = filelock.FileLock(file, timeout=wait, mode=0o600, thread_local=False)
    try:
        lock.acquire(poll_interval=_LOOK_EVERY)
    except filelock.Timeout:
        reason = "another process holds it, and does not let go of it"
        raise HeldError(errno.EAGAIN, reason, what) from None
    return lock
