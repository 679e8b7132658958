"""Beginning where the last session was left, and noting where this one is."""

from __future__ import annotations

from runbrowser import paths
from runbrowser.openml.base import SourcePage
from runbrowser.pages.status import Note
from runbrowser.tui.features.pages import Pages
from runbrowser.tui.features.ui import DetailPanes
from runbrowser.tui.workspace import Workspace
from runbrowser.views.session import Place, leave
from runbrowser.views.view import View


def words_about(place: Place | None) -> Note | None:
    """What is said where the browser begins where it was left."""
    if place is None or not place.remembered or place.plain:
        return None
    clears = "" if place.view.filter.empty else "; esc clears the filter"
    return Note(f"as you left it{clears}; --fresh starts plain", "info")


class Resumption:
    """Knows the place at which to begin, and the server under which the last one is noted."""

    def __init__(self, place: Place | None, noted_under: str) -> None:
        """``noted_under``: a server's address; '': the place is not noted."""
        self._noted_under = noted_under
        self._place = place  # until the first page is there

    def begin(
        self, workspace: Workspace, pages: Pages, panes: DetailPanes, note: Note | None
    ) -> None:
        """Asks for the first page; there the cursor is put where it was left, if the run is still
        there. ``note`` is told with it.
        """
        place = self._place
        if place is None:
            pages.start_over(note=note)
            return

        def shown(page: SourcePage) -> None:
            unsubscribe()
            self._place = None
            if place.run_id is not None:
                pages.put_cursor(place.run_id)
            if place.view.detail:
                panes.open_detail()

        unsubscribe = workspace.page_shown.subscribe(shown)
        pages.start_over(number=place.page, note=note, fallback=lambda number: 0)

    def leave(self, workspace: Workspace, view: View) -> None:
        """Notes the place for the next session."""
        if not self._noted_under:
            return
        page = workspace.page.number if workspace.page is not None else 0
        cursor = workspace.focus.cursor
        place = Place(view, page, cursor.run_id if cursor is not None else None)
        try:
            leave(paths.session_file(), self._noted_under, place)
        except OSError as error:
            from runbrowser.tui.faults import where_logged

            where_logged(error)
