"""Objects from MinIO or any S3 store: data sets as Parquet, files of runs.

Needs the extra ``runbrowser[minio]``.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from runbrowser.client.call import Call
from runbrowser.client.download import PartFile, Progress
from runbrowser.client.loggers import keep_keys_out
from runbrowser.client.retry import OnRetry, RetryPolicy, attempts, policy_of
from runbrowser.errors import (
    OpenMLConnectionError,
    OpenMLNotAuthorizedError,
    OpenMLServerError,
    OpenMLServerException,
    UsageError,
)
from runbrowser.secret import ApiKey
from runbrowser.text import display

if TYPE_CHECKING:
    from minio import Minio

_PIECE = 1 << 18
_PLAIN_MD5 = re.compile(r"[0-9a-f]{32}\Z")
_DENIED = {"AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "AllAccessDisabled"}


class MinIOClient:
    """Fetches objects from one store, blocking.

    ``server`` is its address, such as ``https://data.openml.org``; without keys, public objects
    only. ``timeout`` is in seconds, for connecting and between two pieces; ``retry`` and
    ``on_retry`` are as HTTPClient's. Raises UsageError when the extra is not installed.
    """

    def __init__(
        self,
        server: str,
        access_key: str | ApiKey | None = None,
        secret_key: str | ApiKey | None = None,
        *,
        region: str | None = None,
        timeout: float = 30.0,
        retry: RetryPolicy | str | None = None,
        on_retry: OnRetry | None = None,
    ) -> None:
        parts = urlsplit(server)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/"):
            shown = display(server.rpartition("@")[2], 100)
            raise UsageError(f"{shown!r} is no store; give one such as https://data.openml.org")
        self.server = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        keep_keys_out()
        self.policy = policy_of(retry)
        self.on_retry = on_retry
        self._access_key = _hidden(access_key)
        self._secret_key = _hidden(secret_key)
        self._region = region
        self._timeout = timeout
        self._made: Minio | None = None

    def _store(self) -> Minio:
        if self._made is None:
            try:
                import urllib3
                from minio import Minio
            except ImportError:
                raise UsageError(
                    "Object storage needs more packages: pip install 'runbrowser[minio]'."
                ) from None
            self._made = Minio(
                endpoint=urlsplit(self.server).netloc,
                access_key=_revealed(self._access_key),
                secret_key=_revealed(self._secret_key),
                secure=self.server.startswith("https:"),
                region=self._region,
                # Repeating is the policy's business; redirects would take the keys along.
                http_client=urllib3.PoolManager(
                    timeout=urllib3.Timeout(self._timeout), retries=urllib3.Retry(False)
                ),
            )
        return self._made

    def download(
        self,
        bucket: str,
        name: str,
        target: Path,
        *,
        checksum: str | None = None,
        progress: Progress | None = None,
        overwrite: bool = True,
    ) -> int:
        """Fetches an object to ``target``; its size in bytes.

        What a broken transfer left is taken up again, unless the object has changed. ``checksum``
        is 'md5:...' or 'sha256:...'; without one the store's own MD5 is checked where it tells it.
        Without ``overwrite`` a file of that name stays: FileExistsError, unless its bytes are
        those that came.
        Raises OpenMLServerException when there is no such object, OpenMLNotAuthorizedError when it
        is not public, OpenMLHashException when other bytes came, OSError when they cannot be
        written.
        """
        url = f"{self.server}/{bucket}/{name}"
        call: Call[bytes] = Call(f"fetch {bucket}/{name}", "GET", url, lambda answer: answer.body)
        part: PartFile | None = None
        for attempt in attempts(self.policy, call, self.on_retry):
            with attempt:
                made, error = self._transfer(call, bucket, name, target, checksum, progress)
                if error is not None:
                    raise error
                part = made
        if part is None:
            raise AssertionError("the last attempt returns or raises")
        return part.finish(overwrite=overwrite)

    def __repr__(self) -> str:
        return f"<MinIOClient of {display(self.server, 200)}>"

    def __getstate__(self) -> dict[str, Any]:
        """What is pickled: neither connections nor keys nor who is told of repetitions."""
        left = dict.fromkeys(("_made", "_access_key", "_secret_key", "on_retry"))
        return self.__dict__ | left

    def holds(self, url: str) -> bool:
        """Whether an address is one of this store."""
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}" == self.server

    def download_url(
        self,
        url: str,
        target: Path,
        *,
        checksum: str | None = None,
        progress: Progress | None = None,
        overwrite: bool = True,
    ) -> int:
        """As :meth:`download`, for an object's address on this store: ``.../bucket/name``."""
        parts = urlsplit(url)
        bucket, _, name = unquote(parts.path).lstrip("/").partition("/")
        if f"{parts.scheme}://{parts.netloc}" != self.server or not bucket or not name:
            raise UsageError(f"{display(url, 100)!r} is no object of {self.server}.")
        return self.download(
            bucket, name, target, checksum=checksum, progress=progress, overwrite=overwrite
        )

    def _transfer(
        self,
        call: Call[bytes],
        bucket: str,
        name: str,
        target: Path,
        checksum: str | None,
        progress: Progress | None,
    ) -> tuple[PartFile | None, OpenMLServerError | None]:
        """One attempt: the complete part, or the exception to raise (without minio's frames, in
        whose variables the keys stand).
        """
        import urllib3.exceptions
        from minio.error import MinioException, S3Error

        response: Any = None
        try:
            told = self._store().stat_object(bucket, name)
            etag = (told.etag or "").strip('"').lower()
            if checksum is None and _PLAIN_MD5.match(etag):
                checksum = f"md5:{etag}"
            identity = hashlib.sha256(f"{call.path} {etag}".encode()).hexdigest()[:12]
            part = PartFile(call, call.path, target, identity, checksum, progress)
            part.total = told.size
            if part.had() > (told.size or 0):
                part.discard()
            part.offset = part.had()
            if part.offset < (told.size or 0):
                response = self._store().get_object(bucket, name, offset=part.offset)
                with part.open() as stream:
                    for piece in response.stream(_PIECE):
                        part.write(stream, piece)
                        part.tell()
        except S3Error as error:
            return None, self._refused(call, error.code or "", error.message or "")
        except (urllib3.exceptions.HTTPError, MinioException) as error:
            return None, self._broken(call, error)
        except ValueError as error:  # a bucket's or object's name that S3 does not allow
            return None, self._refused(call, "InvalidName", str(error))
        finally:
            if response is not None:
                response.close()
                response.release_conn()
        return part, None

    def _refused(self, call: Call[bytes], code: str, words: str) -> OpenMLServerException:
        said = display(words or code, 200).rstrip(".")
        kind, step = OpenMLServerException, "Check the names of bucket and object."
        status = 404 if code in ("NoSuchKey", "NoSuchBucket", "NoSuchObject") else 400
        if code in _DENIED:
            kind, status = OpenMLNotAuthorizedError, 403
            step = "Check the access key and the secret key."
        message = f"Could not {display(call.purpose, 200)}: {said} [{display(code, 40)}]. {step}"
        words = self._without_keys(said)
        return kind(self._without_keys(message), None, call.path, status=status, message=words)

    def _broken(self, call: Call[bytes], error: Exception) -> OpenMLConnectionError:
        import urllib3.exceptions

        unsent = (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError)
        cause = getattr(error, "reason", None) or error
        sent = not isinstance(cause, unsent) and not isinstance(error, unsent)
        what = "cut the connection" if sent else "cannot be reached"
        reason = display(type(cause).__name__, 60)
        return OpenMLConnectionError(
            f"Could not {display(call.purpose, 200)}: {self.server} {what} ({reason}). "
            "Check the address and your network, and try again.",
            url=call.path,
            sent=sent,
        )

    def _without_keys(self, text: str) -> str:
        for key in (_revealed(self._access_key), _revealed(self._secret_key)):
            if (
                key is not None and len(key) >= 8
            ):  # a shorter one is a name, and would be struck out of words
                text = text.replace(key, "****")
        return text


def _hidden(key: str | ApiKey | None) -> ApiKey | None:
    return ApiKey(key) if isinstance(key, str) else key


def _revealed(key: ApiKey | None) -> str | None:
    return None if key is None else key.reveal()
