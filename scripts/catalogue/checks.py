"""Predictions that arrive damaged: ways to damage them, and the check that finds it.

The check reads the ARFF text as it would be uploaded and says the first thing that is wrong, in
one sentence; what it says is the evaluation error of the run. Nothing here knows how the file
was damaged.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from runbrowser.demo.files import Split

Rng = np.random.RandomState


class PredictionsError(Exception):
    """The predictions cannot be evaluated; the message says why."""


@dataclass
class Predictions:
    """Checked predictions in the order of the split: confidences [n, k], class numbers [n]."""

    confidences: np.ndarray
    prediction: np.ndarray
    warning: str | None = None


def check(arff: bytes, split: Split, *, strict: bool = False) -> Predictions:
    """Read a classification run's predictions.arff and compare it with the task's rows.

    strict: confidences must sum to 1 within 1e-6; else 0.02 is borne with a warning.
    Raises PredictionsError.
    """
    assert split.labels is not None
    names, rows = _read(arff)
    wanted = ["repeat", "fold", "row_id", "prediction", "correct"]
    for name in [*wanted, *(f"confidence.{label}" for label in split.labels)]:
        if name not in names:
            raise PredictionsError(f"Attribute '{name}' is missing from the predictions.")
    column = {name: names.index(name) for name in names}
    expected = {
        key: i for i, key in enumerate(zip(split.repeat, split.fold, split.row_id, strict=True))
    }
    number = {label: i for i, label in enumerate(split.labels)}
    n, k = len(expected), len(number)
    confidences, prediction = np.full((n, k), np.nan), np.full(n, -1)
    off = 0
    worst = 0.0
    for line, row in rows:
        if len(row) != len(names):
            raise PredictionsError(f"Line {line}: {len(row)} values for {len(names)} attributes.")
        repeat, fold, row_id = (int(row[column[name]]) for name in wanted[:3])
        where = f"repeat {repeat}, fold {fold}, row_id {row_id}"
        i = expected.get((repeat, fold, row_id))
        if i is None:
            raise PredictionsError(f"Line {line}: no test row with {where} in this task.")
        if prediction[i] >= 0:
            raise PredictionsError(f"Line {line}: a second prediction for {where}.")
        guess, truth = row[column["prediction"]], row[column["correct"]]
        if guess not in number:
            raise PredictionsError(f"Line {line}: unknown label '{guess}' in prediction ({where}).")
        if number.get(truth) != split.truth[i]:
            right = split.labels[int(split.truth[i])]
            raise PredictionsError(
                f"Line {line}: correct is '{truth}' but the data set has '{right}' ({where})."
            )
        said = np.array([float(row[column[f"confidence.{label}"]]) for label in split.labels])
        distance = abs(float(said.sum()) - 1)
        if distance > (1e-6 if strict else 0.02):
            raise PredictionsError(
                f"Line {line}: confidences sum to {said.sum():.4g}, not to 1 ({where})."
            )
        off += distance > 1e-6
        worst = max(worst, distance)
        prediction[i], confidences[i] = number[guess], said
    missing = np.flatnonzero(prediction < 0)
    if missing.size:
        i = int(missing[0])
        raise PredictionsError(
            f"{missing.size} of {n} test rows without a prediction, the first at repeat"
            f" {split.repeat[i]}, fold {split.fold[i]}, row_id {split.row_id[i]}."
        )
    warning = f"{off} rows with confidences that sum to 1 only within {worst:.2g}." if off else None
    return Predictions(confidences, prediction, warning)


def _read(arff: bytes) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Attribute names, and (line number, values) of each data row."""
    lines = arff.decode().split("\n")
    begin = next((i for i, line in enumerate(lines) if line.strip().upper() == "@DATA"), None)
    if begin is None:
        raise PredictionsError("The predictions have no @DATA section.")
    pattern = re.compile(r"@ATTRIBUTE\s+(?:'((?:[^'\\]|\\.)*)'|(\S+))\s", re.IGNORECASE)
    heads = (pattern.match(line) for line in lines[:begin])
    names = [head[1] or head[2] for head in heads if head]
    data = [(i + 1, text) for i, text in enumerate(lines) if i > begin and text.strip()]
    return names, [(i, next(csv.reader([text], quotechar="'"))) for i, text in data]


Damage = Callable[[list[str], int, Rng], list[str]]  # lines, number of the first data line


def _lose_rows(lines: list[str], data: int, rng: Rng) -> list[str]:
    at = int(rng.randint(data, len(lines) - 12))
    return lines[:at] + lines[at + int(rng.randint(1, 9)) :]


def _cut_off(lines: list[str], data: int, rng: Rng) -> list[str]:
    at = int(rng.randint(data + 5, len(lines) - 5))
    return [*lines[:at], lines[at][: len(lines[at]) // 2]]


def _repeat_row(lines: list[str], data: int, rng: Rng) -> list[str]:
    at = int(rng.randint(data, len(lines) - 1))
    return [*lines[: at + 1], *lines[at:]]


def _field(at: int, change: Callable[[str, Rng], str]) -> Damage:
    def damage(lines: list[str], data: int, rng: Rng) -> list[str]:
        row = int(rng.randint(data, len(lines) - 1))
        parts = lines[row].split(",")
        parts[at] = change(parts[at], rng)
        return [*lines[:row], ",".join(parts), *lines[row + 1 :]]

    return damage


def _numbers_for_labels(lines: list[str], data: int, rng: Rng) -> list[str]:
    """Predictions coded 0, 1, 2: what happens when the label encoder is not undone."""
    found = next(line for line in lines if line.startswith("@ATTRIBUTE prediction"))
    labels = found.split("{")[1].rstrip("}").split(",")
    rows = [line.split(",") for line in lines[data:] if line]
    coded = [",".join([*row[:3], str(labels.index(row[3])), *row[4:]]) for row in rows]
    return [*lines[:data], *coded, ""]


def _rename(lines: list[str], data: int, rng: Rng) -> list[str]:
    return [line.replace("confidence.", "proba.") for line in lines]


DAMAGES: tuple[Damage, ...] = (
    _lose_rows,
    _field(3, lambda label, rng: label + "_"),
    _field(5, lambda value, rng: f"{float(value) + 0.25 + rng.randint(1, 9) / 100:.4g}"),
    _cut_off,
    _numbers_for_labels,
    _repeat_row,
    _rename,
    _field(2, lambda row, rng: str(1000 + int(rng.randint(0, 99)))),
    _lose_rows,
    _field(4, lambda label, rng: "unknown"),
)


def damaged(arff: bytes, kind: int, seed: int) -> bytes:
    """The predictions with one mistake; kind: which one, counted round."""
    lines = arff.decode().split("\n")
    data = lines.index("@DATA") + 1
    return "\n".join(DAMAGES[kind % len(DAMAGES)](lines, data, Rng(seed))).encode()


def carelessly_rounded(arff: bytes) -> bytes:
    """The predictions with each confidence rounded to two digits by itself."""
    lines = arff.decode().split("\n")
    data = lines.index("@DATA") + 1
    rows = [line.split(",") for line in lines[data:] if line]
    short = [",".join([*row[:5], *(f"{float(v):.2g}" for v in row[5:])]) for row in rows]
    return "\n".join([*lines[:data], *short, ""]).encode()
