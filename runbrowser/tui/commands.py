"""The command palette: every action of the table, by name."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import Any

from textual.command import CommandList, CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.dom import DOMNode
from textual.widgets import Input
from textual.worker import Worker, WorkerState

from runbrowser.tui.action import Action
from runbrowser.tui.actions import actions_of, command, is_of_widget
from runbrowser.tui.dispatch import Acting
from runbrowser.tui.features.application import take_theme
from runbrowser.tui.keymap import in_force
from runbrowser.tui.keystrokes import keystrokes_of
from runbrowser.tui.places import PANES, SCREENS, WIDGETS, Place


class Palette(CommandPalette):
    """Textual's palette; Enter waits for the list of what was typed, a page key also works where
    the list has no place, and nothing is looked for once it was left.
    """

    _gathering: Worker[None] | None = None
    _sought = ""  # the words that it looks for
    _is_wanted = False  # Enter came before their list

    def on_mount(self) -> None:
        """A cursor that blinks is two pictures a second over the line."""
        self.query_one(Input).cursor_blink = False

    @property
    def _is_listed(self) -> bool:
        """Whether what is listed is for what was typed."""
        typed = self.query_one(Input).value.strip()
        done = self._gathering is not None and self._gathering.state is WorkerState.SUCCESS
        return done and typed == self._sought

    def _gather_commands(self, search_value: str) -> Any:
        if self.app.screen is self:
            self._sought = search_value
            self._gathering = super()._gather_commands(search_value)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """The list is there, unless more was typed meanwhile."""
        if self.app.screen is self and self._is_wanted and self._is_listed:
            self._is_wanted = False
            if self._list_visible:
                self._action_command_list("select")
            else:
                keystrokes_of(self.app).release()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter takes no command that stood there before the last letter was typed."""
        if self.app.screen is not self:
            return
        if not self._is_listed:
            self._is_wanted = True
            event.stop()
            event.prevent_default()
        if self._is_wanted or self.query_one(CommandList).highlighted is not None:
            keystrokes_of(self.app).hold()

    def _action_command_list(self, action: str) -> None:
        pages = action in ("page_up", "page_down")
        if not (pages and not self.query_one(CommandList).scrollable_content_region):
            super()._action_command_list(action)


class ActionCommands(Provider):
    """Finds actions; the keys stand behind the name, so that they are learned by the way."""

    _chosen = False  # the palette may tell of one choice twice

    def _actions(self) -> list[Action]:
        """All actions with the keys in force; those for moving about, which say least, last."""
        places = [place for place in self._places if place not in WIDGETS or place in PANES]
        here = actions_of(places, in_force(self.app).actions)
        return sorted(here, key=lambda action: not action.palette)

    @property
    def _places(self) -> Sequence[Place]:
        return getattr(self.screen, "PLACES", SCREENS["main"])

    def _run(self, action: Action) -> None:
        """On the screen, else on the pane that the action belongs to."""
        screen = self.screen
        if self._chosen:
            return
        self._chosen = True
        node: DOMNode | None = screen.app
        if is_of_widget(action, self._places):
            panes = (screen.focused, *screen.query("#detail, #runs"))
            can = (pane for pane in panes if pane and pane.display and _can(pane, action.does))
            node = next(can, None)
        screen.call_next(self._perform, command(action, *self._places), node)

    async def _perform(self, name: str, node: DOMNode | None) -> None:
        """What is typed after the choice is meant for what it opens."""
        try:
            if node is not None:
                await self.app.run_action(name, node)
        finally:
            keystrokes_of(self.app).release()

    def _title(self, action: Action) -> str:
        return f"{action.help}  [{action.shown_keys}]" if action.keys else action.help

    async def discover(self) -> AsyncIterator[DiscoveryHit]:
        """All actions, before anything is typed."""
        for action in self._actions():
            title = self._title(action)
            yield DiscoveryHit(Content(title), partial(self._run, action), title)

    async def search(self, query: str) -> Hits:
        """Actions whose words fit."""
        matcher = self.matcher(query)
        for action in self._actions():
            title = self._title(action)
            # what an action is called counts more than what its sentence mentions
            score = matcher.match(title) + 2 * matcher.match(action.label)
            if score > 0:
                shown = matcher.highlight(title.replace("[", "\\["))
                yield Hit(score, shown, partial(self._run, action), title)
        for name in () if self.app.no_color else self.app.available_themes:
            title = f"Theme {name}"
            score = matcher.match(title)
            if score > 0:
                yield Hit(score, matcher.highlight(title), partial(self._take, name), title)

    def _take(self, name: str) -> None:
        """Another theme, without a preview."""
        words, kind = take_theme(self.app, name)
        if isinstance(self.screen, Acting):
            self.screen.tell(words, kind)
        keystrokes_of(self.app).release()


def _can(node: DOMNode, name: str) -> bool:
    return callable(getattr(node, f"action_{name}", None))
