"""Files of runs for the library: their addresses, their text, their rows as a DataFrame.

A file whose address lies in the object storage that the API was given is fetched from there
(``minio``), every other one over HTTP.
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict
from urllib.parse import quote

import runbrowser
from runbrowser.client.download import Progress, download, download_async
from runbrowser.client.http import AsyncHTTPClient, HTTPClient
from runbrowser.errors import UsageError
from runbrowser.ids import Id, one_id
from runbrowser.models import Run
from runbrowser.text import display

if TYPE_CHECKING:
    import pandas as pd

    from runbrowser.client.minio import MinIOClient

_BASES = ("api/v1/xml/", "api/v1/json/", "api/v1/", "api_new/v1/xml/")


def file_url(server: str, file_id: Id, filename: str | None = None) -> str:
    """Where V1 gives a file: below its site, beside the API."""
    site = next((server.removesuffix(base) for base in _BASES if server.endswith(base)), server)
    name = f"/{quote(filename, safe='')}" if filename is not None else ""
    return f"{site}data/download/{one_id(file_id, 'a file id')}{name}"


def predictions_url(run: Run, server: str) -> str:
    """Where a run's predictions are. UsageError when it names none."""
    for file in run.files:
        if file.name == "predictions":
            return file.url or file_url(server, file.file_id, "predictions.arff")
    raise UsageError(f"Run {run.run_id} names no file of predictions ({run.state.value}).")


def _text(path: Path, encoding: str) -> str:
    return path.read_bytes().decode(encoding, "replace")


def _rows(path: Path) -> pd.DataFrame:
    with path.open("rb") as stream:
        return runbrowser.prediction_frame(stream)


def _there(target: Path | None, exists_ok: bool) -> bool:
    if target is None or not target.exists():
        return False
    if not exists_ok:
        raise FileExistsError(f"There is a file already: {display(target)}")
    return True


class _Options(TypedDict):
    checksum: str | None
    progress: Progress | None
    overwrite: bool


class RunFiles:
    """What V1's API can do with files, blocking."""

    def __init__(self, http: HTTPClient, minio: MinIOClient | None = None) -> None:
        self._http = http
        self._minio = minio

    def file_id_to_url(self, file_id: Id, filename: str | None = None) -> str:
        """The address of a file on this server; ``filename`` is how it is to be called."""
        return file_url(self._http.server, file_id, filename)

    def download_file(
        self,
        url: str,
        target: Path,
        *,
        checksum: str | None = None,
        progress: Progress | None = None,
        overwrite: bool = True,
    ) -> int:
        """Fetches a file to ``target``; its size in bytes. See ``download`` and
        ``MinIOClient.download``, which does it for an address in the API's object storage.
        """
        more: _Options = {"checksum": checksum, "progress": progress, "overwrite": overwrite}
        if self._minio is not None and self._minio.holds(url):
            return self._minio.download_url(url, target, **more)
        return download(self._http, url, target, **more)

    def download_text_file(
        self,
        source: str,
        output_path: Path | str | None = None,
        md5_checksum: str | None = None,
        exists_ok: bool = True,
        encoding: str = "utf8",
    ) -> str | None:
        """A text file's text, or None when it went to ``output_path``, as openml-python has it.

        With ``exists_ok`` a file that is there is left as it is; FileExistsError without. Raises
        OpenMLHashException when the bytes are not those of ``md5_checksum``.
        """
        target = None if output_path is None else Path(output_path)
        if _there(target, exists_ok):
            return None
        checksum = f"md5:{md5_checksum}" if md5_checksum else None
        if target is not None:
            self.download_file(source, target, checksum=checksum)
            return None
        with tempfile.TemporaryDirectory(prefix="runbrowser-") as folder:
            path = Path(folder) / "text"
            self.download_file(source, path, checksum=checksum)
            return _text(path, encoding)

    def predictions(self, run: Run | Id) -> pd.DataFrame:
        """What a run predicted, row by row. See ``Run.predictions``."""
        run = run if isinstance(run, Run) else self.get(run)
        with tempfile.TemporaryDirectory(prefix="runbrowser-") as folder:
            path = Path(folder) / "predictions.arff"
            with self._http.at_hand() as http:  # a run outlives the block that it was read in
                url = predictions_url(run, http.server)
                type(self)(http, self._minio).download_file(url, path)
            return _rows(path)

    def get(self, run_id: Id, *, reset_cache: bool = False, description: bool = False) -> Run:
        """One run with everything it has."""
        raise NotImplementedError


class AsyncRunFiles:
    """As RunFiles, with coroutines."""

    def __init__(self, http: AsyncHTTPClient, minio: MinIOClient | None = None) -> None:
        self._http = http
        self._minio = minio

    def file_id_to_url(self, file_id: Id, filename: str | None = None) -> str:
        """See RunFiles.file_id_to_url; nothing is asked for, and so nothing awaited."""
        return file_url(self._http.server, file_id, filename)

    async def download_file(
        self,
        url: str,
        target: Path,
        *,
        checksum: str | None = None,
        progress: Progress | None = None,
        overwrite: bool = True,
    ) -> int:
        """See RunFiles.download_file."""
        more: _Options = {"checksum": checksum, "progress": progress, "overwrite": overwrite}
        if self._minio is not None and self._minio.holds(url):
            return await asyncio.to_thread(self._minio.download_url, url, target, **more)
        return await download_async(self._http, url, target, **more)

    async def download_text_file(
        self,
        source: str,
        output_path: Path | str | None = None,
        md5_checksum: str | None = None,
        exists_ok: bool = True,
        encoding: str = "utf8",
    ) -> str | None:
        """See RunFiles.download_text_file."""
        target = None if output_path is None else Path(output_path)
        if _there(target, exists_ok):
            return None
        checksum = f"md5:{md5_checksum}" if md5_checksum else None
        if target is not None:
            await self.download_file(source, target, checksum=checksum)
            return None
        with tempfile.TemporaryDirectory(prefix="runbrowser-") as folder:
            path = Path(folder) / "text"
            await self.download_file(source, path, checksum=checksum)
            return await asyncio.to_thread(_text, path, encoding)

    async def predictions(self, run: Run | Id) -> pd.DataFrame:
        """See RunFiles.predictions."""
        run = run if isinstance(run, Run) else await self.get(run)
        with tempfile.TemporaryDirectory(prefix="runbrowser-") as folder:
            path = Path(folder) / "predictions.arff"
            await self.download_file(predictions_url(run, self._http.server), path)
            return await asyncio.to_thread(_rows, path)

    async def get(self, run_id: Id, *, reset_cache: bool = False, description: bool = False) -> Run:
        """See RunFiles.get."""
        raise NotImplementedError
