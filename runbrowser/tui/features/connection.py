"""Coming by the source and leaving it: between the two there is a workspace."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from runbrowser.errors import RunbrowserError
from runbrowser.tui.features.ui import UI
from runbrowser.tui.opening import OpenSource, open_off_loop
from runbrowser.tui.signals import Signal
from runbrowser.tui.workspace import Selection, Workspace

_TURNS_TO_HEAR = 10  # turns of the event loop until a cancelled task's own tasks have ended


class Connection:
    """Opens the source; ``connected`` tells of the workspace, ``notice`` shows why there is none
    in place of the rows.
    """

    def __init__(
        self,
        open_source: OpenSource,
        selection: Selection,
        page_size: int,
        ui: UI,
        notice: Callable[[str], None],
    ) -> None:
        self._open_source = open_source
        self._selection = selection
        self._page_size = page_size
        self._ui = ui
        self._notice = notice
        self.workspace: Workspace | None = None
        self.connected: Signal[Workspace] = Signal()

    def begin(self) -> None:
        """Reaches for the source."""
        self._ui.work(self._connect, "source")

    async def _connect(self) -> None:
        try:
            source = await open_off_loop(self._open_source, self._ui.tell_meanwhile)
        except RunbrowserError as error:
            self._ui.tell(f"{error}  r tries again", "error")
            self._notice(f"{error}\n\nr tries again")
            return
        self.workspace = Workspace(source, self._selection, self._page_size)
        self.connected.emit(self.workspace)

    async def end(self) -> None:
        """Leaves no request under way and no connection open."""
        if self.workspace is not None:
            self.workspace.pager.close()
        # whoever is at work hears that it is over, and does not take it for a failure of the server
        self._ui.cancel_all()
        for _ in range(_TURNS_TO_HEAR):
            await asyncio.sleep(0)
        if self.workspace is not None:
            await self.workspace.source.close()
