"""What a bulk action has done so far, on disk, so that it can be taken up after a crash.

One file of JSON lines an action, ``<state>/actions/<time>-<kind>-<random>.jsonl``: first the plan,
then a line for every step of every run, each on the disk before the next is taken. The process
that works on it holds its lock, which the system releases however the process ends. No line holds
an API key.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from runbrowser import locks
from runbrowser.bulk.outcome import Outcome, Progress, Report, State, left_outcomes
from runbrowser.bulk.plan import Plan
from runbrowser.bulk.records import outcome_from_json, outcome_to_json, plan_from_json, plan_to_json
from runbrowser.bulk.remarks import Reason, Remark, remark
from runbrowser.errors import UsageError
from runbrowser.locks import HeldError, Lock, is_held
from runbrowser.paths import private_folder, read_regular, synchronise
from runbrowser.text import display

VERSION = 2
_READABLE = (1, 2)  # 1 has sentences where 2 has remarks
_MOST_BYTES = 1_000_000_000
_ABANDONED = 60.0  # seconds after which a journal that was never begun is nobody's
MOST_REPORTS = 50
"""Finished journals that are kept to be read again; the oldest go first."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A journal as it was read: what was wanted, how far it is, and how it ended, if it did."""

    path: Path
    plan: Plan
    server: str
    started: float  # seconds since 1970
    progress: Mapping[int, Progress]
    ended: bool  # carried out or ended early; else it broke off
    stopped: Remark | None  # why it ended early
    size: int  # bytes up to the end of the last whole line

    @property
    def open(self) -> tuple[int, ...]:
        """The runs without an outcome."""
        return tuple(
            run_id
            for run_id in self.plan.run_ids
            if run_id not in self.progress or self.progress[run_id].outcome is None
        )

    @property
    def in_doubt(self) -> tuple[int, ...]:
        """The open runs whose request may have left."""
        return tuple(i for i in self.open if i in self.progress and self.progress[i].sent)

    def report(self) -> Report:
        """The outcomes so far; what has none was not begun, or is doubtful."""
        outcomes = []
        for run_id in self.plan.run_ids:
            done = self.progress.get(run_id, Progress())
            if done.outcome is not None:
                outcomes.append(done.outcome)
            elif done.sent:
                why = (remark(Reason.SENT_UNSEEN),)
                outcomes.append(Outcome(run_id, State.DOUBTFUL, why, entry=done.entry))
            else:
                why = (remark(Reason.NOT_BEGUN),)
                outcomes.append(Outcome(run_id, State.STOPPED, why, entry=done.entry))
        outcomes += left_outcomes(self.plan)
        return Report(self.plan, tuple(outcomes), self.stopped, resumable=not self.ended)


