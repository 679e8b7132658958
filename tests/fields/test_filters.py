"""The filter language: it round-trips, and says where a text is wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbrowser.fields.filters import FIELDS, FilterError, fields, parse, set_field, to_text
from runbrowser.fields.values import STATES, Bound, Period
from runbrowser.models import Condition, RunFilter, RunState, TaskType

ids = st.lists(st.integers(0, 10**18 - 1), unique=True, max_size=5).map(tuple)
tag_characters = st.sampled_from("abcXYZ019 \t,-.:;<=>?@[]^_()")
tags = st.text(tag_characters, min_size=1, max_size=70).filter(lambda t: t == t.strip())
any_character = st.characters(codec=None)  # lone surrogates too: server texts hold them
errors = st.text(any_character, min_size=1, max_size=40).filter(lambda t: bool(t.strip()))
run_filters = st.builds(
    RunFilter,
    ids=ids,
    task=ids,
    setup=ids,
    flow=ids,
    uploader=ids,
    task_type=st.lists(st.integers(0, 10**9 - 1), unique=True, max_size=4).map(tuple)
    | st.lists(st.sampled_from([int(kind) for kind in TaskType]), unique=True).map(tuple),
    study=st.none() | st.integers(0, 10**18 - 1),
    tag=st.none() | tags,
    mine=st.booleans(),
    state=st.none() | st.sampled_from(list(STATES.values())),
    error=st.none() | errors,
    show_errors=st.booleans(),
)


@given(run_filters)
def test_a_filter_is_the_same_after_text_and_back(filter: RunFilter) -> None:
    assert parse(to_text(filter)) == filter


@given(run_filters)
def test_fields_set_one_by_one_make_the_same_filter(filter: RunFilter) -> None:
    again = RunFilter()
    for key, text in fields(filter).items():
        again = set_field(again, key, text)
    assert again == filter


words = st.sampled_from(
    [
        *FIELDS,
        *STATES,
        ":",
        "~",
        "=~",
        ">",
        "<=",
        "-",
        "2020-01",
        "0.5",
        "=",
        '"',
        "\\",
        ",",
        " ",
        "59",
        "me",
        "task:59",
        "\n",
        "-1",
    ]
)
sentences = st.lists(words | st.text(any_character, max_size=5), max_size=12).map("".join)


@given(sentences | st.text(any_character, max_size=80))
def test_any_text_is_a_filter_or_wrong_at_a_place_in_it(text: str) -> None:
    try:
        filter = parse(text)
    except FilterError as error:
        assert 0 <= error.start <= error.end <= len(text)
        assert str(error)
    else:
        assert parse(to_text(filter)) == filter


@given(st.sampled_from(list(FIELDS)), st.text(any_character, max_size=30))
def test_any_value_of_a_field_is_taken_or_refused_in_words(key: str, text: str) -> None:
    try:
        set_field(RunFilter(), key, text)
    except ValueError as error:
        assert str(error)


@pytest.mark.parametrize(
    ("text", "filter"),
    [
        ("", RunFilter()),
        ("   ", RunFilter()),
        ("task:59", RunFilter(task=(59,))),
        ("task = 59", RunFilter(task=(59,))),
        ("TASK:59,60", RunFilter(task=(59, 60))),
        ("10,11", RunFilter(ids=(10, 11))),
        ("id:10 user:me", RunFilter(ids=(10,), mine=True)),
        ("uploader:me,16", RunFilter(uploader=(16,), mine=True)),
        ("type:classification,2", RunFilter(task_type=(1, 2))),
        ("state:eval-failed", RunFilter(state=RunState.EVALUATION_FAILED)),
        ('error~"out of memory" task:1', RunFilter(task=(1,), error="out of memory")),
        ('error~"a \\"b\\" \\\\ c"', RunFilter(error='a "b" \\ c')),
        ('error~"never closed', RunFilter(error="never closed")),
        ("error:NaN", RunFilter(error="NaN")),
        ('tag:"my tag" study:100', RunFilter(tag="my tag", study=100)),
        ("show-errors:no", RunFilter(show_errors=False)),
        ("score > 0.9", RunFilter(conditions=(Condition("score", Bound(">", 0.9)),))),
        ("score:<=-1e-3", RunFilter(conditions=(Condition("score", Bound("<=", -0.001)),))),
        ("since:2020-02", RunFilter(conditions=(Condition("since", Period("2020-02")),))),
        ('error=~"a|b"', RunFilter(conditions=(Condition("error-pattern", "a|b"),))),
        ("flow~ada flow:1", RunFilter(flow=(1,), conditions=(Condition("flow-name", "ada"),))),
        ("-TASK:59", RunFilter(conditions=(Condition("-task", (59,)),))),
    ],
)
def test_what_people_write_is_understood(text: str, filter: RunFilter) -> None:
    assert parse(text) == filter


@pytest.mark.parametrize(
    ("text", "start", "end", "said"),
    [
        ("colour:red", 0, 10, "unknown key"),
        ("task:59 flow:x", 8, 14, "flow"),
        ("task:59 hello", 8, 13, "hello"),
        ("task:1 task:2", 7, 13, "twice"),
        ("task:", 0, 5, "value"),
        ("study:1,2", 0, 9, "one study"),
        ("state:broken", 0, 12, "no state"),
        ("task:-5", 0, 7, "whole numbers"),
        ("tag:a/b", 0, 7, "tag"),
        ("show-errors:maybe", 0, 17, "yes or no"),
        ("run:" + "9" * 19, 0, 23, "too large"),
        ("since:2020-13", 0, 13, "no day, month or year"),
        ("until:2021-02-29", 0, 16, "no day"),
        ("score>high", 0, 10, "no bound"),
        ("score:0.9", 0, 9, "no bound"),
        ('error=~"("', 0, 10, "no regular expression"),
        ("-colour:red", 0, 11, "unknown key"),
        ("-show-errors:no", 0, 15, "unknown key"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, start: int, end: int, said: str) -> None:
    with pytest.raises(FilterError) as caught:
        parse(text)
    assert (caught.value.start, caught.value.end) == (start, end)
    assert said in str(caught.value)
