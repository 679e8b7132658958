"""Any file of predictions makes an analysis and a page, or is refused in words."""

from __future__ import annotations

import io
import unicodedata

import numpy as np
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from runbrowser.errors import RunbrowserError
from runbrowser.models import Evaluation, Run
from runbrowser.pages.predictions import predictions_page, verdict
from runbrowser.triage.predictions import read_predictions
from runbrowser.triage.recompute import Analysis, analyse
from runbrowser.tui.content import STYLES

NAMES = ("repeat", "fold_nr", "sample", "row_id", "rowid", "prediction", "predicted", "correct",
         "truth", "confidence.a", "confidence.b", "confidence.A", "Confidence.c", "x")  # fmt: skip
KINDS = ("numeric", "real", "{a,b}", "{b,a}", "{a,b,c}", "{a}", "{}", "string", "{a b}", "{a,a}")
VALUES = st.sampled_from(
    ["a", "b", "c", "0", "1", "2", "0.5", "0.25", "-1", "?", "", "'a'", '"b"', "'", "1e308", "nan",
     "inf", "9" * 30, "{", "}", "{0 1}", "\t", " ", "\0", "\u00e9", "%", "a b"]
)  # fmt: skip


BARE = Run(1, None, None, None, None, None, None, None)
ONE_CLASS = b"@attribute prediction {a}\n@attribute correct {a}\n@data\na,a\na,a"


@st.composite
def files(draw: st.DrawFn) -> bytes:
    columns = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=8))
    if draw(st.booleans()):
        columns += ["prediction", "correct"]
    lines = [f"@attribute {name} {draw(st.sampled_from(KINDS))}" for name in columns]
    if draw(st.integers(0, 3)):  # mostly, so that there is something to analyse
        lines = [
            f"@attribute {name} "
            + ("{a,b}" if name in ("prediction", "predicted", "correct", "truth") else "numeric")
            for name in columns
        ]
    separator = draw(st.sampled_from([",", ",", " ", "\t", " , "]))
    rows = draw(st.lists(st.lists(VALUES, min_size=len(columns), max_size=len(columns))))
    good = draw(st.integers(0, 12))
    for i in range(good):
        rows.append(
            [
                "ab"[i * (n + 1) % 3 % 2] if "{a,b}" in line else str(i % 3 / 2 if n > 3 else i)
                for n, line in enumerate(lines)
            ]
        )
    ending = draw(st.sampled_from(["\n", "\r\n"]))
    body = ending.join(["@relation r", *lines, "@data", *(separator.join(row) for row in rows)])
    encoded = body.encode(draw(st.sampled_from(["utf-8", "latin-1"])), "replace")
    if draw(st.booleans()):
        encoded = b"\xef\xbb\xbf" + encoded
    return encoded[: draw(st.integers(len(encoded) // 2, len(encoded)))] + draw(
        st.sampled_from([b"", b"\0", b"\n\0\n", b"'"])
    )


TYPES = (None, "", "Supervised Classification", "Learning Curve", "Supervised Regression")
RUNS = st.builds(
    lambda kind, values: Run(
        1, None, None, 59, kind, None, None, None,
        evaluation_list=tuple(Evaluation(name, value) for name, value in values.items()),
    ),
    st.sampled_from(TYPES),
    st.dictionaries(
        st.sampled_from(
            ["predictive_accuracy", "kappa", "precision", "prior_entropy", "number_of_instances",
             "mean_prior_absolute_error", "kb_relative_information_score", "recall", "f_measure"]
        ),
        st.none() | st.floats() | st.sampled_from([0.0, 0.5, 1.0]),
    ),
)  # fmt: skip


def _whole(found: Analysis) -> None:
    for measure in found.measures:
        for value in (measure.server, measure.ours):
            assert value is None or np.isfinite(value), measure
    if found.confusion is not None:
        assert found.confusion.total == found.rows
    if found.said is not None:
        assert found.said.sum() == found.rows


@given(files(), RUNS, st.integers(20, 140))
@example(b"@attribute prediction {a}\n@attribute correct {a}\n@data\na,a\na,a", BARE, 40)
@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_file_makes_a_page_or_is_refused(file: bytes, run: Run, width: int) -> None:
    try:
        found = read_predictions(io.BytesIO(file))
    except RunbrowserError as error:
        assert str(error)
        return
    assert found is not None
    analysis = analyse(run, found)
    assert analysis is not None
    _whole(analysis)
    page = predictions_page(run, analysis, width)
    assert len(page) == sum(1 for _ in page)
    text = page.plain
    assert verdict(analysis)[0].split()[0] in text
    assert not [c for c in text if unicodedata.category(c) in ("Cc", "Cs", "Co") and c != "\n"]
    assert {look for line in page for _, look in line} <= STYLES.keys()


def test_an_analysis_is_given_up_when_it_is_told_to() -> None:
    file = b"@attribute prediction {a,b}\n@attribute correct {a,b}\n@data\na,a\nb,a\n"
    found = read_predictions(io.BytesIO(file))
    assert found is not None
    looks = iter([False, True])
    assert analyse(BARE, found, stop=lambda: next(looks)) is None
    assert analyse(BARE, found, stop=lambda: True) is None
