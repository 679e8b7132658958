"""Which classes are taken for which, as counts of the pairs that occur.

A table of all pairs takes the square of the number of classes: 800 MB for 10,000 of them, though
a file of 100 rows has at most 100 pairs. Here a pair that never occurs takes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

__all__ = ["Confused", "Confusion"]

Ints = npt.NDArray[np.int64]


class Confused(NamedTuple):
    """So many rows of class ``true`` were predicted as ``predicted``; classes by number."""

    rows: int
    true: int
    predicted: int


@dataclass(frozen=True, slots=True, eq=False)
class Confusion:
    """Row counts by true and predicted class.

    n_classes: k. true, predicted, count: [m], one entry a pair that occurs, ordered by true and
    then by predicted class.
    """

    n_classes: int
    true: Ints
    predicted: Ints
    count: Ints

    @classmethod
    def of(cls, prediction: npt.ArrayLike, correct: npt.ArrayLike, n_classes: int) -> Confusion:
        """Counts rows given as class numbers [n]."""
        truth, said = np.asarray(correct, np.int64), np.asarray(prediction, np.int64)
        pairs, count = np.unique(truth * n_classes + said, return_counts=True)
        return cls(n_classes, pairs // n_classes, pairs % n_classes, count.astype(np.int64))

    @classmethod
    def from_matrix(cls, matrix: npt.ArrayLike) -> Confusion:
        """From a whole table [k, k], true classes down and predicted ones across."""
        table = np.asarray(matrix, dtype=np.int64)
        true, predicted = np.nonzero(table)
        return cls(table.shape[0], true, predicted, table[true, predicted])

    def _sum(self, classes: Ints, count: Ints) -> Ints:
        sums = np.bincount(classes, weights=count, minlength=self.n_classes)
        return np.rint(sums).astype(np.int64)

    @property
    def rows(self) -> Ints:
        """Rows of each true class, [k]."""
        return self._sum(self.true, self.count)

    @property
    def said(self) -> Ints:
        """Rows predicted as each class, [k]."""
        return self._sum(self.predicted, self.count)

    @property
    def hits(self) -> Ints:
        """Rows of each class that are predicted as it, [k]."""
        right = self.true == self.predicted
        return self._sum(self.true[right], self.count[right])

    @property
    def total(self) -> int:
        """All rows."""
        return int(self.count.sum())

    def dense(self) -> Ints:
        """The whole table, [k, k]; for few classes."""
        table = np.zeros((self.n_classes, self.n_classes), dtype=np.int64)
        table[self.true, self.predicted] = self.count
        return table

    def worst(self, most: int) -> tuple[list[Confused], int, int]:
        """The pairs of different classes with most rows, at most so many; how many such pairs
        there are, and how many rows they have."""
        wrong = self.true != self.predicted
        true, said, count = self.true[wrong], self.predicted[wrong], self.count[wrong]
        order = np.lexsort((said, true, -count))[:most]
        pairs = [Confused(int(count[i]), int(true[i]), int(said[i])) for i in order]
        return pairs, int(count.size), int(count.sum())
