"""What a run predicted, row by row, from its predictions.arff. Columns are found by their names.

Clients differ in the order of columns and in some names: openml-python writes repeat, fold,
[sample,] row_id, prediction, correct, confidence.<label>...; a regression has truth instead of
correct and no confidences; older clients have repeat_nr and fold_nr, the first ones rowid and no
true values at all.
"""

from __future__ import annotations

import math
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
"""The size of a file that is read here; its numbers take up to four times as much memory."""

_CONFIDENCE = "confidence."
_PLACES = {
    "repeat": ("repeat", "repeat_nr"),
    "fold": ("fold", "fold_nr"),
    "sample": ("sample", "sample_nr"),
    "row": ("row_id", "rowid", "row_nr"),
}
_PREDICTION = ("prediction", "predicted", "response")
_TRUTH = ("correct", "truth", "actual", "ground_truth")
_GREATEST = 1e150
_EXAMPLES = 3  # damaged lines that are quoted
_LOOK_UP_EVERY = 250_000  # values between two looks at whether to stop
_UNKNOWN = -1  # the row id of a row that tells none


class PredictionsError(RunbrowserError):
    """The file tells nothing that could be evaluated; the message says why."""


@dataclass(frozen=True, slots=True)
class Predictions:
    """The rows of a file of predictions, n of them, in its order.

    labels: the k classes in the header's order; None for a regression. repeat, fold, row_id: [n];
    0 where the file has no such column, row_id -1 where its value is missing. sample: [n] or None.
    prediction, truth: [n], class numbers or, in a regression, numbers in the target's unit; truth
    is None where the file has no true values. confidences: [n, k] or None. missing: rows left out
    because a value in them is missing ('?'). placeless: rows whose repeat, fold, sample or row id
    is missing; the first three count as 0, as Weka reads them. damaged: lines that could not be
    read, and ``examples`` of why. unread_confidences: classes without a column of confidences in
    a file that has some, each with the name that differs only in case, or ''.
    """

    labels: tuple[str, ...] | None
    repeat: Ints
    fold: Ints
    row_id: Ints
    sample: Ints | None
    prediction: Floats
    truth: Floats | None
    confidences: Floats | None
    missing: int = 0
    placeless: int = 0
    damaged: int = 0
    examples: tuple[str, ...] = ()
    unread_confidences: tuple[tuple[str, str], ...] = ()

    def __len__(self) -> int:
        return int(self.prediction.size)


@dataclass(slots=True)
class _Columns:
    """Where the columns stand, and the labels of a classification."""

    places: dict[str, int | None]
    prediction: int
    truth: int | None
    labels: tuple[str, ...] | None
    confidences: list[int] = field(default_factory=list)
    unread_confidences: tuple[tuple[str, str], ...] = ()


def _columns(attributes: tuple[Attribute, ...]) -> _Columns:
    by_name = {a.name.strip().lower(): place for place, a in reversed([*enumerate(attributes)])}
    had = display(", ".join(a.name for a in attributes[:8]), 200)
    prediction = next((by_name[name] for name in _PREDICTION if name in by_name), None)
    if prediction is None:
        raise PredictionsError(f"The file has no column 'prediction'; its columns: {had}.")
    truth = next((by_name[name] for name in _TRUTH if name in by_name), None)
    own = [attributes[place] for place in (truth, prediction) if place is not None]
    labels = next((attribute.labels for attribute in own if attribute.labels), None)
    places = {
        role: next((by_name[name] for name in names if name in by_name), None)
        for role, names in _PLACES.items()
    }
    found = _Columns(places, prediction, truth, labels)
    if labels is None:
        if any(attribute.kind == "other" for attribute in own):
            raise PredictionsError("The file declares neither class labels nor numbers.")
        return found
    if len(set(labels)) != len(labels):
        raise PredictionsError("The file declares a class label twice.")
    _find_confidences(found, attributes, labels)
    return found


def _find_confidences(
    found: _Columns, attributes: tuple[Attribute, ...], labels: tuple[str, ...]
) -> None:
    """The columns of confidences, if every class has one: the server wants them all, by the very
    names of the classes.
    """
    exact = {a.name: place for place, a in enumerate(attributes)}
    named = {name.lower(): name for name in exact if name.lower().startswith(_CONFIDENCE)}
    if not named:
        return
    own = [exact.get(f"{_CONFIDENCE}{label}") for label in labels]
    found.confidences = [place for place in own if place is not None]
    if len(found.confidences) < len(labels):
        found.unread_confidences = tuple(
            (label, named.get(f"{_CONFIDENCE}{label}".lower(), ""))
            for label, place in zip(labels, own, strict=True)
            if place is None
        )
        found.confidences = []


