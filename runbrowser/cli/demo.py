"""``runbrowser demo``, and ``--demo`` of the other verbs: the embedded OpenML server."""

from __future__ import annotations

from collections.abc import Callable

import click

from runbrowser.demo.options import Switch, options_of, switches
from runbrowser.demo.synthetic import Scale
from runbrowser.errors import RunbrowserError, UsageError


def check_installed() -> None:
    """UsageError naming what to install when the demo's packages are missing."""
    from runbrowser.demo import missing_packages

    missing = missing_packages()
    if missing:
        raise UsageError(
            f"The demo server needs more packages ({', '.join(missing)}): "
            "pip install 'runbrowser[demo]'."
        )


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


def _scale(ctx: click.Context, param: click.Parameter, text: str | None) -> Scale | None:
    """How many rows of each kind, from ``runs=150000,flows=400``; wrong use in words."""
    try:
        return None if text is None else Scale.from_text(text)
    except ValueError as error:
        raise click.BadParameter(f"{error}.", ctx, param) from None


def _decorated(function: Callable[..., int]) -> Callable[..., int]:
    """`function` with an option for every switch of the demo server but those for its launcher."""
    for switch in reversed([s for s in switches() if s.name != "parent"]):
        function = _option(switch)(function)
    return function


def _option(switch: Switch) -> Callable[[Callable[..., int]], Callable[..., int]]:
    kind: object = switch.kind
    if switch.name == "port":
        kind = click.IntRange(0, 65535)
    elif switch.kind is Scale:
        kind = str
    return click.option(
        switch.option,
        switch.name,
        type=kind,
        callback=_scale if switch.kind is Scale else None,
        is_flag=switch.kind is None,
        default=switch.default,
        metavar=switch.metavar,
        help=switch.help,
    )


@click.command("demo")
@_decorated
def demo(**values: object) -> int:
    """Serve a small OpenML on 127.0.0.1 until it is stopped.

    When it is ready, one line of JSON on stdout names its addresses and an API key. Its runs are
    its own, with ids of their own; nothing of it is on openml.org, and changes are forgotten.
    """
    check_installed()
    from runbrowser.demo.__main__ import serve

    return serve(options_of(values))
