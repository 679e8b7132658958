"""Settings and credentials: what they are, where each came from, and whose key may go where.

Sources in order: command line; environment; the file of openml-python (read only, tolerantly);
``config.toml`` of runbrowser; the defaults.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from runbrowser import paths
from runbrowser.errors import UsageError
from runbrowser.openml_config import parse_openml_config
from runbrowser.secret import ApiKey
from runbrowser.setting_values import NAMED_SERVERS as NAMED_SERVERS
from runbrowser.setting_values import PRODUCTION, READERS
from runbrowser.text import display

COMMAND_LINE, KEY_STORE, DEFAULT = "command line", "key store", "default"
_BASE = "/api/v1/xml/"
_OPENML_HOSTS = ("www.openml.org", "openml.org", "test.openml.org")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_OPTION = {"server_v2": "--server-v2", "api_version": "--api-version", "page_size": "--page-size"}


@dataclass(frozen=True, slots=True)
class Settings:
    """What a session of runbrowser works with.

    ``timeout`` is in seconds, ``page_size`` in runs (1 to 10,000), ``user_id`` whose runs
    ``uploader:me`` means. ``origins`` names for each field where its value came from. ``warnings``
    are to be shown at once, ``notes`` when the user asks about settings or a key is refused.
    """

    server: str = PRODUCTION
    server_v2: str | None = None
    api_key: ApiKey | None = None
    api_version: str = "v1"  # 'v1' | 'v2'
    fallback: bool = True
    read_only: bool = False
    page_size: int = 100
    user_id: int | None = None
    timeout: float = 30.0
    retry_policy: str = "human"  # 'human' | 'robot'
    retries: int | None = None  # None: the policy's own number
    cache_dir: Path = field(default_factory=paths.cache_dir)
    keyring: bool = False  # look for the key in the system's key store
    watch_seconds: int = 30  # between two looks at the page that is watched
    theme: str = ""  # '': the browser's own, or the one that was chosen in it
    minio_server: str | None = None  # the object storage in which files of runs may lie
    minio_access_key: ApiKey | None = None
    minio_secret_key: ApiKey | None = None
    keys: object = field(default_factory=dict)  # [keys] as it is written, for the browser to read
    origins: Mapping[str, str] = field(default_factory=dict, compare=False)
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def origin(self, name: str) -> str:
        """Where a field's value came from."""
        return self.origins.get(name, DEFAULT)


def masked(key: ApiKey | None) -> str:
    """A key for the eye: at most its last four characters."""
    if key is None:
        return "none"
    value = key.reveal()
    return "****" + (display(value[-4:]) if len(value) >= 16 else "")


SECRETS = ("api_key", "minio_access_key", "minio_secret_key")
"""Settings whose values are never shown."""
NAMES = tuple(READERS)
"""The settings by name, as ``config.toml`` and ``RUNBROWSER_<NAME>`` spell them."""

_ENVIRONMENT = {
    "api_key": ("RUNBROWSER_API_KEY", "OPENML_APIKEY"),
    "server": ("RUNBROWSER_SERVER", "OPENML_SERVER"),
}
_MOST_PARTS = 200  # of a key, between its dots
_Found = dict[str, tuple[object, str]]  # setting -> (value as written, where)


def _of_environment(environ: Mapping[str, str]) -> _Found:
    found: _Found = {}
    for name in NAMES:
        for variable in _ENVIRONMENT.get(name, (f"RUNBROWSER_{name.upper()}",)):
            if environ.get(variable, "").strip():
                found.setdefault(name, (environ[variable], variable))
    shared = environ.get("OPENML_CACHE_DIR", "").strip()
    if shared:  # openml-python's own files live there: ours stay apart
        found.setdefault("cache_dir", (Path(shared, paths.APP), "OPENML_CACHE_DIR"))
    return found


_OPENML_NAMES = {
    "server": "server",
    "apikey": "api_key",
    "api_version": "api_version",
    "retry_policy": "retry_policy",
    "connection_n_retries": "retries",
}


