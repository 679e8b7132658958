"""What a filter field is: one record, from which everything that filters is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

from runbrowser.fields.clauses import Clause
from runbrowser.models import Condition, Facts, RunFilter, RunRow

Verdict = bool | None
"""Whether a row is let through; None where the row and what is known beside it do not tell."""

_EVERY = RunFilter()


class Option(NamedTuple):
    """An option of the command line: its spelling and help. ``off`` is the one that says no, for
    a pair of flags without a value.
    """

    name: str
    help: str
    metavar: str = ""
    off: str = ""


class Box(NamedTuple):
    """A box in the sidebar that switches something about the field's value."""

    id: str
    label: str
    on: Callable[[Any], bool]
    switched: Callable[[Any, bool], Any]  # the value with the box on or off


@dataclass(frozen=True, slots=True)
class FilterField:
    """One field that runs can be filtered by.

    key: its name in the filter language. docs: what it takes, in a line. read, write: its value
    from a text (ValueError in words) and back. matches: whether a value lets a row through. clause:
    the same as SQL over a mirror (UsageError in words where it cannot tell).
    attributes: those of RunFilter that hold the value (a tuple if they are several); without one
    the value is a Condition. called: its name in sentences, the key if ''. examples, meaning: for
    the documentation.

    segment: the name in paths of V1's run/list, '' where its rows must be looked through; path:
    the value in them, '' for nothing. several: ids of which any will do, so that long lists can be
    asked for in parts. evaluations: what evaluation/list makes of it. needs_facts: whether more
    than the row must be known to tell whether it matches a value. by_rows: whether rows and facts
    tell it at all; else only a mirror does. negatable: whether ``-key:value`` is understood.

    word: what it is written with where that is not the key; sign: what stands between it and the
    value. words: values to be completed. option: of the command line. placeholder: of its line in
    the sidebar, '' for none; boxes: its boxes there.
    """

    key: str
    docs: str
    read: Callable[[str], Any]
    write: Callable[[Any], str]
    matches: Callable[[Any, RunRow, Facts | None], Verdict]
    clause: Callable[[Any], Clause]
    examples: tuple[str, ...]
    meaning: str
    attributes: tuple[str, ...] = ()
    called: str = ""
    aliases: tuple[str, ...] = ()
    word: str = ""
    sign: str = ":"
    segment: str = ""
    path: Callable[[Any], str] = str
    several: bool = False
    evaluations: Literal["asked", "implied", "refused"] = "refused"
    needs_facts: Callable[[Any], bool] = lambda value: False
    by_rows: bool = True
    negatable: bool = True
    words: tuple[str, ...] = ()
    option: Option | None = None
    placeholder: str = ""
    boxes: tuple[Box, ...] = ()

    def raw(self, filter: RunFilter) -> Any:
        """The value in a filter, set or not."""
        if not self.attributes:
            return next((one.value for one in filter.conditions if one.key == self.key), None)
        values = tuple(getattr(filter, name) for name in self.attributes)
        return values[0] if len(values) == 1 else values

    def value(self, filter: RunFilter) -> Any:
        """The value in a filter; None where it restricts nothing."""
        found = self.raw(filter)
        return None if found == self.raw(_EVERY) else found

    def put(self, filter: RunFilter, value: Any) -> RunFilter:
        """The filter with this value; None restricts nothing."""
        if not self.attributes:
            others = tuple(one for one in filter.conditions if one.key != self.key)
            if value is not None:
                others += (Condition(self.key, value, in_rows=not self.segment),)
            return replace(filter, conditions=tuple(sorted(others, key=lambda one: one.key)))
        if value is None:
            value = self.raw(_EVERY)
        values = value if len(self.attributes) > 1 else (value,)
        return replace(filter, **dict(zip(self.attributes, values, strict=True)))

    def set(self, filter: RunFilter, text: str) -> RunFilter:
        """The filter with the value that a text stands for; '' restricts nothing. ValueError says
        what is wrong.
        """
        return self.put(filter, self.read(text) if text.strip() else None)

    def text(self, filter: RunFilter) -> str:
        """The value in a filter as text; '' where it restricts nothing."""
        value = self.value(filter)
        return "" if value is None else self.write(value)

    def path_in(self, filter: RunFilter) -> str:
        """What stands in a path of V1; '' for nothing."""
        value = self.raw(filter)
        return "" if value is None else self.path(value)

    @property
    def head(self) -> str:
        """What stands before a value: ``task:``, ``error~``."""
        return f"{self.word or self.key}{self.sign}"

    @property
    def name(self) -> str:
        """What it is called in sentences."""
        return self.called or self.word or self.key

    def line(self, filter: RunFilter) -> str:
        """What its line in the sidebar shows: what its boxes tell is not said twice."""
        value = self.raw(filter)
        for box in self.boxes:
            value = box.switched(value, False)
        return self.text(self.put(filter, value))


NOT = "-"
"""Before a key: the runs that the value does not let through."""


def negated(field: FilterField) -> FilterField:
    """The field ``-key`` of a field ``key``."""

    def read(text: str) -> Any:
        value = field.read(text)
        if field.key == "uploader" and value[1]:
            raise ValueError("me cannot be left out by name: give your user id")
        return value

    def matches(value: Any, row: RunRow, facts: Facts | None) -> Verdict:
        found = field.matches(value, row, facts)
        return None if found is None else not found

    return replace(
        field,
        key=NOT + field.key,
        word=NOT + (field.word or field.key),
        docs=f"all but {field.docs}",
        read=read,
        matches=matches,
        clause=lambda value: field.clause(value).negated(),
        attributes=(),
        aliases=(),
        segment="",
        evaluations="refused",
        option=None,
        placeholder="",
        boxes=(),
    )
