"""To the mirror of the server and back: the same screen on another source."""

from __future__ import annotations

from runbrowser.errors import RunbrowserError
from runbrowser.pages.status import Note
from runbrowser.tui.dispatch import Handler
from runbrowser.tui.features.pages import Pages
from runbrowser.tui.features.ui import UI
from runbrowser.tui.opening import open_off_loop
from runbrowser.tui.workspace import Change, Workspace


class MirrorSwitch:
    """Changes the source of the workspace, and tells the mirror what was done to runs."""

    def __init__(self, workspace: Workspace, ui: UI, pages: Pages) -> None:
        self._workspace = workspace
        self._ui = ui
        self._pages = pages
        workspace.changed.subscribe(self._on_change)

    def handlers(self) -> dict[str, Handler]:
        """What it does."""
        return {"mirror": Handler(self.switch, self._why_not)}

    def _why_not(self) -> str:
        if self._is_on_mirror or self.is_there:
            return ""
        return "there is no mirror of this server: `runbrowser sync` makes one"

    @property
    def _is_on_mirror(self) -> bool:
        return bool(self._workspace.source.abilities.sorts)

    @property
    def is_there(self) -> bool:
        """Whether there is a mirror of the server that is browsed."""
        from runbrowser.mirror.folder import folder_of

        return folder_of(self._workspace.source.address).current() is not None

    def switch(self) -> None:
        """To the mirror, or back to the server."""
        self._ui.work(self._switch, "source")

    async def _switch(self) -> None:
        from runbrowser.mirror.opening import live_of, mirror_of

        here = self._workspace.source
        try:
            live = live_of(here)
            other = live or await open_off_loop(
                lambda tell: mirror_of(here), self._ui.tell_meanwhile
            )
        except RunbrowserError as error:
            self._ui.tell(str(error), "error")
            return
        why = other.refusal(self._workspace.filter)
        if why:
            self._ui.tell(why, "error")
            return
        self._workspace.use(other)
        words = "the server" if live is not None else f"the {other.label}"
        self._pages.start_over(note=Note(f"these are the runs of {words}", "done"))

    def _on_change(self, change: Change) -> None:
        try:
            self._workspace.source.note_changes(change.run_ids, change.gone)
        except OSError as error:
            reason = error.strerror or error
            self._ui.tell(f"the mirror still shows what was changed: {reason}", "error")
