"""What is being browsed, without any widget: the one run that every key acts on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from runbrowser.models import Run, RunRow


def row_of_run(run: Run) -> RunRow:
    """What a list would tell of a run that is no row of the page; its upload time no page has."""
    return RunRow(
        run_id=run.run_id,
        task_id=run.task_id,
        task_type_id=None,
        setup_id=run.setup_id,
        flow_id=run.flow_id,
        uploader=run.uploader,
        upload_time=None,
        error_message=run.error_message,
        run_details=run.run_details,
    )


def unknown_row(run_id: int) -> RunRow:
    """A run of which nothing but its id is known yet."""
    return RunRow(run_id, None, None, None, None, None, None, None, None)


@dataclass(slots=True)
class RunFocus:
    """The run in focus: the open one while the pane has the keys, else the one under the cursor.

    What is shown there is what every key acts on, whatever else is on the page.
    """

    cursor: RunRow | None = None
    """The row under the table's cursor."""
    opened: int | None = None
    """The run in the detail pane, while that is open."""
    in_pane: bool = False
    """Whether the pane has, or had last, the keys."""

    @property
    def run_id(self) -> int | None:
        """The run that keys act on."""
        if self.in_pane and self.opened is not None:
            return self.opened
        return self.cursor.run_id if self.cursor is not None else None

    @property
    def is_elsewhere(self) -> bool:
        """Whether the run in focus is another one than that under the cursor."""
        return self.run_id is not None and (
            self.cursor is None or self.cursor.run_id != self.run_id
        )

    def row(
        self, find_row: Callable[[int], RunRow | None], find_run: Callable[[int], Run | None]
    ) -> RunRow | None:
        """The row of the run in focus: from the pages seen, else from the run as it was read."""
        run_id = self.run_id
        if run_id is None:
            return None
        if self.cursor is not None and self.cursor.run_id == run_id:
            return self.cursor
        run = find_run(run_id)
        return find_row(run_id) or (row_of_run(run) if run is not None else unknown_row(run_id))
