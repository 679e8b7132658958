"""Where files live on each system, and how a private file is written.

Every function takes the environment, so that tests and the demo can use folders of their own.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

APP = "runbrowser"


def _folder(variable: str, kind: str, environ: Mapping[str, str] | None) -> Path:
    own = (os.environ if environ is None else environ).get(variable)
    if own:
        return Path(own).expanduser()
    import platformdirs

    # platformdirs takes XDG_* from the process's environment
    return Path(getattr(platformdirs, f"user_{kind}_dir")(APP, appauthor=False))


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


def views_file(environ: Mapping[str, str] | None = None) -> Path:
    """The saved views, a TOML file that need not exist."""
    return state_dir(environ) / "views.toml"


def session_file(environ: Mapping[str, str] | None = None) -> Path:
    """What the last session left behind, by server."""
    return state_dir(environ) / "session.json"


def log_file(environ: Mapping[str, str] | None = None) -> Path:
    """What went wrong in full; it never holds an API key."""
    return state_dir(environ) / "runbrowser.log"


def openml_config_file(environ: Mapping[str, str] | None = None) -> Path:
    """The file that openml-python reads (FIELD 5): runbrowser reads it too and never writes it."""
    environ = os.environ if environ is None else environ
    if sys.platform.startswith("linux"):
        base = environ.get("XDG_CONFIG_HOME")
        folder = Path(base).expanduser() if base else _home(environ) / ".config"
        return folder / "openml" / "config"
    return _home(environ) / ".openml" / "config"


def openml_cache_dir(environ: Mapping[str, str] | None = None) -> Path:
    """The folder in which openml-python keeps data sets and runs, unless its file says another."""
    environ = os.environ if environ is None else environ
    own = environ.get("OPENML_CACHE_DIR")
    if own:
        return Path(own).expanduser()
    if not sys.platform.startswith("linux"):
        return _home(environ) / ".openml"
    base = environ.get("XDG_CACHE_HOME")
    return (Path(base).expanduser() if base else _home(environ) / ".cache") / "openml"


def _home(environ: Mapping[str, str]) -> Path:
    home = environ.get("HOME") or environ.get("USERPROFILE")
    return Path(home) if home else Path("~").expanduser()


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
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """A binary file that takes ``path``'s place only if the block ends without an exception.

    It is written under a temporary name in the same folder, with mode 0600, synchronised with the
    disk and renamed. A symbolic link is followed; a device or a pipe cannot be replaced and is
    written to directly. Raises OSError.
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
            os.fsync(stream.fileno())
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _synchronise(target.parent)


def _synchronise(folder: Path) -> None:
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
    """Writes a file whole or not at all: 0600, missing folders 0700 (DESIGN 5.5). OSError."""
    private_folder(path.parent)
    with whole_file(path) as stream:
        stream.write(content)
