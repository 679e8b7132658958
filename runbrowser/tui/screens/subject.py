"""Pages about what runs are about, one after the other as links are followed, and back again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Static

from runbrowser.errors import RunbrowserError
from runbrowser.fields.subjects import Subject, web_page
from runbrowser.models import Run, RunFilter
from runbrowser.openml.base import RunSource
from runbrowser.openml.subjects import About, read_about
from runbrowser.pages.lines import FAINT, Line, Lines, Link, sentence, spans
from runbrowser.pages.status import foot
from runbrowser.pages.subject import subject_page
from runbrowser.text import display
from runbrowser.tui.actions import bindings, hints
from runbrowser.tui.content import content
from runbrowser.tui.features.web_page import open_page, take
from runbrowser.tui.keymap import in_force
from runbrowser.tui.places import SCREENS
from runbrowser.tui.ui import ScreenUI
from runbrowser.tui.widgets.detail import DetailPane

Layout = Callable[[int], Sequence[Line]]


@dataclass(slots=True)
class Visit:
    """A page that was looked at: what is known of it, and the row that was at its top."""

    subject: Subject
    about: About | Run | None = None
    row: int = 0


@dataclass(slots=True)
class Trail:
    """Pages in the order they were gone through, and which of them is shown."""

    visits: list[Visit] = field(default_factory=list)
    at: int = 0

    @property
    def here(self) -> Visit:
        """The page that is shown."""
        return self.visits[self.at]

    def go(self, subject: Subject) -> None:
        """On to another page; what lay ahead is forgotten."""
        self.visits[self.at + 1 :] = [Visit(subject)]
        self.at = len(self.visits) - 1

    def step(self, step: int) -> bool:
        """Back or forward; whether there was a page."""
        if not 0 <= self.at + step < len(self.visits):
            return False
        self.at += step
        return True


class SubjectScreen(Screen[RunFilter | None]):
    """Esc goes back to the page before, then to where one was; gives the filter whose runs are to
    be shown.
    """

    PLACES = SCREENS["subject"]
    BINDINGS = bindings("app", "page", "subject")  # type: ignore[assignment]

    def __init__(self, source: RunSource, trail: Trail) -> None:
        super().__init__()
        self._source = source
        self.trail = trail
        self._ui = ScreenUI(self)
        # At hand after the screen was taken down, too: a key may still be on its way then.
        self._head = Static("", markup=False, classes="page-head")
        self._pane = DetailPane(id="page")
        self._foot = Static("", markup=False, classes="page-foot")

    def compose(self) -> ComposeResult:
        yield self._head
        yield self._pane
        yield self._foot

    def on_mount(self) -> None:
        """Shows the page, which is read where it is not known."""
        self._ui.line.changed.subscribe(lambda _: self._tell_note())
        self._pane.followed.subscribe(self._follow)
        self._pane.focus()
        self._show()

    def on_resize(self) -> None:
        """As many keys as there is room for."""
        self.tell("")

    def _tell_note(self) -> None:
        note = self._ui.line.note
        self.tell(note.text if note is not None else "")

    def tell(self, words: str, kind: str = "info") -> None:
        """Says something beside the keys."""
        width = max(20, self.size.width - 2)
        pairs = hints(actions=in_force(self.app).actions, places=self.PLACES)
        told = [spans(display(words, width))] if words else []
        self._foot.update(content(foot(told, pairs, width)))

    # -- reading -------------------------------------------------------------------------------

    def _show(self) -> None:
        if not self._pane.children:  # taken down already
            return
        visit = self.trail.here
        way = " \u203a ".join(one.subject.text for one in self.trail.visits[: self.trail.at + 1])
        width = max(20, self.size.width - 2)
        self._head.update(display(way[-width:], width))
        self.tell("")
        self.workers.cancel_group(self, "subject")
        if visit.about is None:
            self.action_refresh()
        else:
            self._lay_out(visit)
            self.call_after_refresh(self._pane.page.to_row, visit.row)

    def action_refresh(self) -> None:
        """Asks for it anew."""
        visit = self.trail.here
        visit.about = None
        self._say(f"{visit.subject.title}: reading\u2026")

        async def read() -> None:
            try:
                await self._read(visit)
            except RunbrowserError as error:
                if self.trail.here is visit:
                    self._say(f"{error} r tries again.", "bad")

        work: Callable[[], Awaitable[None]] = read
        self.run_worker(work, group="subject", exclusive=True, exit_on_error=False)

    def _say(self, words: str, look: str = FAINT) -> None:
        text = display(words, 2_000)
        if not self._pane.children:  # taken down already
            return
        self._pane.show(None, lambda width: Lines([sentence(text, width, look)]))

    async def _read(self, visit: Visit) -> None:
        subject = visit.subject
        if subject.kind == "run":
            visit.about = await self._source.run(int(subject.id))
            self._lay_out(visit)
            return
        async for about in read_about(self._source, subject):
            first, visit.about = visit.about is None, about
            self._lay_out(visit, keep_place=not first)

    def _lay_out(self, visit: Visit, *, keep_place: bool = False) -> None:
        if self.trail.here is not visit or not self._pane.children:
            return
        about, names, pane = visit.about, self._source.names, self._pane
        layout: Layout
        if isinstance(about, Run):
            from runbrowser.pages import detail

            run = about
            pane.links.wanted = lambda link: isinstance(link.target, Subject)

            def layout(width: int) -> Sequence[Line]:
                return detail.detail(run, None, names, width, in_table=True)

            pane.show(run.run_id, layout, keep_place=keep_place, extent=detail.extent(run))
        elif about is not None:
            pane.links.wanted = _is_run
            known = about
            pane.show(None, lambda width: subject_page(known, names, width), keep_place=keep_place)

    # -- going on ------------------------------------------------------------------------------

    def _follow(self, target: Subject | RunFilter) -> None:
        """Enter on a link, or a click."""
        self._leave_page()
        if isinstance(target, RunFilter):
            self.dismiss(target)
        else:
            self.trail.go(target)
            self._show()

    def action_follow(self) -> None:
        """Enter, where the page has not the keys."""
        self._pane.action_follow()

    def action_next_link(self) -> None:
        """l."""
        self._pane.action_next_link()

    def action_previous_link(self) -> None:
        """h."""
        self._pane.action_previous_link()

    def _leave_page(self) -> None:
        if not self._pane.children:  # taken down already
            return
        self.trail.here.row = round(self._pane.page.scroll_y)

    def _step(self, step: int) -> bool:
        self._leave_page()
        moved = self.trail.step(step)
        if moved:
            self._show()
        return moved

    def action_leave(self) -> None:
        """Ends a search; else back by a page, and at last to where one was."""
        if not self._pane.children:  # taken down already
            return
        if self._pane.searching:
            self._pane.leave_search()
        elif not self._step(-1):
            self.workers.cancel_node(self)
            self.dismiss(None)

    def action_forward(self) -> None:
        """Forward again."""
        if not self._step(1):
            self.tell("there is nothing ahead")

    def action_open_page(self) -> None:
        """Its page on the website."""
        address = web_page(self.trail.here.subject, self._source.address)
        if address:
            open_page(self._ui, address)
        else:
            self.tell(f"the website has no page for a {self.trail.here.subject.record.noun}")

    def action_copy_id(self) -> None:
        """What it is called."""
        text = self.trail.here.subject.text
        take(self._ui, text, text)


def _is_run(link: Link) -> bool:
    return isinstance(link.target, Subject) and link.target.kind == "run"
