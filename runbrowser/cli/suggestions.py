"""What a shell offers for tags, measures and saved views when the tab key is pressed.

Each is a callback of Click's ``shell_complete``. A shell waits for the answer, so nothing here
fails, and the server is asked for tags alone, once, and not for long.
"""

from __future__ import annotations

from contextlib import suppress

import click

PATIENCE = 2.0  # seconds that a shell is kept waiting for the server


def measures(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Evaluation measures; in a list with commas, those for its last place."""
    from runbrowser.triage.measures import MEASURES

    before, comma, last = incomplete.rpartition(",")
    return [f"{before}{comma}{name}" for name in sorted(MEASURES) if name.startswith(last)]


def views(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """The names of saved views."""
    from runbrowser import paths
    from runbrowser.errors import RunbrowserError
    from runbrowser.views.store import read

    with suppress(RunbrowserError, OSError):
        names = [view.name for view in read(paths.views_file()).views]
        return [name for name in names if name.startswith(incomplete)]
    return []


def tags(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """The tags that runs of the server have; none when it does not answer at once."""
    from runbrowser.cli.options import wants_demo
    from runbrowser.client.calls import v1
    from runbrowser.client.http import HTTPClient
    from runbrowser.client.retry import policy_of
    from runbrowser.config import load
    from runbrowser.errors import RunbrowserError
    from runbrowser.text import display

    if wants_demo(ctx):
        return []  # it would have to be started first
    with suppress(RunbrowserError, OSError, ValueError):
        loaded = load({"server": ctx.find_root().meta.get("runbrowser.server")})
        with HTTPClient(
            loaded.server, timeout=min(PATIENCE, loaded.timeout), retry=policy_of("human", 1)
        ) as http:
            found = http.send(v1.list_run_tags())
        # a tag may hold what a shell or a terminal would take for something else
        return sorted(
            tag for tag in set(found) if tag.startswith(incomplete) and display(tag) == tag
        )
    return []
