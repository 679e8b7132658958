"""A search's trace, fold by fold."""

import json

from runbrowser.models import Trace, TraceIteration
from runbrowser.triage.searches import searches


def _step(
    fold: int, iteration: int, score: float | None, selected: bool = False, **parameters: object
) -> TraceIteration:
    told = {f"parameter_{name}": json.dumps(value) for name, value in parameters.items()}
    return TraceIteration(0, fold, iteration, score, selected, json.dumps(told))


def test_folds_are_apart_and_each_knows_its_highest_and_its_selected() -> None:
    trace = Trace(
        1,
        (
            _step(0, 0, 0.5, C=1, kernel="rbf"),
            _step(0, 1, 0.9, True, C=2, kernel="rbf"),
            _step(0, 2, 0.9, C=3, kernel="rbf"),
            _step(1, 0, None, C=1, kernel="rbf"),
            _step(1, 1, float("nan"), C=1, kernel="rbf"),
        ),
    )
    found, varying = searches(trace)
    assert [(s.repeat, s.fold, len(s.attempts)) for s in found] == [(0, 0, 3), (0, 1, 2)]
    assert (found[0].highest, found[0].selected) == (1, 1)
    assert (found[1].highest, found[1].selected) == (None, None)
    assert varying == ("C",)
    assert found[0].attempts[0].parameters == {"C": "1", "kernel": '"rbf"'}


def test_a_parameter_that_only_some_attempts_have_varies() -> None:
    _, varying = searches(Trace(1, (_step(0, 0, 1, a=1), _step(0, 1, 1, a=1, b=2))))
    assert varying == ("b",)
    _, varying = searches(Trace(1, (_step(0, 0, 1, a=1, b=2), _step(0, 1, 1, a=1))))
    assert varying == ("b",)


def test_where_nothing_varies_all_parameters_are_named() -> None:
    _, varying = searches(Trace(1, (_step(0, 0, 1, a=1, b=2), _step(0, 1, 1, a=1, b=2))))
    assert varying == ("a", "b")


def test_text_that_is_no_json_is_kept_as_it_is() -> None:
    (search,), varying = searches(Trace(1, (TraceIteration(0, 0, 0, 0.5, True, "-C 1"),)))
    assert search.attempts[0].unread == "-C 1"
    assert varying == ()


def test_it_ends_early_when_it_is_told_to() -> None:
    steps = tuple(_step(0, n, 0.5, C=n) for n in range(2_000))
    assert searches(Trace(1, steps), stop=lambda: True) == ((), ())
    (search,), _ = searches(Trace(1, steps))
    assert len(search.attempts) == 2_000
