"""What OpenML's servers tell about runs, as plain values.

Names are the field's and, where openml-python has an attribute, that attribute's. Nothing here
does I/O or imports anything heavy: a page of rows is columns of plain values, and pandas is loaded
only when a DataFrame is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, IntEnum, StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple, overload

if TYPE_CHECKING:
    import pandas as pd


class APIVersion(StrEnum):
    """The versions of OpenML's REST API."""

    V1 = "v1"
    V2 = "v2"


class ResourceType(StrEnum):
    """What an API is about."""

    RUN = "run"


class TaskType(IntEnum):
    """The kinds of task that OpenML knows (10 and 11 exist on the server only)."""

    SUPERVISED_CLASSIFICATION = 1
    SUPERVISED_REGRESSION = 2
    LEARNING_CURVE = 3
    SUPERVISED_DATASTREAM_CLASSIFICATION = 4
    CLUSTERING = 5
    MACHINE_LEARNING_CHALLENGE = 6
    SURVIVAL_ANALYSIS = 7
    SUBGROUP_DISCOVERY = 8
    MULTITASK_REGRESSION = 9
    ACTIVE_CLASSIFICATION = 10
    TEXT = 11

    @classmethod
    def of(cls, number: int | None) -> TaskType | int | None:
        """The member for a number, or the number itself when the server knows a newer type."""
        try:
            return cls(number) if number is not None else None
        except ValueError:
            return number


class RunState(Enum):
    """How a run ended, as far as the server's answers tell."""

    OK = "ok"
    FAILED = "failed"  # the uploader reported an error (error_message)
    EVALUATION_FAILED = "eval failed"  # the server could not evaluate it (error)
    NOT_EVALUATED = "not evaluated"  # the server has not evaluated it yet
    UNKNOWN = "unknown"  # the list alone does not tell; more is being asked

    @property
    def glyph(self) -> str:
        """One character that tells the state without colour."""
        return _GLYPHS[self]


_GLYPHS = {
    RunState.OK: "\u2713",
    RunState.FAILED: "\u2717",
    RunState.EVALUATION_FAILED: "!",
    RunState.NOT_EVALUATED: "\u25cb",
    RunState.UNKNOWN: "\u00b7",
}


class RunRow(NamedTuple):
    """One run as ``run/list`` gives it: ids, a time and the uploader's error."""

    run_id: int
    task_id: int | None
    task_type_id: int | None
    setup_id: int | None
    flow_id: int | None
    uploader: int | None
    upload_time: str | None  # 'YYYY-MM-DD HH:MM:SS', the server's local time
    error_message: str | None  # None and '' cannot be told apart on the wire
    run_details: str | None

    @property
    def state(self) -> RunState:
        """FAILED when the uploader reported an error; the list cannot tell the other states."""
        return RunState.FAILED if self.error_message else RunState.UNKNOWN


class RunPage(Sequence[RunRow]):
    """One page of ``run/list``: columns of plain values, one row a run, in the server's order.

    ``columns`` are nine equally long sequences in the order of :class:`RunRow`'s fields;
    ``received`` counts the rows the server sent (a run evaluated by two engines is sent twice),
    which is what offsets count; ``unread`` holds the text of rows that could not be read.
    """

    __slots__ = ("columns", "limit", "offset", "received", "unread")

    def __init__(
        self,
        columns: Sequence[Sequence[Any]] = ((),) * 9,
        *,
        limit: int | None = None,
        offset: int = 0,
        received: int | None = None,
        unread: tuple[str, ...] = (),
    ) -> None:
        self.columns = columns
        self.limit = limit
        self.offset = offset
        self.received = len(columns[0]) if received is None else received
        self.unread = unread

    def __len__(self) -> int:
        return len(self.columns[0])

    @overload
    def __getitem__(self, index: int) -> RunRow: ...
    @overload
    def __getitem__(self, index: slice) -> list[RunRow]: ...
    def __getitem__(self, index: int | slice) -> RunRow | list[RunRow]:
        if isinstance(index, slice):
            return [RunRow(*row) for row in zip(*(c[index] for c in self.columns), strict=True)]
        return RunRow(*(column[index] for column in self.columns))

    def __iter__(self) -> Iterator[RunRow]:
        return map(RunRow._make, zip(*self.columns, strict=True))

    @property
    def last(self) -> bool:
        """Whether the server has nothing after this page, as far as its length tells."""
        return self.limit is None or self.received < self.limit

    def named_columns(self) -> dict[str, Sequence[Any]]:
        """The columns by the names that they have in a DataFrame; task types as TaskType."""
        named = dict(zip(RunRow._fields, self.columns, strict=True))
        numbers = named["task_type_id"]
        kinds = {number: TaskType.of(number) for number in set(numbers)}
        return named | {
            "task_type": [kinds[number] for number in numbers],
            "error_message": [text or "" for text in named["error_message"]],
        }

    def frame(self) -> pd.DataFrame:
        """The page as a DataFrame, labelled by run id.

        Columns: run_id, int64; task_id, setup_id, flow_id, uploader, Int64; task_type, TaskType
        or the number of a type that is newer than this client; upload_time, text in the server's
        local time or None; error_message, '' where there is none.
        """
        from runbrowser.frames import RunRows

        rows = RunRows()
        rows.add(self.named_columns())
        return rows.frame()

    def __repr__(self) -> str:
        return (
            f"<RunPage of {len(self):,} runs from row {self.offset:,} on"
            f"{f', {len(self.unread):,} rows unread' if self.unread else ''}>"
        )


