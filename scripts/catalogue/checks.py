"""Ways in which predictions arrive damaged. The engine's check, which finds it, knows none."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Rng = np.random.RandomState


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
