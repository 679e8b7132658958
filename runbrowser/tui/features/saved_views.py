"""Views: what is shown and how, saved under a name, as tabs above the table."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Protocol

from runbrowser import paths
from runbrowser.errors import UsageError
from runbrowser.fields.filters import to_text
from runbrowser.text import display
from runbrowser.tui.dispatch import Handler
from runbrowser.tui.features.ui import UI, DetailPanes
from runbrowser.tui.signals import Signal
from runbrowser.tui.workspace import Selection
from runbrowser.views.view import View, check_name

if TYPE_CHECKING:
    from runbrowser.views.store import Edit

PLAIN = View()


class ViewPanes(DetailPanes, Protocol):
    """Which panes are open."""

    sidebar_by_hand: bool | None

    def place(self) -> None:
        """Opens and folds panes for the width at hand."""
        ...


class SavedViews:
    """Switches, saves, renames and deletes views; there before any source is.

    ``changed`` tells that there are other views, or that another one is in force.
    """

    def __init__(self, selection: Selection, ui: UI, panes: ViewPanes) -> None:
        self._selection = selection
        self._ui = ui
        self._panes = panes
        self._views: tuple[View, ...] = ()
        self.is_page_there: Callable[[], bool] = lambda: False
        """Whether there are rows under the filter in force, that need not be asked for."""
        self.changed: Signal[None] = Signal()

    def handlers(self) -> dict[str, Handler]:
        """What it does."""
        none_yet = "no views yet: save view, among the commands, keeps this one"
        return {
            "next_view": Handler(lambda: self._step(1), self._why_none(none_yet)),
            "previous_view": Handler(lambda: self._step(-1), self._why_none(none_yet)),
            "save_view": Handler(self.save),
            "rename_view": Handler(self.rename, self._why_none("there are no views yet")),
            "delete_view": Handler(self.delete, self._why_none("there are no views yet")),
        }

    def _why_none(self, words: str) -> Callable[[], str]:
        return lambda: "" if self._views else words

    def read(self) -> str:
        """Reads the saved views, a tiny file, and none for most; what of it is wrong, in words."""
        path = paths.views_file()
        if not path.exists():
            return ""
        from runbrowser.views.store import read

        found = read(path)
        self._views = found.views
        if not found.wrong:
            return ""
        more = f" (and {len(found.wrong) - 1} more)" if len(found.wrong) > 1 else ""
        return f"{path}: {found.wrong[0]}{more}; the file is left as it is"

    # -- what is in force ----------------------------------------------------------------------

    @property
    def names(self) -> list[str]:
        """The names of the saved views, in order."""
        return [view.name for view in self._views]

    def as_view(self, name: str) -> View:
        """What is on the screen, as a view."""
        selection, panes = self._selection, self._panes
        sidebar, reading = panes.sidebar_by_hand, panes.detail_open
        return View(name, selection.filter, selection.arrangement, sidebar, reading)

    @property
    def current(self) -> int:
        """The number of the view in force, from 1; 0 for all runs."""
        names, name = self.names, self._selection.name
        return names.index(name) + 1 if name in names else 0

    @property
    def is_current_changed(self) -> bool:
        """Whether other runs are shown than the view in force says, or in another way."""
        in_force = self._views[self.current - 1] if self.current else PLAIN
        return not in_force.shows_as(self.as_view(""))

    # -- switching -----------------------------------------------------------------------------

    def show(self, view: View) -> None:
        """Puts a view in force; the source is asked once, and only for other runs."""
        why = self._selection.refusal(view.filter)
        if why:
            self._ui.tell(why, "error")
            return
        self._panes.sidebar_by_hand = view.sidebar
        self._selection.show_view(view, anew=not self.is_page_there())
        if view.detail:
            self._panes.open_detail()
        elif self._panes.detail_open:
            self._panes.close_detail()
        self._panes.place()
        self.changed.emit(None)

    def pick(self, number: int) -> None:
        """The view with a number from 1; 0 for all runs."""
        self.show(self._views[number - 1] if number else PLAIN)

    def _step(self, step: int) -> None:
        self.pick((self.current + step) % (len(self._views) + 1))

    # -- saving --------------------------------------------------------------------------------

    def _change(self, edit: Edit, name: str, told: str) -> None:
        """Changes the file; ``name`` is that of the view in force afterwards."""
        self._ui.work(partial(self._write, edit, name, told), "views", exclusive=False)

    async def _write(self, edit: Edit, name: str, told: str) -> None:
        from runbrowser.views.store import change

        path = paths.views_file()
        try:
            after = await asyncio.to_thread(change, path, edit)
        except OSError as error:
            reason = display(error.strerror or error, 120)
            self._ui.tell(f"{path} cannot be written ({reason}); nothing was changed", "error")
            return
        except UsageError as error:
            self._ui.tell(str(error), "error")
            return
        self._views, self._selection.name = after.views, name
        self.changed.emit(None)
        aside = f"; what could not be read is in {after.set_aside}" if after.set_aside else ""
        self._ui.tell(f"{told}{aside}", "done")

    def save(self) -> None:
        """Asks for a name and saves what is on the screen under it."""
        from runbrowser.tui.dialogs.name import NameDialog
        from runbrowser.views.store import saved

        def check(text: str) -> tuple[str, str]:
            name = check_name(text)
            there = any(view.name == name for view in self._views)
            if there and name != self._selection.name:
                return name, f"There is a view {name} already; enter again replaces it."
            return name, ""

        def answered(name: str | None) -> None:
            if name is not None:
                self._change(saved(self.as_view(name)), name, f"view {name} is saved")

        note = "keeps the filter, the columns, their order and the panes"
        offered = self._selection.name or display(to_text(self._selection.filter), 40)
        self._ui.ask(NameDialog("Save this view as", offered, note, check), answered)

    def _of_a_view(self, title: str, then: Callable[[str], None]) -> None:
        """Goes on with the view in force, else with the one that is chosen."""
        from runbrowser.tui.dialogs.choose import ChooseDialog

        if self.current:
            then(self._selection.name)
        else:
            choices = [
                (str(n), view.name, to_text(view.filter)) for n, view in enumerate(self._views)
            ]

            def chosen(place: str | None) -> None:
                if place is not None:
                    then(self._views[int(place)].name)

            self._ui.ask(ChooseDialog(title, choices), chosen)

    def rename(self) -> None:
        """Asks for another name of a view."""
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
                in_force = name if self._selection.name == old else self._selection.name
                self._change(renamed(old, name), in_force, f"view {old} is now called {name}")

        self._ui.ask(NameDialog("Rename the view", old, f"now: {old}", check), answered)

    def delete(self) -> None:
        """Asks whether a view is to be deleted."""
        self._of_a_view("Delete which view?", self._delete)

    def _delete(self, name: str) -> None:
        from runbrowser.tui.dialogs.choose import ChooseDialog
        from runbrowser.views.store import deleted

        def chosen(wish: str | None) -> None:
            if wish == "delete":
                in_force = "" if self._selection.name == name else self._selection.name
                self._change(deleted(name), in_force, f"view {name} is deleted")

        choices = [("keep", "keep it", ""), ("delete", "delete it", "no run is touched")]
        self._ui.ask(ChooseDialog(f"Delete the view {name}?", choices), chosen)
