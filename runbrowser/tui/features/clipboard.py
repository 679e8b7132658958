"""Taking things along: copy, open in the web browser. What the main screen does with a run."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence

from runbrowser.models import RunRow
from runbrowser.text import display
from runbrowser.tui.features.marking import Marking

_SNIPPET = """from runbrowser import HTTPClient, RunV1API

with HTTPClient({server!r}) as http:
    run = RunV1API(http).get({run_id})
print(run.flow_name, run.evaluations)
"""


class Taking(Marking):
    """Copies what is marked, else what is under the cursor or open in the detail."""

    def _page_of(self, run_id: int) -> str:
        """The address of a run's page on the website of the server."""
        return self.source.run_page(run_id) if self.source is not None else ""

    def _row_text(self, rows: Sequence[RunRow]) -> str:
        """Rows as JSON with the command line's names (DESIGN 3)."""
        return json.dumps([row._asdict() for row in rows], indent=1)

    def _take(self, text: str, what: str) -> None:
        async def take() -> None:
            from runbrowser.tui.clipboard import copy

            told = await copy(self.app, text)
            self.say(f"{what} {told}", "done")

        self.run_worker(take(), group="copy", exit_on_error=False)

    def action_copy_id(self) -> None:
        rows = self.chosen()
        if rows:
            ids = "\n".join(str(row.run_id) for row in rows)
            what = f"run id {ids}" if len(rows) == 1 else f"{len(rows)} run ids"
            self._take(ids, what)

    def action_copy_menu(self) -> None:
        from runbrowser.tui.dialogs.choose import ChooseDialog

        rows = self.chosen()
        if not rows:
            return
        first = rows[0]
        ids = ",".join(str(row.run_id) for row in rows)
        server = self.source.address if self.source is not None else ""
        texts = {
            "id": ("run id" + ("s" if len(rows) > 1 else ""), ids),
            "url": ("address of its page", "\n".join(self._page_of(row.run_id) for row in rows)),
            "error": (
                f"error message of {first.run_id}" if len(rows) > 1 else "error message",
                first.error_message or "",
            ),
            "json": ("rows as JSON" if len(rows) > 1 else "row as JSON", self._row_text(rows)),
            "python": ("Python that reads it", _SNIPPET.format(server=server, run_id=first.run_id)),
        }
        choices = [(key, words, display(text, 40)) for key, (words, text) in texts.items() if text]

        def chosen(key: str | None) -> None:
            if key is not None:
                words, text = texts[key]
                self._take(text, words)

        self.app.push_screen(ChooseDialog("Copy", choices), chosen)

    def action_copy_value(self) -> None:
        run = self.run_at_hand()
        if run is None:
            return
        from runbrowser.pages.detail.values import values
        from runbrowser.tui.dialogs.pick import PickDialog

        found = values(run, self.find_row(run.run_id), self.names)

        def chosen(place: int | None) -> None:
            if place is not None:
                self._take(found[place][1], display(found[place][0], 60))

        self.app.push_screen(PickDialog(f"Copy a value of run {run.run_id}", found), chosen)

    def action_open_page(self) -> None:
        row = self.focused_row()
        if row is None:
            return
        address = self._page_of(row.run_id)
        shown = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
        if os.environ.get("SSH_CONNECTION") or not (shown or os.name == "nt" or _is_mac()):
            self._take(address, address)  # a browser started here would be on another machine
            return
        import webbrowser

        if webbrowser.open(address):
            self.say(f"opened {address}", "done")
        else:
            self._take(address, address)


def _is_mac() -> bool:
    return sys.platform == "darwin"
