"""Where files live on each system, and how a private file is written.

Every function takes the environment, so that tests and the demo can use folders of their own.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from runbrowser.errors import UsageError
from runbrowser.text import display

APP = "runbrowser"
_LARGEST_SETTINGS = 4_000_000  # bytes of a settings file


def expanded(text: str | Path, where: str) -> Path:
    """A folder's path with ``~`` as the home it stands for.

    ``where`` names the setting in messages. Raises UsageError for a home that is not known and for
    what no path can hold.
    """
    if "\0" in str(text):
        raise UsageError(f"{where}: a path cannot hold a NUL character.")
    try:
        path = Path(text).expanduser()
    except RuntimeError:
        raise UsageError(
            f"{where}: the home folder in {display(text, 100)} is not known; give the whole path."
        ) from None
    return path


def _folder(variable: str, kind: str, environ: Mapping[str, str] | None) -> Path:
    own = (os.environ if environ is None else environ).get(variable)
    if own:
        return expanded(own, variable)
    if not _has_home():
        return _without_home() / kind
    import platformdirs

    # platformdirs takes XDG_* from the process's environment
    found = Path(getattr(platformdirs, f"user_{kind}_dir")(APP, appauthor=False))
    return expanded(found, f"XDG_{kind.upper()}_HOME")


def _has_home() -> bool:
    """Whether this user has a home folder: a uid of a container may have none."""
    try:
        Path("~").expanduser()
    except RuntimeError:
        return False
    return True


def _without_home() -> Path:
    """Where files go of somebody without a home: a folder of that user alone among the temporary
    ones. UsageError when somebody else has put one there.
    """
    folder = Path(tempfile.gettempdir()) / f"{APP}-{os.getuid()}"
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        pass
    except OSError as error:
        reason = display(error.strerror or error, 200)
        raise UsageError(f"There is no home folder, and none can be made: {reason}.") from None
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid() or status.st_mode & 0o077:
        raise UsageError(
            f"There is no home folder, and {display(folder)} belongs to somebody else: "
            "set HOME to a folder of your own."
        )
    return folder


def read_settings(path: Path) -> bytes | None:
    """A settings file's content; None when there is none.

    Raises OSError for what cannot be read, and for a pipe or a device, which could be waited for
    without an end, and for a file of more than 4 MB.
    """
    try:
        return read_regular(path, _LARGEST_SETTINGS)
    except FileNotFoundError:
        return None


def read_regular(path: Path, most: int) -> bytes:
    """The content of a file of at most ``most`` bytes.

    Raises OSError for what cannot be read, for more, and for a pipe or a device, which could be
    waited for without an end.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except ValueError as error:  # a NUL in the path
        raise OSError(str(error)) from None
    with os.fdopen(descriptor, "rb") as stream:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "it is no regular file")
        if status.st_size > most:
            raise OSError(errno.EFBIG, f"it is larger than {most:,} bytes")
        return stream.read()


def config_dir(environ: Mapping[str, str] | None = None) -> Path:
    """The folder of runbrowser's own settings; RUNBROWSER_CONFIG_DIR moves it."""
    return _folder("RUNBROWSER_CONFIG_DIR", "config", environ)


def config_file(environ: Mapping[str, str] | None = None) -> Path:
    """runbrowser's own settings, a TOML file that need not exist."""
    return config_dir(environ) / "config.toml"


def cache_dir(environ: Mapping[str, str] | None = None) -> Path:
    """The folder of kept replies; RUNBROWSER_CACHE_DIR moves it."""
    return _folder("RUNBROWSER_CACHE_DIR", "cache", environ)


def state_dir(environ: Mapping[str, str] | None = None) -> Path:
    """The folder of the log, saved views and the trash; RUNBROWSER_STATE_DIR moves it."""
    return _folder("RUNBROWSER_STATE_DIR", "state", environ)


def data_dir(environ: Mapping[str, str] | None = None) -> Path:
    """The folder of mirrors; RUNBROWSER_DATA_DIR moves it."""
    return _folder("RUNBROWSER_DATA_DIR", "data", environ)


def views_file(environ: Mapping[str, str] | None = None) -> Path:
    """The saved views, a TOML file that need not exist."""
    return state_dir(environ) / "views.toml"


