"""Every value of the matrix is the one that ``get`` tells of the run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import runbrowser
from runbrowser import HTTPClient, ReplyCache, RunV1API
from runbrowser.demo.launch import DemoProcess
from runbrowser.errors import UsageError
from runbrowser.fields.filters import parse
from runbrowser.matrices.table import Matrix, build
from runbrowser.matrices.values import literal
from runbrowser.models import Run

MEASURES = ("predictive_accuracy", "kappa", "no_such_measure")


@pytest.fixture(scope="module")
def api(demo: DemoProcess, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunV1API]:
    cache = ReplyCache(tmp_path_factory.mktemp("cache"))
    with RunV1API(HTTPClient(demo.v1, demo.api_key, cache=cache)) as found:
        yield found


@pytest.fixture(scope="module")
def every(api: RunV1API) -> Matrix:
    return build(api, parse(""), MEASURES)


def _same(kind: type, value: Any, text: str) -> bool:
    wanted = literal(text)
    if kind is str:
        return bool(value == (wanted if isinstance(wanted, str) or wanted is None else text))
    return bool(value == wanted) or (value != value and wanted != wanted)


def _check(row: dict[str, Any], run: Run, types: dict[str, type]) -> None:
    assert row["task_id"] == run.task_id and row["flow_id"] == run.flow_id
    assert row["flow"] == run.flow_name and row["setup_id"] == run.setup_id
    assert row["uploader"] == run.uploader and row["error_message"] == run.error_message
    if run.input_data:
        assert (row["data_id"], row["data"]) == (
            run.input_data[0].dataset_id,
            run.input_data[0].name,
        )
    settings = {name: value for name, value in row.items() if "." in name and value is not None}
    told = [one for one in run.parameter_settings if literal(one.value) is not None]
    assert len(settings) == len(told)
    for one in told:
        fitting = [
            name
            for name, value in settings.items()
            if name.endswith(f".{one.name}") and _same(types[name], value, one.value)
        ]
        assert fitting, one
    for measure in MEASURES:
        assert row[measure] == run.evaluations.get(measure), (run.run_id, measure)


def test_every_value_is_that_of_get(api: RunV1API, every: Matrix) -> None:
    rows = [dict(zip(every.columns, row, strict=True)) for row in every.rows()]
    ids = [row["run_id"] for row in rows]
    assert len(ids) == len(set(ids)) > 3_000 and ids == sorted(ids)
    some = rows[::9]
    runs = api.get_many([row["run_id"] for row in some])
    for row, run in zip(some, runs, strict=True):
        _check(row, run, every.types)


def test_columns_have_types_that_a_program_can_use(every: Matrix) -> None:
    frame = every.frame()
    assert frame.attrs["missing"] == {}
    assert str(frame["run_id"].dtype) == "Int64" and str(frame["kappa"].dtype) == "Float64"
    assert frame["no_such_measure"].isna().all()
    kinds = {str(kind) for name, kind in frame.dtypes.items() if "." in str(name)}
    assert {"Int64", "Float64", "boolean"} <= kinds
    for name, values in every.columns.items():
        assert all(value is None or type(value) is every.types[name] for value in values), name


def test_it_asks_in_bulk(demo: DemoProcess) -> None:
    sent = []
    with HTTPClient(demo.v1) as http:
        plain = http.send

        def send(call: Any) -> Any:
            sent.append(call.path)
            return plain(call)

        http.send = send  # type: ignore[method-assign]
        found = build(RunV1API(http), parse("task:9101"), ("predictive_accuracy",))
    runs = len(found.columns["run_id"])
    assert runs > 400
    assert len(sent) <= 8, sent


def test_a_row_a_fold_has_the_values_of_the_description(api: RunV1API) -> None:
    filter = parse("task:9102 flow:" + str(api.pages(parse("task:9102")).__next__()[0].flow_id))
    found = build(api, filter, ("predictive_accuracy", "kappa"), per_fold=True)
    rows = [dict(zip(found.columns, row, strict=True)) for row in found.rows()]
    runs = {run.run_id: run for run in api.get_many({row["run_id"] for row in rows})}
    assert len(rows) > len(runs)
    for run_id, run in runs.items():
        for measure in ("predictive_accuracy", "kappa"):
            told = {
                (one.repeat or 0, one.fold): one.value
                for one in run.evaluation_list
                if one.name == measure and one.fold is not None and one.sample is None
            }
            mine = {
                (row["repeat"], row["fold"]): row[measure]
                for row in rows
                if row["run_id"] == run_id and row[measure] is not None
            }
            assert mine == told


def test_what_cannot_be_had_is_told(demo: DemoProcess) -> None:
    lost: list[int] = []
    with HTTPClient(demo.v1) as http:
        plain = http.send

        def send(call: Any) -> Any:
            answer = plain(call)
            if call.path.startswith("setup/list") and len(answer) > 1:
                lost.append(min(answer))
                del answer[lost[-1]]
            return answer

        http.send = send  # type: ignore[method-assign]
        found = build(RunV1API(http), parse("task:9101"))
    assert lost and found.missing == {"setups": sorted(lost)}


def test_the_library_gives_a_frame(api: RunV1API) -> None:
    frame = runbrowser.matrix("task:9101 state:failed", api=api)
    assert len(frame) and frame["error_message"].notna().all()
    assert (frame["task_id"] == 9101).all()
    with pytest.raises(UsageError, match="stands in no list"):
        runbrowser.matrix("state:ok", api=api)
    assert len(runbrowser.matrix("task:1", api=api)) == 0


def test_a_regressor_can_be_fitted_on_it(every: Matrix) -> None:
    frame = every.frame()
    known = frame[frame["predictive_accuracy"].notna()]
    numbers = [name for name, kind in every.types.items() if kind in (int, float, bool)]
    table = known[[name for name in numbers if "." in name]].astype("Float64").fillna(-1)
    assert table.shape[0] > 1_000 and table.shape[1] > 10
    assert table.to_numpy(dtype=float).shape == table.shape
