"""Beginning where the last session was left, and noting where this one is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runbrowser import paths
from runbrowser.models import RunFilter
from runbrowser.openml.base import SourcePage
from runbrowser.pages.status import Note
from runbrowser.tui.features.pages import OpenSource
from runbrowser.tui.features.saved_views import Viewing

if TYPE_CHECKING:
    from runbrowser.views.session import Place


class Resuming(Viewing):
    """Knows the place at which to begin, and the server under which the last one is noted."""

    def __init__(self, open_source: OpenSource, filter: RunFilter, page_size: int) -> None:
        super().__init__(open_source, filter, page_size)
        self._begin: Place | None = None  # until the first page is there
        self._noted_under = ""  # a server's address; '': the place is not noted
        self._cursor_run: int | None = None

    def begin_at(self, place: Place | None, server: str) -> None:
        """Begins at a place; ``server`` is the address under which the last one is noted, '' for
        not at all.
        """
        self._noted_under = server
        if place is None:
            return
        view, self._begin = place.view, place
        self._filter, self.arrangement = view.filter, view.arrangement
        self._view_name, self._sidebar_by_hand = view.name, view.sidebar
        self.first_page = place.page
        if place.remembered and not place.plain and self.first_note is None:
            clears = "" if view.filter.empty else "; esc clears the filter"
            self.first_note = Note(f"as you left it{clears}; --fresh starts plain", "info")

    def _show(self, page: SourcePage, cursor: int) -> None:
        """The first page has the cursor where it was left, if the run is still there."""
        place = self._begin
        if place is not None and not page.rows and page.number > 0:
            self.turn_to(0)
            return
        super()._show(page, cursor)
        self._begin = None
        if place is not None:
            self._put_cursor(place.run_id)
            if place.view.detail:
                self._open_detail()

    async def on_unmount(self) -> None:
        """Notes the place for the next session; Textual calls this beside that of Paging."""
        if not self._noted_under or self.source is None:
            return
        from runbrowser.views.session import Place, leave

        page = self._page.number if self._page is not None else 0
        place = Place(self.as_view(self._view_name), page, self._cursor_run)
        try:
            leave(paths.session_file(), self._noted_under, place)
        except OSError as error:
            from runbrowser.tui.faults import log_fault

            log_fault(error)
