"""The columns of a table of runs, one record each.

Table, chooser, order, exports, ``runbrowser list --columns`` and the documentation are made from
COLUMNS: a new column is a new record here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, NamedTuple, Protocol

from runbrowser.fields.values import type_name
from runbrowser.models import Facts, NameBook, RunRow, RunState, TaskInfo


class Spread(Protocol):
    """How far the values of the folds lie apart."""

    @property
    def deviation(self) -> float | None:
        """Their standard deviation; None for a single fold."""
        ...


class Scores(Protocol):
    """What is known of scores beyond the facts."""

    def value(self, run_id: int, measure: str, fact: Facts | None) -> float | None:
        """A run's value of a measure, '' for its task's own."""
        ...

    def spread(self, run_id: int, measure: str, fact: Facts | None) -> Spread | None:
        """The spread over the folds, likewise."""
        ...


class _NoScores:
    def value(self, run_id: int, measure: str, fact: Facts | None) -> float | None:
        return fact.score if fact is not None and measure in ("", fact.measure) else None

    def spread(self, run_id: int, measure: str, fact: Facts | None) -> Spread | None:
        return None


@dataclass(slots=True)
class RunInfo:
    """A row, and all that is known beside it: what a column takes its value from."""

    row: RunRow
    facts: Facts | None = None
    names: NameBook = field(default_factory=NameBook)
    scores: Scores = field(default_factory=_NoScores)
    tags: Mapping[int, Sequence[str]] = field(default_factory=dict)

    @property
    def state(self) -> RunState:
        """What is known of the run's state so far."""
        return self.facts.state if self.facts is not None else self.row.state

    @property
    def task(self) -> TaskInfo | None:
        """What is known of the run's task."""
        return self.names.tasks.get(self.row.task_id or 0)


def plain_infos(rows: Iterable[RunRow]) -> list[RunInfo]:
    """Rows of which nothing more is known."""
    names, scores, tags = NameBook(), _NoScores(), dict[int, Sequence[str]]()
    return [RunInfo(row, None, names, scores, tags) for row in rows]


class Kind(Enum):
    """How a value is drawn and ordered."""

    ID = "id"  # a number, to the right
    TEXT = "text"  # one line, cut at its end
    NOTE = "note"  # a text of many lines, of which the first is shown, faint
    NAME = "name"  # what an id stands for; the id itself while it is not known
    FLOW = "flow"  # a flow's full name, shown short
    STATE = "state"
    ERROR = "error"
    TIME = "time"
    SCORE = "score"
    SPREAD = "spread"


class Need(Enum):
    """What must be known beside the row."""

    NOTHING = "nothing"
    NAMES = "names"  # of flow, task or uploader
    FACTS = "facts"  # the state, and the score of the task's own measure
    SCORES = "scores"  # a measure, or its values per fold
    RUN = "run"  # the run itself must have been read


class Growth(NamedTuple):
    """Room that is left over is given out by turns: up to ``width`` cells in turn ``turn``."""

    turn: int
    width: int


@dataclass(frozen=True, slots=True)
class RunColumn:
    """One column.

    key: its name in views and the browser. field: its name in files and for --columns, the key if
    ''. heading: over the table. words: what it is, for chooser and order. docs: a line for the
    documentation. value: what a row has, None for nothing; the text is the measure, for columns
    of one. dtype: of the value in files. kind: how it is drawn and ordered. number: the id that a
    name stands for.

    least, most: cells that it needs to be worth its room, and that it can use. turn: its place
    when columns are taken as there is room for them, None for never. growth: how it takes what is
    left over. later: stands behind the scores. right: numbers stand under each other.

    need: what must be known beside the row. of_measure: ``KEY:MEASURE`` are columns as well.
    default: shown where nobody chose. chooser: offered there. row: the attribute of RunRow that
    it is, which files have unless asked otherwise. number_of: the column whose name it is the id
    of. order_words: what rows are ordered by, where ``words`` say it otherwise.
    """

    key: str
    heading: str
    words: str
    docs: str
    value: Callable[[RunInfo, str], Any]
    dtype: type
    kind: Kind
    least: int
    most: int
    field: str = ""
    number: Callable[[RunInfo], int | None] = lambda info: None
    turn: int | None = None
    growth: tuple[Growth, ...] = ()
    later: bool = False
    need: Need = Need.NOTHING
    of_measure: bool = False
    default: bool = False
    chooser: bool = True
    row: str = ""
    number_of: str = ""
    order_words: str = ""

    @property
    def right(self) -> bool:
        """Whether its numbers stand under each other."""
        return self.kind in (Kind.ID, Kind.SCORE, Kind.SPREAD)

    @property
    def name(self) -> str:
        """Its name in files."""
        return self.field or self.key


