"""``python -m runbrowser`` and the ``runbrowser`` command."""

from __future__ import annotations

import sys


def main() -> int:
    """Runs the command line; the result is the exit code."""
    try:
        return _main()
    except KeyboardInterrupt:  # before the command line could take care of it
        from runbrowser.cli.streams import tell

        tell("runbrowser: stopped.")
        return 130
    finally:
        _end_at_once()


def _main() -> int:
    from runbrowser.cli import streams

    streams.open_missing()
    if sys.argv[1:] == ["--version"]:  # answered before anything heavy is imported
        from runbrowser import __version__

        try:
            sys.stdout.write(f"runbrowser {__version__}\n")
            sys.stdout.flush()
        except BrokenPipeError:
            streams.forget_stdout()
        except OSError as error:
            return streams.output_failed(error)
        return 0
    from runbrowser.cli.main import run

    return run()


def _end_at_once() -> None:
    """What is left is to end: ctrl+c does that without words."""
    import signal
    import threading

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_DFL)


if __name__ == "__main__":
    sys.exit(main())
