"""``runbrowser trash``: the copies of deleted runs: listed, shown, restored, taken away."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from runbrowser import paths
from runbrowser.cli import bulk, output
from runbrowser.cli.options import connection_options, settings
from runbrowser.cli.session import session
from runbrowser.errors import UsageError
from runbrowser.text import to_json

if TYPE_CHECKING:
    from runbrowser.bulk.entry import Entry
    from runbrowser.bulk.trash import Trash

which_argument = click.argument("which", metavar="RUN_ID|NAME...", nargs=-1)


@click.group("trash", no_args_is_help=True)
def trash_group() -> None:
    """Look into the trash, where whole copies of deleted runs are kept, and restore from it."""


def _trash() -> Trash:
    from runbrowser.bulk.trash import Trash

    return Trash(paths.state_dir())


def _find(trash: Trash, which: str, server: str | None = None) -> Entry:
    """A copy by the run's id (the newest) or by its name."""
    if which.isascii() and which.isdecimal() and len(which) < 19:
        return trash.find(int(which), server)
    return trash.get(which)


def _as_object(entry: Entry) -> dict[str, Any]:
    told = {k: v for k, v in entry.told.items() if k != "version"}
    return {"name": entry.name, "restored_as": entry.restored_as, "size": entry.size, **told}


def _when(entry: Entry) -> str:
    return datetime.fromtimestamp(entry.kept_at).strftime("%Y-%m-%d %H:%M")


@trash_group.command("list")
@click.option(
    "--format", type=click.Choice(["table", "json"]), default="table", show_default=True,
    help="How to write it.",
)  # fmt: skip
def list_entries(format: str) -> int:
    """List the copies, newest first."""
    from runbrowser.pages.numbers import size_words
    from runbrowser.pages.remarks import sentence

    trash = _trash()
    entries = trash.entries()
    if format == "json":
        output.write_text(to_json([_as_object(entry) for entry in entries], indent=2) + "\n")
    elif entries:
        rows = [
            (
                entry.run_id,
                _when(entry),
                entry.told.get("task_id"),
                entry.told.get("flow_name") or entry.told.get("flow_id"),
                size_words(entry.size),
                entry.restored_as,
                entry.name,
            )
            for entry in entries
        ]
        headers = ("run_id", "deleted", "task_id", "flow", "size", "restored as", "name")
        output.write_text(output.table(headers, rows, right=(0, 2, 4, 5)))
    total = sum(entry.size for entry in entries)
    copies = "1 copy" if len(entries) == 1 else f"{len(entries):,} copies"
    output.say(
        f"runbrowser: {copies}, {size_words(total)} of {size_words(trash.most_bytes)}, "
        f"kept {trash.most_days} days."
    )
    for due in trash.due():
        output.say(
            f"runbrowser: run {due.entry.run_id} is past the bounds: {sentence(due.remark)}."
        )
    for path in trash.damaged():
        output.say(f"runbrowser: {path} is damaged and cannot be restored.")
    return 0


@trash_group.command("show")
@click.argument("which", metavar="RUN_ID|NAME")
@click.option(
    "--format", type=click.Choice(["text", "json"]), default="text", show_default=True,
    help="How to write it.",
)  # fmt: skip
def show(which: str, format: str) -> int:
    """Show what a copy holds, and whether its files are whole."""
    from runbrowser.pages.numbers import size_words

    entry = _find(_trash(), which)
    damage = entry.damage()
    if format == "json":
        told = {**_as_object(entry), "damage": damage}
        output.write_text(to_json(told, indent=2) + "\n")
    else:
        told = dict(entry.told)
        studies = told.get("studies")
        named = "not known" if studies is None else ", ".join(f"{i} {name}" for i, name in studies)
        lines = output.pairs(
            [
                ("run", entry.run_id),
                ("copy", entry.name),
                ("server", entry.server),
                ("deleted", _when(entry)),
                ("uploaded", told.get("upload_time")),
                ("uploader", f"{told.get('uploader')} {told.get('uploader_name') or ''}".strip()),
                ("task", told.get("task_id")),
                ("flow", told.get("flow_name")),
                ("setup", told.get("setup_id")),
                ("state", told.get("state")),
                ("error", told.get("error_message")),
                ("tags", ", ".join(entry.tags)),
                ("studies", named),
                ("evaluations", len(told.get("evaluations") or ()) or None),
                ("lacks", "; ".join(entry.missing)),
                ("restored as", entry.restored_as),
            ],
            indent="",
        )
        files = [(f["file"], size_words(f["size"]), f["sha256"]) for f in entry.files]
        output.write_text("\n".join(lines) + "\n\n")
        output.write_text(output.table(("file", "size", "sha256"), files, right=(1,)))
    for words in damage:
        output.say(f"runbrowser: damaged: {words}.")
    return 1 if damage else 0


@trash_group.command("restore")
@connection_options
@which_argument
@bulk.report_format
@click.pass_context
def restore(ctx: click.Context, which: tuple[str, ...], format: str) -> int:
    """Publish deleted runs again. Each is a new run, with a new id; what is new is told.

    Nothing is published twice: a copy that was restored says so.
    """
    from runbrowser.bulk.operations import RESTORE
    from runbrowser.bulk.restoration import as_item

    if not which:
        raise UsageError("Give the ids of deleted runs, or the names of their copies.")
    trash = _trash()
    with session(settings(ctx)) as opened:
        bulk.check_may_write(opened)
        server = opened.http.server
        plan = RESTORE.plan(as_item(_find(trash, one, server)) for one in dict.fromkeys(which))
        journal = bulk.new_journal(opened, plan)
        report = bulk.carry_out(opened, plan, journal, trash, delete_unkept=False)
    return bulk.tell(report, format)


@trash_group.command("purge")
@which_argument
@click.option("--due", is_flag=True, help="What is older or more than the trash is to hold.")
@click.option("--all", "everything", is_flag=True, help="All copies.")
@bulk.yes_option
def purge(which: tuple[str, ...], due: bool, everything: bool, yes: bool) -> int:
    """Take copies away for good: these runs cannot be restored any more."""
    from runbrowser.pages.numbers import size_words

    if bool(which) + due + everything != 1:
        raise UsageError("Say which copies: their runs' ids or names, --due, or --all.")
    trash = _trash()
    if everything:
        entries = trash.entries()
    elif due:
        entries = [past.entry for past in trash.due()]
    else:
        entries = list({e.name: e for e in (_find(trash, one) for one in which)}.values())
    if not entries:
        output.say("runbrowser: there is nothing to purge.")
        return 0
    for entry in entries:
        output.say(f"  {entry.run_id}  {_when(entry)}  {size_words(entry.size)}  {entry.name}")
    if not bulk.agreed(f"purge {len(entries):,} of them for good", len(entries), yes):
        output.say("runbrowser: nothing was purged.")
        return 0
    try:
        freed = trash.purge(entries)
    except OSError as error:
        raise UsageError(f"The trash cannot be written: {error.strerror}.") from None
    output.say(f"runbrowser: purged {len(entries):,}, {size_words(freed)}.")
    return 0
