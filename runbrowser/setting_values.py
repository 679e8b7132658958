"""How what is written as a setting becomes its value."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from runbrowser.secret import ApiKey

PRODUCTION = "https://www.openml.org/api/v1/xml/"
NAMED_SERVERS = {
    "production": PRODUCTION,
    "test": "https://test.openml.org/api/v1/xml/",
    "local": "http://localhost:8000/api/v1/xml/",
}
"""Servers that openml-python knows by name."""


# Each raises ValueError with words that complete "... is".


def _flag(value: object) -> bool:
    word = str(value).strip().lower()
    if word in ("1", "true", "yes", "on"):
        return True
    if word in ("0", "false", "no", "off"):
        return False
    raise ValueError("neither true nor false")


def _number(low: float, high: float, kind: type) -> Callable[[object], Any]:
    def read(value: object) -> Any:
        try:
            number = kind(str(value).strip().replace("_", ""))
        except ValueError:
            raise ValueError("no whole number" if kind is int else "no number") from None
        if not low <= number <= high:
            raise ValueError(f"not between {low:,} and {high:,}")
        return number

    return read


def _one_of(*words: str) -> Callable[[object], str]:
    def read(value: object) -> str:
        word = str(value).strip().lower().removeprefix("apiversion.")
        if word not in words:
            raise ValueError(f"not {' or '.join(words)}")
        return word

    return read


def _url(value: object) -> str:
    text = str(value).strip()
    odd = any(char.isspace() or not char.isprintable() for char in text)
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:  # brackets that do not match, a port that is no number or too large
        raise ValueError(f"no server URL; give one such as {PRODUCTION}") from None
    if odd or parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"no server URL; give one such as {PRODUCTION}")
    if parts.username is not None or parts.password is not None:
        raise ValueError("a URL with a user name or password in it, which would show in messages")
    if parts.query or parts.fragment:
        raise ValueError("a URL with a query; the API key is a setting of its own")
    return text if text.endswith("/") else text + "/"


def _server(value: object) -> str:
    return _url(NAMED_SERVERS.get(str(value).strip().lower(), value))


def _key(value: object) -> ApiKey:
    text = str(value).strip()
    if not text or any(char.isspace() or not char.isprintable() for char in text):
        raise ValueError("no key: it is empty or holds blanks")
    return ApiKey(text)


def _folder(value: object) -> Path:
    if not isinstance(value, (str, Path)) or not str(value).strip():
        raise ValueError("no folder")
    if "\0" in str(value):
        raise ValueError("no folder: it holds a NUL character")
    try:
        return Path(value).expanduser()
    except RuntimeError:
        raise ValueError("in a home folder that is not known") from None


def _store(value: object) -> str:
    address = _url(value)
    if urlsplit(address).path != "/":
        raise ValueError("no address of a store; give one such as https://data.openml.org")
    return address.rstrip("/")


def _word(value: object) -> str:
    text = str(value).strip()
    if not isinstance(value, str) or not text:
        raise ValueError("no name")
    return text


READERS: dict[str, Callable[[object], Any]] = {
    "server": _server,
    "server_v2": _url,
    "api_key": _key,
    "api_version": _one_of("v1", "v2"),
    "fallback": _flag,
    "read_only": _flag,
    "page_size": _number(1, 10_000, int),
    "user_id": _number(0, 10**18, int),
    "timeout": _number(0.1, 3600, float),
    "retry_policy": _one_of("human", "robot"),
    "retries": _number(0, 100, int),
    "cache_dir": _folder,
    "keyring": _flag,
    "watch_seconds": _number(5, 86_400, int),
    "theme": _word,
    "minio_server": _store,
    "minio_access_key": _key,
    "minio_secret_key": _key,
}
"""For each setting what reads it. Raises ValueError with words that complete "... is"."""
