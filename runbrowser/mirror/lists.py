"""A list of a mirror that was opened: its length, and where its pages begin."""

from __future__ import annotations

from pathlib import Path

from runbrowser.mirror.places import Place


class OpenedList:
    """The pages of a list in one version: how many runs it has, and after which row each page
    begins.
    """

    def __init__(self, version: Path, total: int, gone: tuple[int, ...]) -> None:
        self.version = version
        self.total = total
        self.gone = gone
        self.places: dict[int, Place | None] = {0: None}

    def go_on(self, earlier: OpenedList, number: int) -> None:
        """Takes over where a page begins from the same list of an earlier version."""
        nearest, _ = earlier.nearest(number)
        self.places[nearest] = earlier.places[nearest]

    def nearest(self, number: int) -> tuple[int, int]:
        """The nearest page before one of which is known where it begins, and how far that is."""
        found = max(known for known in self.places if known <= number)
        return found, number - found

    def before(self, number: int) -> tuple[Place | None, int]:
        """The place before the nearest page that is known, and how many pages lie between."""
        nearest, between = self.nearest(number)
        return self.places[nearest], between
