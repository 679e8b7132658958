"""One run with everything that it has."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from runbrowser.errors import UsageError
from runbrowser.models.enums import RunState

if TYPE_CHECKING:
    import pandas as pd


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
    need not be.
    """

    name: str
    value: float | None = None
    array_data: str | None = None
    repeat: int | None = None
    fold: int | None = None
    sample: int | None = None


_UNTOLD_BY_V2 = frozenset({"evaluation_error", "run_details"})

FoldEvaluations = dict[str, dict[int, dict[int, float | None]]]


class RunSource(Protocol):
    """What can fetch a run's files: the API that the run was read with."""

    def predictions(self, run: Run) -> pd.DataFrame:
        """What the run predicted, row by row."""
        ...


@dataclass(frozen=True, slots=True, repr=False)
class Run:
    """One run with everything that ``run/{id}`` tells.

    ``error_message`` is what the uploader reported, ``evaluation_error`` what the evaluation
    engine reported: None when the server does not tell (not evaluated, or V2), '' when it was
    evaluated without complaint. ``kept_at`` is set when this was not asked for just now but kept
    from then (seconds since 1970). ``description_text`` is the server's whole reply, '' unless it
    was asked for. ``source`` is the API that the run was read with, which fetches its files.
    ``unread`` names what of the description could not be read, and
    ``notices`` is what the server wrote beside it, in words.
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
    source: RunSource | None = field(default=None, repr=False, compare=False)
    unread: tuple[str, ...] = field(default=(), repr=False, compare=False)
    notices: tuple[str, ...] = field(default=(), repr=False, compare=False)

    def __repr__(self) -> str:
        from runbrowser.models.shown import as_text

        return as_text(self)

    def _repr_html_(self) -> str:
        from runbrowser.models.shown import as_html

        return as_html(self)

    def predictions(self) -> pd.DataFrame:
        """What the run predicted, row by row, fetched with the API that the run was read with.

        Columns as in the file: repeat, fold, sample, row_id as Int64; other numbers, such as
        confidence.LABEL, as float64; labels as text. Raises UsageError for a run that no blocking
        API has read or that names no such file, OpenMLServerError when it cannot be fetched.
        """
        if self.source is None:
            raise UsageError(
                f"Run {self.run_id} was not read by an API that waits for replies; "
                "fetch its predictions with the predictions method of the API."
            )
        return self.source.predictions(self)

    def to_openml(self) -> Any:
        """The run as an ``openml.runs.OpenMLRun``, for code that was written for openml-python,
        which has to be installed (UsageError). It holds what was read; nothing is asked for.
        """
        from runbrowser.models.upstream import openml_run

        return openml_run(self)

    @property
    def state(self) -> RunState:
        """How the run ended; UNKNOWN where V2 tells no evaluations, since it does not tell either
        whether the evaluation failed or is still to come.
        """
        if self.error_message:
            return RunState.FAILED
        if self.evaluation_error:
            return RunState.EVALUATION_FAILED
        if self.evaluation_error is None and not any(e.fold is None for e in self.evaluation_list):
            return RunState.UNKNOWN if self.untold else RunState.NOT_EVALUATED
        return RunState.OK

    @property
    def untold(self) -> frozenset[str]:
        """The attributes that the API does not tell of any run: None there means unknown."""
        return _UNTOLD_BY_V2 if self.api == "v2" else frozenset()

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
        """The run's own value of each measure; its array text where it has no value. Of several
        values, which several engines gave, it is the first.
        """
        found: dict[str, float | str | None] = {}
        for e in self.evaluation_list:
            if e.fold is None:
                found.setdefault(e.name, e.array_data if e.value is None else e.value)
        return found

    @property
    def fold_evaluations(self) -> FoldEvaluations:
        """``{measure: {repeat: {fold: value}}}``, repeats and folds counted from 0."""
        result: FoldEvaluations = {}
        for e in self.evaluation_list:
            if e.fold is not None and e.sample is None:
                folds = result.setdefault(e.name, {}).setdefault(e.repeat or 0, {})
                folds.setdefault(e.fold, e.value)
        return result

    @property
    def sample_evaluations(self) -> dict[str, dict[int, dict[int, dict[int, float | None]]]]:
        """``{measure: {repeat: {fold: {sample: value}}}}`` of a learning curve."""
        result: dict[str, dict[int, dict[int, dict[int, float | None]]]] = {}
        for e in self.evaluation_list:
            if e.fold is not None and e.sample is not None:
                folds = result.setdefault(e.name, {}).setdefault(e.repeat or 0, {})
                folds.setdefault(e.fold, {}).setdefault(e.sample, e.value)
        return result
