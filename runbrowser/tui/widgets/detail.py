"""The detail pane: one run as a page of text that scrolls, and can be searched."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from textual import events
from textual.app import ComposeResult
from textual.containers import Container
from textual.content import Content
from textual.widgets import Input

from runbrowser.fields.subjects import Subject
from runbrowser.models import RunFilter
from runbrowser.pages.lines import Line, Link, spans
from runbrowser.tui.actions import bindings
from runbrowser.tui.signals import Signal
from runbrowser.tui.threads import in_thread
from runbrowser.tui.widgets.page_links import PageLinks, links_of
from runbrowser.tui.widgets.page_search import Match, Matches, SearchLine, find
from runbrowser.tui.widgets.page_view import Layout, PageView

_LONG = 2_000  # rows, or things to be laid out, from which on the event loop is left alone


class DetailPane(Container, can_focus=True):
    """Shows whatever page it is given, laid out for its width."""

    BINDINGS = bindings("detail")  # type: ignore[assignment]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._layout: Layout | None = None
        self._is_long = False
        self._width = 0  # for which the page was laid out, or is being laid out
        self._matches: Matches | None = None
        self.links = PageLinks()
        self.followed: Signal[Subject | RunFilter] = Signal()  # what a link leads to is wanted
        self.run_id: int | None = None  # the run whose page is shown or being fetched
        self._shown_id: int | None = None

    def compose(self) -> ComposeResult:
        yield PageView(id="detail-page")

    @property
    def page(self) -> PageView:
        """What is shown, and moved."""
        return self.query_one("#detail-page", PageView)

    # -- the page ------------------------------------------------------------------------------

    def show(
        self, run_id: int | None, layout: Layout, *, keep_place: bool = False, extent: int = 0
    ) -> None:
        """Shows a page; ``layout`` makes it for a width in cells. A search goes on in it.

        extent: roughly how many things are to be laid out. If they are many this is done beside
        the event loop, and what was shown of the run before stays until then.
        """
        if not keep_place:
            self.links.forget()
        self.run_id = run_id
        self._layout = layout
        self._is_long = extent > _LONG
        self._draw(keep_place=keep_place)

    def on_resize(self, event: events.Resize) -> None:
        """Lays the page out again for another width."""
        if self._layout is not None and self.page.room != self._width:
            self._draw(keep_place=True)

    def _draw(self, *, keep_place: bool) -> None:
        self._width = self.page.room
        if self._layout is None or not self._width:
            return  # getting a place draws it
        if self._is_long:
            if self._shown_id != self.run_id:  # never one run's page under another's number
                self.page.show_rows([spans((f"Run {self.run_id}", "strong"))], self._width)
            self._beside(
                "layout",
                partial(_rows, self._layout, self._width),
                partial(self._take, keep_place=keep_place),
            )
        else:
            self._cancel("layout")
            self._take(self._layout(self._width), keep_place=keep_place)

    def _take(self, rows: Sequence[Line], *, keep_place: bool) -> None:
        self._shown_id = self.run_id
        self.page.show_rows(rows, self._width, keep_place=keep_place)
        if self._matches is not None:
            self._find(self._mark)
        self.call_after_refresh(self._mark_link)

    def _beside(
        self,
        group: str,
        work: Callable[[Callable[[], bool]], Sequence[Line] | list[Match]],
        then: Callable[..., None],
    ) -> None:
        """Work in a thread, in place of what is still under way in its group."""

        async def do() -> None:
            result = await in_thread(work)
            if self.is_attached:
                then(result)

        start: Callable[[], Awaitable[None]] = do
        name = f"{self.id}-{group}"
        self.screen.run_worker(start, group=name, exclusive=True, exit_on_error=False)

    def _cancel(self, group: str) -> None:
        self.workers.cancel_group(self.screen, f"{self.id}-{group}")

    # -- moving --------------------------------------------------------------------------------

    def action_scroll_down(self) -> None:
        """j."""
        self.page.move(1)

    def action_scroll_up(self) -> None:
        """k."""
        self.page.move(-1)

    def action_page_down(self) -> None:
        """PgDn."""
        self.page.turn(1)

    def action_page_up(self) -> None:
        """PgUp."""
        self.page.turn(-1)

    def action_scroll_home(self) -> None:
        """g."""
        self.page.to_row(0)

    def action_scroll_end(self) -> None:
        """G."""
        self.page.to_end()

    # -- links ---------------------------------------------------------------------------------

    def _seen(self) -> tuple[int, int]:
        """The rows that are seen: the first, and the one after the last."""
        first = round(self.page.scroll_y)
        return first, first + max(1, self.page.scrollable_content_region.height)

    @property
    def link(self) -> Link | None:
        """The link that Enter follows."""
        return self.links.at_hand(self.page.rows, *self._seen())

    def _mark_link(self) -> None:
        """Draws the link at hand as such, while the page has the keys."""
        if self.links.has_moved(self.link if self.has_focus else None):
            self._mark()

    def watch_has_focus(self, _: bool) -> None:
        """The link at hand is marked while Enter would follow it."""
        super().watch_has_focus(_)
        if self.is_attached and self.query(PageView):
            self._mark_link()

    def on_page_view_moved(self, event: PageView.Moved) -> None:
        """Other rows are seen, other links are at hand."""
        event.stop()
        self._mark_link()

    def action_follow(self) -> None:
        """Enter: opens what the link at hand leads to."""
        link = self.link
        if link is not None:
            self.followed.emit(link.target)

    def action_next_link(self) -> None:
        """l."""
        self._step_link(1)

    def action_previous_link(self) -> None:
        """h."""
        self._step_link(-1)

    def _step_link(self, step: int) -> None:
        first, last = self._seen()
        row = self.links.step(self.page.rows, first, last, step)
        if row is not None and not first <= row < last:
            self.page.to_row(max(0, row - (last - first) // 3))
        self._mark_link()

    def on_click(self, event: events.Click) -> None:
        """A click on a link follows it."""
        place = event.get_content_offset(self.page)
        if place is None or self.screen.selections:
            return
        row = round(self.page.scroll_y) + place.y
        for found in links_of(self.page.rows, row, row + 1):
            if found.start <= place.x < found.end:
                event.stop()
                self.followed.emit(found.link.target)
                return

    # -- search --------------------------------------------------------------------------------

    @property
    def searching(self) -> bool:
        """Whether a search is under way, typed or gone through."""
        return self._matches is not None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Without a search its keys are the screen's."""
        if action in ("next_match", "previous_match"):
            return self.searching
        return True

    async def action_search(self) -> None:
        """Opens the line for the words, with those looked for before."""
        if not self.query(SearchLine):
            await self.mount(SearchLine(id="page-search"))
        if self._matches is None:
            self._matches = Matches("")
        line = self.query_one(SearchLine)
        line.display = True
        field = line.query_one(Input)
        field.value = self._matches.words
        field.focus()
        self.call_after_refresh(self._mark)

    def on_search_line_typed(self, event: SearchLine.Typed) -> None:
        """Goes to the first match from the top of what is on the screen."""
        event.stop()
        if event.done and not event.words:
            self.leave_search()
            return
        if event.done:
            self.focus()
        if self._matches is None or event.words != self._matches.words:
            self._matches = Matches(event.words)
            self._find(self._go_to_nearest)
        elif event.done:
            self.call_after_refresh(self._go)
        else:
            self._go()

    def _go_to_nearest(self) -> None:
        if self._matches is not None:
            self._matches.nearest(round(self.page.scroll_y))
            self.call_after_refresh(self._go)

    def _find(self, then: Callable[[], None]) -> None:
        """Looks for the words in the page, and then does something with what is found."""
        matches, rows = self._matches, self.page.rows
        if matches is None:
            return

        def found(places: list[Match]) -> None:
            if self._matches is matches:
                matches.take(places)
                then()

        if len(rows) > _LONG:
            self._beside("search", partial(find, rows, matches.words), found)
        else:
            self._cancel("search")
            found(find(rows, matches.words))

    def on_search_line_left(self, event: SearchLine.Left) -> None:
        """Esc while typing."""
        event.stop()
        self.leave_search()

    def leave_search(self) -> None:
        """Takes the marks away; the keys go back to the page."""
        self._matches = None
        for line in self.query(SearchLine):
            line.display = False
        self._mark()
        self.focus()

    def action_next_match(self) -> None:
        """n."""
        self._step_match(1)

    def action_previous_match(self) -> None:
        """N."""
        self._step_match(-1)

    def _step_match(self, step: int) -> None:
        if self._matches is not None:
            self._matches.step(step)
            self._go()

    def _mark(self) -> None:
        """Draws the page with the matches of a search."""
        self.page.decorate(self._decorated)
        if self._matches is not None:
            for line in self.query(SearchLine):
                line.tell(self._told())

    def _decorated(self, row: int, content: Content) -> Content:
        """A row with the link at hand and the matches of a search marked."""
        content = self.links.marked(self.page.rows[row], content)
        return content if self._matches is None else self._matches.marked(row, content)

    def _told(self) -> str:
        """How many matches there are, and which keys go on, once the keys are the page's again."""
        told = self._matches.told if self._matches is not None else ""
        keys = "   n next, N back, esc ends"
        wide = self._width >= 54 and self._matches is not None and self._matches.places
        return told + keys if wide and self.has_focus else told

    def _go(self) -> None:
        """Marks the matches and brings the one at hand into sight."""
        matches, page = self._matches, self.page
        self._mark()
        if matches is None or not matches.places:
            return
        row, height = matches.places[matches.at].row, max(2, page.size.height)
        if not page.scroll_y <= row < page.scroll_y + height:
            page.to_row(max(0, row - height // 3))


def _rows(layout: Layout, width: int, stop: Callable[[], bool]) -> Sequence[Line]:
    return layout(width)
