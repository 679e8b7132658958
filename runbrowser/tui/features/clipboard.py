"""Taking things along: copying what a run is called and says, opening its page on the web."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial

from runbrowser.errors import RunbrowserError
from runbrowser.models import Run, RunRow
from runbrowser.text import display
from runbrowser.tui.dispatch import Handler
from runbrowser.tui.features.ui import UI
from runbrowser.tui.features.web_page import open_page, take
from runbrowser.tui.features.when_read import WhenRead
from runbrowser.tui.workspace import Workspace

_SNIPPET = """from runbrowser import HTTPClient, RunV1API

with HTTPClient({server!r}) as http:
    run = RunV1API(http).get({run_id})
print(run.flow_name, run.evaluations)
"""


_OF_PARAMETERS = {
    "dict": ("parameters as a dict", "Python, by component"),
    "settings": ("settings as JSON", "by component"),
    "model": ("model as Python", "imports and constructor"),
}
"""What is made of the parameters of one run: its words, and a remark beside them."""


def _as_json(rows: Sequence[RunRow]) -> str:
    """Rows as JSON with the command line's names."""
    return json.dumps([row._asdict() for row in rows], indent=1)


class Clipboard:
    """Copies what is marked, else what is in focus."""

    def __init__(self, workspace: Workspace, ui: UI, when_read: WhenRead) -> None:
        self._workspace = workspace
        self._ui = ui
        self._when_read = when_read

    def handlers(self) -> dict[str, Handler]:
        """What it does."""
        return {
            "copy_id": Handler(self.copy_id),
            "copy_menu": Handler(self.copy_menu),
            "copy_value": self._when_read.handler(self.copy_value, "its values"),
            "open_page": Handler(self.open_page),
        }

    def _take(self, text: str, what: str) -> None:
        take(self._ui, text, what)

    def copy_id(self) -> None:
        """The ids of the runs."""
        rows = self._workspace.chosen()
        if rows:
            ids = "\n".join(str(row.run_id) for row in rows)
            what = f"run id {ids}" if len(rows) == 1 else f"{len(rows)} run ids"
            self._take(ids, what)

    def copy_menu(self) -> None:
        """Asks what of the runs is to be copied."""
        from runbrowser.tui.dialogs.choose import ChooseDialog

        rows, source = self._workspace.chosen(), self._workspace.source
        if not rows:
            return
        first = rows[0]
        ids = ",".join(str(row.run_id) for row in rows)
        texts = {
            "id": ("run id" + ("s" if len(rows) > 1 else ""), ids),
            "url": ("address of its page", "\n".join(source.run_page(row.run_id) for row in rows)),
            "error": (
                f"error message of {first.run_id}" if len(rows) > 1 else "error message",
                first.error_message or "",
            ),
            "json": ("rows as JSON" if len(rows) > 1 else "row as JSON", _as_json(rows)),
            "python": (
                "Python that reads it",
                _SNIPPET.format(server=source.address, run_id=first.run_id),
            ),
        }
        choices = [(key, words, display(text, 40)) for key, (words, text) in texts.items() if text]
        if len(rows) == 1:
            choices += [(key, *words) for key, words in _OF_PARAMETERS.items()]

        def chosen(key: str | None) -> None:
            if key in _OF_PARAMETERS:
                work = partial(self._take_parameters, key, first.run_id)
                self._ui.work(work, "copy", exclusive=False)
            elif key is not None:
                words, text = texts[key]
                self._take(text, words)

        self._ui.ask(ChooseDialog("Copy", choices), chosen)

    async def _take_parameters(self, key: str, run_id: int) -> None:
        """Copies what is made of a run's parameters; reads the run, and names and defaults of its
        flow, where they are not at hand.
        """
        from runbrowser.files.model_code import model_code, parameters_dict, parameters_json

        source, names = self._workspace.source, self._workspace.names
        try:
            run = self._workspace.runs.get(run_id) or await source.run(run_id)
            flow = run.flow_id
            parts = {setting.component for setting in run.parameter_settings} - {None}
            known = flow in names.defaults and all(part in names.flows for part in parts)
            if flow is not None and not known:
                await source.name_flow(flow)
            if key == "model":
                text = model_code(run, names.flows, names.defaults)
            else:
                made = parameters_dict if key == "dict" else parameters_json
                text = made(run, names.flows)
        except RunbrowserError as error:
            self._ui.tell(str(error), "error")
            return
        way = await self._ui.copy(text)
        self._ui.tell(f"{_OF_PARAMETERS[key][0]} of run {run_id} {way}", "done")

    def copy_value(self, run: Run) -> None:
        """Asks which value of a run is to be copied."""
        from runbrowser.pages.detail.values import values
        from runbrowser.tui.dialogs.filter_list import FilterList

        found = values(run, self._workspace.find_row(run.run_id), self._workspace.names)

        def chosen(place: str | None) -> None:
            if place is not None:
                name, value = found[int(place)]
                self._take(value, display(name, 60))

        choices = [(str(place), name, value) for place, (name, value) in enumerate(found)]
        title, hint = f"Copy a value of run {run.run_id}", "type to narrow the list"
        self._ui.ask(FilterList(title, choices, hint=hint, column=32), chosen)

    def open_page(self) -> None:
        """Opens the page of the run in focus, or copies its address where nothing can open it."""
        row = self._workspace.focused_row()
        if row is None:
            return
        open_page(self._ui, self._workspace.source.run_page(row.run_id))
