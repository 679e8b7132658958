"""What a demo server can be started with: one table for its command lines and its launcher."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any

from .faults import Faults
from .synthetic import Scale

__all__ = ["Options", "Switch", "command_line", "options_of", "parsed", "switches"]


@dataclass(frozen=True)
class Options:
    """How a demo server runs.

    port: 0 takes a free one. parent: the process id this server must not outlive, as known to who
    starts it, so that a parent that died before the first look is noticed. database: a catalogue
    as a plain SQLite file, copied. synthetic: serve rows made by chance instead. Without either
    the shipped catalogue is used. well_formed: escape every text, as a server would that is better
    than V1. faults: what is to go wrong.
    """

    port: int = field(
        default=0,
        metadata={"metavar": "N", "help": "Port on 127.0.0.1; 0, the default, takes any free one."},
    )
    parent: int | None = field(
        default=None,
        metadata={"metavar": "PID", "help": "End when this process is no longer the parent."},
    )
    database: Path | None = field(
        default=None,
        metadata={"metavar": "FILE", "help": "Another catalogue, a plain SQLite file."},
    )
    synthetic: Scale | None = field(
        default=None,
        metadata={
            "metavar": "SCALE",
            "help": "Rows made by chance, such as 'runs=150000,flows=400,tasks=400' or '150000'.",
        },
    )
    well_formed: bool = field(
        default=False,
        metadata={"help": "Escape every text: no list is broken by a run, as V1's lists are."},
    )
    faults: Faults = field(default_factory=Faults)


@dataclass(frozen=True)
class Switch:
    """One option of the command lines. kind: the type of its value; None for a flag."""

    name: str
    kind: type | None
    default: Any
    metavar: str | None
    help: str

    @property
    def option(self) -> str:
        """As it is written on a command line."""
        return "--" + self.name.replace("_", "-")


# A field's type, by the words of its annotation.
_KINDS = {"int": int, "float": float, "bool": None, "str": str, "Path": Path, "Scale": Scale}


def switches() -> Iterator[Switch]:
    """Every option there is, in the order of the fields of Options and Faults."""
    for described in (*fields(Options), *fields(Faults)):
        if described.default is MISSING:
            continue
        word = getattr(described.type, "__name__", str(described.type)).partition(" ")[0]
        yield Switch(
            described.name,
            _KINDS[word],
            described.default,
            described.metadata.get("metavar"),
            described.metadata["help"],
        )


def options_of(values: dict[str, Any]) -> Options:
    """Options from values by name. What is left out has its default."""
    faults = {f.name: values[f.name] for f in fields(Faults) if f.name in values}
    own = {f.name: values[f.name] for f in fields(Options) if f.name in values}
    return Options(**own, faults=Faults(**faults))


def command_line(options: Options) -> list[str]:
    """The arguments that `parsed` reads as these options."""
    arguments = []
    for switch in switches():
        holder = options if hasattr(options, switch.name) else options.faults
        value = getattr(holder, switch.name)
        if value == switch.default:
            continue
        arguments.append(switch.option if switch.kind is None else f"{switch.option}={value}")
    return arguments


def parsed(arguments: list[str] | None) -> Options:
    """Read the command line of ``python -m runbrowser.demo``; ends the process on wrong use."""
    parser = argparse.ArgumentParser(prog="python -m runbrowser.demo")
    for switch in switches():
        if switch.kind is None:
            parser.add_argument(switch.option, action="store_true", help=switch.help)
            continue
        kind = _scale if switch.kind is Scale else switch.kind
        parser.add_argument(
            switch.option,
            type=kind,
            default=switch.default,
            metavar=switch.metavar,
            help=switch.help,
        )
    return options_of(vars(parser.parse_args(arguments)))


def _scale(text: str) -> Scale:
    try:
        return Scale.from_text(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
