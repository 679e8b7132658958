"""The files of runs as the catalogue keeps them, and back to the bytes that are downloaded.

``file.encoding`` names the form of ``file.content``:

- ``raw``: the bytes themselves. Everything that is uploaded to a running server.
- ``predictions``: the predictions.arff of a run, as integers. The rows' repeat, fold, row id and
  truth are the task's (table ``task_split``), so only what the model said is kept.
- ``description``: the description.xml of a run as its uploader sent it, as JSON. Flow and
  parameters are the setup's, which no run's deletion removes.

Integers lie in byte planes (all low bytes, then all high bytes): the catalogue is shipped in one
.xz, which packs planes better than numbers. The same content always gives the same bytes.
"""

from __future__ import annotations

import json
import re
import sqlite3
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from xml.sax.saxutils import escape

__all__ = [
    "Split",
    "arff",
    "pack_classification",
    "pack_description",
    "pack_planes",
    "pack_regression",
    "pack_split",
    "read_file",
    "read_split",
]

PALETTE, PLANES, NUMBERS = 0, 1, 2  # the first byte of packed predictions
_HEAD = struct.Struct("<BBI")  # kind, decimals, a number that depends on the kind
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Split:
    """The rows of a task's predictions, in the order in which runs write them.

    repeat, fold, row_id: one number per row. truth: class numbers (labels given) or target
    values (labels None). labels: the classes in the data set's order.
    """

    repeat: Sequence[int]
    fold: Sequence[int]
    row_id: Sequence[int]
    truth: Sequence[float]
    labels: tuple[str, ...] | None


def read_file(db: sqlite3.Connection, file_id: int) -> tuple[str, bytes] | None:
    """A stored file's name (as in its URL) and the bytes a download delivers; None: no such file.

    The run of the file may be gone: files outlive their run. Raises ValueError for an encoding
    this version does not know.
    """
    row = db.execute(
        "SELECT filename, encoding, content FROM file WHERE id = ?", (file_id,)
    ).fetchone()
    if row is None:
        return None
    filename, encoding, content = row
    if encoding == "raw":
        return filename, bytes(content)
    if encoding == "predictions":
        return filename, _predictions(db, content)
    if encoding == "description":
        return filename, _description(db, json.loads(content))
    raise ValueError(f"file {file_id} has the unknown encoding {encoding!r}")


def pack_planes(numbers: Iterable[int], width: int) -> bytes:
    """Unsigned integers below 256**width as `width` planes of bytes, the lowest first."""
    values = list(numbers)
    return b"".join(bytes((v >> 8 * p) & 255 for v in values) for p in range(width))


def _unpack_planes(content: bytes, n: int, width: int) -> list[int]:
    numbers = list(content[:n])
    for p in range(1, width):
        high = content[p * n : (p + 1) * n]
        numbers = [low | byte << 8 * p for low, byte in zip(numbers, high, strict=True)]
    return numbers


def pack_split(split: Split) -> bytes:
    """A split as ``task_split.content`` holds it: repeat, fold (1 byte each), row id (2), truth.

    The truth is a class number (1 byte) where the split has labels, else a little-endian double.
    """
    n = len(split.row_id)
    truth = (
        struct.pack(f"<{n}d", *split.truth)
        if split.labels is None
        else bytes(int(c) for c in split.truth)
    )
    return bytes(split.repeat) + bytes(split.fold) + pack_planes(split.row_id, 2) + truth


def read_split(db: sqlite3.Connection, task_id: int) -> Split:
    """The rows of a task's predictions. Raises LookupError if the task has no split."""
    found = db.execute(
        "SELECT labels, number_of_rows, content FROM task_split WHERE task_id = ?", (task_id,)
    ).fetchone()
    if found is None:
        raise LookupError(f"task {task_id} has no split")
    labels, n, content = found
    tail = content[4 * n :]
    truth: Sequence[float] = list(tail) if labels is not None else struct.unpack(f"<{n}d", tail)
    return Split(
        repeat=list(content[:n]),
        fold=list(content[n : 2 * n]),
        row_id=_unpack_planes(content[2 * n : 4 * n], n, 2),
        truth=truth,
        labels=None if labels is None else tuple(json.loads(labels)),
    )


