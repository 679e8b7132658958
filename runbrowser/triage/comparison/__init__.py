"""Several runs side by side: what they are, what differs, who is best, what the folds say.

``build`` compares; what is said of it in lines, sentences and files is with the pages.
"""

from __future__ import annotations

from runbrowser.triage.comparison.build import compare_runs
from runbrowser.triage.comparison.model import (
    LEAST,
    MOST,
    Comparison,
    Entry,
    FoldTest,
    MeasureLine,
    Obstacle,
    Score,
)

__all__ = [
    "LEAST",
    "MOST",
    "Comparison",
    "Entry",
    "FoldTest",
    "MeasureLine",
    "Obstacle",
    "Score",
    "compare_runs",
]