def session_file(environ: Mapping[str, str] | None = None) -> Path:
    """What the last session left behind, by server."""
    return state_dir(environ) / "session.json"


def newest_file(environ: Mapping[str, str] | None = None) -> Path:
    """The newest run id of each server, as it was last seen."""
    return state_dir(environ) / "newest.json"


def log_file(environ: Mapping[str, str] | None = None) -> Path:
    """What went wrong in full; it never holds an API key."""
    return state_dir(environ) / "runbrowser.log"


def openml_config_file(environ: Mapping[str, str] | None = None) -> Path:
    """The file that openml-python reads: runbrowser reads it too and never writes it."""
    environ = os.environ if environ is None else environ
    if sys.platform.startswith("linux"):
        base = environ.get("XDG_CONFIG_HOME")
        folder = expanded(base, "XDG_CONFIG_HOME") if base else _home(environ) / ".config"
        return folder / "openml" / "config"
    return _home(environ) / ".openml" / "config"


def openml_cache_dir(environ: Mapping[str, str] | None = None) -> Path:
    """The folder in which openml-python keeps data sets and runs, unless its file says another."""
    environ = os.environ if environ is None else environ
    own = environ.get("OPENML_CACHE_DIR")
    if own:
        return expanded(own, "OPENML_CACHE_DIR")
    if not sys.platform.startswith("linux"):
        return _home(environ) / ".openml"
    base = environ.get("XDG_CACHE_HOME")
    return (expanded(base, "XDG_CACHE_HOME") if base else _home(environ) / ".cache") / "openml"


def _home(environ: Mapping[str, str]) -> Path:
    home = environ.get("HOME") or environ.get("USERPROFILE")
    if home:
        return Path(home)
    return Path("~").expanduser() if _has_home() else _without_home()


def styles_dir() -> Path:
    """The folder of the browser's style sheets: inside the installed package, or of a checkout."""
    inside = Path(__file__).parent / "styles"
    return inside if inside.is_dir() else Path(__file__).parents[1] / "styles"


def private_folder(folder: Path) -> None:
    """Makes a folder and what is missing above it, for its owner alone (0700)."""
    missing = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    for path in reversed(missing):
        path.mkdir(mode=0o700, exist_ok=True)


@contextmanager
def whole_file(path: Path, *, lasting: bool = True) -> Iterator[IO[bytes]]:
    """A binary file that takes ``path``'s place only if the block ends without an exception.

    It is written under a temporary name in the same folder, with mode 0600, synchronised with the
    disk and renamed; ``lasting`` is False for what may be lost with the machine's power, and whose
    readers know a damaged file. A symbolic link is followed; a device or a pipe cannot be replaced
    and is written to directly. Raises OSError.
    """
    target = path.resolve()
    if target.exists() and not target.is_file():
        with target.open("wb") as stream:
            yield stream
        return
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name[:100]}.", dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            yield stream
            stream.flush()
            if lasting:
                os.fsync(stream.fileno())
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    if lasting:
        synchronise(target.parent)


def synchronise(folder: Path) -> None:
    """Makes a rename last; not every system can open a folder, and then it lasts a bit later."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(descriptor)
    except OSError:
        pass
    finally:
        os.close(descriptor)


def write_private(path: Path, content: bytes) -> None:
    """Writes a file whole or not at all: 0600, missing folders 0700. OSError."""
    private_folder(path.parent)
    with whole_file(path) as stream:
        stream.write(content)
    _sweep(path)


_TEMPORARY = re.compile(r"[a-z0-9_]{8}")
_ABANDONED = 3600.0  # seconds after which nobody is at work on a temporary file


def _sweep(path: Path) -> None:
    """Takes away what killed processes left of writing this private file."""
    start = f".{path.name[:100]}."
    with suppress(OSError), os.scandir(path.parent) as found:
        for one in found:
            rest = one.name.removeprefix(start)
            if rest == one.name or not _TEMPORARY.fullmatch(rest):
                continue
            with suppress(OSError):
                if time.time() - one.stat(follow_symlinks=False).st_mtime > _ABANDONED:
                    os.unlink(one.path)  # noqa: PTH108