def _of_openml_file(path: Path) -> tuple[_Found, list[str]]:
    try:
        content = paths.read_settings(path)
        if content is None:
            return {}, []
        text = content.decode("utf-8", "surrogateescape")
    except OSError as error:
        reason = display(error.strerror or error, 200)
        return {}, [f"OpenML's config file {display(path)} cannot be read ({reason}); left out."]
    told = parse_openml_config(text)
    where = str(path)
    found: _Found = {ours: (told[theirs], where) for theirs, ours in _OPENML_NAMES.items()
                     if theirs in told}  # fmt: skip
    if "server_v2" in told:
        found["server_v2"] = (told["server_v2"], where)
    if "cachedir" in told:
        found["cache_dir"] = (Path(told["cachedir"], paths.APP), where)
    warnings = []
    for name in list(found):  # somebody else's file: what is wrong in it stops nobody
        try:
            READERS[name](found[name][0])
        except ValueError as error:
            shown = "the value" if name in SECRETS else repr(display(found[name][0], 60))
            warnings.append(f"{name} in {display(path)} is left out: {shown} is {error}.")
            del found[name]
    return found, warnings


def _own_table(path: Path) -> dict[str, Any]:
    """config.toml as it is written; {} when there is none. Raises UsageError."""
    try:
        content = paths.read_settings(path)
    except OSError as error:
        reason = display(error.strerror or error, 200)
        raise UsageError(f"The settings in {display(path)} cannot be read: {reason}.") from None
    if content is None:
        return {}
    if _too_deep(content):
        raise UsageError(f"{display(path)} is nested too deeply.")
    import tomllib

    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise UsageError(f"{display(path)} is not UTF-8 text (line {line}).") from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{display(path)} is not valid TOML: {display(error, 200)}.") from None
    except RecursionError:
        raise UsageError(f"{display(path)} is nested too deeply.") from None


def _too_deep(content: bytes) -> bool:
    """Whether a key has more parts than any setting: reading takes the square of their number."""
    for line in content.splitlines():
        key = line if line.lstrip().startswith(b"[") else line.partition(b"=")[0]
        if key.count(b".") > _MOST_PARTS:
            return True
    return False


def _of_own_file(path: Path, told: dict[str, Any]) -> tuple[_Found, list[str]]:
    known = {name: (value, str(path)) for name, value in told.items() if name in NAMES}
    # Tables belong to others (saved views, key maps); a single value that nobody knows is a slip.
    unknown = [n for n, v in told.items() if n not in NAMES and not isinstance(v, (dict, list))]
    warnings = [
        f"{display(path)}: {display(name, 40)!r} is no setting; known: {', '.join(NAMES)}."
        for name in unknown
    ]
    return known, warnings


def _read(name: str, value: object, where: str) -> Any:
    try:
        return READERS[name](value)
    except ValueError as error:
        shown = "the value" if name in SECRETS else repr(display(value, 100))
        place = _OPTION.get(name, f"--{name}") if where == COMMAND_LINE else f"{name} ({where})"
        raise UsageError(f"{display(place)}: {shown} is {error}.") from None


def load(
    command_line: Mapping[str, object | None] | None = None,
    environ: Mapping[str, str] | None = None,
    *,
    given_as: str = COMMAND_LINE,
) -> Settings:
    """The settings in force.

    ``command_line`` holds settings by name; None stands for what was not given; ``given_as`` says
    where they were given, in messages and origins. A bad value is a
    UsageError naming its place, except in openml-python's file, where it is left out with a
    warning. A key from a file is used only for the server that it belongs to: the one named in the
    same file, else openml.org. A key from the environment or the command line goes wherever the
    user points.
    """
    environ = os.environ if environ is None else environ
    given = {k: (v, given_as) for k, v in (command_line or {}).items() if v is not None}
    files = paths.openml_config_file(environ), paths.config_file(environ)
    theirs, warnings = _of_openml_file(files[0])
    own = _own_table(files[1])
    ours, slips = _of_own_file(files[1], own)
    layers: list[_Found] = [given, _of_environment(environ), theirs, ours]
    values: dict[str, Any] = {"cache_dir": paths.cache_dir(environ)}
    origins: dict[str, str] = {}
    notes: list[str] = []
    for name in NAMES:
        for layer in layers:
            if name in layer:
                written, where = layer[name]
                values[name] = _read(name, written, where)
                origins[name] = where
                break
    warnings += slips
    values["server"], said = complete(values.get("server", PRODUCTION))
    warnings += said
    if origins.get("api_key") in {str(path) for path in files}:
        del values["api_key"], origins["api_key"]
        for layer in (theirs, ours):
            if "api_key" in layer and _fits(layer, values["server"], notes):
                values["api_key"] = _read("api_key", *layer["api_key"])
                origins["api_key"] = layer["api_key"][1]
                break
    _leave_strangers_keys(values, origins, notes)
    if values.get("keyring") and "api_key" not in values:
        found, said = _of_keyring(values["server"])
        notes += said
        if found:
            values["api_key"], origins["api_key"] = ApiKey(found), KEY_STORE
    settings = Settings(**values, keys=own.get("keys", {}), origins=MappingProxyType(origins))
    about, unencrypted = _about_key(settings)
    return replace(settings, warnings=(*warnings, *about), notes=(*notes, *unencrypted))


