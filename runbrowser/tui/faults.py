"""Faults of ours: written to the log without secrets, told in one sentence."""

from __future__ import annotations

import re
import time
import traceback
from pathlib import Path

from runbrowser import paths
from runbrowser.text import display_lines

_MOST = 1_000_000  # bytes of the log; one older part is kept beside it
_KEY = re.compile(r"(api_key=)[^&\s'\"]+|(?<![0-9a-fA-F])[0-9a-fA-F]{32}(?![0-9a-fA-F])")


def redact(text: str) -> str:
    """Text without anything that looks like an API key."""
    return _KEY.sub(lambda match: f"{match[1] or ''}****", text)


def log_fault(error: BaseException) -> Path:
    """Appends a fault to the log, without the values of variables; where the log is."""
    log = paths.log_file()
    lines = "".join(traceback.format_exception(error))
    entry = f"{time.strftime('%Y-%m-%d %H:%M:%S')} {display_lines(redact(lines))}\n"
    try:
        paths.private_folder(log.parent)
        if log.exists() and log.stat().st_size > _MOST:
            log.replace(log.with_name(f"{log.name}.1"))
        with log.open("a", encoding="utf-8") as file:
            file.write(entry)
        log.chmod(0o600)
    except OSError:
        pass  # a full disk must not turn one fault into two
    return log
