"""Every reader takes any bytes: a result whose texts can be written, or an exception in words.

Recorded replies are cut, joined and edited here by hypothesis in every run of the tests;
``scripts/fuzz.py`` does the same for as long as one likes, guided by coverage.
"""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runbrowser.client import wire

from . import readers
from .fuzzing import TARGETS, outcome, seeds

FRAGMENTS = [
    *(b"<oml:run>", b"</oml:run>", b"<oml:evaluation>", b"</oml:evaluation>", b"<oml:tag>"),
    *(
        b"</oml:runs>",
        b"&amp;",
        b"&",
        b"<",
        b">",
        b"]]>",
        b"<!--",
        b"\x00",
        b"\xff\xfe",
        b"\xed\xa0",
    ),
    *(b"<oml:x/>", b"\r", b'"', b"\\ud800", b"{", b"]", b"1e999", b"NaN", b"-1", b"9" * 400),
    *(b"Warning: x in /y on line 3\n", b"<h4>A PHP Error was encountered</h4>", b"@data\n", b"'"),
    b"</oml:error_message>\n    <oml:run_details>",
]
EDIT = st.tuples(
    st.floats(0, 1),
    st.integers(0, 400),
    st.one_of(st.sampled_from(FRAGMENTS), st.binary(max_size=9)),
)


@pytest.mark.parametrize("target", TARGETS)
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_a_reader_takes_any_bytes(target: str, data: st.DataObject) -> None:
    known = seeds("v2_run" if target.startswith("v2") else target, 4_000)
    body = data.draw(st.one_of(st.sampled_from(known), st.binary(max_size=200)))
    for where, removed, inserted in data.draw(st.lists(EDIT, max_size=4)):
        at = int(where * len(body))
        body = body[:at] + inserted + body[at + removed :]
    outcome(target, body)


def test_every_reader_of_replies_is_among_the_targets() -> None:
    source = Path(readers.__file__).read_text("utf-8")
    found = {
        name
        for module in pkgutil.iter_modules(wire.__path__, f"{wire.__name__}.")
        for name, value in vars(importlib.import_module(module.name)).items()
        if name.startswith("read_") and getattr(value, "__module__", "") == module.name
    }
    assert len(found) > 15
    within = {"read_by_template"}  # of read_run
    assert {name for name in found - within if f".{name}" not in source} == set()
