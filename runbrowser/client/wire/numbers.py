"""Numbers in the server's texts."""

from __future__ import annotations

_LONGEST = 400  # characters: no number of the server is longer, and int() takes the square of it


def integer(text: str | None) -> int | None:
    """A whole number, or None for an empty, absent or other text."""
    digits = (text or "")[:_LONGEST].strip()
    if not digits.isascii() or "_" in digits or len(text or "") > _LONGEST:
        return None
    try:
        return int(digits)
    except ValueError:
        return None


def number(text: str | None) -> float | None:
    """A number, or None for an empty, absent or other text."""
    digits = (text or "")[:_LONGEST].strip()
    if not digits.isascii() or "_" in digits or len(text or "") > _LONGEST:
        return None
    try:
        return float(digits)
    except ValueError:
        return None
