"""``python -m runbrowser`` and the ``runbrowser`` command."""

from __future__ import annotations

import sys


def main() -> int:
    """Runs the command line; the result is the exit code."""
    if sys.argv[1:] == ["--version"]:  # answered before anything heavy is imported
        from runbrowser import __version__

        sys.stdout.write(f"runbrowser {__version__}\n")
        return 0
    from runbrowser.cli.main import run

    return run()


if __name__ == "__main__":
    sys.exit(main())
