"""Every option of the demo server is the same on both command lines and in its launcher."""

import inspect
from pathlib import Path
from typing import Any

import pytest

from runbrowser.cli.demo import demo as verb
from runbrowser.demo.launch import start
from runbrowser.demo.options import Options, Switch, command_line, options_of, parsed, switches
from runbrowser.demo.synthetic import Scale

# A value of each type that is no option's default.
OTHER: dict[type | None, Any] = {
    int: 7,
    float: 0.25,
    None: True,
    Path: Path("some where", "c.db"),
    Scale: Scale(runs=9, flows=2, tasks=3, users=4, seed=5),
    str: "words, and more",
}


@pytest.mark.parametrize("switch", switches(), ids=lambda switch: switch.name)
def test_an_option_survives_the_way_through_the_command_line(switch: Switch) -> None:
    options = options_of({switch.name: OTHER[switch.kind]})
    assert options != Options()
    assert parsed(command_line(options)) == options


def test_no_options_are_an_empty_command_line() -> None:
    assert command_line(Options()) == []
    assert parsed([]) == Options()


def test_the_verb_and_the_launcher_know_every_option() -> None:
    names = {switch.name for switch in switches()}
    # The launcher gives its own process id.
    assert {param.name for param in verb.params} == names - {"parent"}
    assert set(inspect.signature(start).parameters) == names - {"parent"}
