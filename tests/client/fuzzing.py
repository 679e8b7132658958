"""What must hold of a reader whatever bytes it gets: used by tests and by scripts/fuzz.py."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from runbrowser.client.call import Answer
from runbrowser.errors import OpenMLServerError, RunbrowserError
from runbrowser.models import RunPage
from runbrowser.triage.predictions import read_predictions

from .readers import ALSO, READERS, conclude
from .recorded import every

Target = Callable[[bytes], None]


def encodable(value: object, depth: int = 0) -> None:
    """Every text in a result is valid UTF-8, however deep it lies; every number can be written."""
    if isinstance(value, str):
        value.encode("utf-8")
    elif isinstance(value, (int, float)) or value is None:
        json.dumps(value)
    elif isinstance(value, RunPage):
        encodable([*value.columns, value.unread, value.notices], depth + 1)
    elif isinstance(value, Mapping):
        encodable([*value.keys(), *value.values()], depth + 1)
    elif isinstance(value, (list, tuple)):
        for item in value:
            encodable(item, depth + 1)
    elif is_dataclass(value):
        encodable([getattr(value, field.name) for field in fields(value)], depth + 1)


def reader_target(reader: str) -> Target:
    """A reader of replies: it gives a result, or an exception with words; the first two bytes
    choose the status and the kind of content.
    """

    def target(data: bytes) -> None:
        status = (200, 200, 200, 412, 500, 404, 429, 200)[(data[0] if data else 0) % 8]
        kind = ("text/xml", "application/json", "text/html", "")[(data[1] if data[1:] else 0) % 4]
        answer = Answer(status, kind, data[2:], "http://127.0.0.1/x")
        try:
            result = conclude(answer, reader)
        except OpenMLServerError as error:
            str(error).encode("utf-8")
            assert str(error).strip()
            return
        encodable(result)
        encodable(getattr(result, "unread", ()))
        if isinstance(result, RunPage):
            assert result.received >= len(result)
            assert len({len(column) for column in result.columns}) == 1

    return target


def predictions_target(data: bytes) -> None:
    """A file of predictions: it is read, or refused in words."""
    try:
        read_predictions(io.BytesIO(data))
    except RunbrowserError as error:
        str(error).encode("utf-8")


def seeds(reader: str, most: int = 20_000) -> list[bytes]:
    """Recorded replies as this reader's target takes them."""
    v2 = reader.startswith("v2")
    found = []
    for case in every():
        if (case.server == "v2") is v2 and len(case.body) < most:
            status = {412: 3, 500: 4, 404: 5}.get(case.status, 0)
            kind = 1 if "json" in case.content_type else 2 if "html" in case.content_type else 0
            found.append(bytes([status, kind]) + case.body)
    return found


TARGETS: dict[str, Target] = {
    name: reader_target(name) for name in (*READERS, *ALSO) if name != "nobody"
} | {"predictions": predictions_target}


def outcome(target: str, data: bytes) -> Any:
    """Tries one input, for a test or from the command line."""
    return TARGETS[target](data)
