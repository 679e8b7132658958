"""Predictions as the evaluation engine takes them: every test row once, known labels.

The check reads the ARFF text as it was uploaded and says the first thing that is wrong, in one
sentence; what it says is the evaluation error of the run.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..files import Split

__all__ = ["NumericPredictions", "Predictions", "PredictionsError", "check", "check_numeric"]

_ATTRIBUTE = re.compile(r"@ATTRIBUTE\s+(?:'((?:[^'\\]|\\.)*)'|\"([^\"]*)\"|(\S+))\s", re.IGNORECASE)
_KEYS = ("repeat", "fold", "row_id")


class PredictionsError(Exception):
    """The predictions cannot be evaluated; the message says why."""


@dataclass
class Predictions:
    """Checked predictions in the order of the split: confidences [n, k], class numbers [n]."""

    confidences: npt.NDArray[np.float64]
    prediction: npt.NDArray[np.int64]
    warning: str | None = None


@dataclass
class NumericPredictions:
    """Checked predictions of a regression in the order of the split: numbers [n]."""

    prediction: npt.NDArray[np.float64]


def check(
    arff: bytes, split: Split, *, strict: bool = False, ignore_correct: bool = False
) -> Predictions:
    """Read a classification run's predictions.arff and compare it with the task's rows.

    strict: confidences must sum to 1 within 1e-6; else 0.02 is borne with a warning.
    ignore_correct: do not look at the column with the true labels, which the server knows itself.
    Raises PredictionsError.
    """
    if split.labels is None:
        raise ValueError("a regression has no labels")
    confidence_names = [f"confidence.{label}" for label in split.labels]
    wanted = ["prediction", *([] if ignore_correct else ["correct"]), *confidence_names]
    table = _Table(arff, split, wanted)
    number = {label: i for i, label in enumerate(split.labels)}
    confidences = np.full((table.size, len(number)), np.nan)
    prediction = np.full(table.size, -1, dtype=np.int64)
    off, worst = 0, 0.0
    for line, i, where, values in table.rows():
        guess = values["prediction"]
        if guess not in number:
            raise PredictionsError(f"Line {line}: unknown label '{guess}' in prediction ({where}).")
        truth = values.get("correct")
        if not ignore_correct and number.get(truth or "") != split.truth[i]:
            right = split.labels[int(split.truth[i])]
            raise PredictionsError(
                f"Line {line}: correct is '{truth}' but the data set has '{right}' ({where})."
            )
        said = np.array([_number(values[name], line) for name in confidence_names])
        distance = abs(float(said.sum()) - 1)
        if not distance <= (1e-6 if strict else 0.02):
            raise PredictionsError(
                f"Line {line}: confidences sum to {said.sum():.4g}, not to 1 ({where})."
            )
        off += distance > 1e-6
        worst = max(worst, distance)
        prediction[i], confidences[i] = number[guess], said
    warning = f"{off} rows with confidences that sum to 1 only within {worst:.2g}." if off else None
    return Predictions(confidences, prediction, warning)


def check_numeric(arff: bytes, split: Split) -> NumericPredictions:
    """Read a regression run's predictions.arff and compare it with the task's rows.

    Raises PredictionsError.
    """
    table = _Table(arff, split, ["prediction"])
    prediction = np.full(table.size, np.nan)
    for line, i, _, values in table.rows():
        prediction[i] = _number(values["prediction"], line)
    return NumericPredictions(prediction)


def _number(text: str, line: int) -> float:
    try:
        return float(text)
    except ValueError:
        raise PredictionsError(f"Line {line}: '{text}' is not a number.") from None


class _Table:
    """The rows of predictions, each at its place in the split, each place once."""

    def __init__(self, arff: bytes, split: Split, wanted: list[str]) -> None:
        self._names, self._lines = _read(arff)
        for name in [*_KEYS, *wanted]:
            if name not in self._names:
                raise PredictionsError(f"Attribute '{name}' is missing from the predictions.")
        self._split = split
        self.size = len(split.row_id)

    def rows(self) -> Iterator[tuple[int, int, str, dict[str, str]]]:
        """Line number, place in the split, where that is in words, and the values by name."""
        split, names = self._split, self._names
        places = {
            key: i for i, key in enumerate(zip(split.repeat, split.fold, split.row_id, strict=True))
        }
        seen = [False] * self.size
        for line, row in self._lines:
            if len(row) != len(names):
                raise PredictionsError(
                    f"Line {line}: {len(row)} values for {len(names)} attributes."
                )
            values = dict(zip(names, row, strict=True))
            repeat, fold, row_id = (int(_number(values[name], line)) for name in _KEYS)
            where = f"repeat {repeat}, fold {fold}, row_id {row_id}"
            i = places.get((repeat, fold, row_id))
            if i is None:
                raise PredictionsError(f"Line {line}: no test row with {where} in this task.")
            if seen[i]:
                raise PredictionsError(f"Line {line}: a second prediction for {where}.")
            seen[i] = True
            yield line, i, where, values
        if not all(seen):
            i = seen.index(False)
            raise PredictionsError(
                f"{seen.count(False)} of {self.size} test rows without a prediction, the first at"
                f" repeat {split.repeat[i]}, fold {split.fold[i]}, row_id {split.row_id[i]}."
            )


def _read(arff: bytes) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Attribute names, and (line number, values) of each data row."""
    lines = arff.decode("utf-8", "replace").split("\n")
    begin = next((i for i, line in enumerate(lines) if line.strip().upper() == "@DATA"), None)
    if begin is None:
        raise PredictionsError("The predictions have no @DATA section.")
    heads = (_ATTRIBUTE.match(line) for line in lines[:begin])
    names = [re.sub(r"\\(.)", r"\1", head[1] or head[2] or head[3]) for head in heads if head]
    data = [
        (number, line.strip())
        for number, line in enumerate(lines[begin + 1 :], begin + 2)
        if line.strip() and not line.startswith("%")
    ]
    rows = csv.reader(
        (line for _, line in data), quotechar="'", escapechar="\\", skipinitialspace=True
    )
    return names, [(number, row) for (number, _), row in zip(data, rows, strict=True)]
