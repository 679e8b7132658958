"""Views: what is shown and how, saved under a name, as tabs above the table."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from runbrowser import paths
from runbrowser.errors import UsageError
from runbrowser.fields.filters import to_text
from runbrowser.models import RunFilter
from runbrowser.pages.status import Note
from runbrowser.text import display
from runbrowser.tui.features.pages import OpenSource
from runbrowser.tui.features.watch import Watching
from runbrowser.tui.widgets.view_tabs import ViewPicked, ViewTabs
from runbrowser.views.arrangement import Arrangement
from runbrowser.views.view import View, check_name

if TYPE_CHECKING:
    from runbrowser.views.store import Edit, Views

PLAIN = View()


class Viewing(Watching):
    """Switches, saves, renames and deletes views."""

    def __init__(self, open_source: OpenSource, filter: RunFilter, page_size: int) -> None:
        super().__init__(open_source, filter, page_size)
        self._views: tuple[View, ...] = ()
        self._view_name = ""  # of the saved view in force, changed or not

    def read_views(self) -> None:
        """Reads the saved views: a tiny file, and none for most."""
        path = paths.views_file()
        if path.exists():
            from runbrowser.views.store import read

            self._note_views(read(path))

    def _note_views(self, read: Views) -> None:
        self._views = read.views
        if read.wrong and self.first_note is None:
            more = f" (and {len(read.wrong) - 1} more)" if len(read.wrong) > 1 else ""
            words = f"{paths.views_file()}: {read.wrong[0]}{more}; the file is left as it is"
            self.first_note = Note(words, "error")

    # -- what is in force ----------------------------------------------------------------------

    def as_view(self, name: str) -> View:
        """What is on the screen, as a view."""
        reading = self.has_class("-reading")
        return View(name, self._filter, self.arrangement, self._sidebar_by_hand, reading)

    @property
    def _tab(self) -> int:
        """The tab in force; 0 is that of all runs."""
        names = [view.name for view in self._views]
        return names.index(self._view_name) + 1 if self._view_name in names else 0

    def show_tabs(self) -> None:
        """Draws the tabs; without any view there is no line for them."""
        line = self.query(ViewTabs)
        if not self._views:
            line.remove()
            return
        if not line:
            tabs = ViewTabs()
            self.query_one("#center").mount(tabs, before=0)
        else:
            tabs = line.first()
        in_force = self._views[self._tab - 1] if self._tab else PLAIN
        changed = not in_force.shows_as(self.as_view(""))
        tabs.show([view.name for view in self._views], self._tab, changed=changed)

    def rearrange(self, arrangement: Arrangement) -> None:
        """As for every table; the tab tells that its view was changed."""
        super().rearrange(arrangement)
        self.show_tabs()

    # -- switching -----------------------------------------------------------------------------

    def refuses(self, filter: RunFilter) -> bool:
        """Whether a filter cannot be put in force here; says why."""
        raise NotImplementedError

    def _show_filter(self) -> None:
        raise NotImplementedError

    def show_view(self, view: View) -> None:
        """Puts a view in force; the source is asked once, and only for other runs."""
        if self.refuses(view.filter):
            return
        self._view_name = view.name
        self._sidebar_by_hand = view.sidebar
        if view.filter == self._filter and self._page is not None:
            self.rearrange(view.arrangement)
        else:
            self._filter, self.arrangement = view.filter, view.arrangement
            self._page = None
            self._show_filter()
            self.start_over()
        if view.detail:
            self._open_detail()
        elif self.pane.display:
            self.close_detail()
        self.place_panes()
        self.show_tabs()

    def _open_detail(self) -> None:
        """Opens the detail beside the table, which keeps the keys."""
        self.pane.display = True
        self.place_panes()
        row = self.table.current
        if row is not None:
            self.follow(row.run_id)

    def _pick(self, number: int) -> None:
        self.show_view(self._views[number - 1] if number else PLAIN)

    def _step_view(self, step: int) -> None:
        if not self._views:
            self.say("no views yet: save view, among the commands, keeps this one", "info")
            return
        self._pick((self._tab + step) % (len(self._views) + 1))

    def action_next_view(self) -> None:
        self._step_view(1)

    def action_previous_view(self) -> None:
        self._step_view(-1)

    def on_view_picked(self, event: ViewPicked) -> None:
        """A click on a tab."""
        event.stop()
        self._pick(event.number)

    # -- saving --------------------------------------------------------------------------------

    def _change(self, edit: Edit, name: str, told: str) -> None:
        """Changes the file; ``name`` is that of the view in force afterwards."""
        self.run_worker(self._write(edit, name, told), group="views", exit_on_error=False)

    async def _write(self, edit: Edit, name: str, told: str) -> None:
        from runbrowser.views.store import change

        path = paths.views_file()
        try:
            after = await asyncio.to_thread(change, path, edit)
        except OSError as error:
            reason = display(error.strerror or error, 120)
            self.say(f"{path} cannot be written ({reason}); nothing was changed", "error")
            return
        except UsageError as error:
            self.say(str(error), "error")
            return
        self._views, self._view_name = after.views, name
        self.show_tabs()
        aside = f"; what could not be read is in {after.set_aside}" if after.set_aside else ""
        self.say(f"{told}{aside}", "done")

    def action_save_view(self) -> None:
        from runbrowser.tui.dialogs.name import NameDialog
        from runbrowser.views.store import saved

        def check(text: str) -> tuple[str, str]:
            name = check_name(text)
            there = any(view.name == name for view in self._views)
            if there and name != self._view_name:
                return name, f"There is a view {name} already; enter again replaces it."
            return name, ""

        def answered(name: str | None) -> None:
            if name is not None:
                self._change(saved(self.as_view(name)), name, f"view {name} is saved")

        note = "keeps the filter, the columns, their order and the panes"
        offered = self._view_name or display(to_text(self._filter), 40)
        self.app.push_screen(NameDialog("Save this view as", offered, note, check), answered)

    def _of_a_view(self, title: str, then: Callable[[str], None]) -> None:
        """Goes on with the view in force, else with the one that is chosen."""
        from runbrowser.tui.dialogs.choose import ChooseDialog

        if not self._views:
            self.say("there are no views yet", "info")
        elif self._tab:
            then(self._view_name)
        else:
            choices = [
                (str(n), view.name, to_text(view.filter)) for n, view in enumerate(self._views)
            ]

            def chosen(place: str | None) -> None:
                if place is not None:
                    then(self._views[int(place)].name)

            self.app.push_screen(ChooseDialog(title, choices), chosen)

    def action_rename_view(self) -> None:
        self._of_a_view("Rename which view?", self._rename)

    def _rename(self, old: str) -> None:
        from runbrowser.tui.dialogs.name import NameDialog
        from runbrowser.views.store import renamed

        def check(text: str) -> tuple[str, str]:
            name = check_name(text)
            if name != old and any(view.name == name for view in self._views):
                raise UsageError(f"There is a view called {name} already.")
            return name, ""

        def answered(name: str | None) -> None:
            if name is not None and name != old:
                in_force = name if self._view_name == old else self._view_name
                self._change(renamed(old, name), in_force, f"view {old} is now called {name}")

        self.app.push_screen(NameDialog("Rename the view", old, f"now: {old}", check), answered)

    def action_delete_view(self) -> None:
        self._of_a_view("Delete which view?", self._delete)

    def _delete(self, name: str) -> None:
        from runbrowser.tui.dialogs.choose import ChooseDialog
        from runbrowser.views.store import deleted

        def chosen(wish: str | None) -> None:
            if wish == "delete":
                in_force = "" if self._view_name == name else self._view_name
                self._change(deleted(name), in_force, f"view {name} is deleted")

        choices = [("keep", "keep it", ""), ("delete", "delete it", "no run is touched")]
        self.app.push_screen(ChooseDialog(f"Delete the view {name}?", choices), chosen)
