"""What more can be asked for about a run, with the key that does it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from runbrowser.models import Run
from runbrowser.pages.lines import FAINT
from runbrowser.tui.action import Action
from runbrowser.tui.actions import ACTIONS

if TYPE_CHECKING:
    from runbrowser.triage.recompute import Analysis


def _key(name: str, actions: Sequence[Action]) -> str:
    return next(action.shown_keys.split(" ")[0] for action in actions if action.name == name)


def offers(
    run: Run, found: Analysis | None, actions: Sequence[Action] = ACTIONS
) -> list[tuple[str, str, str]]:
    """(key, words, look) for each; ``found`` is what the predictions told, if they were read, and
    ``actions`` the table of actions with the keys that hold.
    """
    made = []
    if any(file.name == "predictions" for file in run.files):
        words, look = "predictions: what is confused, measures computed anew", FAINT
        if found is not None:
            from runbrowser.pages.predictions import verdict

            words, look = verdict(found)
        made.append((_key("predictions", actions), words, look))
    if any(file.name == "trace" for file in run.files):
        made.append((_key("trace", actions), "attempts: what its search tried", FAINT))
    return made