@dataclass(frozen=True, slots=True)
class ParameterSetting:
    """One hyper-parameter of a run: ``component`` is the id of the (sub)flow that it belongs to."""

    name: str
    value: str
    component: int | None


@dataclass(frozen=True, slots=True)
class OutputFile:
    """A file of a run; V2 gives no ``url``."""

    name: str
    file_id: int
    url: str | None = None


@dataclass(frozen=True, slots=True)
class InputData:
    """A data set that a run was made on."""

    dataset_id: int
    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One value of an evaluation measure: of the whole run, or of one (repeat, fold[, sample]).

    ``value`` is None where the server has only ``array_data``, a text that looks like JSON but
    need not be (PROTOCOL 3).
    """

    name: str
    value: float | None = None
    array_data: str | None = None
    repeat: int | None = None
    fold: int | None = None
    sample: int | None = None


FoldEvaluations = dict[str, dict[int, dict[int, float | None]]]


@dataclass(frozen=True, slots=True)
class Run:
    """One run with everything that ``run/{id}`` tells.

    ``error_message`` is what the uploader reported, ``evaluation_error`` what the evaluation
    engine reported: None when the server does not tell (not evaluated, or V2), '' when it was
    evaluated without complaint. ``kept_at`` is set when this was not asked for just now but kept
    from then (seconds since 1970).
    """

    run_id: int
    uploader: int | None
    uploader_name: str | None
    task_id: int | None
    task_type: str | None
    flow_id: int | None
    flow_name: str | None
    setup_id: int | None
    setup_string: str | None = None
    task_evaluation_measure: str | None = None
    parameter_settings: tuple[ParameterSetting, ...] = ()
    tags: tuple[str, ...] = ()
    input_data: tuple[InputData, ...] = ()
    files: tuple[OutputFile, ...] = ()
    evaluation_list: tuple[Evaluation, ...] = ()
    error_message: str | None = None
    evaluation_error: str | None = None
    run_details: str | None = None
    description_text: str = field(default="", repr=False, compare=False)
    api: str = "v1"
    kept_at: float | None = field(default=None, repr=False, compare=False)

    @property
    def state(self) -> RunState:
        """How the run ended. V2 does not tell evaluation errors, so there evaluations decide."""
        if self.error_message:
            return RunState.FAILED
        if self.evaluation_error:
            return RunState.EVALUATION_FAILED
        if self.evaluation_error is None and not any(e.fold is None for e in self.evaluation_list):
            return RunState.NOT_EVALUATED
        return RunState.OK

    @property
    def dataset_id(self) -> int | None:
        """The data set of the run; None when it names none or several."""
        return self.input_data[0].dataset_id if len(self.input_data) == 1 else None

    @property
    def output_files(self) -> dict[str, int]:
        """File ids by name, as upstream gives them."""
        return {file.name: file.file_id for file in self.files}

    @property
    def predictions_url(self) -> str | None:
        """Where predictions.arff can be fetched; None when there is none, or V2 does not say."""
        return next((file.url for file in self.files if file.name == "predictions"), None)

    @property
    def evaluations(self) -> dict[str, float | str | None]:
        """The run's own value of each measure; its array text where it has no value."""
        return {
            e.name: e.array_data if e.value is None else e.value
            for e in self.evaluation_list
            if e.fold is None
        }

    @property
    def fold_evaluations(self) -> FoldEvaluations:
        """``{measure: {repeat: {fold: value}}}``, repeats and folds counted from 0."""
        result: FoldEvaluations = {}
        for e in self.evaluation_list:
            if e.fold is not None and e.sample is None:
                result.setdefault(e.name, {}).setdefault(e.repeat or 0, {})[e.fold] = e.value
        return result

    @property
    def sample_evaluations(self) -> dict[str, dict[int, dict[int, dict[int, float | None]]]]:
        """``{measure: {repeat: {fold: {sample: value}}}}`` of a learning curve."""
        result: dict[str, dict[int, dict[int, dict[int, float | None]]]] = {}
        for e in self.evaluation_list:
            if e.fold is not None and e.sample is not None:
                folds = result.setdefault(e.name, {}).setdefault(e.repeat or 0, {})
                folds.setdefault(e.fold, {})[e.sample] = e.value
        return result


