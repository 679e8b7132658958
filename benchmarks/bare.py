"""The measure of the browser's cost: a Textual app with one DataTable of the same size."""

from __future__ import annotations

import sys

from textual.app import App, ComposeResult
from textual.widgets import DataTable

COLUMNS = (("run", 6), ("state", 9), ("flow", 24), ("task", 5), ("data set", 14), ("score", 8),
           ("uploader", 10), ("uploaded", 10), ("error", 14))  # fmt: skip


class Bare(App[None]):
    """``rows`` runs in nine columns, shown at once; ``n`` turns the page."""

    BINDINGS = [("n", "turn", "turn"), ("q", "quit", "quit"), ("j", "down", "down")]  # noqa: RUF012

    def __init__(self, rows: int) -> None:
        super().__init__()
        self.rows = rows
        self.page = 0

    def compose(self) -> ComposeResult:
        yield DataTable(cursor_type="row")

    def on_mount(self) -> None:
        table = self.query_one(DataTable)
        for label, width in COLUMNS:
            table.add_column(label, width=width)
        self.fill()

    def fill(self) -> None:
        """A page of made-up texts as long as real ones."""
        start = 900_101 + self.page * self.rows
        self.query_one(DataTable).add_rows(
            (str(start + i), "ok", "DecisionTreeClassifier", "9101", "breast_cancer", "0.9412",
             "forest-lab", "2026-03-01", "")
            for i in range(self.rows)
        )  # fmt: skip

    def action_down(self) -> None:
        self.query_one(DataTable).action_cursor_down()

    def action_turn(self) -> None:
        self.page += 1
        self.query_one(DataTable).clear()
        self.fill()


if __name__ == "__main__":
    Bare(int(sys.argv[1]) if len(sys.argv) > 1 else 100).run()
