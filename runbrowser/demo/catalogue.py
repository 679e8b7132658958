"""The catalogue of real runs that is shipped with runbrowser: packed, and as a plain database."""

from __future__ import annotations

import lzma
import os
import shutil
import tempfile
from importlib.resources import files
from pathlib import Path

__all__ = ["PACKED_NAME", "unpack"]

PACKED_NAME = "catalogue.db.xz"


def unpack(to: Path) -> None:
    """Write the catalogue as a plain SQLite file.

    to: the file's path; one that is there is replaced, whole or not at all. Its folder must
    exist. Raises OSError when it cannot be written, FileNotFoundError when this copy of
    runbrowser was packaged without the catalogue, lzma.LZMAError when it is damaged.
    """
    packed = files(__package__).joinpath(PACKED_NAME)
    handle, name = tempfile.mkstemp(dir=to.parent, prefix=to.name + ".")
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as plain, packed.open("rb") as source:
            with lzma.open(source) as unpacked:
                shutil.copyfileobj(unpacked, plain, 1 << 20)
            plain.flush()
            os.fsync(plain.fileno())
        part.replace(to)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
