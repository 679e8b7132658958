"""Files to publish, as people have them: paths, bytes, texts, open files."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from os import PathLike
from pathlib import Path
from typing import Any

from runbrowser.errors import UsageError, UsageTypeError
from runbrowser.text import display

_NAMES = {
    "description": "description.xml",
    "predictions": "predictions.arff",
    "trace": "trace.arff",
    "model_readable": "model.xml",
    "model_serialized": "model.pkl",
}
_LONGEST_PATH = 4_096


@contextmanager
def opened(files: Mapping[str, object] | None) -> Iterator[dict[str, Any] | None]:
    """The files as httpx sends them; those that were given as paths are open meanwhile.

    Raises UsageError for a path that cannot be read and for a text that is a path, a TypeError for
    anything else.
    """
    if files is None:
        yield None
        return
    with ExitStack() as stack:
        yield {name: _part(str(name), given, stack) for name, given in files.items()}


def _part(name: str, given: Any, stack: ExitStack) -> tuple[Any, ...]:
    file_name = _NAMES.get(name, name)
    if isinstance(given, tuple):
        return given
    if isinstance(given, (bytes, bytearray, memoryview)):
        return file_name, bytes(given)
    if isinstance(given, str):
        if _is_path(given):
            raise UsageError(
                f"The file {display(name, 60)!r} is given as the text {display(given, 100)!r}, "
                "which is a file's path: give Path(...) for what stands in that file."
            )
        return file_name, given.encode("utf-8", "surrogateescape")
    if isinstance(given, PathLike):
        path = Path(given)
        try:
            return path.name, stack.enter_context(path.open("rb"))
        except OSError as error:
            reason = display(error.strerror or error, 200)
            raise UsageError(
                f"The file {display(name, 60)!r} cannot be read from {display(path)}: {reason}."
            ) from None
    if isinstance(given, io.TextIOBase):
        return file_name, given.read().encode("utf-8", "surrogateescape")
    if callable(getattr(given, "read", None)):
        return Path(str(getattr(given, "name", file_name))).name or file_name, given
    raise UsageTypeError(
        f"The file {display(name, 60)!r} is a path, bytes, a text or an open file, "
        f"not {display(type(given).__name__, 60)}."
    )


def _is_path(text: str) -> bool:
    """Whether a text is the path of a file, and so most likely meant as one."""
    if not text or len(text) > _LONGEST_PATH or "\n" in text or text.lstrip().startswith("<"):
        return False
    try:
        return Path(text).is_file()
    except (OSError, ValueError):
        return False
