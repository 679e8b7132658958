"""``runbrowser config init``: asks for what cannot be found out, and writes it down."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from runbrowser import config, paths
from runbrowser.cli import output
from runbrowser.cli.options import settings
from runbrowser.errors import UsageError
from runbrowser.setting_values import NAMED_SERVERS, PRODUCTION, READERS
from runbrowser.text import display


@click.command("init")
@click.pass_context
def init(ctx: click.Context) -> int:
    """Ask for server, API key and user id, and write them to config.toml, for your eyes alone.

    Enter keeps what is set. What else stands in config.toml, comments too, stays as it is.
    """
    path = paths.config_file()
    if not sys.stdin.isatty():
        raise UsageError(
            "'config init' asks questions, which needs a terminal; else write "
            f'{display(path)} by hand: api_key = "..." and user_id = 1234, a line each.'
        )
    loaded = settings(ctx)
    output.say(f"Three questions; Enter keeps what is set. The answers go to {display(path)}.")
    answers = {
        "server": _asked(
            "Server: production, test, local or an address", "server", _server(loaded)
        ),
        "api_key": _asked(
            "API key, 32 hexadecimal digits from your profile (not shown)",
            "api_key",
            _key(loaded),
            hidden=True,
        ),
        "user_id": _asked(
            "User id, the number in your profile's address",
            "user_id",
            "none" if loaded.user_id is None else str(loaded.user_id),
        ),
    }
    given = {name: value for name, value in answers.items() if value}
    if not given:
        output.say("Nothing was changed.")
        return 0
    if "api_key" in given and "server" not in given and loaded.server != PRODUCTION:
        given["server"] = loaded.server  # a key in a file belongs to the server of the same file
    try:
        paths.write_private(path, _with(path, given).encode())
    except OSError as error:
        reason = display(error.strerror or error, 200)
        raise UsageError(f"{display(path)} cannot be written: {reason}.") from None
    output.say(
        f"{display(path)} has {' and '.join(given)} now; 'runbrowser config check' tries it."
    )
    return 0


def _server(loaded: config.Settings) -> str:
    named = {address: name for name, address in NAMED_SERVERS.items()}
    return named.get(loaded.server, loaded.server)


def _key(loaded: config.Settings) -> str:
    if loaded.api_key is None:
        return "none, which reads everything and changes nothing"
    return f"{config.masked(loaded.api_key)} of {loaded.origin('api_key')}"


def _asked(question: str, name: str, now: str, *, hidden: bool = False) -> str:
    """An answer that can be read as the setting; '' for Enter. Asks until there is one."""
    read: Callable[[object], Any] = READERS[name]
    while True:
        words = f"{question} [{display(now, 100)}]"
        answer = click.prompt(words, default="", show_default=False, hide_input=hidden, err=True)
        text = str(answer).strip()
        if not text or text == now:
            return ""
        try:
            read(text)
        except ValueError as error:
            shown = "That" if name in config.SECRETS else repr(display(text, 60))
            output.say(f"{shown} is {error}.")
            continue
        return text


def _with(path: Path, given: dict[str, str]) -> str:
    """The file's text with these settings; all else in it as it was. UsageError for no TOML."""
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        content = paths.read_settings(path)
        document = tomlkit.parse((content or b"").decode("utf-8-sig"))
    except (OSError, UnicodeDecodeError, TOMLKitError) as error:
        raise UsageError(
            f"{display(path)} is left as it is, since it cannot be read: {display(error, 200)}."
        ) from None
    for name, text in given.items():
        value: object = int(READERS[name](text)) if name == "user_id" else text
        if name in document:
            document[name] = value
        else:  # before the tables, into one of which it would fall otherwise
            document.add(name, tomlkit.item(value))
    return tomlkit.dumps(document)
