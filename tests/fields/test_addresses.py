"""Addresses as people paste them."""

from __future__ import annotations

import pytest

from runbrowser.fields.addresses import Address, read_address
from runbrowser.fields.filters import FilterError, parse
from runbrowser.models import RunFilter


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://www.openml.org/r/123", Address("run", 123)),
        ("http://openml.org/r/123/", Address("run", 123)),
        ("https://www.openml.org/runs/123", Address("run", 123)),
        ("https://www.openml.org/run/123?x=1#top", Address("run", 123)),
        ("https://www.openml.org/search?type=run&sort=date&id=123", Address("run", 123)),
        ("https://www.openml.org/api/v1/xml/run/123", Address("run", 123)),
        ("https://test.openml.org/api/v1/json/run/123", Address("run", 123)),
        ("https://www.openml.org/api/v1/run/123", Address("run", 123)),
        ("http://127.0.0.1:8080/api/v1/xml/run/123", Address("run", 123)),
        ("www.openml.org/r/123", Address("run", 123)),
        ("  <https://www.openml.org/r/123>\n", Address("run", 123)),
        ("https://www.openml.org/t/59", Address("task", 59)),
        ("https://www.openml.org/api/v1/xml/task/59", Address("task", 59)),
        ("https://www.openml.org/f/8353", Address("flow", 8353)),
        ("https://www.openml.org/api/v1/json/flow/8353", Address("flow", 8353)),
        ("https://www.openml.org/u/1159", Address("uploader", 1159)),
        ("https://www.openml.org/d/61", None),
        ("https://www.openml.org/r/", None),
        ("https://www.openml.org/r/-1", None),
        ("https://www.openml.org/r/٣", None),
        ("https://www.openml.org/r/" + "9" * 40, None),
        ("https://[/r/1", None),
        ("https://www.openml.org/search?type=data&id=61", None),
        ("900101", None),
        ("", None),
        ("https://x/" + "api/" * 100_000, None),
    ],
)
def test_an_address_stands_for_a_thing_and_its_id(text: str, address: Address | None) -> None:
    assert read_address(text) == address


def test_the_filter_takes_addresses_among_its_words() -> None:
    assert parse("https://www.openml.org/r/123") == RunFilter(ids=(123,))
    assert parse("state:failed https://www.openml.org/t/59 tag:study_14") == parse(
        "state:failed task:59 tag:study_14"
    )
    assert parse("https://www.openml.org/api/v1/json/flow/8353") == RunFilter(flow=(8353,))
    assert parse('error~"see https://www.openml.org/r/1"').error == "see https://www.openml.org/r/1"


def test_an_address_of_something_else_is_named() -> None:
    with pytest.raises(FilterError, match="no address of a run, task, flow") as raised:
        parse("task:59 https://www.openml.org/d/61 tag:a")
    assert (raised.value.start, raised.value.end) == (8, 35)
