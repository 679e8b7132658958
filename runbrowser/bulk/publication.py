"""Publishes a run: its description and files are checked, uploaded once, and made sure of."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from runbrowser.bulk.delivery import Delivery, DoubtError, HaltError
from runbrowser.bulk.description import (
    HEAD,
    Description,
    Problem,
    check_files,
    read_description,
)
from runbrowser.bulk.remarks import Reason, Remark, remark
from runbrowser.client.calls import actions, v1
from runbrowser.client.http import AsyncHTTPClient
from runbrowser.errors import AnswerError, OpenMLServerError, UsageError
from runbrowser.models import RunFilter
from runbrowser.text import display

UploadProgress = Callable[[int, int], None]
"""Told while an upload goes on: bytes that have left, bytes in all."""

_MOST_LOOKED_AT = 20
_MOST_DESCRIPTION = 50_000_000


@dataclass(frozen=True, slots=True)
class Upload:
    """A run that may be published: ``files`` are name -> (file name, where or what it is).

    ``problems`` are what the server would refuse; ``size`` is in bytes, all files together.
    """

    description: Description
    content: bytes
    files: Mapping[str, tuple[str, Path | bytes]]
    problems: tuple[Problem, ...]
    size: int


@dataclass(frozen=True, slots=True)
class Published:
    """How an upload ended: the new run's id, or None where nobody knows, and how that is known."""

    run_id: int | None
    remark: Remark


def folder_parts(folder: Path) -> tuple[Path, dict[str, Path]]:
    """The description and the files of a run in a folder, as openml-python's to_filesystem writes
    it: description.xml, predictions.arff, trace.arff. A model beside them is not published.

    UsageError when there is no description.
    """
    description = folder / "description.xml"
    if not description.is_file():
        raise UsageError(f"{display(folder)} is no folder of a run: it has no description.xml.")
    known = {name: folder / f"{name}.arff" for name in ("predictions", "trace")}
    return description, {name: path for name, path in known.items() if path.is_file()}


def prepare(description: Path, files: Mapping[str, Path]) -> Upload:
    """Reads and checks what is to be published; ``files`` are name -> path (predictions, trace).

    UsageError when a file cannot be read or a name is taken.
    """
    if "description" in files:
        raise UsageError("The description is given once, not as a file besides.")
    content = _head(description, _MOST_DESCRIPTION)
    heads = {name: (path.name, _head(path, HEAD)) for name, path in files.items()}
    read = read_description(content)
    problems = (*read.problems, *check_files(read, heads))
    size = len(content) + sum(path.stat().st_size for path in files.values())
    given = {name: (path.name, path) for name, path in files.items()}
    return Upload(read, content, given, problems, size)


def _head(path: Path, most: int) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(most)
    except OSError as error:
        reason = display(error.strerror or error)
        raise UsageError(f"{display(path)} cannot be read: {reason}.") from None


async def publish(
    http: AsyncHTTPClient,
    upload: Upload,
    *,
    user_id: int | None = None,
    progress: UploadProgress | None = None,
    delivery: Delivery | None = None,
) -> Published:
    """Uploads a run once; after a lost reply the server is asked whether it has the run.

    ``user_id`` is whose key it is, which makes that search shorter; ``delivery`` says how patiently
    to wait, with what else an action knows. Raises OpenMLServerException when the server refuses,
    HaltError when the key is refused or the server gone; nothing was published then. UsageError
    when the checks found problems.
    """
    if upload.problems:
        said = "; ".join(map(str, upload.problems[:3]))
        raise UsageError(f"The run was not published: {said}.")
    delivery = delivery or Delivery(http)
    newest = await newest_like(delivery, upload.description, user_id)
    try:
        new_id = await send_upload(delivery, upload, progress)
        return Published(new_id, remark(Reason.PUBLISHED))
    except DoubtError as doubt:
        if newest is not None:
            found = await find_published(
                delivery,
                upload.description,
                user_id,
                lambda sent: sent == upload.content,
                above=newest,
            )
            if found is not None:
                return Published(found, remark(Reason.PUBLISHED_REPLY_LOST))
        return Published(None, remark(Reason.PUBLISHED_MAYBE, str(doubt)))