@dataclass(frozen=True, slots=True)
class TraceIteration:
    """One configuration that a hyper-parameter search tried in one fold."""

    repeat: int
    fold: int
    iteration: int
    evaluation: float | None
    selected: bool
    setup_string: str

    @property
    def parameters(self) -> dict[str, str]:
        """Name to JSON text; empty when the server's text is not a JSON object."""
        import json

        try:
            loaded = json.loads(self.setup_string)
        except (ValueError, RecursionError):
            return {}
        if not isinstance(loaded, dict):
            return {}
        return {str(k): v if isinstance(v, str) else json.dumps(v) for k, v in loaded.items()}


@dataclass(frozen=True, slots=True, repr=False)
class Trace:
    """All configurations that a run's search tried, ordered by repeat, fold, iteration."""

    run_id: int
    iterations: tuple[TraceIteration, ...]
    kept_at: float | None = field(default=None, repr=False, compare=False)  # as in Run

    def frame(self, *, parameters: bool = False) -> pd.DataFrame:
        """The configurations as a DataFrame, one a row.

        Columns: repeat, fold, iteration, int64; evaluation, float64; selected, bool; setup_string,
        the configuration as JSON text. With ``parameters`` also ``parameter.NAME`` for each that
        any configuration names, its value as JSON text or None.
        """
        from runbrowser.frames import table

        rows: list[tuple[Any, ...]] = [
            (i.repeat, i.fold, i.iteration, i.evaluation, i.selected, i.setup_string)
            for i in self.iterations
        ]
        dtypes = {
            "repeat": "int64",
            "fold": "int64",
            "iteration": "int64",
            "evaluation": "float64",
            "selected": "bool",
            "setup_string": "object",
        }
        if parameters:
            values = [iteration.parameters for iteration in self.iterations]
            names = list(dict.fromkeys(name for one in values for name in one))
            dtypes |= {f"parameter.{name}": "object" for name in names}
            rows = [
                (*row, *(one.get(name) for name in names))
                for row, one in zip(rows, values, strict=True)
            ]
        return table(rows, dtypes)

    def get_selected_iteration(self, fold: int, repeat: int) -> int:
        """The number of the configuration that the search selected in a fold of a repeat.

        Raises ValueError when none is, as openml-python does.
        """
        for one in self.iterations:
            if one.selected and (one.repeat, one.fold) == (repeat, fold):
                return one.iteration
        raise ValueError(
            f"Could not find the selected iteration for repeat {repeat} and fold {fold}."
        )

    def __repr__(self) -> str:
        places = {(one.repeat, one.fold) for one in self.iterations}
        return (
            f"<Trace of run {self.run_id}: {len(self.iterations):,} configurations "
            f"in {len(places):,} folds>"
        )


class EvaluationRow(NamedTuple):
    """One line of ``evaluation/list``: the cheapest source of names and of one score."""

    run_id: int
    task_id: int | None
    setup_id: int | None
    flow_id: int | None
    flow_name: str | None
    uploader: int | None
    data_id: int | None
    data_name: str | None
    function: str
    upload_time: str | None
    value: float | None
    values: str | None  # per fold, as text: the fold numbers are lost (FIELD 3.8)
    array_data: str | None


class TaskInfo(NamedTuple):
    """What a table needs to know of a task."""

    task_id: int
    task_type_id: int | None
    dataset_id: int | None
    dataset_name: str
    evaluation_measure: str | None = None


class FlowFacts(NamedTuple):
    """What a flow's description tells beside its run: by the id of the flow and of each component.

    ``names`` are full names; ``defaults`` are parameters' values by name, as text.
    """

    names: dict[int, str]
    defaults: dict[int, dict[str, str]]


@dataclass(frozen=True, slots=True)
class RunFilter:
    """Which runs to show. The text form (:mod:`runbrowser.fields.filters`) round-trips.

    Ids are ANDed between fields, ORed within one. ``mine`` stands for the key's own uploader.
    ``states`` and ``error`` are not known to the server's list: they are looked for in its rows.
    """

    ids: tuple[int, ...] = ()
    task: tuple[int, ...] = ()
    setup: tuple[int, ...] = ()
    flow: tuple[int, ...] = ()
    uploader: tuple[int, ...] = ()
    task_type: tuple[int, ...] = ()
    study: int | None = None
    tag: str | None = None
    mine: bool = False
    state: RunState | None = None
    error: str | None = None  # a part of the error message, any case
    show_errors: bool = True

    @property
    def empty(self) -> bool:
        """Whether it lets every run through."""
        return self == RunFilter(show_errors=self.show_errors)

    @property
    def local(self) -> bool:
        """Whether part of it must be looked for in the rows, the server not knowing it."""
        return self.state is not None or self.error is not None

    @property
    def remote(self) -> RunFilter:
        """The part of it that the server can look for: all but the state and the error text."""
        return replace(self, state=None, error=None) if self.local else self


Names = Mapping[int, str]
