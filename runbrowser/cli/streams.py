"""The three standard streams as they may be: closed, full, or with nobody at the other end.

Nothing heavy is imported here: it is the first thing that the command does.
"""

from __future__ import annotations

import os
import sys


def open_missing() -> None:
    """Puts something in place of streams that were closed (``>&-``).

    Else the next file or connection that is opened would be taken for one of them. Input is empty;
    writing to the output fails as on a closed file, messages go nowhere.
    """
    for number, name, flags in (
        (0, "stdin", os.O_RDONLY),
        (1, "stdout", os.O_RDONLY),
        (2, "stderr", os.O_WRONLY),
    ):
        if getattr(sys, name) is not None:
            continue
        opened = os.open(os.devnull, flags)
        if opened != number:
            os.dup2(opened, number)
            os.close(opened)
        mode = "r" if number == 0 else "w"
        setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115


def forget_stdout() -> None:
    """What is still unwritten goes nowhere, so that the interpreter does not stumble over it."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):
        return


def tell(message: str) -> None:
    """One line on stderr, which may be closed or full; ``message`` is harmless already."""
    stream = sys.stderr
    encoding = getattr(stream, "encoding", None) or "utf-8"
    try:
        stream.write((message + "\n").encode(encoding, "replace").decode(encoding))
        stream.flush()
    except (OSError, ValueError):
        return


def output_failed(error: OSError) -> int:
    """Says why the output cannot be written, once and for all; the exit code."""
    forget_stdout()
    reason = error.strerror or type(error).__name__
    tell(f"runbrowser: the output cannot be written: {reason}.")
    return 1