class Journal:
    """The journal of one action, open for writing and locked against other processes.

    ``progress`` holds how far each run is. :meth:`note` may be called from several threads.
    """

    def __init__(self, recorded: Recorded, descriptor: int, lock: Lock) -> None:
        self._descriptor: int | None = descriptor
        self._held = lock
        self._lock = threading.Lock()
        self.path = recorded.path
        self.plan = recorded.plan
        self.server = recorded.server
        self.started = recorded.started
        self.progress: dict[int, Progress] = dict(recorded.progress)

    @classmethod
    def create(cls, state_dir: Path, plan: Plan, server: str) -> Journal:
        """A new journal that holds the plan. Raises OSError."""
        folder = folder_of(state_dir)
        private_folder(folder)
        _sweep(folder)
        now = time.time()
        stamp = datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%S")
        name = f"{stamp}-{plan.operation.name}-{secrets.token_hex(4)}.jsonl"
        head = {"step": "plan", "version": VERSION, "server": server, "at": now}
        temporary = folder / f".{name}"
        # Locked before it has its name, so that nobody takes it for one that broke off.
        lock = Lock(folder / name)
        try:
            descriptor = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
            try:
                size = _append(descriptor, head | plan_to_json(plan))
                temporary.rename(folder / name)
                synchronise(folder)
            except BaseException:
                temporary.unlink(missing_ok=True)
                os.close(descriptor)
                raise
        except BaseException:
            lock.release(discard=True)
            raise
        recorded = Recorded(folder / name, plan, server, now, {}, False, None, size)
        return cls(recorded, descriptor, lock)

    @classmethod
    def reopen(cls, path: Path) -> Journal:
        """The journal of an action that broke off, to go on with it.

        What a crash left of a half-written last line is cut away. UsageError when another process
        works on it, when it has ended, or when it cannot be read.
        """
        try:
            lock = Lock(path, wait=0)  # who is at work on it may take hours
        except HeldError:
            raise UsageError(f"{display(path)}: another runbrowser is at work on it.") from None
        except OSError as error:
            raise _not_taken_up(path, error) from None
        try:
            return cls._locked(path, lock)
        except BaseException:
            lock.release()
            raise

    @classmethod
    def _locked(cls, path: Path, lock: Lock) -> Journal:
        recorded = read(path)
        if recorded is None:
            raise UsageError(f"{display(path)} holds no plan that can be read.")
        if recorded.ended:
            raise UsageError(f"{display(path)}: this action has ended.")
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_APPEND)
        except OSError as error:
            raise _not_taken_up(path, error) from None
        try:
            os.ftruncate(descriptor, recorded.size)
        except OSError as error:
            os.close(descriptor)
            raise _not_taken_up(path, error) from None
        return cls(recorded, descriptor, lock)

    def note(
        self,
        step: str,
        run_id: int,
        *,
        entry: str | None = None,
        outcome: Outcome | None = None,
    ) -> None:
        """One step of one run, on the disk when this returns.

        Steps: ``begin``; ``kept`` with the name of the copy in the trash; ``sent``, before the
        request leaves; ``withdrawn`` when it did not leave or was refused before anything was
        done, so that the run is as if never begun; ``done`` with the outcome, which is never that
        it was not begun. Raises OSError, and nothing may be done then.
        """
        told: dict[str, Any] = {"step": step, "run_id": run_id}
        if entry is not None:
            told["entry"] = entry
        if outcome is not None:
            told["outcome"] = outcome_to_json(outcome)
        with self._lock:
            _append(self._open(), told)
            self.progress[run_id] = _after(self.progress.get(run_id, Progress()), told)

    def finish(self, why: Remark | None = None) -> None:
        """Ends the action: ``why`` it ended early, if it did. Old reports beyond the bound go."""
        written = why.as_json() if why is not None else None
        with self._lock:
            _append(self._open(), {"step": "end", "why": written, "at": time.time()})
            self._let_go(discard=True)
        _prune(self.path.parent)

    def close(self) -> None:
        """Lets go of the file. Without :meth:`finish` the action counts as broken off."""
        with self._lock:
            self._let_go()

    def _let_go(self, *, discard: bool = False) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
            self._held.release(discard=discard)

    def _open(self) -> int:
        if self._descriptor is None:
            raise OSError(f"{self.path.name} is closed")
        return self._descriptor


def _not_taken_up(path: Path, error: OSError) -> UsageError:
    return UsageError(f"{display(path)} cannot be taken up: {display(error.strerror or error)}.")


def folder_of(state_dir: Path) -> Path:
    """Where the journals are."""
    return state_dir / "actions"


def read(path: Path) -> Recorded | None:
    """A journal, finished or not; None when it holds no plan that can be read.

    A line that is torn or damaged is passed over: what it would have told is then open, and the
    server's state decides.
    """
    try:
        content = read_regular(path, _MOST_BYTES)
    except OSError:
        return None
    size = content.rfind(b"\n") + 1
    lines = [line for raw in content[:size].splitlines() if (line := _line(raw)) is not None]
    if not lines or lines[0].get("step") != "plan" or lines[0].get("version") not in _READABLE:
        return None
    try:
        plan = plan_from_json(lines[0])
        server, started = str(lines[0]["server"]), float(lines[0]["at"])
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    if not _is_moment(started):
        return None
    progress: dict[int, Progress] = {}
    ended, stopped = False, None
    for line in lines[1:]:
        if line.get("step") == "end":
            ended, stopped = True, _why(line.get("why"))
            continue
        with contextlib.suppress(KeyError, TypeError, ValueError, OverflowError):
            run_id = int(line["run_id"])
            progress[run_id] = _after(progress.get(run_id, Progress()), line)
    return Recorded(path, plan, server, started, progress, ended, stopped, size)


