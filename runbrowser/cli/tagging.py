"""``runbrowser tag`` and ``untag``: one request a run, each outcome told."""

from __future__ import annotations

import click

from runbrowser.cli import output
from runbrowser.cli.get import RunId
from runbrowser.cli.options import connection_options, settings
from runbrowser.cli.session import session
from runbrowser.errors import ExitCode, OpenMLAuthenticationError, OpenMLServerError, exit_code
from runbrowser.text import display

_NOTHING_TO_DO = {"tag": 473, "untag": 475}  # it has the tag already, or has it not (PROTOCOL 5)

run_ids_argument = click.argument(
    "run_ids", metavar="RUN_ID...", nargs=-1, required=True, type=RunId()
)


@click.command("tag")
@connection_options
@click.argument("tag_text", metavar="TAG")
@run_ids_argument
@click.pass_context
def tag(ctx: click.Context, tag_text: str, run_ids: tuple[int, ...]) -> int:
    """Give runs a tag. A run that has it already counts as done."""
    return _each(ctx, "tag", tag_text, run_ids)


@click.command("untag")
@connection_options
@click.argument("tag_text", metavar="TAG")
@run_ids_argument
@click.pass_context
def untag(ctx: click.Context, tag_text: str, run_ids: tuple[int, ...]) -> int:
    """Take a tag from runs. Only who set it may, or an administrator."""
    return _each(ctx, "untag", tag_text, run_ids)


def _each(ctx: click.Context, verb: str, text: str, run_ids: tuple[int, ...]) -> int:
    """One run after the other. A refused key ends it: it would be refused for all the others."""
    codes = []
    with session(settings(ctx)) as opened:
        api = opened.writing()
        from runbrowser.client.resources import settle

        act = settle.tag if verb == "tag" else settle.untag
        for run_id in dict.fromkeys(run_ids):
            code = 0
            try:
                tags = act(api, run_id, text)
                said = f"{verb}ged; tags: {', '.join(tags) or 'none'}"
            except OpenMLAuthenticationError:
                raise
            except OpenMLServerError as error:
                if getattr(error, "code", None) == _NOTHING_TO_DO[verb]:
                    said = "nothing to do"
                else:
                    said, code = str(error), exit_code(error)
            codes.append(code)
            if code:
                output.say(f"runbrowser: {said}")
            else:
                output.write_text(f"{run_id}  {display(said)}\n")
    return codes[0] if len(set(codes)) == 1 else ExitCode.PARTLY