def pack_classification(task_id: int, units: Sequence[Sequence[int]], decimals: int) -> bytes:
    """Confidences as ``file.content``: one row of k integers per row of the split.

    units: confidences times 10**decimals (at most 4), each row summing to exactly 10**decimals.
    The prediction is the first of a row's greatest confidences and is not kept. Few different
    rows become a palette and one byte per row, more become planes per class but the last.
    Raises ValueError if a row does not sum up.
    """
    whole = 10**decimals
    if any(sum(row) != whole for row in units):
        raise ValueError("the confidences of a row do not sum to 1")
    rows = [tuple(row) for row in units]
    palette = sorted(set(rows), reverse=True)
    k = len(rows[0])
    task = struct.pack("<I", task_id)
    if len(palette) <= 256:
        index = {row: i for i, row in enumerate(palette)}
        colours = struct.pack(f"<{len(palette) * k}H", *chain.from_iterable(palette))
        return (
            _HEAD.pack(PALETTE, decimals, len(palette))
            + task
            + colours
            + bytes(index[row] for row in rows)
        )
    columns = (pack_planes((row[c] for row in rows), 2) for c in range(k - 1))
    return _HEAD.pack(PLANES, decimals, 0) + task + b"".join(columns)


def pack_regression(task_id: int, units: Sequence[int], decimals: int) -> bytes:
    """Predicted numbers as ``file.content``: integers, the prediction times 10**decimals.

    They are kept as distances from the least one, in as many byte planes as these need.
    """
    least = min(units)
    width = max(1, (max(units) - least).bit_length() + 7 >> 3)
    head = _HEAD.pack(NUMBERS, decimals, width) + struct.pack("<Iq", task_id, least)
    return head + pack_planes((u - least for u in units), width)


def _predictions(db: sqlite3.Connection, content: bytes) -> bytes:
    kind, decimals, number = _HEAD.unpack_from(content)
    (task_id,) = struct.unpack_from("<I", content, _HEAD.size)
    body = content[_HEAD.size + 4 :]
    split = read_split(db, task_id)
    n = len(split.row_id)
    where = [f"{r},{f},{i}" for r, f, i in zip(split.repeat, split.fold, split.row_id, strict=True)]
    attributes = ["repeat NUMERIC", "fold NUMERIC", "row_id NUMERIC"]
    if kind == NUMBERS:
        (least,) = struct.unpack_from("<q", body)
        units = _unpack_planes(body[8:], n, number)
        rows = [
            f"{w},{(least + u) / 10**decimals:.{decimals}f},{_number(t)}"
            for w, u, t in zip(where, units, split.truth, strict=True)
        ]
        attributes += ["prediction NUMERIC", "truth NUMERIC"]
    else:
        assert split.labels is not None  # noqa: S101 - a catalogue whose tables contradict
        labels = [_quoted(label) for label in split.labels]
        said = _confidence_rows(kind, decimals, number, body, n, labels)
        rows = [
            f"{w},{guess},{labels[int(t)]},{confidences}"
            for w, (guess, confidences), t in zip(where, said, split.truth, strict=True)
        ]
        classes = "{" + ",".join(labels) + "}"
        attributes += [f"prediction {classes}", f"correct {classes}"]
        attributes += [f"{_quoted('confidence.' + label)} NUMERIC" for label in split.labels]
    return arff(f"openml_task_{task_id}_predictions", attributes, rows)


