"""Files of predictions of any shape, and what is shown of them."""

from __future__ import annotations

import io
from collections.abc import Sequence

from runbrowser.models import Run
from runbrowser.pages.predictions import predictions_page
from runbrowser.triage.predictions import read_predictions
from runbrowser.triage.recompute import Analysis, analyse


def quoted(text: str) -> str:
    """A label as ARFF has it."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") + "'"


def file_of(labels: Sequence[str], pairs: Sequence[tuple[int, int]], repeats: int = 1) -> bytes:
    """predictions.arff of rows given as (true class, predicted class), once per repeat."""
    classes = "{" + ",".join(map(quoted, labels)) + "}"
    lines = ["@relation r"]
    lines += [f"@attribute {name} numeric" for name in ("repeat", "fold", "row_id")]
    lines += [f"@attribute prediction {classes}", f"@attribute correct {classes}", "@data"]
    lines += [
        f"{r},{i % 10},{i},{quoted(labels[said])},{quoted(labels[true])}"
        for r in range(repeats)
        for i, (true, said) in enumerate(pairs)
    ]
    return "\n".join(lines).encode()


def numbers(pairs: Sequence[tuple[float, float]]) -> bytes:
    """predictions.arff of a regression, from (prediction, truth)."""
    lines = ["@relation r", "@attribute row_id numeric", "@attribute prediction numeric"]
    lines += ["@attribute truth numeric", "@data"]
    lines += [f"{i},{said!r},{true!r}" for i, (said, true) in enumerate(pairs)]
    return "\n".join(lines).encode()


def analysed(run: Run, file: bytes) -> Analysis:
    """What a file tells."""
    found = read_predictions(io.BytesIO(file))
    assert found is not None
    return analyse(run, found)


def page_of(run: Run, file: bytes, width: int) -> str:
    """The page about a file, as plain text."""
    return predictions_page(run, analysed(run, file), width).plain
