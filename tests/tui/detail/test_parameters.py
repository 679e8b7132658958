"""Parameters on the page: those that were set first, those left at their default after them."""

import pytest

from runbrowser.demo.launch import DemoProcess
from runbrowser.fields.filters import parse
from runbrowser.models import ParameterSetting
from runbrowser.openml.base import NameBook
from runbrowser.pages.detail.parameters import is_default
from tests.openml.truth import get

from ..counting import Counting, recorded
from ..harness import browsing, detail_text, press
from .runs import a_run, page, section

SEARCH = 900131
MARK = "    as the flow has them by default"


@pytest.mark.parametrize(
    ("value", "default", "same"),
    [
        ("1", "1", True), (" 1", "1 ", True), ("0.10", "0.1", True), ('"rbf"', '"rbf"', True),
        ('{"a": 1, "b": 2}', '{"b":2,"a":1}', True), ("null", "null", True),
        ("1", "1.0", False), ("true", "1", False), ("1", '"1"', False), ("-C 1", "-C 1", True),
        ("-C 1", "-C 2", False), ("[" * 90_000, "[", False),
    ],
)  # fmt: skip
def test_a_value_is_the_default_when_it_means_the_same(
    value: str, default: str, same: bool
) -> None:
    names = NameBook()
    names.defaults[9] = {"p": default}
    assert is_default(ParameterSetting("p", value, 9), names) is same


def test_without_a_known_default_nothing_is_claimed() -> None:
    names = NameBook()
    names.defaults[9] = {}
    assert is_default(ParameterSetting("p", "1", 9), names) is None
    assert is_default(ParameterSetting("p", "1", 8), names) is None
    run = a_run(parameter_settings=(ParameterSetting("p", "1", 9201),))
    assert "default" not in page(run, 56)


def test_what_was_set_stands_before_what_was_left() -> None:
    names = NameBook()
    names.defaults[9201] = {"a": "1", "b": "2", "c": "3"}
    settings = [ParameterSetting(n, v, 9201) for n, v in (("a", "1"), ("b", "5"), ("c", "3"))]
    settings.append(ParameterSetting("d", "4", 9201))
    lines = section(page(a_run(parameter_settings=tuple(settings)), 56, names), "Parameters")
    assert [line.split()[0] for line in lines[1:3]] == ["b", "d"]
    assert lines[3] == MARK
    assert [line.split()[0] for line in lines[4:]] == ["a", "c"]


async def test_defaults_are_those_of_the_flow_and_cost_one_request(
    counted: Counting, demo: DemoProcess
) -> None:
    async with browsing(counted.v1, parse(f"run:{SEARCH}")) as pilot:
        before = counted.count(r"flow/\d+$")
        await press(pilot, "enter")
        text = detail_text(pilot)
        assert counted.count(r"flow/\d+$") - before <= 1
        await press(pilot, "escape", "enter")
        assert counted.count(r"flow/\d+$") - before <= 1
    assert "not at their default" in text
    parameters = text.partition("\nParameters")[2]
    assert MARK in parameters
    assert "RandomizedSearchCV" in get(demo.v1, "flow/9234")


async def test_without_the_flow_the_parameters_are_shown_all_the_same(counted: Counting) -> None:
    counted.answer(r"flow/\d+$", recorded("w_db_down_list"))
    async with browsing(counted.v1, parse(f"run:{SEARCH}")) as pilot:
        await press(pilot, "enter")
        assert "\nParameters" in detail_text(pilot)
        assert MARK not in detail_text(pilot)
