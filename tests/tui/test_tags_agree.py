"""Whether a tag may be set or taken, and what becomes of it: the browser and the command line say
the same, of any text and any tag that is there.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from textual.widgets import Static

from runbrowser.demo.launch import DemoProcess
from runbrowser.fields.filters import parse
from runbrowser.tui.dialogs.tag import TagDialog
from tests.cli.conftest import Cli, clean_environment

from .deeds import acting_on, is_main, tag_as, tags_of, top, type_into
from .harness import browsing, press, workspace

DONE, NOTHING_TO_DO, REFUSED = "done", "nothing to do", "refused"


@dataclass(frozen=True)
class Case:
    """A verb and a text for runs with some tags, and how both must decide."""

    verb: str
    text: str
    before: tuple[str, ...]
    decision: str
    read: bool = False  # whether the browser has read the run, and knows its tags


CASES = [
    Case("tag", "fine-1", (), DONE),
    Case("tag", " fine-2 ", (), DONE),
    Case("tag", "fine-3", ("fine-3",), NOTHING_TO_DO),
    Case("tag", "FINE-4", ("fine-4",), NOTHING_TO_DO),
    Case("tag", "FINE-4", ("fine-4",), NOTHING_TO_DO, read=True),
    Case("tag", "a b", (), REFUSED),
    Case("tag", 'a"b', (), REFUSED),
    Case("tag", "caf\u00e9", (), REFUSED),
    Case("tag", "0", (), REFUSED),
    Case("tag", "x" * 65, (), REFUSED),
    Case("untag", "fine-5", ("fine-5", "other"), DONE),
    Case("untag", "FINE-6", ("fine-6",), DONE),
    Case("untag", "gone", ("other",), NOTHING_TO_DO),
    Case("untag", "a b", ("other",), NOTHING_TO_DO),
    Case("untag", 'a"b', (), REFUSED),
    Case("untag", "0", (), REFUSED),
]
KEYS = {"tag": "t", "untag": "T"}


RUNS = (900_107, 900_113)
"""Of the demo's user: one for the command line, one for the browser."""


def by_command(cli: Cli, demo: DemoProcess, case: Case, run_id: int) -> tuple[str, str]:
    """What the command line decided, and its words for a refusal."""
    env = {"OPENML_SERVER": demo.v1, "OPENML_APIKEY": demo.api_key}
    done = cli(case.verb, "--", case.text, str(run_id), env=env)
    if done.code == 2:
        return REFUSED, done.err.removeprefix("runbrowser: ").strip()
    assert done.code == 0, done.err
    return NOTHING_TO_DO if "nothing to do" in done.out + done.err else DONE, ""


async def test_browser_and_command_line_decide_the_same_about_every_tag(
    fresh_demo: DemoProcess, tmp_path: Path
) -> None:
    cli, v1 = Cli(tmp_path, clean_environment(tmp_path)), fresh_demo.v1
    theirs, ours = RUNS
    source = acting_on(v1, fresh_demo.api_key)
    async with browsing(source, parse(f"run:{ours}")) as pilot:
        for case in CASES:
            for run_id in RUNS:
                for tag in set(case.before) - set(tags_of(v1, run_id)):
                    tag_as(v1, fresh_demo.api_key, run_id, tag)
            decision, words = await asyncio.to_thread(by_command, cli, fresh_demo, case, theirs)
            assert decision == case.decision, case

            await press(pilot, "r")
            if case.read:
                await press(pilot, "enter", "escape")
            workspace(pilot).report = None
            await press(pilot, KEYS[case.verb])
            dialog = top(pilot)
            assert isinstance(dialog, TagDialog)
            await type_into(pilot, case.text)
            said = str(dialog.query_one("#tag-note", Static).content)
            await press(pilot, "enter")
            if decision == REFUSED:
                assert top(pilot) is dialog and said == words, case
                await press(pilot, "escape")
                assert workspace(pilot).report is None
            else:
                assert is_main(pilot), case
                report = workspace(pilot).report
                changed = report is not None and report.undoable
                assert bool(changed) == (decision == DONE), case
            own = [set(tags_of(v1, run_id)) & {*case.before, case.text.strip()} for run_id in RUNS]
            assert own[0] == own[1], case