def _of_keyring(server: str) -> tuple[str, list[str]]:
    """The key that the system's key store holds for a server's host, '' for none, and remarks.

    Asked for only where the user says so: on a machine without a screen a key store may want to
    be unlocked, or be none at all.
    """
    host = _host(server)
    try:
        import keyring
    except ImportError:
        return "", ["The key store is not asked: pip install 'runbrowser[keyring]'."]
    try:
        found = keyring.get_password(paths.APP, host)
    except Exception as error:  # noqa: BLE001 - every key store fails in its own way
        return "", [f"The key store could not be asked: {display(error, 200)}."]
    if not found:
        how = f"'keyring set {paths.APP} {host}' puts one in"
        return "", [f"The key store holds no key for {host}; {how}."]
    return found, []


def _fits(layer: _Found, server: str, notes: list[str]) -> bool:
    """Whether the key of a file may go to the server; if not, a note says so."""
    home = _read("server", *layer["server"]) if "server" in layer else PRODUCTION
    if same_server(home, server):
        return True
    notes.append(
        f"The API key in {display(layer['api_key'][1])} belongs to {_host(home)} and is not sent "
        f"to {_host(server)}; OPENML_APIKEY gives a key for it."
    )
    return False


def _leave_strangers_keys(
    values: dict[str, Any], origins: dict[str, str], notes: list[str]
) -> None:
    """The keys of a store that stand in config.toml are those of the store named there."""
    place = origins.get("minio_secret_key") or origins.get("minio_access_key")
    store = origins.get("minio_server")
    if place is None or store is None or not place.endswith(".toml") or place == store:
        return
    for name in ("minio_access_key", "minio_secret_key"):
        if origins.get(name) == place:
            del values[name], origins[name]
    notes.append(
        f"The keys of a store in {display(place)} are not sent to the store that {display(store)} "
        "names; RUNBROWSER_MINIO_ACCESS_KEY and RUNBROWSER_MINIO_SECRET_KEY give keys for it."
    )


def _about_key(settings: Settings) -> tuple[list[str], list[str]]:
    """Warnings and notes about the key and the way it will travel."""
    key = settings.api_key
    if key is None:
        return [], []
    host = urlsplit(settings.server).hostname or ""
    warnings, notes = [], []
    plain = re.fullmatch(r"[0-9a-fA-F]{32}", key.reveal())
    if not plain and host not in ("test.openml.org", *_LOOPBACK):  # those take 'normaluser'
        warnings.append(
            f"The API key ({display(settings.origin('api_key'))}) is not 32 hexadecimal digits; "
            "the server will not know it."
        )
    if settings.server.startswith("http://") and host not in _LOOPBACK:
        notes.append(f"The API key travels unencrypted to {host}.")
    return warnings, notes


def complete(server: str) -> tuple[str, list[str]]:
    """A server URL with V1's path where OpenML's own host stands alone, and what was done."""
    parts = urlsplit(server)
    path = parts.path.rstrip("/")
    if parts.hostname in _OPENML_HOSTS and path in ("", "/api", "/api/v1", "/api/v1/json"):
        whole = parts._replace(path=_BASE).geturl()
        return whole, [f"The server URL {display(server, 100)} is taken as {whole}."]
    return server, []


def same_server(one: str, other: str) -> bool:
    """Whether a key for one server may go to the other: same scheme, host and port."""
    return _place(one) == _place(other)


def _place(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, "www.openml.org" if host == "openml.org" else host, port


def _host(url: str) -> str:
    return display(urlsplit(url).netloc, 100)
