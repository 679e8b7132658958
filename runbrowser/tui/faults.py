"""Faults of ours: written to the log without secrets, told in one sentence."""

from __future__ import annotations

import os
import re
import time
import traceback
from pathlib import Path

from runbrowser import paths
from runbrowser.errors import RunbrowserError
from runbrowser.text import display, display_lines

_MOST = 1_000_000  # bytes of the log; one older part is kept beside it
_SHOWN = 200  # characters of a fault that no file has
_KEY = re.compile(r"(api_key=)[^&\s'\"]+|(?<![0-9a-fA-F])[0-9a-fA-F]{32}(?![0-9a-fA-F])")


def redact(text: str) -> str:
    """Text without anything that looks like an API key."""
    return _KEY.sub(lambda match: f"{match[1] or ''}****", text)


def where_logged(error: BaseException) -> str:
    """Logs a fault; says, as the end of a sentence, which file has the details, or why none has,
    and then what the fault was.
    """
    try:
        return f"{_log(error)} has the details"
    except (OSError, RunbrowserError) as unwritten:  # a full disk makes no second fault
        reason = getattr(unwritten, "strerror", None) or str(unwritten)
        fault = display(redact(f"{type(error).__name__}: {error}"), _SHOWN)
        return f"the log cannot be written ({reason}); it was {fault}"


def _log(error: BaseException) -> Path:
    """Appends a fault to the log, without the values of variables; where the log is."""
    log = paths.log_file()
    lines = "".join(traceback.format_exception(error))
    entry = f"{time.strftime('%Y-%m-%d %H:%M:%S')} {display_lines(redact(lines))}\n"
    paths.private_folder(log.parent)
    if log.exists() and log.stat().st_size > _MOST:
        log.replace(log.with_name(f"{log.name}.1"))
    with open(log, "a", encoding="utf-8", opener=_private) as file:
        file.write(entry)
    return log


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
