"""``runbrowser demo``, and ``--demo`` of the other verbs: the embedded OpenML server."""

from __future__ import annotations

import importlib.util

import click

from runbrowser.errors import RunbrowserError, UsageError

_NEEDED = ("starlette", "uvicorn", "python_multipart")


def check_installed() -> None:
    """UsageError naming what to install when the demo's packages are missing."""
    missing = [name for name in _NEEDED if not _installed(name)]
    if missing:
        raise UsageError(
            f"The demo server needs more packages ({', '.join(missing)}): "
            "pip install 'runbrowser[demo]'."
        )


def _installed(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ImportError:
        return False


def start_for(ctx: click.Context) -> dict[str, object]:
    """Starts a demo server that ends with the command; the settings that point to it."""
    from runbrowser.demo import DEMO_USER_ID
    from runbrowser.demo.launch import start

    try:
        process = start()
    except RuntimeError as error:
        raise RunbrowserError(f"{error}") from None
    ctx.find_root().call_on_close(process.stop)
    return {
        "server": process.v1,
        "server_v2": process.v2,
        "api_key": process.api_key,
        "user_id": DEMO_USER_ID,
    }


@click.command("demo")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    metavar="N",
    help="Port on 127.0.0.1; 0, the default, takes any that is free.",
)
def demo(port: int) -> int:
    """Serve a small OpenML on 127.0.0.1 until it is stopped.

    When it is ready, one line of JSON on stdout names its addresses and an API key. Its runs are
    its own, with ids of their own; nothing of it is on openml.org, and changes are forgotten.
    """
    check_installed()
    from runbrowser.demo.__main__ import main

    return main([f"--port={port}"])
