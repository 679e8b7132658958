"""python -m runbrowser.demo: the demo server in the foreground."""

import argparse
import importlib.util
import sys
from pathlib import Path

NEEDED = ("starlette", "uvicorn", "python_multipart")
MISSING = "The demo server needs more packages: pip install 'runbrowser[demo]'"


def _is_installed(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def main(arguments: list[str] | None = None) -> int:
    """Serve until ended. Returns the exit code: 0, or 1 with one sentence on stderr."""
    parser = argparse.ArgumentParser(prog="python -m runbrowser.demo")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--parent", type=int, help="end when this process is no longer the parent")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before each answer")
    parser.add_argument("--database-down", action="store_true", help="answer all of V1 with 107")
    parser.add_argument("--elasticsearch-down", action="store_true", help="answer writes with 105")
    parser.add_argument("--database", type=Path, help="another catalogue, a plain SQLite file")
    options = parser.parse_args(arguments)
    missing = [name for name in NEEDED if not _is_installed(name)]
    if missing:
        print(f"{MISSING} (missing: {', '.join(missing)})", file=sys.stderr)
        return 1
    from .server import run

    try:
        run(
            options.port,
            parent=options.parent,
            delay=options.delay,
            database_down=options.database_down,
            elasticsearch_down=options.elasticsearch_down,
            database=options.database,
        )
    except OverflowError:
        print(f"Port {options.port} is not between 0 and 65535.", file=sys.stderr)
        return 1
    except FileNotFoundError as error:
        print(f"The catalogue of the demo server is missing: {error.filename}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"Cannot listen on 127.0.0.1:{options.port}: {error.strerror}.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
