"""Keeps API keys out of what the libraries below us log.

httpx writes the whole URL of every request at INFO, and V1 takes the key of a deletion from the
URL alone. Filters of a logger are not asked for what its children log, so every logger that these
libraries have gets one.
"""

from __future__ import annotations

import logging
import re

from runbrowser.secret import without_keys

_LIBRARIES = ("httpx", "httpcore", "urllib3", "minio", "hpack", "h2", "h11", "requests")
_CHILDREN = (
    *(f"httpcore.{name}" for name in ("connection", "http11", "http2", "proxy", "socks")),
    *(f"urllib3.{name}" for name in ("connectionpool", "connection", "poolmanager", "response")),
    *("urllib3.util.retry", "urllib3.util.ssl_match_hostname", "hpack.hpack", "hpack.table"),
)
_IN_URL = re.compile(r"(api_key=)[^&\s\"'<>\\)\]]{1,200}", re.IGNORECASE)


class _WithoutKeys(logging.Filter):
    """Strikes keys out of a record, wherever they stand in its words."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Lets every record through, changed where it holds a key."""
        try:
            message = record.getMessage()
        except Exception:  # noqa: BLE001 - a wrong format is the handler's to report
            return True
        harmless = without_keys(_IN_URL.sub(r"\1****", message))
        if harmless != message:
            record.msg, record.args = harmless, ()
        return True


_FILTER = _WithoutKeys()


def keep_keys_out() -> None:
    """Puts the filter on the loggers of the libraries below us; doing it again changes nothing."""
    known = [
        name
        for name in tuple(logging.root.manager.loggerDict)
        if name.startswith(tuple(f"{library}." for library in _LIBRARIES))
    ]
    for name in (*_LIBRARIES, *_CHILDREN, *known):
        logger = logging.getLogger(name)
        if _FILTER not in logger.filters:
            logger.addFilter(_FILTER)
