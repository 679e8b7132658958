"""Whether a file has its columns of predictions and of true values the wrong way round.

openml-python wrote them so for years. The server is not misled, as it takes the true values from
the data set; whoever takes them from the file finds a perfect classifier.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from runbrowser.triage.predictions import Predictions

__all__ = ["TOLERANCE", "agree", "exchanged", "is_exchanged"]

TOLERANCE = 1e-6
"""A difference that is told, as a part of the value where that is above 1: servers round."""

Measures = Mapping[str, tuple[float, float]]
"""The server's value and ours, by measure."""

_NEARLY = 0.99  # of the rows
_FEWEST = 3  # rows that tell, where only the confidences do


def agree(server: float, ours: float) -> bool:
    """Whether two values are the same but for the rounding of servers."""
    return abs(server - ours) <= TOLERANCE * max(1.0, abs(server))


def exchanged(found: Predictions) -> Predictions:
    """The same rows with the two columns put into each other's place."""
    if found.truth is None:
        return found
    return replace(found, prediction=found.truth, truth=found.prediction)


def is_exchanged(found: Predictions, measures: Callable[[Predictions], Measures]) -> bool:
    """Whether the columns are the wrong way round.

    measures: the server's value and that of some rows, by measure. Only those count that the two
    readings of the file give different values. A server that agrees with the file as it is written
    settles it, and so does one that agrees in all with the columns exchanged. Where it tells
    nothing, or agrees with neither, the confidences decide: that the greatest stands at the class
    in the column of true values in nearly every row, and not at the one in the column of
    predictions. A regression without measures of the server tells nothing, nor does a file in
    which both columns are alike.
    """
    if found.truth is None or bool((found.truth == found.prediction).all()):
        return False
    written, turned = measures(found), measures(exchanged(found))
    telling = [
        (server, here, turned[name][1])
        for name, (server, here) in written.items()
        if name in turned and not agree(here, turned[name][1])
    ]
    as_written = sum(agree(server, here) for server, here, _ in telling)
    as_turned = sum(agree(server, there) for server, _, there in telling)
    if telling and len(telling) in (as_written, as_turned):
        return as_turned > as_written
    return as_turned >= as_written and _told_by_confidences(found)


def _told_by_confidences(found: Predictions) -> bool:
    if found.confidences is None or found.truth is None:
        return False
    rows = np.arange(len(found))
    greatest = found.confidences.max(axis=1)
    at_truth = found.confidences[rows, found.truth.astype(np.int64)] == greatest
    at_prediction = found.confidences[rows, found.prediction.astype(np.int64)] == greatest
    telling = int((at_truth & ~at_prediction).sum())
    against = int((at_prediction & ~at_truth).sum())
    return (
        telling >= _FEWEST
        and float(at_truth.mean()) >= _NEARLY
        and against <= (1 - _NEARLY) * telling
    )
