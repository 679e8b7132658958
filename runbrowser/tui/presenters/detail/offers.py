"""What more can be asked for about a run, with the key that does it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runbrowser.models import Run
from runbrowser.tui.actions import ACTIONS
from runbrowser.tui.presenters.detail.parts import FAINT

if TYPE_CHECKING:
    from runbrowser.triage.recompute import Analysis


def _key(action: str) -> str:
    return next(a.shown_keys.split(" ")[0] for a in ACTIONS if a.name == action)


def offers(run: Run, found: Analysis | None) -> list[tuple[str, str, str]]:
    """(key, words, style) for each; ``found`` is what the predictions told, if they were read."""
    made = []
    if any(file.name == "predictions" for file in run.files):
        words, style = "predictions: what is confused, measures computed anew", FAINT
        if found is not None:
            from runbrowser.tui.presenters.predictions import verdict

            words, style = verdict(found)
        made.append((_key("predictions"), words, style))
    return made
