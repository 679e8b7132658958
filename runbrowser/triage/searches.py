"""A search's trace, fold by fold: what was tried, what varied, what scored highest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from runbrowser.models import Trace, TraceIteration

__all__ = ["Attempt", "Search", "searches"]

_PREFIX = "parameter_"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One configuration: its parameters by name, without the prefix that traces give them."""

    iteration: int
    score: float | None
    selected: bool
    parameters: Mapping[str, str]
    unread: str = ""  # the server's text where it is no JSON object


@dataclass(frozen=True, slots=True)
class Search:
    """The attempts of one fold, in their order.

    ``highest`` is the place of the first of the greatest scores, None without any score.
    """

    repeat: int
    fold: int
    attempts: tuple[Attempt, ...]
    highest: int | None

    @property
    def selected(self) -> int | None:
        """The place of the attempt that the run went on with."""
        return next((n for n, attempt in enumerate(self.attempts) if attempt.selected), None)


def searches(
    trace: Trace, *, stop: Callable[[], bool] = lambda: False
) -> tuple[tuple[Search, ...], tuple[str, ...]]:
    """The search of every fold, and the names of the parameters that vary in any of them.

    A trace in which nothing varies names all its parameters. Ends early, with what there is by
    then, when ``stop`` says so.
    """
    folds: dict[tuple[int, int], list[Attempt]] = {}
    for count, step in enumerate(trace.iterations):
        if count % 500 == 0 and stop():
            break
        folds.setdefault((step.repeat, step.fold), []).append(_attempt(step))
    found = tuple(
        Search(repeat, fold, tuple(attempts), _highest(attempts))
        for (repeat, fold), attempts in sorted(folds.items())
    )
    return found, _varying(attempt for search in found for attempt in search.attempts)


def _attempt(step: TraceIteration) -> Attempt:
    parameters = {name.removeprefix(_PREFIX): v for name, v in step.parameters.items()}
    score = step.evaluation if step.evaluation == step.evaluation else None
    unread = "" if parameters else step.setup_string
    return Attempt(step.iteration, score, step.selected, parameters, unread)


def _highest(attempts: list[Attempt]) -> int | None:
    places = [n for n, attempt in enumerate(attempts) if attempt.score is not None]
    return max(places, key=lambda n: attempts[n].score or 0.0, default=None)


def _varying(attempts: Iterable[Attempt]) -> tuple[str, ...]:
    """Names whose values differ, or that some attempts lack; all of them if there are none."""
    values: dict[str, set[str]] = {}
    having: Counter[str] = Counter()
    count = 0
    for attempt in attempts:
        count += 1
        for name, value in attempt.parameters.items():
            values.setdefault(name, set()).add(value)
        having.update(attempt.parameters.keys())
    varying = tuple(
        name for name, found in values.items() if len(found) > 1 or having[name] < count
    )
    return varying or tuple(values)
