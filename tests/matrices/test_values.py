"""Texts of settings as columns of one type."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbrowser.matrices.values import column, literal


@pytest.mark.parametrize(
    ("texts", "kind", "values"),
    [
        (["1", "2", None], int, [1, 2, None]),
        (["1", "2.5"], float, [1.0, 2.5]),
        (["true", "false", "null"], bool, [True, False, None]),
        (['"auto"', '"scale"'], str, ["auto", "scale"]),
        (['"auto"', "0.1", "null"], str, ["auto", "0.1", None]),
        (["true", "1"], str, ["true", "1"]),
        (["[1, 2]", '{"a": 1}'], str, ["[1, 2]", '{"a": 1}']),
        (["1.0E-4", "NaN"], float, [0.0001, float("nan")]),
        (["-M", ""], str, ["-M", ""]),
        ([None, "null"], str, [None, None]),
        (["9" * 40, "1"], str, ["9" * 40, "1"]),
        ([str((1 << 62) + 1), "0.5"], str, [str((1 << 62) + 1), "0.5"]),
        ([], str, []),
    ],
)
def test_a_column_has_the_type_that_all_its_values_have(
    texts: list[str | None], kind: type, values: list[Any]
) -> None:
    found = column(texts)
    assert found[0] is kind
    assert repr(found[1]) == repr(values)


@given(st.none() | st.booleans() | st.integers(-(2**62), 2**62) | st.floats() | st.text())
def test_a_json_literal_is_undone(value: object) -> None:
    assert repr(literal(json.dumps(value))) == repr(value)


@given(st.lists(st.none() | st.text(max_size=6) | st.floats().map(repr), max_size=6))
def test_any_texts_are_a_column(texts: list[str | None]) -> None:
    kind, values = column(texts)
    assert len(values) == len(texts)
    assert all(value is None or type(value) is kind for value in values)
