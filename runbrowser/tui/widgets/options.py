"""The list of options that dialogs show."""

from __future__ import annotations

from textual.widgets import OptionList


class Options(OptionList):
    """Textual's, which turns pages also where it has no place on the screen."""

    def action_page_up(self) -> None:
        """One page up."""
        if self.scrollable_content_region:
            super().action_page_up()  # type: ignore[no-untyped-call]
        else:
            self.action_first()

    def action_page_down(self) -> None:
        """One page down."""
        if self.scrollable_content_region:
            super().action_page_down()  # type: ignore[no-untyped-call]
        else:
            self.action_last()