def _confidence_rows(
    kind: int, decimals: int, n_palette: int, body: bytes, n: int, labels: list[str]
) -> list[tuple[str, str]]:
    """The predicted label and the confidences, as text, of each row."""
    whole, k = 10**decimals, len(labels)

    def said(units: Sequence[int]) -> tuple[str, str]:
        guess = labels[max(range(k), key=units.__getitem__)]
        return guess, ",".join(f"{u / whole:.{decimals}f}".rstrip("0").rstrip(".") for u in units)

    if kind == PALETTE:
        colours = struct.unpack_from(f"<{n_palette * k}H", body)
        texts = [said(colours[i * k : (i + 1) * k]) for i in range(n_palette)]
        return [texts[i] for i in body[2 * n_palette * k :]]
    columns = [_unpack_planes(body[2 * n * c : 2 * n * (c + 1)], n, 2) for c in range(k - 1)]
    return [said((*row, whole - sum(row))) for row in zip(*columns, strict=True)]


def arff(relation: str, attributes: list[str], rows: list[str]) -> bytes:
    """An ARFF file of lines that are ready: attributes as name and type, rows as values."""
    lines = [f"@RELATION {relation}", ""]
    lines += [f"@ATTRIBUTE {attribute}" for attribute in attributes]
    return ("\n".join([*lines, "", "@DATA", *rows]) + "\n").encode()


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)


def _quoted(text: str) -> str:
    if re.fullmatch(r"[\w.\-]+", text):
        return text
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def pack_description(
    *,
    task_id: int,
    setup_id: int,
    setup_string: str,
    error_message: str | None = None,
    run_details: str | None = None,
    tags: Sequence[str] = (),
    evaluations: Sequence[tuple[str, int, Sequence[int]]] = (),
) -> bytes:
    """A run description as ``file.content``.

    evaluations: (measure, decimals, values times 10**decimals in the order of the split's folds),
    what the uploader measured per fold.
    """
    kept = {
        "task": task_id,
        "setup": setup_id,
        "string": setup_string,
        "error": error_message,
        "details": run_details,
        "tags": list(tags),
        "evaluations": [[name, decimals, list(units)] for name, decimals, units in evaluations],
    }
    return json.dumps(kept, separators=(",", ":")).encode()


def _description(db: sqlite3.Connection, kept: dict[str, object]) -> bytes:
    task_id, setup_id = kept["task"], kept["setup"]
    (flow_id,) = db.execute("SELECT flow_id FROM setup WHERE id = ?", (setup_id,)).fetchone()
    parameters = db.execute(
        "SELECT p.name, s.value, p.flow_id FROM setup_parameter s"
        " JOIN flow_parameter p ON p.id = s.parameter_id WHERE s.setup_id = ? ORDER BY p.id",
        (setup_id,),
    ).fetchall()
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<oml:run xmlns:oml="http://openml.org/openml">',
        _element("task_id", task_id),
        _element("flow_id", flow_id),
        _element("setup_string", kept["string"]),
    ]
    for name, key in (("error_message", "error"), ("run_details", "details")):
        if kept[key] is not None:
            lines.append(_element(name, kept[key]))
    for name, value, component in parameters:
        lines.append("  <oml:parameter_setting>")
        lines.append("  " + _element("name", name))
        lines.append("  " + _element("value", value))
        lines.append("  " + _element("component", component))
        lines.append("  </oml:parameter_setting>")
    lines += [_element("tag", tag) for tag in kept["tags"]]  # type: ignore[attr-defined]
    if kept["evaluations"]:
        split = read_split(db, int(str(task_id)))
        folds = sorted(set(zip(split.repeat, split.fold, strict=True)))
        lines.append("  <oml:output_data>")
        for name, decimals, units in kept["evaluations"]:  # type: ignore[attr-defined]
            for (repeat, fold), unit in zip(folds, units, strict=True):
                lines.append(f'    <oml:evaluation repeat="{repeat}" fold="{fold}">')
                lines.append("    " + _element("name", name))
                lines.append("    " + _element("value", repr(unit / 10**decimals)))
                lines.append("    </oml:evaluation>")
        lines.append("  </oml:output_data>")
    lines.append("</oml:run>")
    return ("\n".join(lines) + "\n").encode()


def _element(name: str, value: object) -> str:
    # XML has no way to write most control characters: who uploads such a text must replace them.
    text = escape(_NOT_XML.sub("\ufffd", str(value)))
    return f"  <oml:{name}>{text}</oml:{name}>"
