"""python -m runbrowser.demo: the demo server in the foreground."""

import sys

from . import missing_packages
from .options import Options, parsed

MISSING = "The demo server needs more packages: pip install 'runbrowser[demo]'"


def main(arguments: list[str] | None = None) -> int:
    """Serve until ended. Returns the exit code: 0, or 1 with one sentence on stderr."""
    return serve(parsed(arguments))


def serve(options: Options) -> int:
    """Serve until ended. Returns the exit code: 0, or 1 with one sentence on stderr."""
    missing = missing_packages()
    if missing:
        print(f"{MISSING} (missing: {', '.join(missing)})", file=sys.stderr)
        return 1
    from .server import run

    try:
        run(options)
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
