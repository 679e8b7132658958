"""A file of predictions as a DataFrame: its own columns, typed."""

from __future__ import annotations

import warnings
from typing import IO, TYPE_CHECKING, Any

from runbrowser.frames import table
from runbrowser.text import display
from runbrowser.triage.arff import ArffReader

if TYPE_CHECKING:
    import pandas as pd

_WHOLE = ("repeat", "repeat_nr", "fold", "fold_nr", "sample", "sample_nr", "row_id", "rowid")


def prediction_frame(stream: IO[bytes]) -> pd.DataFrame:
    """The rows of an ARFF file, columns in its order and by its names.

    repeat, fold, sample, row_id: Int64; other numeric attributes: float64; labels and texts:
    object. A missing value ('?') is <NA>, NaN or None. Lines that cannot be read are left out with
    a warning. Raises ArffError for a file that is no ARFF.
    """
    reader = ArffReader(stream)
    names = [attribute.name for attribute in reader.attributes]
    kinds = [
        "Int64" if name.lower() in _WHOLE else "float64" if one.kind == "numeric" else "object"
        for name, one in zip(names, reader.attributes, strict=True)
    ]
    rows: list[tuple[Any, ...]] = []
    damaged, example = 0, ""
    for row in reader.rows():
        why = row if isinstance(row, str) else ""
        if not isinstance(row, str):
            try:
                rows.append(tuple(map(_value, row, kinds)))
            except (ValueError, OverflowError) as error:
                why = str(error)
        if why:
            damaged += 1
            example = example or f"line {reader.line:,}: {display(why, 100)}"
    if damaged:
        warnings.warn(
            f"{damaged:,} lines of the predictions could not be read and are left out ({example}).",
            UserWarning,
            stacklevel=3,
        )
    return table(rows, dict(zip(names, kinds, strict=True)))


def _value(text: str | None, kind: str) -> Any:
    if text is None:
        return float("nan") if kind == "float64" else None
    if kind == "object":
        return text
    number = float(text)
    if kind == "float64":
        return number
    if not number.is_integer() or abs(number) >= 2**53:
        raise ValueError(f"{display(text, 40)!r} is no whole number")
    return int(number)
