"""The command palette: every action of the table, by name."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from runbrowser.tui.actions import ACTIONS, Action


class ActionCommands(Provider):
    """Finds actions; the keys stand behind the name, so that they are learned by the way."""

    def _run(self, action: Action) -> None:
        self.screen.call_next(self.screen.run_action, action.name)

    def _title(self, action: Action) -> str:
        return f"{action.help}  [{action.shown_keys}]" if action.keys else action.help

    async def discover(self) -> AsyncIterator[DiscoveryHit]:
        """All actions, before anything is typed."""
        for action in ACTIONS:
            if action.palette:
                title = self._title(action)
                yield DiscoveryHit(Content(title), partial(self._run, action), title)

    async def search(self, query: str) -> Hits:
        """Actions whose words fit."""
        matcher = self.matcher(query)
        for action in ACTIONS:
            title = self._title(action)
            # what an action is called counts more than what its sentence mentions
            score = matcher.match(title) + 2 * matcher.match(action.label)
            if action.palette and score > 0:
                shown = matcher.highlight(title.replace("[", "\\["))
                yield Hit(score, shown, partial(self._run, action), title)
