"""Builds the matrix of runs: asked in bulk where V1 has lists, run by run only where it has none.

Settings come from the lists of setups (1,000 a request, and for good, since setups never change),
scores from the list of evaluations, names from theirs. Values per fold stand in the runs' own
descriptions alone: the list of evaluations does not tell which fold is which.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runbrowser.client.calls import v1
from runbrowser.client.http import HTTPClient
from runbrowser.client.resources.evaluations import EvaluationV1API
from runbrowser.client.resources.names import NameV1API, in_parts
from runbrowser.client.resources.runs import RunV1API
from runbrowser.errors import UsageError
from runbrowser.fields import filters
from runbrowser.frames import table as frame_of
from runbrowser.matrices.values import column
from runbrowser.models import Run, RunFilter, RunRow, SetupParameter
from runbrowser.openml.connect import connect

if TYPE_CHECKING:
    import pandas as pd

DEFAULT_MEASURES = ("predictive_accuracy",)
"""Measures that are columns unless others are named."""

OnProgress = Callable[[str, int, int], None]
"""Told what is asked for, how much of it is there, and how much there is in all."""

_FIXED = {
    "run_id": int, "task_id": int, "task_type_id": int, "data_id": int, "data": str,
    "flow_id": int, "flow": str, "setup_id": int, "uploader": int, "upload_time": str,
    "error_message": str,
}  # fmt: skip
_OF_FOLDS = {"repeat": int, "fold": int}


@dataclass
class Matrix:
    """Columns by name, all equally long, and what each holds: bool, int, float or str; None stands
    for what a run does not have. ``missing``: what could not be had, with the ids.
    """

    columns: dict[str, list[Any]] = field(default_factory=dict)
    types: dict[str, type] = field(default_factory=dict)
    missing: dict[str, list[int]] = field(default_factory=dict)

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """The rows, in the columns' order."""
        return zip(*self.columns.values(), strict=True)

    def frame(self) -> pd.DataFrame:
        """A DataFrame with nullable columns; ``attrs["missing"]`` is :attr:`missing`."""
        dtypes = {bool: "boolean", int: "Int64", float: "Float64", str: "object"}
        found = frame_of(
            list(self.rows()), {name: dtypes[kind] for name, kind in self.types.items()}
        )
        found.attrs["missing"] = self.missing
        return found


def matrix(
    filter: RunFilter | str = "",
    *,
    measures: Sequence[str] = DEFAULT_MEASURES,
    per_fold: bool = False,
    api: RunV1API | None = None,
    on_progress: OnProgress | None = None,
) -> pd.DataFrame:
    """The runs that a filter lets through, one row each (``per_fold``: one a run, repeat and fold),
    with a typed column for each hyper-parameter (``flow.parameter``, of the component that it
    belongs to) and each measure.

    ``filter`` is a RunFilter or its text, as ``task:59``. ``api`` is that of
    ``connect(api_version="v1")`` unless given. What could not be had is in the result's
    ``attrs["missing"]``. Raises UsageError for a filter that neither the server nor a run's row
    can tell, OpenMLServerError when a list cannot be had.
    """
    asked = filters.parse(filter) if isinstance(filter, str) else filter
    if api is not None:
        return build(api, asked, measures, per_fold=per_fold, on_progress=on_progress).frame()
    made = connect(api_version="v1")
    if not isinstance(made, RunV1API):
        raise UsageError("Lists of runs are V1's alone.")
    with made:
        return build(made, asked, measures, per_fold=per_fold, on_progress=on_progress).frame()


def build(
    api: RunV1API,
    filter: RunFilter,
    measures: Sequence[str] = DEFAULT_MEASURES,
    *,
    per_fold: bool = False,
    on_progress: OnProgress | None = None,
) -> Matrix:
    """See :func:`matrix`."""
    return _Builder(api, tuple(measures), on_progress or (lambda what, done, of: None)).build(
        filter, per_fold=per_fold
    )