_NO_BELIEF = {None, "\ufffd"}
"""What stands for a confidence that there is none of."""


class _Rows:
    """The rows read so far, as compact columns."""

    def __init__(self, columns: _Columns) -> None:
        self._columns = columns
        self._numbers = {label: float(n) for n, label in enumerate(columns.labels or ())}
        self.places = {role: array("q") for role, at in columns.places.items() if at is not None}
        self._at = {role: at for role, at in columns.places.items() if at is not None}
        self.prediction, self.truth, self.confidences = array("d"), array("d"), array("d")
        self.missing = 0
        self.placeless = 0

    def add(self, row: list[str | None]) -> str | None:
        """Takes a row; for one that cannot be read, why."""
        columns = self._columns
        said = row[columns.prediction]
        meant = said if columns.truth is None else row[columns.truth]
        beliefs = [row[place] for place in columns.confidences]
        if said is None:
            self.missing += 1
            return None
        unsure = any(belief in _NO_BELIEF for belief in beliefs)
        if unsure:
            beliefs = ["nan"] * len(beliefs)
        try:
            where = [(role, _whole(row[at], role)) for role, at in self._at.items()]
            numbers = [float(belief or "") for belief in beliefs]
            read = float if columns.labels is None else self._number
            guess, truth = read(said), math.nan if meant is None else read(meant)
        except (ValueError, OverflowError) as error:
            return str(error)
        given = [guess, *(() if meant is None else (truth,))]
        given += () if unsure else numbers
        if not all(abs(number) < _GREATEST for number in given):
            return "a number that is not finite, or too large to be squared"
        self.placeless += any(row[at] is None for at in self._at.values())
        for role, number in where:
            self.places[role].append(number)
        self.prediction.append(guess)
        if columns.truth is not None:
            self.truth.append(truth)
        self.confidences.extend(numbers)
        return None

    def _number(self, label: str) -> float:
        number = self._numbers.get(label)
        if number is None:
            raise ValueError(f"{display(label, 40)!r} is none of the classes")
        return number


def _whole(text: str | None, role: str) -> int:
    if text is None:
        return _UNKNOWN if role == "row" else 0
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
    if stop():
        return None
    reader = ArffReader(stream)
    columns = _columns(reader.attributes)
    rows, damaged, examples = _Rows(columns), 0, list[str]()
    look_up_every = max(1, _LOOK_UP_EVERY // len(reader.attributes))
    for count, row in enumerate(reader.rows()):
        if count % look_up_every == 0 and stop():
            return None
        why = row if isinstance(row, str) else rows.add(row)
        if why is not None:
            damaged += 1
            if len(examples) < _EXAMPLES:
                examples.append(f"line {reader.line:,}: {why}")
    if not rows.prediction:
        reason = f" {damaged:,} lines are damaged ({examples[0]})." if damaged else ""
        raise PredictionsError(f"The file holds no predictions that can be read.{reason}")
    n, k = len(rows.prediction), len(columns.confidences)
    truth = None if columns.truth is None else np.frombuffer(rows.truth, dtype=np.float64)
    confidences = np.frombuffer(rows.confidences, dtype=np.float64).reshape(n, k) if k else None
    whole = np.ones(n, dtype=bool)
    if truth is not None and np.isnan(truth).all():
        truth = None  # as if the column were not there
    if confidences is not None and np.isnan(confidences).all():
        confidences = None
    if truth is not None:
        whole &= ~np.isnan(truth)
    if confidences is not None:
        whole &= ~np.isnan(confidences).any(axis=1)
    if not whole.any():
        raise PredictionsError("The file holds no predictions that can be read.")
    kept_rows = slice(None) if whole.all() else whole  # a slice copies nothing
    zeros = np.zeros(n, dtype=np.int64)

    def place(role: str) -> Ints:
        kept = rows.places.get(role)
        return (zeros if kept is None else np.frombuffer(kept, dtype=np.int64))[kept_rows]

    return Predictions(
        labels=columns.labels,
        repeat=place("repeat"),
        fold=place("fold"),
        row_id=place("row"),
        sample=place("sample") if "sample" in rows.places else None,
        prediction=np.frombuffer(rows.prediction, dtype=np.float64)[kept_rows],
        truth=None if truth is None else truth[kept_rows],
        confidences=None if confidences is None else confidences[kept_rows],
        missing=rows.missing + int(n - whole.sum()),
        placeless=rows.placeless,
        damaged=damaged,
        examples=tuple(examples),
        unread_confidences=columns.unread_confidences,
    )