def _why(written: Any) -> Remark | None:
    """Why an action ended early; what cannot be read was no reason to go on either."""
    try:
        return Remark.from_json(written) if written else None
    except (TypeError, ValueError):
        return None


def _is_moment(seconds: float) -> bool:
    """Whether it is a time that a calendar has a name for."""
    return 0 <= seconds < 1e11


def _line(raw: bytes) -> dict[str, Any] | None:
    try:
        line = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return line if isinstance(line, dict) else None


def _after(before: Progress, line: Mapping[str, Any]) -> Progress:
    step = line["step"]
    if step == "begin":
        return replace(before, begun=True)
    if step == "kept":
        return replace(before, entry=str(line["entry"]))
    if step == "sent":
        return replace(before, sent=True)
    if step == "withdrawn":
        return Progress(begun=before.begun)
    if step == "done":
        outcome = outcome_from_json(line["outcome"])
        if outcome.state is State.STOPPED:  # written by former versions: it was not done
            return Progress(begun=before.begun)
        return replace(before, outcome=outcome)
    return before


def unfinished(state_dir: Path, server: str | None = None) -> list[Recorded]:
    """The actions that broke off, oldest first; those of ``server`` alone if one is given.

    An action that another process is working on is not among them, nor one of no runs: there is
    nothing in it to be taken up.
    """
    found = []
    for path in _journals(folder_of(state_dir)):
        recorded = None if is_held(path) else read(path)
        if recorded is None or recorded.ended or not recorded.plan.items:
            continue
        if server is None or recorded.server == server:
            found.append(recorded)
    return found


def reports(state_dir: Path) -> list[Recorded]:
    """The actions that have ended, newest first."""
    paths = _journals(folder_of(state_dir))
    found = [recorded for path in reversed(paths) if (recorded := read(path)) is not None]
    return [recorded for recorded in found if recorded.ended]


def forget(path: Path) -> Report:
    """Ends an action that broke off without taking it up: the report of what was done.

    Raises UsageError as :meth:`Journal.reopen`, and when the disk does not take it.
    """
    journal = Journal.reopen(path)
    try:
        journal.finish(remark(Reason.NOT_TAKEN_UP))
    except OSError as error:
        journal.close()
        reason = display(error.strerror or error)
        raise UsageError(f"{display(path)} cannot be written: {reason}.") from None
    recorded = read(path)
    if recorded is None:
        raise UsageError(f"{display(path)} was taken away meanwhile.")
    return recorded.report()


def _append(descriptor: int, told: Mapping[str, Any]) -> int:
    """Writes one line and waits until the disk has it; the bytes written."""
    line = json.dumps(told, separators=(",", ":")).encode() + b"\n"
    before = os.fstat(descriptor).st_size
    rest = memoryview(line)
    try:
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        os.fsync(descriptor)
    except OSError:
        with contextlib.suppress(OSError):  # a full disk: the next line must not join this one
            os.ftruncate(descriptor, before)
        raise
    return len(line)


def _journals(folder: Path) -> list[Path]:
    """The journals by age, without those that were never begun."""
    return sorted(path for path in folder.glob("*.jsonl") if not path.name.startswith("."))


def _sweep(folder: Path) -> None:
    """Takes away journals whose process was killed before they were begun, and locks of none."""
    for path in folder.glob(".*.jsonl"):
        with contextlib.suppress(OSError):
            named = path.with_name(path.name.removeprefix("."))
            if time.time() - path.lstat().st_mtime > _ABANDONED and not is_held(named):
                path.unlink()
    locks.sweep(folder, ".*.jsonl.lock", _ABANDONED)


def _prune(folder: Path) -> None:
    """Keeps the newest reports alone. Actions that broke off are never taken away."""
    ended = [
        path
        for path in _journals(folder)
        if (recorded := read(path)) is not None and recorded.ended
    ]
    for path in ended[:-MOST_REPORTS]:
        path.unlink(missing_ok=True)
