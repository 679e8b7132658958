"""Options that several verbs share, and what they become: Settings and a RunFilter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

import click

from runbrowser import config, paths
from runbrowser.cli import suggestions
from runbrowser.errors import UsageError
from runbrowser.fields import filters
from runbrowser.fields.records import FilterField, Option
from runbrowser.models import RunFilter

DEMO = "--demo"
"""Where the settings that the embedded server brings come from."""

F = TypeVar("F", bound=Callable[..., Any])

_CONNECTION: tuple[Callable[[Any], Any], ...] = (
    click.option("--demo", is_flag=True, help="Use the embedded server with its own runs."),
    click.option(
        "--server", metavar="URL", help="V1 server: its URL, or production, test or local."
    ),
    click.option("--server-v2", metavar="URL", help="V2 server (FastAPI)."),
    click.option(
        "--api-version",
        type=click.Choice(["v1", "v2"]),
        help="Which API to ask first (v1). V2 has single runs and traces only.",
    ),
    click.option("--no-fallback", is_flag=True, help="Ask no other API when one cannot do it."),
    click.option("--read-only", is_flag=True, help="Never tag, untag, delete or publish."),
)
_CONNECTION_NAMES = ("demo", "server", "server_v2", "api_version", "no_fallback", "read_only")


def _decorate(function: F, options: tuple[Callable[[Any], Any], ...]) -> F:
    for option in reversed(options):
        function = option(function)
    return function


def connection_options(function: F) -> F:
    """Adds --demo, --server and the like; their values stay in the context (see settings)."""

    def keep(ctx: click.Context, param: click.Parameter, value: Any) -> Any:
        if value not in (None, False):
            # An option before the verb and the same after it: the one after it counts.
            ctx.find_root().meta[f"runbrowser.{param.name}"] = value
        return value

    function = _decorate(function, _CONNECTION)
    for param in function.__click_params__:  # type: ignore[attr-defined]
        if param.name in _CONNECTION_NAMES:
            param.callback = keep
            param.expose_value = False
    return function


page_size_option = click.option(
    "--page-size", type=int, metavar="N", help="Runs on a page of the browser (100)."
)

mirror_option = click.option(
    "--mirror", is_flag=True, help="Take the runs from the mirror that 'runbrowser sync' makes."
)

plain_option = click.option(
    "--plain", is_flag=True, help="Questions and answers line by line, as for a screen reader."
)

_WHERE = click.option(
    "--where", metavar="TEXT", help="The filter language: 'task:59 state:failed'."
)


def _option(field: FilterField, option: Option) -> Callable[[Any], Any]:
    """A field's option; its argument has the field's key as name."""
    name = field.key.replace("-", "_")
    if option.off:
        spelled = f"{option.name}/{option.off}"
        return click.option(spelled, name, default=None, help=option.help)
    return click.option(
        option.name,
        name,
        metavar=option.metavar,
        help=option.help,
        shell_complete=suggestions.tags if field.key == "tag" else None,
    )


def filter_options(function: F) -> F:
    """Adds --task, --flow, --where and the like; :func:`run_filter` reads them."""
    made = [_option(field, field.option) for field in filters.FIELDS.values() if field.option]
    return _decorate(function, (*made, _WHERE))


def run_filter(given: dict[str, Any]) -> RunFilter:
    """Takes the filter options out of a verb's arguments and combines them.

    UsageError when one cannot be read, or when --where says another thing of the same field.
    """
    where = given.pop("where")
    filter = words_filter((where,)) if where else RunFilter()
    before = filter
    for field in filters.FIELDS.values():
        if field.option is None:
            continue
        value = given.pop(field.key.replace("-", "_"))
        if value is None:
            continue
        option = field.option.name
        if isinstance(value, bool):
            value = "yes" if value else "no"
        if not value.strip(" ,"):
            raise UsageError(f"{option} wants a value, such as {field.docs}.")
        try:
            with_option = field.set(filter, value)
        except ValueError as error:
            raise UsageError(f"{option}: {error}.") from None
        if field.value(before) is not None and with_option != filter:
            raise UsageError(f"{option} and --where contradict each other: say {field.key} once.")
        filter = with_option
    return filter


def words_filter(words: tuple[str, ...]) -> RunFilter:
    """The RunFilter of words as a shell passes them on.

    A shell takes quotes away: a word with blanks that is no filter as it stands, such as
    ``error~out of memory``, is read as one key with that value.
    """
    texts = []
    for word in words:
        try:
            filters.parse(word)
        except filters.FilterError:
            key, sign, value = _split(word)
            if sign and '"' not in value and any(char.isspace() for char in value.strip()):
                escaped = value.replace("\\", "\\\\")
                word = f'{key}{sign}"{escaped}"'
        texts.append(word)
    return filters.parse(" ".join(texts))


def _split(word: str) -> tuple[str, str, str]:
    at = min((word.find(sign) for sign in ":~=" if sign in word), default=-1)
    return (word[:at], word[at], word[at + 1 :]) if at > 0 else (word, "", "")


def wants_demo(ctx: click.Context) -> bool:
    """Whether --demo was given."""
    return bool(ctx.find_root().meta.get("runbrowser.demo"))


def settings(ctx: click.Context, *, start_demo: bool = True, **more: object) -> config.Settings:
    """The settings in force for a verb, its options included; warnings are said at once.

    With --demo the embedded server is started here and ends with the command, unless the verb
    starts it itself.
    """
    from runbrowser.cli.output import say

    meta = ctx.find_root().meta
    given = {name: meta.get(f"runbrowser.{name}") for name in _CONNECTION_NAMES}
    no_fallback = given.pop("no_fallback")
    demo = given.pop("demo")
    command_line: dict[str, object | None] = {**given, **more}
    if no_fallback:
        command_line["fallback"] = False
    brought: dict[str, object] = {}
    if demo:
        from runbrowser.cli.demo import check_installed, start_for

        if given["server"] or given["server_v2"]:
            raise UsageError("--demo brings its own servers; leave out --server and --server-v2.")
        check_installed()
        if start_demo:
            brought = start_for(ctx)
            command_line |= brought
    paths.state_dir(), paths.openml_cache_dir()  # said now, if they cannot be
    loaded = config.load(command_line)
    if brought:
        origins = {**loaded.origins, **dict.fromkeys(brought, DEMO)}
        loaded = replace(loaded, origins=origins)
    meta["runbrowser.settings"] = loaded
    for warning in loaded.warnings:
        say(f"runbrowser: {warning}")
    return loaded
