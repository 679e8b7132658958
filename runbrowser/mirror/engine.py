"""DuckDB as the mirror uses it: opened within bounds, its failures as words."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runbrowser.errors import UsageError
from runbrowser.mirror.folder import MirrorError
from runbrowser.text import display

if TYPE_CHECKING:
    import duckdb

MEMORY = "900MB"
"""The most that DuckDB takes before it writes to a temporary folder beside the mirror."""


def load() -> Any:
    """The duckdb module; UsageError with what to install where it is missing."""
    try:
        import duckdb
    except ImportError:
        raise UsageError(
            "A mirror needs DuckDB: pip install 'runbrowser[mirror]' brings it."
        ) from None
    return duckdb


@contextmanager
def in_words(path: Path) -> Iterator[None]:
    """Failures of DuckDB as MirrorError: what failed, why, and what to do."""
    duckdb = load()
    try:
        yield
    except duckdb.InvalidInputException as error:
        reason = display(str(error).splitlines()[0], 300)
        raise UsageError(
            f"The mirror cannot look for that ({reason}); its regular expressions are those of RE2."
        ) from None
    except (
        duckdb.IOException,
        duckdb.SerializationException,
        duckdb.CatalogException,
        duckdb.FatalException,
        duckdb.InternalException,
    ) as error:
        reason = display(str(error).splitlines()[0], 300)
        if "No space left" in reason or "could not write" in reason.lower():
            raise full_disk(path.parent, reason) from None
        raise MirrorError(
            f"The mirror in {display(path.parent)} cannot be used: {reason}. "
            "`runbrowser mirror purge` takes it away, `runbrowser sync` makes it anew."
        ) from None


def full_disk(folder: Path, reason: str) -> MirrorError:
    """What to say when there is no room for the next version."""
    return MirrorError(
        f"The disk that holds the mirror is full ({display(folder)}): {reason}. "
        "The mirror is as it was; make room and sync again."
    )


def connect(path: Path, *, read_only: bool) -> duckdb.DuckDBPyConnection:
    """A connection to a file of the mirror, within the mirror's bounds of memory.

    One that only reads can reach no other file and no network, whatever SQL it is given.
    """
    module = load()
    settings: dict[str, Any] = {
        "memory_limit": MEMORY,
        "temp_directory": str(path.parent / "temporary"),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    with in_words(path):
        connection: duckdb.DuckDBPyConnection = module.connect(
            str(path), read_only=read_only, config=settings
        )
        if read_only:
            _lock(connection)
    return connection


_LOCKING = threading.Lock()


def _lock(connection: duckdb.DuckDBPyConnection) -> None:
    """Shuts all but the file out, once: connections of one process to one file share it."""
    with _LOCKING:
        locked = connection.execute("SELECT current_setting('lock_configuration')").fetchall()
        if not locked[0][0]:
            connection.execute("SET enable_external_access = false").fetchall()
            connection.execute("SET lock_configuration = true").fetchall()
