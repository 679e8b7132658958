"""The trace of a search: from the ARFF file that is uploaded to the rows the server keeps."""

from __future__ import annotations

import json

from ..v1.arff import read_arff

__all__ = ["TraceError", "trace_rows"]

_NEEDED = ("repeat", "fold", "iteration", "evaluation", "selected")

Row = tuple[int, int, int, str, str, str]


class TraceError(Exception):
    """A trace that cannot be read; the message says why."""


def trace_rows(content: bytes) -> list[Row]:
    """Repeat, fold, iteration, setup_string, evaluation, selected of every attempt.

    setup_string is a JSON object of the columns called ``parameter_...``, unless the file has a
    column of that name. Raises TraceError for a file without the columns of a trace.
    """
    attributes, rows = read_arff(content)
    names = [attribute.name for attribute in attributes]
    missing = [name for name in _NEEDED if name not in names]
    if missing:
        raise TraceError(f"Attribute '{missing[0]}' is missing from the trace.")
    found: list[Row] = []
    for row in rows:
        if len(row) != len(names):
            raise TraceError(f"{len(row)} values for {len(names)} attributes in the trace.")
        values = dict(zip(names, row, strict=True))
        parameters = {n: v for n, v in values.items() if n.startswith("parameter_")}
        try:
            repeat, fold, iteration = (int(float(values[name])) for name in _NEEDED[:3])
        except ValueError:
            raise TraceError("A repeat, fold or iteration of the trace is no number.") from None
        setup = values.get("setup_string") or json.dumps(parameters)
        found.append((repeat, fold, iteration, setup, values["evaluation"], values["selected"]))
    return found
