"""One strict reader of ids: what may stand for an id, and what is refused before it is sent."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbrowser.client.call import Call
from runbrowser.client.calls import v1, v2
from runbrowser.errors import UsageError
from runbrowser.ids import many_ids, one_id
from runbrowser.models import RunFilter, TaskType


class Theirs(enum.Enum):
    """As openml-python's TaskType: an enum that is no int, with whole numbers."""

    CLUSTERING = 5


GOOD = [
    (5, 5),
    ("5", 5),
    ("0005", 5),
    (0, 0),
    (np.int64(5), 5),
    (np.uint8(5), 5),
    (np.array(5), 5),
    (TaskType.CLUSTERING, 5),
    (Theirs.CLUSTERING, 5),
    (10**18 - 1, 10**18 - 1),
]
BAD = [True, False, np.True_, 1.5, 1.0, np.float64(2), None, [1], (1,), {1: 2}, b"5", slice(5)]
WORSE = [
    -1,
    "-1",
    "+1",
    "",
    " 5",
    "1,2",
    "1.5",
    "5e3",
    "\u0665",
    "me",
    10**18,
    np.int64(-3),
    "9" * 40,
]


@pytest.mark.parametrize(("value", "number"), GOOD)
def test_a_whole_number_of_any_kind_is_an_id(value: Any, number: int) -> None:
    assert one_id(value) == number
    assert type(one_id(value)) is int
    assert many_ids(value) == (number,)


@pytest.mark.parametrize("value", BAD, ids=repr)
def test_what_is_no_number_is_a_type_error(value: Any) -> None:
    with pytest.raises(TypeError, match=r"A run id is a whole number without sign, not"):
        one_id(value, "a run id")


@pytest.mark.parametrize("value", WORSE, ids=repr)
def test_what_is_no_id_by_its_value_is_a_value_error(value: Any) -> None:
    with pytest.raises(ValueError, match="is a whole number without sign"):
        one_id(value)
    with pytest.raises(UsageError):
        many_ids([1, value])


def test_ids_are_given_alone_together_or_not_at_all() -> None:
    assert many_ids(None) is None
    assert many_ids([]) == ()
    assert many_ids("9101") == (9101,)
    assert many_ids([5, "6", np.int32(7)]) == (5, 6, 7)
    assert many_ids({5}) == many_ids(range(5, 6)) == many_ids(iter([5])) == (5,)
    assert many_ids(np.array([1, 2])) == many_ids(pd.Series([1, 2])) == (1, 2)
    assert many_ids(pd.Series([1, 2], dtype="Int64")) == (1, 2)
    for value in ({1: 2}, b"12", np.array([[1]]), np.array([1.0]), [None], pd.Series([1.0]), [[1]]):
        with pytest.raises(TypeError):
            many_ids(value)  # type: ignore[arg-type]


@given(st.integers(0, 10**18 - 1))
def test_every_way_to_write_an_id_is_the_same_id(number: int) -> None:
    ways = [number, str(number), np.int64(number), f"{number:020}"]
    assert {one_id(way) for way in ways} == {number}
    assert many_ids(ways) == (number,) * len(ways)


ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.binary(),
    st.lists(st.integers()),
    st.decimals(),
    st.fractions(),
    st.complex_numbers(),
    st.sampled_from([*BAD, *WORSE, *(value for value, _ in GOOD)]),
)


@given(ANYTHING)
def test_whatever_is_given_is_an_id_or_refused_in_words(value: Any) -> None:
    try:
        number = one_id(value)
    except UsageError as error:
        assert isinstance(error, (TypeError, ValueError))
        assert str(error).isprintable()
        return
    assert type(number) is int
    assert 0 <= number < 10**18
    assert not isinstance(value, (bool, float, list, bytes))


def _path(call: Call[Any]) -> str:
    return call.path + "|" + ",".join(call.form.values())


CALLS: dict[str, Callable[[Any], Call[Any]]] = {
    "get_run": v1.get_run,
    "get_trace": v1.get_trace,
    "delete": v1.delete,
    "tag": lambda value: v1.tag(value, "x"),
    "untag": lambda value: v1.untag(value, "x"),
    "v2.get_run": v2.get_run,
    "v2.get_trace": v2.get_trace,
    "offset": lambda value: v1.list_runs(RunFilter(), 10, value),
    "study": lambda value: v1.list_runs(RunFilter(study=value), 10),
    **{
        name: lambda value, name=name: v1.list_runs(RunFilter(**{name: [value]}), 10)
        for name in ("ids", "task", "setup", "flow", "uploader", "task_type")
    },
    "flow": v1.get_flow,
    "flow names": v1.get_flow_names,
    "users": lambda value: v1.list_users([value]),
    "tasks": lambda value: v1.list_tasks([value]),
}


@pytest.mark.parametrize("name", CALLS)
def test_every_call_reads_ids_alike(name: str) -> None:
    make = CALLS[name]
    assert "5" in _path(make(np.int64(5)))
    assert _path(make("5")) == _path(make(Theirs.CLUSTERING)) == _path(make(5))
    for value in (True, 900102.9, -1, "1,2", [1]):
        with pytest.raises((TypeError, ValueError)):
            make(value)
