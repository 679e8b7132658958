"""How many runs match a filter that lets more through than are read at once."""

from __future__ import annotations

from runbrowser.errors import RunbrowserError
from runbrowser.pages.status import counted
from runbrowser.tui.dispatch import Handler
from runbrowser.tui.features.ui import UI
from runbrowser.tui.workspace import Workspace


class Counting:
    """Asks the server how many there are, when somebody wants to know."""

    def __init__(self, workspace: Workspace, ui: UI) -> None:
        self._workspace = workspace
        self._ui = ui

    def handlers(self) -> dict[str, Handler]:
        """What it does."""
        return {"count": Handler(self.count, self._why_not)}

    def _why_not(self) -> str:
        page = self._workspace.page
        if page is None:
            return "there is no page yet"
        if page.total is not None or page.last:
            return "it is known how many runs match"
        if self._workspace.filter.local:
            return "only the rows tell what matches: n looks further"
        return ""

    def count(self) -> None:
        """How many runs match."""
        self._ui.tell("asking how many runs match", "busy")
        self._ui.work(self._count, "count")

    async def _count(self) -> None:
        workspace, pager = self._workspace, self._workspace.pager
        try:
            told = await pager.count()
        except RunbrowserError as error:
            self._ui.tell(str(error), "error")
            return
        page = workspace.page
        if pager is not workspace.pager or page is None:
            return
        page = pager.at_hand(page.number) or page
        workspace.reread_page(page)
        workspace.facts_changed.emit(None)
        self._ui.tell(counted(page) if told else "the server does not tell how many", "info")
