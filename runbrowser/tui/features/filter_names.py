"""Filters with names in them: what is called so is looked up, then its runs are shown."""

from __future__ import annotations

from functools import partial

from runbrowser.errors import RunbrowserError
from runbrowser.openml.named import named
from runbrowser.pages.status import Note
from runbrowser.text import display
from runbrowser.tui.features.pages import Pages
from runbrowser.tui.features.ui import UI
from runbrowser.tui.workspace import Workspace


class FilterNames:
    """Puts a filter in force whose names became ids, and tells with its page what was meant."""

    def __init__(self, workspace: Workspace, ui: UI, pages: Pages) -> None:
        self._workspace = workspace
        self._ui = ui
        self._pages = pages

    def apply(self, text: str) -> None:
        """Looks up the names of a text."""
        self._ui.tell(f"looking for what is called so: {display(text, 60)}", "busy")
        self._ui.work(partial(self._look_up, text), "names")

    async def _look_up(self, text: str) -> None:
        workspace = self._workspace
        try:
            found = await named(workspace.source, text)
        except RunbrowserError as error:
            self._ui.tell(str(error), "error")
            return
        why = workspace.selection.refusal(found.filter)
        if why:
            self._ui.tell(why, "error")
            return
        workspace.selection.show(found.filter)
        self._pages.tell_with_page(Note(found.words))
