"""DataFrames are what people expect: the same kind everywhere, and no operation stumbles."""

from __future__ import annotations

import io
import sqlite3
from contextlib import closing
from typing import Any

import numpy as np
import pandas as pd
import pytest

import runbrowser
from runbrowser.client.resources.evaluations import AsyncEvaluationV1API, EvaluationV1API
from runbrowser.frames import table
from runbrowser.models import EvaluationRow, RunPage, RunRow, TaskType, Trace, TraceIteration

from .pages import page_of, run_row
from .servers import Blocking, Reply, serving
from .test_http import recording
from .test_resources import COLUMNS, Connect, of_v1

DTYPES = {
    "run_id": "int64",
    "task_id": "Int64",
    "setup_id": "Int64",
    "flow_id": "Int64",
    "uploader": "Int64",
    "task_type": "object",
    "upload_time": "object",
    "error_message": "object",
}
PAGES = {
    "ordinary": [run_row(3), run_row(1, error="boom"), run_row(2)],
    "nothing known": [RunRow(7, *[None] * 8)],
    "another type": [run_row(4)._replace(task_type_id=99), run_row(5)],
    "empty": [],
}


def page(rows: list[RunRow]) -> RunPage:
    columns = list(map(list, zip(*rows, strict=True))) if rows else [[] for _ in range(9)]
    return RunPage(columns)


@pytest.mark.parametrize("rows", PAGES.values(), ids=PAGES)
def test_every_page_has_the_same_columns_and_dtypes(rows: list[RunRow]) -> None:
    frame = page(rows).frame()
    assert {name: str(dtype) for name, dtype in frame.dtypes.items()} == DTYPES
    assert frame.index.name is None
    assert frame.index.dtype == "int64"
    assert frame.index.tolist() == frame["run_id"].tolist() == [row.run_id for row in rows]


def test_list_list_all_and_pages_agree(connect: Connect) -> None:
    rows = [run_row(number, error="boom" if number % 3 else None) for number in range(1, 51)]
    with serving(lambda request: Reply(body=page_of(rows))) as server:
        driver = connect(server.base)
        api = of_v1(driver)
        listed = driver.run(api.list(100, 0))
        told: list[int] = []
        everything = driver.run(
            api.list_all(task=59, display_errors=True, progress=lambda walk: told.append(walk.runs))
        )
    pd.testing.assert_frame_equal(listed, everything)
    assert told == [50]
    assert everything.dtypes.equals(page([]).frame().dtypes)


def test_people_do_with_a_frame_what_people_do() -> None:
    frame = page(PAGES["ordinary"]).frame()
    other = page(PAGES["nothing known"]).frame()
    assert frame.sort_values("run_id")["run_id"].tolist() == [1, 2, 3]
    assert frame.sort_index().equals(frame.sort_values("run_id"))
    assert frame.groupby("run_id").size().tolist() == [1, 1, 1]
    assert frame.groupby(["task_id", "task_type"]).size().tolist() == [3]
    merged = frame.merge(pd.DataFrame({"run_id": [1, 3], "score": [0.5, 0.7]}), on="run_id")
    assert dict(zip(merged["run_id"], merged["score"], strict=True)) == {1: 0.5, 3: 0.7}
    assert list(frame.reset_index(drop=True).columns) == COLUMNS
    assert list(frame.reset_index().columns) == ["index", *COLUMNS]
    assert frame.set_index("run_id").index.name == "run_id"
    assert frame.drop_duplicates("error_message")["run_id"].tolist() == [3, 1]
    assert frame.query("error_message != '' and run_id < 3")["run_id"].tolist() == [1]
    assert (
        frame.pivot_table(index="task_id", values="run_id", aggfunc="count").loc[59, "run_id"] == 3
    )
    assert frame[frame["task_type"] == 1].shape == frame.shape
    assert frame.loc[1, "error_message"] == "boom"
    frame.loc[1, "note"] = "seen"
    together = pd.concat([frame.drop(columns="note"), other, page([]).frame()])
    assert {name: str(dtype) for name, dtype in together.dtypes.items()} == DTYPES
    assert together["uploader"].isna().tolist() == [False, False, False, True]
    assert together.describe(include="all").loc["count", "run_id"] == 4


