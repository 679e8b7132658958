"""The embedded OpenML server and its catalogue of real runs."""

import importlib.util

DEMO_USER_ID = 2
"""Whose key the server announces: the account ``demo-user`` of the catalogue."""

_NEEDED = ("starlette", "uvicorn", "python_multipart", "lxml")


def missing_packages() -> list[str]:
    """The packages of the extra ``demo`` that are not installed, by their import names."""
    return [name for name in _NEEDED if not _is_installed(name)]


def _is_installed(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False
