"""Evaluation measures as choices of a list, and what is said of the one chosen."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from runbrowser.text import display
from runbrowser.triage.measures import MEASURES, direction, measure

_OFTEN = ("predictive_accuracy", "area_under_roc_curve", "f_measure", "kappa", "unweighted_recall",
          "root_mean_squared_error", "mean_absolute_error", "usercpu_time_millis",
          "wall_clock_time_millis")  # fmt: skip
_NO_NUMBERS = frozenset({"confusion_matrix", "os_information", "scimark_benchmark"})
_ARROWS = {"higher": "\u2191", "lower": "\u2193", None: " "}

Choice = tuple[str, str, str]
"""Value, words, remark."""


def _choice(name: str) -> Choice:
    known = measure(name)
    words = display(known.label, 15) if known.label != name else ""
    return name, f"{words:<15} {_ARROWS[known.direction]}", display(name, 60)


def choices(types: Collection[int | None]) -> list[Choice]:
    """The measures whose values are numbers: those for the task types at hand first, and of these
    those that are asked for most.
    """

    def place(name: str) -> tuple[bool, int]:
        fits = bool(MEASURES[name].task_types & set(types))
        return not fits, _OFTEN.index(name) if name in _OFTEN else len(_OFTEN)

    return [_choice(name) for name in sorted(MEASURES, key=place) if name not in _NO_NUMBERS]


def others(known: Iterable[str]) -> list[Choice]:
    """Measures that only the server knows."""
    return [_choice(name) for name in known if name not in MEASURES]


def told(name: str) -> str:
    """What the score column shows from now on; '' stands for each task's own measure."""
    if not name:
        return "scores: the measure of each run's own task"
    way = direction(name)
    better = f"{way} is better" if way else "neither way is better"
    return f"scores: {display(name, 60)}, {better}; M goes back to the task's own"
