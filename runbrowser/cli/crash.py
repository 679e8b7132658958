"""Keeps the traceback of a failure that nobody foresaw, without the API key."""

from __future__ import annotations

import os
import re
import traceback
from datetime import UTC, datetime
from pathlib import Path

from runbrowser import __version__, paths
from runbrowser.text import display_lines

_MOST = 1_000_000  # bytes; an older log is kept once beside it
_KEY = re.compile(r"(?i)(api_?key['\"]?\s*[=:]\s*['\"]?)[^\s&'\",;)]+")
_DIGITS = re.compile(r"(?<![0-9A-Za-z])[0-9a-fA-F]{32}(?![0-9A-Za-z])")


def redact(text: str) -> str:
    """Text without anything that looks like an API key."""
    return _DIGITS.sub("****", _KEY.sub(r"\1****", text))


def record(error: BaseException) -> Path | None:
    """Appends the traceback to the log; where that is, or None if it could not be written."""
    path = paths.log_file()
    told = "".join(traceback.format_exception(error))
    now = datetime.now(UTC).isoformat(timespec="seconds")
    entry = f"{now} runbrowser {__version__}\n{display_lines(redact(told))}\n"
    try:
        paths.private_folder(path.parent)
        if path.exists() and path.stat().st_size > _MOST:
            path.replace(path.with_suffix(".log.1"))
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as log:
            log.write(entry)
    except OSError:
        return None
    return path
