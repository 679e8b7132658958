"""What a run predicted, row by row, from its predictions.arff. Columns are found by their names.

Clients differ in the order of columns and in some names (FIELD 6.4): openml-python writes repeat,
fold, [sample,] row_id, prediction, correct, confidence.<label>...; a regression has truth instead
of correct and no confidences; older clients have repeat_nr and fold_nr.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import IO

import numpy as np
import numpy.typing as npt

from runbrowser.errors import RunbrowserError
from runbrowser.text import display
from runbrowser.triage.arff import ArffReader, Attribute

__all__ = ["MOST_BYTES", "Predictions", "PredictionsError", "read_predictions"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MOST_BYTES = 100_000_000
"""The size of a file that is read here; its numbers take about as much memory."""

_CONFIDENCE = "confidence."
_PLACES = {
    "repeat": ("repeat", "repeat_nr"),
    "fold": ("fold", "fold_nr"),
    "sample": ("sample", "sample_nr"),
    "row": ("row_id", "rowid", "row_nr"),
}
_TRUTH = ("correct", "truth", "actual")
_GREATEST = 1e150
_EXAMPLES = 3  # damaged lines that are quoted
_LOOK_UP_EVERY = 2_000  # rows between two looks at whether to stop


class PredictionsError(RunbrowserError):
    """The file tells nothing that could be evaluated; the message says why."""


@dataclass(frozen=True, slots=True)
class Predictions:
    """The rows of a file of predictions, n of them, in its order.

    labels: the k classes in the header's order; None for a regression. repeat, fold, row_id: [n];
    0 where the file has no such column. sample: [n] or None. prediction, truth: [n], class numbers
    or, in a regression, numbers in the target's unit. confidences: [n, k] or None.
    missing: rows left out because a value in them is missing ('?'). damaged: lines that could not
    be read, and ``examples`` of why. unread_confidences: whether the file has confidences, but not
    for every class.
    """

    labels: tuple[str, ...] | None
    repeat: Ints
    fold: Ints
    row_id: Ints
    sample: Ints | None
    prediction: Floats
    truth: Floats
    confidences: Floats | None
    missing: int = 0
    damaged: int = 0
    examples: tuple[str, ...] = ()
    unread_confidences: bool = False

    def __len__(self) -> int:
        return int(self.truth.size)


@dataclass(slots=True)
class _Columns:
    """Where the columns stand, and the labels of a classification."""

    places: dict[str, int | None]
    prediction: int
    truth: int
    labels: tuple[str, ...] | None
    confidences: list[int] = field(default_factory=list)
    unread_confidences: bool = False


def _columns(attributes: tuple[Attribute, ...]) -> _Columns:
    by_name = {a.name.strip().lower(): place for place, a in enumerate(attributes)}
    exact = {a.name: place for place, a in enumerate(attributes)}
    had = display(", ".join(a.name for a in attributes[:8]), 200)
    if "prediction" not in by_name:
        raise PredictionsError(f"The file has no column 'prediction'; its columns: {had}.")
    prediction = by_name["prediction"]
    truth = next((by_name[name] for name in _TRUTH if name in by_name), None)
    if truth is None:
        raise PredictionsError(
            "The file has no column of true values (correct or truth), so nothing can be "
            f"recomputed from it; its columns: {had}."
        )
    labels = attributes[truth].labels or attributes[prediction].labels or None
    places = {
        role: next((by_name[name] for name in names if name in by_name), None)
        for role, names in _PLACES.items()
    }
    found = _Columns(places, prediction, truth, labels)
    if labels is None:
        if "other" in (attributes[truth].kind, attributes[prediction].kind):
            raise PredictionsError("The file declares neither class labels nor numbers.")
        return found
    if len(set(labels)) != len(labels):
        raise PredictionsError("The file declares a class label twice.")
    own = [exact.get(f"{_CONFIDENCE}{label}") for label in labels]
    found.confidences = [place for place in own if place is not None]
    if len(found.confidences) < len(labels):
        found.unread_confidences = any(a.name.startswith(_CONFIDENCE) for a in attributes)
        found.confidences = []
    return found


class _Rows:
    """The rows read so far, as compact columns."""

    def __init__(self, columns: _Columns) -> None:
        self._columns = columns
        self._numbers = {label: float(n) for n, label in enumerate(columns.labels or ())}
        self.places = {role: array("q") for role, at in columns.places.items() if at is not None}
        self.prediction, self.truth, self.confidences = array("d"), array("d"), array("d")
        self.missing = 0

    def add(self, row: list[str | None]) -> str | None:
        """Takes a row; for one that cannot be read, why."""
        columns = self._columns
        said, meant = row[columns.prediction], row[columns.truth]
        beliefs = [row[place] for place in columns.confidences]
        if said is None or meant is None or None in beliefs:
            self.missing += 1
            return None
        try:
            where = [
                (kept, _whole(row[columns.places[role] or 0])) for role, kept in self.places.items()
            ]
            numbers = [float(belief or "") for belief in beliefs]
            if columns.labels is None:
                guess, truth = float(said), float(meant)
            else:
                guess, truth = self._number(said), self._number(meant)
        except (ValueError, OverflowError) as error:
            return str(error)
        if not all(abs(number) < _GREATEST for number in (guess, truth, *numbers)):
            return "a number that is not finite, or too large to be squared"
        for kept, number in where:
            kept.append(number)
        self.prediction.append(guess)
        self.truth.append(truth)
        self.confidences.extend(numbers)
        return None

    def _number(self, label: str) -> float:
        number = self._numbers.get(label)
        if number is None:
            raise ValueError(f"{display(label, 40)!r} is none of the classes")
        return number


def _whole(text: str | None) -> int:
    if text is None:
        raise ValueError("repeat, fold or row id is missing")
    try:
        number = int(text)
    except ValueError:
        number = int(float(text))
    if not 0 <= number < 2**53:
        raise ValueError(f"{display(text, 40)!r} is no number of a repeat, fold or row")
    return number


def read_predictions(
    stream: IO[bytes], *, stop: Callable[[], bool] = lambda: False
) -> Predictions | None:
    """The predictions in a file, None if ``stop`` said so meanwhile.

    Raises ArffError or PredictionsError for a file from which nothing can be told; single lines
    that are damaged are counted and left out.
    """
    reader = ArffReader(stream)
    columns = _columns(reader.attributes)
    rows, damaged, examples = _Rows(columns), 0, list[str]()
    for count, row in enumerate(reader.rows()):
        if count % _LOOK_UP_EVERY == 0 and stop():
            return None
        why = row if isinstance(row, str) else rows.add(row)
        if why is not None:
            damaged += 1
            if len(examples) < _EXAMPLES:
                examples.append(f"line {reader.line:,}: {why}")
    if not rows.truth:
        reason = f" {damaged:,} lines are damaged ({examples[0]})." if damaged else ""
        raise PredictionsError(f"The file holds no predictions that can be read.{reason}")
    n = len(rows.truth)
    zeros = np.zeros(n, dtype=np.int64)

    def place(role: str) -> Ints:
        kept = rows.places.get(role)
        return zeros if kept is None else np.frombuffer(kept, dtype=np.int64)

    k = len(columns.confidences)
    return Predictions(
        labels=columns.labels,
        repeat=place("repeat"),
        fold=place("fold"),
        row_id=place("row"),
        sample=place("sample") if "sample" in rows.places else None,
        prediction=np.frombuffer(rows.prediction, dtype=np.float64),
        truth=np.frombuffer(rows.truth, dtype=np.float64),
        confidences=np.frombuffer(rows.confidences, dtype=np.float64).reshape(n, k) if k else None,
        missing=rows.missing,
        damaged=damaged,
        examples=tuple(examples),
        unread_confidences=columns.unread_confidences,
    )
