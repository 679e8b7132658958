"""The browser: an app that does little more than show its main screen."""

from __future__ import annotations

import os
from contextlib import nullcontext
from functools import partial
from typing import TYPE_CHECKING, Any

from textual import events
from textual.screen import Screen
from textual.theme import Theme

from runbrowser import paths
from runbrowser.models import RunFilter
from runbrowser.tui import dismissal, dispatch, themes
from runbrowser.tui.actions import bindings
from runbrowser.tui.contrast import ReadableThemes
from runbrowser.tui.departure import Departure
from runbrowser.tui.keystrokes import Keystrokes, one_line, other_script
from runbrowser.tui.launch import spare_memory
from runbrowser.tui.looks import Looks
from runbrowser.tui.opening import OpenSource
from runbrowser.tui.output import SparingApp
from runbrowser.tui.places import SCREENS
from runbrowser.tui.screens.main import MainScreen
from runbrowser.tui.suspension import Suspension
from runbrowser.tui.typeahead import Typeahead, Typed

if TYPE_CHECKING:
    from runbrowser.views.session import Place


class RunBrowser(SparingApp[int]):
    """Browses the runs of a source in the terminal."""

    TITLE = "runbrowser"
    ENABLE_COMMAND_PALETTE = True
    SUSPENDED_SCREEN_CLASS = "-suspended"  # a dialog has the keys
    COMMANDS = set()  # noqa: RUF012 - the main screen has its own
    BINDINGS = bindings("app")  # type: ignore[assignment]
    CSS_PATH = [paths.styles_dir() / "runbrowser.tcss"]  # noqa: RUF012

    def __init__(
        self,
        open_source: OpenSource,
        filter: RunFilter | None = None,
        *,
        page_size: int = 100,
        looks: Looks | None = None,
        place: Place | None = None,
        note_under: str = "",
    ) -> None:
        """``place``: where to begin; ``note_under``: the server under which the end is noted."""
        self._is_set_up = False  # Textual asks for a theme before it knows the terminal
        self._readable = ReadableThemes()
        if os.environ.get("NO_COLOR") == "":
            del os.environ["NO_COLOR"]  # empty, it asks for nothing; Textual would go grey
        # decided here and now: with a theme of its own colours Textual would only make them grey
        super().__init__(ansi_color=True if os.environ.get("NO_COLOR") else None)
        self._is_set_up = True
        self.looks = looks or Looks()
        self.set_keymap(self.looks.keys.for_textual)
        self.keystrokes, self.suspension, self.departure = (
            Keystrokes(), Suspension(self), Departure(self),
        )  # fmt: skip
        self.typeahead = Typeahead(self, self.keystrokes, self._deliver)
        self.fault: str = ""
        for theme in themes.own_themes(self.console.color_system):
            self.register_theme(theme)
        self.theme, complaints = self.looks.first_theme(
            self.available_themes, no_color=self.no_color
        )
        self._main = partial(
            MainScreen,
            open_source,
            filter or RunFilter(),
            page_size,
            place=place,
            noted_under=note_under,
            complaints=complaints,
            watch_seconds=self.looks.watch_seconds,
        )

    def get_theme(self, theme_name: str) -> Theme | None:
        """The theme of a name, with texts that can be read; reckoned out when it is first used."""
        known = self._readable.themes.get(theme_name)
        found = known or super().get_theme(theme_name)
        if known is not None or found is None or not self._is_set_up:
            return found
        return self._readable.of(found, self.console.color_system)

    def get_css_variables(self) -> dict[str, str]:
        """Those of the theme, and the grounds of the cells of a confusion matrix."""
        return {**super().get_css_variables(), **self._readable.grounds.get(self.theme, {})}

    def get_default_screen(self) -> MainScreen:
        """The one screen that is always there."""
        return self._main()

    async def run_async(self, **options: Any) -> int | None:
        """Runs until it is left; SIGTERM and SIGHUP leave it as ``q`` does."""
        with nullcontext() if options.get("headless") else self.departure.by_signals():
            return await super().run_async(**options)

    # -- keys and screens ----------------------------------------------------------------------

    def push_screen(self, screen: Any, *rest: Any, **more: Any) -> Any:
        """As Textual does; whichever screen it is, it can be left once only."""
        self.keystrokes.screen_changed()
        if not isinstance(screen, Screen):
            return super().push_screen(screen, *rest, **more)
        dismissal.once(screen)
        pushed = super().push_screen(screen, *rest, **more)
        self.keystrokes.opens(screen)
        return pushed

    def pop_screen(self) -> Any:
        """As Textual does; a screen below that was left meanwhile goes as well."""
        self.keystrokes.screen_changed()
        popped = super().pop_screen()
        dismissal.go_on(self.screen)
        return popped

    def action_command_palette(self) -> None:
        """All commands of the screen that has the keys."""
        from runbrowser.tui.commands import ActionCommands, Palette

        if not isinstance(self.screen, Palette):
            self.push_screen(Palette(providers=[ActionCommands]))

    def action_palette(self) -> None:
        """As :meth:`action_command_palette`."""
        self.action_command_palette()

    def action_help(self) -> None:
        """The keys of the screen that has them."""
        from runbrowser.tui.screens.help import HelpScreen

        self.push_screen(HelpScreen(getattr(self.screen, "PLACES", SCREENS["main"])))

    async def action_do(self, name: str) -> None:
        """An action of the table, on the screen that has the keys."""
        await dispatch.do(self.screen, name)

    async def on_event(self, event: events.Event) -> None:
        """A key has its turn once the one before was handled, and whatever that opened can take
        keys.
        """
        if isinstance(event, (events.Key, events.Paste)) and not event.is_forwarded:
            if isinstance(event, events.Key):
                self.keystrokes.note(event)
            else:
                event.text = one_line(event.text)
            await self.typeahead.add(event)
        else:
            await super().on_event(event)

    async def _deliver(self, event: Typed) -> None:
        """A key that only repeats the one before it goes nowhere."""
        if not (isinstance(event, events.Key) and self.keystrokes.is_repeat(event)):
            await super().on_event(event)

    def on_key(self, event: events.Key) -> None:
        """A key that no widget wanted; the screen may have changed while it was on its way."""
        if self.keystrokes.is_repeat(event):
            event.stop()
            event.prevent_default()
        elif event.character and (words := other_script(event.character)):
            tell = getattr(self.screen, "tell", None)
            if tell is not None:
                tell(words)

    def action_suspend(self) -> None:
        """Back to the shell, until its ``fg``."""
        if not self.is_headless:
            self.suspension.suspend()

    def on_mount(self) -> None:
        """Watches for the terminal to be given back, taken, or gone."""
        if not self.is_headless:
            self.suspension.watch()
            self.departure.watch_terminal()
            spare_memory(self)

    def _handle_exception(self, error: Exception) -> None:
        """What is still being done while it is already leaving may well fail: nobody is to care."""
        if not self._exit:
            super()._handle_exception(error)

    def _fatal_error(self) -> None:
        """Instead of a traceback with the values of variables: one sentence, and the log."""
        from runbrowser.tui.faults import where_logged

        if self._exception is not None:
            where = where_logged(self._exception)
            self.fault = f"runbrowser stopped: something went wrong inside; {where}"
        self._close_messages_no_wait()