def test_a_frame_goes_into_a_database_and_a_file_and_back() -> None:
    frame = pd.concat([page(rows).frame() for rows in PAGES.values()])
    with closing(sqlite3.connect(":memory:")) as connection:
        frame.to_sql("runs", connection, index=False)
        frame.to_sql("labelled", connection)
        rows = connection.execute("SELECT run_id, task_id, task_type FROM runs").fetchall()
        back = pd.read_sql("SELECT * FROM runs ORDER BY run_id", connection)
    assert rows[:2] == [(3, 59, 1), (1, 59, 1)]
    assert rows[3] == (7, None, None)
    assert back["error_message"].tolist()[:2] == ["boom", ""]
    text = frame.to_csv(index=False)
    assert text.splitlines()[0] == ",".join(COLUMNS)
    assert text.splitlines()[2] == "1,59,37,668,2,1,2020-02-19 10:18:00,boom"
    back = pd.read_csv(io.StringIO(text), keep_default_na=False, na_values={"task_id": [""]})
    assert back["run_id"].tolist() == frame["run_id"].tolist()
    for name in ("to_parquet", "to_pickle"):
        stored = io.BytesIO()
        getattr(frame.drop(columns="task_type"), name)(stored)
        stored.seek(0)
        read = getattr(pd, name.replace("to_", "read_"))(stored)
        assert read["run_id"].tolist() == frame["run_id"].tolist()
    assert '"run_id":3' in frame.reset_index(drop=True).to_json(orient="records")


def test_bytes_that_are_no_utf_8_can_be_stored() -> None:
    broken = b"caf\xe9 \xed\xa0\x80".decode("utf-8", "surrogateescape")
    frame = page([run_row(1, error=broken), run_row(2, error="caf\u00e9")]).frame()
    assert frame["error_message"].tolist() == ["caf\ufffd \ufffd\ufffd\ufffd", "caf\u00e9"]
    assert frame.to_csv().encode()


def test_a_million_rows_are_held_as_numbers_and_equal_texts_once() -> None:
    from runbrowser.frames import RunRows

    rows = RunRows()
    for start in range(0, 20_000, 10_000):
        texts = [f"error {number % 7}" for number in range(10_000)]
        rows.add(page([run_row(start + n, error=texts[n]) for n in range(10_000)]).named_columns())
    frame = rows.frame()
    assert len({id(text) for text in frame["error_message"]}) == 7
    assert frame["task_id"].array._data.dtype == np.int64  # type: ignore[attr-defined]


def test_evaluations_have_the_same_dtypes_on_every_page(connect: Connect) -> None:
    def handler(request: Any) -> Reply:
        return recording("eval_pa_runs" if "predictive" in request.path else "eval_no_such_measure")

    full = [EvaluationRow(1, 2, 3, 4, "f", 5, 6, "iris", "kappa", "2020", 0.5, None, None)]
    bare = [EvaluationRow(1, *[None] * 7, "kappa", *[None] * 4)]  # type: ignore[arg-type]
    from runbrowser.client.resources.evaluations import _frame

    kinds = [_frame(rows).dtypes.astype(str).to_dict() for rows in (full, bare, [])]
    assert kinds[0] == kinds[1] == kinds[2]
    assert {kinds[0][name] for name in ("run_id", "task_id", "data_id")} == {"Int64"}
    assert kinds[0]["flow_name"] == "object"
    with serving(handler) as server:
        driver = connect(server.base)
        api: Any = (EvaluationV1API if isinstance(driver, Blocking) else AsyncEvaluationV1API)(
            driver.client  # type: ignore[arg-type]
        )
        found = driver.run(api.list("predictive_accuracy", 10, ids=[900018]))
        assert driver.run(api.list("predictive_accuracy", 10, ids=[])).empty
    assert found.dtypes.astype(str).to_dict() == kinds[0]
    assert list(found.columns) == list(EvaluationRow._fields)
    assert len(server.requests) == 1


def test_a_trace_is_a_frame() -> None:
    trace = Trace(
        9,
        (
            TraceIteration(0, 0, 0, 0.5, False, '{"C": "1.0", "kernel": "rbf"}'),
            TraceIteration(0, 0, 1, None, True, '{"C": "2.0"}'),
        ),
    )
    frame = trace.frame()
    assert frame.dtypes.astype(str).to_dict() == {
        "repeat": "int64",
        "fold": "int64",
        "iteration": "int64",
        "evaluation": "float64",
        "selected": "bool",
        "setup_string": "object",
    }
    assert Trace(9, ()).frame().dtypes.equals(frame.dtypes)
    wide = trace.frame(parameters=True)
    assert wide["parameter.C"].tolist() == ["1.0", "2.0"]
    assert wide["parameter.kernel"].tolist() == ["rbf", None]
    assert trace.get_selected_iteration(0, 0) == 1
    with pytest.raises(ValueError, match="selected iteration"):
        trace.get_selected_iteration(1, 0)
    assert table([], {"a": "int64"}).empty


def test_task_types_compare_as_upstreams_numbers() -> None:
    frame = page(PAGES["another type"]).frame()
    assert frame["task_type"].tolist() == [99, TaskType.SUPERVISED_CLASSIFICATION]
    assert runbrowser.RunPage is RunPage
