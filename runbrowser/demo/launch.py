"""Starts the demo server as a process of its own. Needs the standard library alone."""

import json
import os
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from .faults import Faults
from .options import Options, command_line
from .synthetic import Scale

STARTING_SECONDS = 60.0
STOPPING_SECONDS = 10.0


@dataclass
class DemoProcess:
    """A running demo server; as a context manager it is stopped at the end.

    v1, v2: the bases of the two APIs, ending with '/'. api_key: an ordinary user's, whose number
    is user_id.
    """

    v1: str
    v2: str
    api_key: str
    user_id: int
    _process: "subprocess.Popen[str]" = field(repr=False)

    @property
    def pid(self) -> int:
        """The server's process id."""
        return self._process.pid

    def stop(self) -> None:
        """End the server and wait until it is gone. Doing so twice does no harm."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(STOPPING_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def start(
    *,
    port: int = 0,
    database: Path | None = None,
    synthetic: str | Scale = "",
    well_formed: bool = False,
    delay: float = 0.0,
    database_down: bool = False,
    elasticsearch_down: bool = False,
    studies_cascade: bool = False,
    evaluation_delay: float = 2.0,
    evaluation_error: str = "",
    no_evaluation: bool = False,
    timeout_past: int | None = None,
) -> DemoProcess:
    """Start the demo server and wait until it listens.

    port: 0 takes a free one. database: another catalogue than the shipped one. synthetic: rows
    made by chance instead, such as ``runs=150000,flows=400,tasks=400``. well_formed: see
    Options. The others: see Faults.
    The server ends with this process, however that ends. Raises ValueError for a scale that
    cannot be read, RuntimeError with the server's own words when it does not start.
    """
    scale = Scale.from_text(synthetic) if isinstance(synthetic, str) and synthetic else synthetic
    faults = Faults(
        delay=delay,
        database_down=database_down,
        elasticsearch_down=elasticsearch_down,
        studies_cascade=studies_cascade,
        evaluation_delay=evaluation_delay,
        evaluation_error=evaluation_error,
        no_evaluation=no_evaluation,
        timeout_past=timeout_past,
    )
    options = Options(
        port=port,
        parent=os.getpid(),
        database=database,
        synthetic=scale if isinstance(scale, Scale) else None,
        well_formed=well_formed,
        faults=faults,
    )
    # -P: modules lying in the folder one happens to be in are not the server's.
    command = [sys.executable, "-P", "-m", "runbrowser.demo", *command_line(options)]
    with tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(  # noqa: S603 our own interpreter and module
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            # Ctrl-C and a closed terminal are for us; the server ends when we do.
            start_new_session=True,
        )
        line = _first_line(process)
        if line:
            told = json.loads(line)
            return DemoProcess(**told, _process=process)
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
        raise RuntimeError(_failure(errors, late=line is None))


def _first_line(process: "subprocess.Popen[str]") -> str | None:
    """The server's first line; '' when it ended without one; None, and killed, when it is late."""
    lines: list[str] = []

    def read() -> None:
        assert process.stdout is not None  # noqa: S101 it was asked for
        lines.append(process.stdout.readline())

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    reader.join(STARTING_SECONDS)
    late = reader.is_alive()
    if late:
        process.kill()
        reader.join()
    return None if late else lines[0]


def _failure(errors: IO[str], late: bool) -> str:
    errors.seek(0)
    words = errors.read().strip()
    if late:
        reason = f"it was not ready after {STARTING_SECONDS:.0f} s"
    else:
        reason = words.splitlines()[-1] if words else "it ended without a word"
    return f"The demo server did not start: {reason}"
