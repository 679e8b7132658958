"""Several runs side by side: what they are, what differs, who is best, what the folds say.

``build`` compares, ``head``, ``page`` and ``folds`` say it in lines, ``export`` in files.
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
    Score,
)

__all__ = [
    "LEAST",
    "MOST",
    "Comparison",
    "Entry",
    "FoldTest",
    "MeasureLine",
    "Score",
    "compare_runs",
]