class _Builder:
    def __init__(self, api: RunV1API, measures: tuple[str, ...], tell: OnProgress) -> None:
        self._api = api
        self._http: HTTPClient = api.http
        self._measures = measures
        self._tell = tell
        self._missing: dict[str, list[int]] = {}

    def build(self, filter: RunFilter, *, per_fold: bool) -> Matrix:
        runs: list[RunRow] = []
        for page in self._api.pages(filter, page_size=v1.MAX_LIMIT):
            runs += page
            self._tell("runs", len(runs), 0)
        runs.sort(key=lambda row: row.run_id)
        setups = self._setups(runs)
        lines = self._folds(runs) if per_fold else self._wholes(runs)
        rows = [row for row, _, _ in lines]
        found = Matrix(missing=self._missing)
        self._put_fixed(found, rows)
        if per_fold:
            for at, name in enumerate(_OF_FOLDS):
                _put(found, name, int, [place[at] for _, place, _ in lines])
        self._put_settings(found, rows, setups)
        for measure in self._measures:
            _put(found, measure, float, [scores.get(measure) for _, _, scores in lines])
        return found

    # -- what is asked for ---------------------------------------------------------------------

    def _setups(self, runs: Sequence[RunRow]) -> dict[int, tuple[SetupParameter, ...]]:
        wanted = sorted({row.setup_id for row in runs if row.setup_id is not None})
        found: dict[int, tuple[SetupParameter, ...]] = {}
        for long_part in in_parts(wanted, v1.MAX_PATH - len("setup/list/setup/")):
            for start in range(0, len(long_part), v1.MOST_SETUPS):
                part = long_part[start : start + v1.MOST_SETUPS]
                some: dict[int, tuple[SetupParameter, ...]] = self._http.send(v1.list_setups(part))
                found |= some
                self._tell("setups", len(found), len(wanted))
        self._note("setups", (setup for setup in wanted if setup not in found))
        return found

    def _wholes(self, runs: Sequence[RunRow]) -> list[_Line]:
        ids = [row.run_id for row in runs]
        by_run: dict[int, dict[str, float]] = {run_id: {} for run_id in ids}
        evaluations = EvaluationV1API(self._http)
        for number, measure in enumerate(self._measures):
            for run_id, row in evaluations.scores(measure, ids).items():
                if row.value is not None and run_id in by_run:
                    by_run[run_id][measure] = row.value
            self._tell("measures", number + 1, len(self._measures))
        return [(row, (None, None), by_run[row.run_id]) for row in runs]

    def _folds(self, runs: Sequence[RunRow]) -> list[_Line]:
        """From the descriptions, which the cache keeps: an interrupted matrix goes on with them."""
        lines: list[_Line] = []
        unread: list[int] = []
        by_id = {row.run_id: row for row in runs}
        given = self._api.get_many(
            list(by_id),
            progress=lambda done, of: self._tell("descriptions", done, of),
            on_error=lambda run_id, error: unread.append(run_id),
        )
        for run in given:
            places = _by_fold(run, self._measures)
            lines += [
                (by_id[run.run_id], place, scores) for place, scores in sorted(places.items())
            ]
        self._note("descriptions", unread)
        return lines

    def _note(self, what: str, ids: Iterable[int]) -> None:
        found = sorted(ids)
        if found:
            self._missing[what] = found

    # -- columns -------------------------------------------------------------------------------

    def _put_fixed(self, found: Matrix, rows: Sequence[RunRow]) -> None:
        names = NameV1API(self._http)
        tasks = names.tasks({row.task_id for row in rows if row.task_id is not None})
        flows = names.flows({row.flow_id for row in rows if row.flow_id is not None})
        self._tell("names", len(tasks) + len(flows), len(tasks) + len(flows))
        for name, kind in _FIXED.items():
            if name in RunRow._fields:
                values = [getattr(row, name) for row in rows]
            elif name == "flow":
                values = [flows.get(row.flow_id or 0) for row in rows]
            else:
                infos = (tasks.get(row.task_id or 0) for row in rows)
                told = "dataset_id" if name == "data_id" else "dataset_name"
                values = [None if info is None else getattr(info, told) for info in infos]
            _put(found, name, kind, values)

    def _put_settings(
        self,
        found: Matrix,
        rows: Sequence[RunRow],
        setups: Mapping[int, tuple[SetupParameter, ...]],
    ) -> None:
        types, values = setting_columns(setups)
        none = (None,) * len(types)
        of_rows = [values.get(row.setup_id or 0, none) for row in rows]
        for place, (name, kind) in enumerate(types.items()):
            _put(found, name, kind, [settings[place] for settings in of_rows])


_Line = tuple[RunRow, tuple[int | None, int | None], Mapping[str, float]]


def _put(found: Matrix, name: str, kind: type, values: list[Any]) -> None:
    found.columns[name] = values
    found.types[name] = kind


def setting_columns(
    setups: Mapping[int, tuple[SetupParameter, ...]],
) -> tuple[dict[str, type], dict[int, tuple[Any, ...]]]:
    """A typed column for each hyper-parameter of some setups, in the order of their names, and the
    values of each setup in that order.
    """
    named = {setup: named_settings(parameters) for setup, parameters in setups.items()}
    known = sorted({name for values in named.values() for name in values})
    typed = [column([values.get(name) for values in named.values()]) for name in known]
    types = {name: kind for name, (kind, _) in zip(known, typed, strict=True)}
    rows = zip(*(values for _, values in typed), strict=True) if typed else ([()] * len(named))
    return types, dict(zip(named, rows, strict=True))


def named_settings(parameters: Iterable[SetupParameter]) -> dict[str, str]:
    """The values of a setup by column. Components of one name are told apart by their ids."""
    found: dict[str, str] = {}
    for one in parameters:
        name = f"{one.flow_name}.{one.name}"
        if name in found or name in _FIXED:
            name = f"{one.flow_name}({one.flow_id}).{one.name}"
        found[name] = one.value
    return found


def _by_fold(
    run: Run, measures: Sequence[str]
) -> dict[tuple[int | None, int | None], dict[str, float]]:
    """The values of a run by repeat and fold; a run without any has one line without values."""
    found: dict[tuple[int | None, int | None], dict[str, float]] = {}
    for one in run.evaluation_list:
        if one.fold is None or one.sample is not None or one.name not in measures:
            continue
        if isinstance(one.value, (int, float)):
            found.setdefault((one.repeat or 0, one.fold), {})[one.name] = float(one.value)
    return found or {(None, None): {}}


def said_of(missing: Mapping[str, Sequence[int]]) -> list[str]:
    """What is missing, in words."""
    few = 5
    sentences = []
    for what, ids in missing.items():
        some = ", ".join(map(str, ids[:few]))
        more = f" and {len(ids) - few:,} more" if len(ids) > few else ""
        sentences.append(f"{len(ids):,} {what} could not be had: {some}{more}")
    return sentences
