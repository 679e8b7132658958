"""What was measured, beside its budget: one table for all measurements."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Row:
    """One figure. ``budget``: the most that it may be, None where there is none; ``beside`` says
    what it was held against, or what stands behind a ratio.
    """

    what: str
    value: float
    unit: str  # "x" is a ratio to what ``beside`` names
    budget: float | None = None
    beside: str = ""

    @property
    def met(self) -> bool:
        """Whether it is within its budget."""
        return self.budget is None or self.value <= self.budget


def number(value: float, unit: str) -> str:
    """A figure with its unit, as precise as such figures are."""
    if unit in ("B", "requests"):
        return f"{value:,.0f} {unit}"
    return f"{value:,.2f} {unit}" if unit in ("x", "s") else f"{value:,.1f} {unit}"


def table(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table."""
    lines = ["| what | measured | budget | | beside |", "|---|---|---|---|---|"]
    for row in rows:
        budget = "" if row.budget is None else number(row.budget, row.unit)
        verdict = "" if row.budget is None else "met" if row.met else "**over**"
        cells = (row.what, number(row.value, row.unit), budget, verdict, row.beside)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def as_json(rows: Sequence[Row]) -> str:
    """The rows as an array of objects, with whether each is within its budget."""
    return json.dumps([asdict(row) | {"met": row.met} for row in rows], indent=1)