def _dataset(info: RunInfo) -> str | None:
    return info.task.dataset_name if info.task is not None else None


def _type(info: RunInfo) -> str | None:
    kind = info.row.task_type_id
    return None if kind is None else type_name(kind)


def _deviation(info: RunInfo, measure: str) -> float | None:
    found = info.scores.spread(info.row.run_id, measure, info.facts)
    return None if found is None else found.deviation


_RECORDS = (
    RunColumn(
        "run_id", "run", "run", "the run's id",
        lambda info, _: info.row.run_id, int, Kind.ID, 7, 7,
        turn=0, default=True, row="run_id",
    ),
    RunColumn(
        "state", "state", "state", "ok, failed, eval failed or not evaluated",
        lambda info, _: None if info.state is RunState.UNKNOWN else info.state.value, str,
        Kind.STATE, 8, 15,
        turn=1, growth=(Growth(9, 15),), need=Need.FACTS, default=True,
    ),
    RunColumn(
        "flow", "flow", "flow", "the flow's full name; tables show it short",
        lambda info, _: info.names.flows.get(info.row.flow_id or 0), str, Kind.FLOW, 13, 60,
        field="flow_name", number=lambda info: info.row.flow_id,
        turn=2, growth=(Growth(0, 24), Growth(3, 34), Growth(13, 60)), need=Need.NAMES,
        default=True,
    ),
    RunColumn(
        "task", "task", "task", "the task's id",
        lambda info, _: info.row.task_id, int, Kind.ID, 5, 5,
        field="task_id", turn=6, default=True, row="task_id",
    ),
    RunColumn(
        "data", "data set", "data set", "the name of the task's data set",
        lambda info, _: _dataset(info), str, Kind.TEXT, 8, 20,
        field="data_name", turn=4, growth=(Growth(2, 14), Growth(11, 20)), need=Need.NAMES,
        default=True,
    ),
    RunColumn(
        "score", "score", "score", "the value of the task's own measure; `score:kappa` of another",
        lambda info, measure: info.scores.value(info.row.run_id, measure, info.facts), float,
        Kind.SCORE, 8, 8,
        turn=3, need=Need.FACTS, of_measure=True, default=True,
    ),
    RunColumn(
        "spread", "\u00b1 folds", "spread over the folds",
        "the standard deviation over the folds; `spread:kappa` of another measure",
        _deviation, float, Kind.SPREAD, 8, 8,
        need=Need.SCORES, of_measure=True,
    ),
    RunColumn(
        "uploader", "uploader", "uploader", "the uploader's name",
        lambda info, _: info.names.users.get(info.row.uploader or 0), str, Kind.NAME, 10, 16,
        field="uploader_name", number=lambda info: info.row.uploader,
        turn=7, growth=(Growth(6, 14),), later=True, need=Need.NAMES, default=True,
    ),
    RunColumn(
        "uploaded", "uploaded", "time of upload", "when it was uploaded, in the server's time",
        lambda info, _: info.row.upload_time, str, Kind.TIME, 10, 16,
        field="upload_time", turn=8, growth=(Growth(10, 16),), later=True, default=True,
        row="upload_time", order_words="uploaded",
    ),
    RunColumn(
        "type", "type", "task type", "the task type's name",
        lambda info, _: _type(info), str, Kind.TEXT, 10, 18,
        field="task_type", growth=(Growth(7, 14), Growth(12, 18)),
    ),
    RunColumn(
        "setup", "setup", "setup id", "the setup's id: a flow with its parameter settings",
        lambda info, _: info.row.setup_id, int, Kind.ID, 8, 8,
        field="setup_id", row="setup_id", order_words="setup",
    ),
    RunColumn(
        "tags", "tags", "of runs that were read", "its tags, of runs that were read",
        lambda info, _: ", ".join(info.tags.get(info.row.run_id, ())) or None, str,
        Kind.NOTE, 10, 40,
        growth=(Growth(8, 24), Growth(14, 40)), need=Need.RUN, order_words="tags",
    ),
    RunColumn(
        "error", "error", "error message", "what failed, in the words of its uploader",
        lambda info, _: info.row.error_message, str, Kind.ERROR, 14, 400,
        field="error_message", turn=5,
        growth=(Growth(1, 20), Growth(5, 40), Growth(15, 400)),
        later=True, default=True, row="error_message", order_words="error",
    ),
    RunColumn(
        "details", "details", "what its uploader wrote", "what its uploader wrote about it",
        lambda info, _: info.row.run_details, str, Kind.NOTE, 14, 400,
        field="run_details", growth=(Growth(4, 24), Growth(16, 400)), later=True,
        row="run_details", order_words="run details",
    ),
    RunColumn(
        "flow_id", "flow id", "flow id", "the flow's id",
        lambda info, _: info.row.flow_id, int, Kind.ID, 8, 8,
        number_of="flow", chooser=False, row="flow_id",
    ),
    RunColumn(
        "uploader_id", "user", "uploader's id", "the uploader's id",
        lambda info, _: info.row.uploader, int, Kind.ID, 8, 8,
        field="uploader", number_of="uploader", chooser=False, row="uploader",
    ),
    RunColumn(
        "type_id", "type id", "task type's id", "the task type's number",
        lambda info, _: info.row.task_type_id, int, Kind.ID, 8, 8,
        field="task_type_id", number_of="type", chooser=False, row="task_type_id",
    ),
    RunColumn(
        "engine", "engine", "evaluation engine",
        "the number of the evaluation engine whose score it is; of several, the lowest",
        lambda info, _: info.facts.engine if info.facts is not None else None, int, Kind.ID, 6, 6,
        need=Need.FACTS,
    ),
    RunColumn(
        "data_id", "data id", "data set's id", "the id of the task's data set",
        lambda info, _: info.task.dataset_id if info.task is not None else None, int,
        Kind.ID, 8, 8,
        need=Need.NAMES, number_of="data", chooser=False,
    ),
    RunColumn(
        "measure", "measure", "measure of the score", "the task's own measure, that of `score`",
        lambda info, _: info.facts.measure if info.facts is not None else None, str,
        Kind.TEXT, 10, 24,
        need=Need.FACTS, chooser=False,
    ),
)  # fmt: skip

COLUMNS: dict[str, RunColumn] = {record.key: record for record in _RECORDS}
"""Every column by key, in the order in which they are offered; see also :func:`split`."""


def split(column: str) -> tuple[str, str]:
    """Key and measure: ``score:kappa`` gives ('score', 'kappa'), ``flow`` gives ('flow', '')."""
    key, _, measure = column.partition(":")
    return key, measure


def record_of(column: str) -> RunColumn:
    """The record of a column, with or without a measure. KeyError for none."""
    return COLUMNS[split(column)[0]]


def column_of(name: str) -> str | None:
    """The column that a person means on the command line: a name in files, else a key, with or
    without a measure; None when there is none such.
    """
    head, measure = split(name.strip())
    by_field = (one.key for one in COLUMNS.values() if one.name == head)
    key = next(by_field, head)
    if key not in COLUMNS or (head != name.strip() and not COLUMNS[key].of_measure):
        return None
    return f"{key}:{measure}" if measure else key


def in_rows() -> Iterator[RunColumn]:
    """The columns that rows of a list have, in their order."""
    found = {one.row: one for one in COLUMNS.values() if one.row}
    return (found[name] for name in RunRow._fields)
