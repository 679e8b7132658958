"""Makes the copy of a run that goes to the trash: everything of it that can be had."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import math
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from runbrowser.bulk.entry import Entry
from runbrowser.bulk.plan import Study
from runbrowser.bulk.trash import Trash
from runbrowser.client.call import Call
from runbrowser.client.calls import actions
from runbrowser.client.http import AsyncHTTPClient
from runbrowser.errors import OpenMLServerError, RunbrowserError, UsageError
from runbrowser.models import OutputFile, Run, RunFilter, RunPage, RunRow
from runbrowser.text import display

RUN, TRACE = "run.xml", "trace.xml"
Ask = Callable[[Call[Any]], Awaitable[Any]]


class NotKeptError(RunbrowserError):
    """No whole copy of a run could be made; the words say why."""


class NoRoomError(NotKeptError):
    """The disk takes no copy of any run: it is full, or cannot be written."""


_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}


@dataclass(frozen=True, slots=True)
class Gathered:
    """All of a run, in memory: the manifest's contents, and (about, bytes) of each file."""

    run: Run
    told: dict[str, Any]
    files: list[tuple[dict[str, Any], bytes]]


async def gather(
    http: AsyncHTTPClient,
    run: Run,
    studies: tuple[Study, ...] | None = None,
    *,
    row: RunRow | None = None,
    missing_ok: bool = False,
    ask: Ask | None = None,
) -> Gathered:
    """Fetches what belongs to a run that was just read: its row, its trace and its files.

    ``studies`` are the run's, None where they are not known; ``row`` is the run as the list has it,
    asked for where it is not given. ``ask`` sends what goes to the API
    (``http.send``); files may lie on another host. Raises NotKeptError when a file
    cannot be had, unless ``missing_ok``: what is missing is then noted. Raises OpenMLServerError
    when the server does not answer.
    """
    missing: list[str] = []
    description = run.description_text.encode("utf-8", "surrogateescape")
    files: list[tuple[dict[str, Any], bytes]] = []
    files.append(({"file": RUN, "kind": "server", "name": "description"}, description))
    ask = ask or http.send
    row = row or await _row(ask, run.run_id)
    trace = await ask(actions.raw_trace(run.run_id))
    if trace is not None:
        files.append(({"file": TRACE, "kind": "server", "name": "trace"}, trace))
    for file in run.files:
        about = {
            "file": _place(file),
            "kind": "file",
            "name": file.name,
            "filename": _filename(file),
            "file_id": file.file_id,
            "url": file.url,
        }
        try:
            files.append((about, await http.send(actions.download(run.run_id, file))))
        except (OpenMLServerError, UsageError) as error:
            if not missing_ok:
                raise NotKeptError(str(error)) from error
            missing.append(f"{display(file.name, 60)}: {error}")
    return Gathered(run, _manifest(run, row, studies, missing), files)


async def keep(
    http: AsyncHTTPClient,
    run: Run,
    trash: Trash,
    studies: tuple[Study, ...] | None = None,
    *,
    row: RunRow | None = None,
    missing_ok: bool = False,
    ask: Ask | None = None,
) -> Entry:
    """Puts a whole copy of a run that was just read into the trash; see :func:`gather`.

    Raises NotKeptError too when the disk does not take it, NoRoomError when it would take none of
    another run either. Cancelled, it leaves no copy.
    """
    gathered = await gather(http, run, studies, row=row, missing_ok=missing_ok, ask=ask)
    storing = asyncio.ensure_future(
        asyncio.to_thread(trash.store, http.server, gathered.told, gathered.files)
    )
    try:
        return await asyncio.shield(storing)
    except asyncio.CancelledError:
        with contextlib.suppress(OSError):  # a thread cannot be cancelled: what it made goes
            trash.purge([await storing])
        raise
    except OSError as error:
        reason = display(error.strerror or error)
        fault = NoRoomError if error.errno in _NO_ROOM else NotKeptError
        raise fault(f"the trash cannot be written ({reason})") from error


async def _row(ask: Ask, run_id: int) -> RunRow | None:
    """The run as the list has it, which alone tells its upload time; None if that is hidden."""
    page: RunPage = await ask(actions.list_own(RunFilter(ids=(run_id,)), 10))
    return next((row for row in page if row.run_id == run_id), None)


def _manifest(
    run: Run, row: RunRow | None, studies: tuple[Study, ...] | None, missing: list[str]
) -> dict[str, Any]:
    return {
        "run_id": run.run_id,
        "uploader": run.uploader,
        "uploader_name": run.uploader_name,
        "task_id": run.task_id,
        "task_type": run.task_type,
        "flow_id": run.flow_id,
        "flow_name": run.flow_name,
        "setup_id": run.setup_id,
        "upload_time": row.upload_time if row is not None else None,
        "state": run.state.value,
        "error_message": run.error_message,
        "evaluations": {
            e.name: e.value if e.value is not None and math.isfinite(e.value) else None
            for e in run.evaluation_list
            if e.fold is None
        },
        "tags": list(run.tags),
        "studies": None if studies is None else [[s.study_id, s.name] for s in studies],
        "missing": missing,
    }


def _filename(file: OutputFile) -> str:
    """The name under which the file was uploaded, from its address."""
    name = unquote(urlsplit(file.url or "").path.rpartition("/")[2])
    return name or f"{file.name}.arff"


def _place(file: OutputFile) -> str:
    """Where the file goes in the copy: a name that no other has and no file system refuses."""
    safe = re.sub(r"[^A-Za-z0-9._-]+", "_", _filename(file))[-100:].lstrip(".")
    return f"files/{file.file_id}-{safe or 'file'}"
