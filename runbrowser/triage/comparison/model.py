"""What a comparison of runs holds, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from runbrowser.models import Run
from runbrowser.triage.compare import Difference, PairedTest, Place, Sign, sign_of

LEAST, MOST = 2, 8
"""How many runs are compared at once."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One of the runs to compare, as far as it is known.

    ``run`` is None while it is being read, and for good where ``failure`` says why it could not
    be. ``uploaded`` is the server's local time, which only lists tell.
    """

    run_id: int
    run: Run | None = None
    uploaded: str | None = None
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """One run's value of a measure: ``of_folds`` where it is the mean of its folds, since the
    server tells none of the whole run; ``delta`` is the value less the baseline's.
    """

    value: float
    of_folds: bool
    delta: float | None
    best: bool


@dataclass(frozen=True, slots=True)
class MeasureLine:
    """A measure of all runs, None where a run has none."""

    name: str
    scores: tuple[Score | None, ...]
    differs: bool


class Obstacle(Enum):
    """Why two runs cannot be compared fold by fold."""

    TASKS = "they are of different tasks"
    BASELINE_WITHOUT = "the baseline has no values of the measure per fold"
    RUN_WITHOUT = "the run has none"
    FOLDS = "they were evaluated on different folds"
    ONE_FOLD = "there is no second fold"


@dataclass(frozen=True, slots=True)
class FoldTest:
    """One run against the baseline on the same folds.

    ``place`` is that of the run, ``differences`` run less baseline by (repeat, fold), None where
    one has no value. ``test`` is None where there is nothing to test, ``obstacle`` says why unless
    it is that the runs share fewer than two folds.
    ``corrected`` is p by Holm's correction, None where there is but one test.
    """

    place: int
    test: PairedTest | None
    differences: Mapping[Place, float | None]
    obstacle: Obstacle | None = None
    corrected: float | None = None

    @property
    def p(self) -> float | None:
        """The p-value that decides: the corrected one where several tests were made."""
        if self.corrected is not None:
            return self.corrected
        return self.test.p if self.test is not None else None

    @property
    def sign(self) -> Sign | None:
        """How strong the sign of a difference is; None where nothing was tested."""
        if self.test is None:
            return None
        if self.p is None:  # the same difference in every fold
            return "no" if self.test.mean == 0 else "clear"
        return sign_of(self.p)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything that is to be said of some runs; tuples of values are in the order of entries.

    ``places`` are the folds of each run, by (repeat, fold). ``measure`` is the one of ``tests``,
    None where no run has any.
    """

    entries: tuple[Entry, ...]
    baseline: int
    measure: str | None
    places: tuple[frozenset[Place], ...]
    facts: tuple[Difference, ...]
    parameters: tuple[Difference, ...]
    measures: tuple[MeasureLine, ...]
    tests: tuple[FoldTest, ...]

    @property
    def base(self) -> Entry:
        """The run that the others are compared to."""
        return self.entries[self.baseline]

    @property
    def unread(self) -> int:
        """How many runs are still being read."""
        return sum(entry.run is None and not entry.failure for entry in self.entries)
