"""What is asked of a run while it is on its way: done once it is there."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from runbrowser.models import Run
from runbrowser.tui.dispatch import Handler
from runbrowser.tui.features.ui import UI
from runbrowser.tui.workspace import Workspace


class _Awaited(NamedTuple):
    run_id: int
    keys: int  # how many keys had been pressed when it was asked for
    act: Callable[[Run], None]


class WhenRead:
    """Over a slow line the key after Enter is pressed before the run has come. It is remembered,
    for that run alone and for as long as no other key is pressed: then something else is wanted.
    """

    def __init__(self, workspace: Workspace, ui: UI) -> None:
        self._workspace = workspace
        self._ui = ui
        self._awaited: _Awaited | None = None
        workspace.runs.read.subscribe(self._on_read)

    def handler(self, act: Callable[[Run], None], doing: str) -> Handler:
        """An action on the run in focus; ``doing`` says what comes once it has been read."""
        return Handler(lambda: self._do(act, doing), self._why_disabled)

    def _why_disabled(self) -> str:
        focus = self._workspace.focus
        if self._workspace.runs.get(focus.run_id) is not None:
            return ""
        return "" if focus.in_pane and focus.run_id is not None else "enter reads the run first"

    def _do(self, act: Callable[[Run], None], doing: str) -> None:
        run_id = self._workspace.focus.run_id
        run = self._workspace.runs.get(run_id)
        if run is not None:
            act(run)
        elif run_id is not None:
            self._awaited = _Awaited(run_id, self._ui.keys_pressed, act)
            self._ui.tell(f"run {run_id} is still being read; then: {doing}", "busy")

    def _on_read(self, run: Run) -> None:
        awaited = self._awaited
        if awaited is None or awaited.run_id != run.run_id:
            return
        self._awaited = None
        in_focus = self._workspace.focus.run_id == run.run_id and self._ui.is_in_front
        if in_focus and awaited.keys == self._ui.keys_pressed:
            awaited.act(run)