async def send_upload(
    delivery: Delivery, upload: Upload, progress: UploadProgress | None = None
) -> int:
    """Sends the files once; the new run's id. Raises as :meth:`Delivery.write`."""
    meter = _Meter(upload.size, progress)
    opened: list[IO[bytes]] = []
    try:
        parts: dict[str, Any] = {
            "description": ("description.xml", meter.part(io.BytesIO(upload.content)), "text/xml")
        }
        for name, (filename, source) in upload.files.items():
            stream: IO[bytes] = (
                source.open("rb") if isinstance(source, Path) else io.BytesIO(source)
            )
            opened.append(stream)
            parts[name] = (filename, meter.part(stream), "application/octet-stream")
        return await delivery.write(v1.publish("run", parts))
    except OSError as error:
        reason = display(error.strerror or error)
        raise UsageError(f"A file of the run cannot be read: {reason}.") from None
    finally:
        for stream in opened:
            stream.close()


async def find_published(
    delivery: Delivery,
    description: Description,
    user_id: int | None,
    is_it: Callable[[bytes], bool],
    *,
    above: int = 0,
) -> int | None:
    """The newest run whose uploaded description is the one looked for; None when there is none.

    Looks at the newest runs of the same task and flow with ids ``above`` a number, by you where
    ``user_id`` says who that is. Waits and looks again, as the server may still be at it; None
    too when it does not answer.
    """
    others: set[int] = set()  # looked at and not it
    for wait in delivery.patience.looks:
        if await delivery.stopped_within(wait):
            return None
        try:
            page = await delivery.read(actions.list_own(_like(description, user_id), v1.MAX_LIMIT))
            ids = sorted((row.run_id for row in page if row.run_id > above), reverse=True)
            for run_id in ids[:_MOST_LOOKED_AT]:
                if run_id not in others and await _is_described(delivery, run_id, is_it):
                    return run_id
                others.add(run_id)
        except (OpenMLServerError, HaltError):
            continue
    return None


async def _is_described(delivery: Delivery, run_id: int, is_it: Callable[[bytes], bool]) -> bool:
    run = await delivery.look(run_id)
    for file in run.files if run is not None else ():
        if file.name == "description" and file.url:
            try:
                return is_it(await delivery.http.send(actions.download(run_id, file)))
            except (AnswerError, UsageError):
                return False
    return False


async def newest_like(
    delivery: Delivery, description: Description, user_id: int | None
) -> int | None:
    """The newest run of this task and flow, 0 where there is none; None when that is not told."""
    try:
        page = await delivery.read(actions.list_own(_like(description, user_id), v1.MAX_LIMIT))
    except OpenMLServerError:
        return None
    return max((row.run_id for row in page), default=0)


def _like(description: Description, user_id: int | None) -> RunFilter:
    return RunFilter(
        task=() if description.task_id is None else (description.task_id,),
        flow=() if description.flow_id is None else (description.flow_id,),
        uploader=() if user_id is None else (user_id,),
    )


class _Meter:
    """Counts what has been read from all parts of an upload."""

    def __init__(self, total: int, told: UploadProgress | None) -> None:
        self._total = total
        self._told = told
        self._at: dict[int, int] = {}

    def part(self, stream: IO[bytes]) -> _Part:
        return _Part(stream, self)

    def reached(self, part: _Part, position: int) -> None:
        self._at[id(part)] = position
        if self._told is not None:
            self._told(min(sum(self._at.values()), self._total), self._total)


class _Part:
    """A file of an upload that tells how far it has been read; what httpx needs of a file."""

    def __init__(self, stream: IO[bytes], meter: _Meter) -> None:
        self._stream = stream
        self._meter = meter

    def read(self, size: int = -1) -> bytes:
        content = self._stream.read(size)
        self._meter.reached(self, self._stream.tell())
        return content

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()
