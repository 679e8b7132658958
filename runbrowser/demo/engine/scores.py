"""The engine's measures of checked predictions, pooled and fold by fold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

# The one thing that the demo server shares with the rest of runbrowser: what a measure is. It
# is arithmetic over arrays, and held against scikit-learn by tests of its own.
from runbrowser.triage.evaluate import (
    MeasureValue,
    classification_measures,
    fold_rows,
    regression_measures,
    weka_prior,
)

from ..files import Split
from .predictions import NumericPredictions, Predictions

__all__ = ["Scores", "score"]

Values = dict[str, MeasureValue]


@dataclass
class Scores:
    """Measures by name: over all rows, and of each (repeat, fold)."""

    pooled: Values
    folds: dict[tuple[int, int], Values]


def score(
    found: Predictions | NumericPredictions, split: Split, target: npt.NDArray[np.float64]
) -> Scores:
    """Score predictions that are in the order of the split.

    target: the class number or the number of every row of the data set, once: the prior is that
    of the whole data set, for the folds too.
    """
    folds = fold_rows(split.repeat, split.fold)
    if isinstance(found, NumericPredictions):
        truth, mean = np.array(split.truth, dtype=np.float64), float(target.mean())

        def numbers(rows: npt.NDArray[np.int64] | slice) -> Values:
            return regression_measures(found.prediction[rows], truth[rows], prior_mean=mean)

        return Scores(numbers(slice(None)), {key: numbers(rows) for key, rows in folds.items()})
    labels = np.array(split.truth, dtype=np.int64)
    prior = weka_prior(target.astype(np.int64), len(split.labels or ()))

    def classes(rows: npt.NDArray[np.int64] | slice) -> Values:
        return classification_measures(
            found.confidences[rows], found.prediction[rows], labels[rows], prior=prior
        )

    return Scores(classes(slice(None)), {key: classes(rows) for key, rows in folds.items()})
