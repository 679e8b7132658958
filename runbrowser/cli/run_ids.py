"""Runs that a verb is given by their ids: the arguments, and reading them a few at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import click

from runbrowser.cli.session import Session
from runbrowser.errors import OpenMLConnectionError, OpenMLServerError
from runbrowser.fields.values import parse_ids
from runbrowser.models import Run
from runbrowser.text import display


class RunId(click.ParamType):  # type: ignore[type-arg]
    """A run's number, as the command line takes it."""

    name = "run id"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        try:
            (run_id,) = parse_ids(str(value))
        except ValueError:
            self.fail(f"{display(value, 40)!r} is no run id: give a whole number.", param, ctx)
        return run_id


run_id_argument = click.argument("run_id", metavar="RUN_ID", type=RunId())
run_ids_argument = click.argument(
    "run_ids", metavar="RUN_ID...", nargs=-1, required=True, type=RunId()
)

optional_run_ids_argument = click.argument("run_ids", metavar="[RUN_ID]...", nargs=-1, type=RunId())


def read_runs(
    opened: Session, ids: Sequence[int], *, reset_cache: bool = False
) -> Iterator[tuple[int, Run | OpenMLServerError]]:
    """Each run, or why it cannot be read, in the order of the ids; four are asked for at once.

    It ends early when the server did not answer for four runs one after the other.
    """
    from runbrowser.client.resources.paging import AT_ONCE
    from runbrowser.client.resources.turns import in_turn

    silent = 0

    def read(run_id: int) -> Run:
        return opened.get(run_id, reset_cache=reset_cache)

    for run_id, future in in_turn(read, ids, AT_ONCE):
        error = future.exception()
        if error is None:
            yield run_id, future.result()
        elif isinstance(error, OpenMLServerError):
            yield run_id, error
        else:
            raise error
        silent = silent + 1 if isinstance(error, OpenMLConnectionError) else 0
        if silent == AT_ONCE:
            return
