"""What is compared: marked rows as entries of a comparison, or why there is none."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from runbrowser.models import EvaluationRow, Run, RunRow
from runbrowser.triage.comparison import LEAST, MOST, Entry


def why_not(count: int) -> str:
    """Why so many runs cannot be compared and what to do, in words; '' when they can."""
    if count == 0:
        return f"space marks runs; = compares {LEAST} to {MOST} marked ones"
    if count < LEAST:
        return "one run is marked: put the cursor on another one, or mark it too with space"
    if count > MOST:
        return f"{count:,} runs are marked, = compares at most {MOST}: take marks away with space"
    return ""


def entries_of(
    rows: Iterable[RunRow | EvaluationRow], at_hand: Callable[[int], Run | None]
) -> list[Entry]:
    """Rows as what is to be compared; ``at_hand`` gives runs that were read before."""
    return [Entry(row.run_id, at_hand(row.run_id), row.upload_time) for row in rows]
