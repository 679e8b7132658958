"""Saved views on the command line, and where the browser begins."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from runbrowser import paths
from runbrowser.cli import suggestions
from runbrowser.fields.filters import over
from runbrowser.models import RunFilter

if TYPE_CHECKING:
    from runbrowser.views.session import Place
    from runbrowser.views.view import View

view_option = click.option(
    "--view",
    metavar="NAME",
    shell_complete=suggestions.views,
    help="A saved view; what is given beside it wins.",
)
fresh_option = click.option(
    "--fresh", is_flag=True, help="Begin plain, not where the last session was left."
)


def find_view(name: str) -> View:
    """The saved view of that name. Raises UsageError."""
    from runbrowser.views.store import read

    return read(paths.views_file()).find(name)


def place(
    server: str, filter: RunFilter, *, view: str | None, fresh: bool, given: bool
) -> Place | None:
    """Where the browser begins: a view, or where it was left; None for plain.

    ``given`` tells that a filter was given, which wins over the one of the view; ``server`` is ''
    where nothing of a former session can be of use.
    """
    if view is not None:
        from runbrowser.views.session import Place

        found = find_view(view)
        return Place(replace(found, filter=over(found.filter, filter)))
    path = paths.session_file()
    if given or fresh or not server or not path.exists():
        return None
    from runbrowser.views.session import read

    return read(path, server)
