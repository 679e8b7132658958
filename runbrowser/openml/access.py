"""From settings to servers: clients, who one is, and whether anything may be changed.

Browser, command line and library reach OpenML by this alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from runbrowser.client.cache import ReplyCache
from runbrowser.client.http import AsyncHTTPClient, HTTPClient
from runbrowser.client.retry import policy_of
from runbrowser.client.sender import SET_A_KEY
from runbrowser.config import Settings
from runbrowser.errors import OpenMLServerError, UsageError
from runbrowser.models import RunFilter
from runbrowser.paths import openml_cache_dir

if TYPE_CHECKING:
    from runbrowser.client.call import Call
    from runbrowser.client.minio import MinIOClient

Tell = Callable[[str], None]
"""Hears in words what is going on before an answer is there."""

Client = TypeVar("Client", HTTPClient, AsyncHTTPClient)


def silent(words: str) -> None:
    """A Tell that nobody listens to."""


class _Once:
    """Tells what is odd about the server's replies, each thing once."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._told: set[str] = set()

    def __call__(self, call: Call[Any], sentence: str) -> None:
        if sentence not in self._told:
            self._told.add(sentence)
            self._tell(sentence)


@dataclass(frozen=True)
class Access:
    """How the servers of some settings are reached, by blocking clients or such with coroutines.

    keep: replies are kept on disk. tell: hears what is odd about replies, each thing once.
    tell_retry: hears that a request is sent again, and why. options: arguments of the clients that
    take the place of those of the settings.
    """

    settings: Settings
    keep: bool = True
    tell: Tell = field(default=silent, compare=False)
    tell_retry: Tell = field(default=silent, compare=False)
    options: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def client(self) -> HTTPClient:
        """A blocking client of V1; to be closed."""
        return self._ready(HTTPClient(self.settings.server, self._key, **self._options))

    def client_v2(self) -> HTTPClient | None:
        """A blocking client of V2, where the settings name one."""
        server = self.settings.server_v2
        return self._ready(HTTPClient(server, **self._options)) if server else None

    def async_client(self) -> AsyncHTTPClient:
        """A client of V1 with coroutines; to be closed."""
        return self._ready(AsyncHTTPClient(self.settings.server, self._key, **self._options))

    def async_client_v2(self) -> AsyncHTTPClient | None:
        """A client of V2 with coroutines, where the settings name one."""
        server = self.settings.server_v2
        return self._ready(AsyncHTTPClient(server, **self._options)) if server else None

    @property
    def store(self) -> MinIOClient | None:
        """The object storage in which files of runs may lie, where the settings name one."""
        settings = self.settings
        if settings.minio_server is None:
            return None
        from runbrowser.client.minio import MinIOClient

        return MinIOClient(
            settings.minio_server,
            settings.minio_access_key,
            settings.minio_secret_key,
            timeout=settings.timeout,
            retry=policy_of(settings.retry_policy, settings.retries),
        )

    @property
    def prefer_v2(self) -> bool:
        """Whether V2 is asked first."""
        return self.settings.api_version == "v2"

    @property
    def key_origin(self) -> str:
        """Where the API key came from, should it be refused."""
        return self.settings.origin("api_key")

    @property
    def why_read_only(self) -> str:
        """Why the settings let nothing be changed, in words; '' when they do. A key that is
        missing is another matter.
        """
        if not self.settings.read_only:
            return ""
        return f"This session only reads ({self.settings.origin('read_only')})."

    @property
    def _key(self) -> Any:
        return self.settings.api_key

    @cached_property
    def _options(self) -> dict[str, Any]:
        def on_retry(call: Call[Any], attempt: int, wait: float, error: OpenMLServerError) -> None:
            from runbrowser.client.remarks import retrying

            self.tell_retry(retrying(call, wait, error))

        settings = self.settings
        options: dict[str, Any] = {
            "timeout": settings.timeout,
            "retry": policy_of(settings.retry_policy, settings.retries),
            "on_retry": on_retry,
            "on_notice": _Once(self.tell),
        }
        if self.keep:
            options["cache"] = ReplyCache(settings.cache_dir, also_read=(openml_cache_dir(),))
        return {**options, **self.options}

    def _ready(self, http: Client) -> Client:
        http.key_advice = SET_A_KEY
        if self.why_read_only:  # whoever forgets to look is refused before anything is sent
            http.why_read_only = self.why_read_only[0].lower() + self.why_read_only[1:-1]
        return http


def resolved(filter: RunFilter, user_id: int | None) -> RunFilter:
    """The filter with a user id in the place of ``me``. UsageError when nobody has said whose."""
    if not filter.mine:
        return filter
    if user_id is None:
        raise UsageError(
            "OpenML does not tell whose a key is: say who you are with RUNBROWSER_USER_ID or "
            "user_id in config.toml, the number in the address of your profile page."
        )
    uploader = tuple(dict.fromkeys((*filter.uploader, user_id)))
    return replace(filter, uploader=uploader, mine=False)
