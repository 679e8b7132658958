"""Python that rebuilds the model of a run: executed, and its parameters compared to the run's."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runbrowser.client.calls import v1
from runbrowser.client.http import HTTPClient
from runbrowser.client.resources.runs import RunV1API
from runbrowser.demo.launch import DemoProcess
from runbrowser.errors import UsageError
from runbrowser.files.model_code import model_code, parameters_dict, parameters_json
from runbrowser.models import FlowFacts, ParameterSetting, Run, RunFilter
from tests.support.demos import start

# plain, a pipeline, columns, a search over a pipeline with distributions, one estimator in another
FLOWS = (9216, 9208, 9225, 9234, 9236, 9238)


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoProcess]:
    with start() as process:
        yield process


def _read(http: HTTPClient, flow: int) -> tuple[Run, FlowFacts]:
    (row,) = http.send(v1.list_runs(RunFilter(flow=(flow,)), 1))
    return RunV1API(http).get(row.run_id), http.send(v1.get_flow(flow))


def _made(code: str) -> Any:
    space: dict[str, Any] = {}
    exec(code, space)
    return space["model"]


@pytest.mark.parametrize("flow", FLOWS)
def test_the_model_that_the_code_makes_has_the_parameters_of_the_run(
    demo: DemoProcess, flow: int
) -> None:
    with HTTPClient(demo.v1) as http:
        run, facts = _read(http, flow)
    short = _made(model_code(run, facts.names, facts.defaults))
    whole = _made(model_code(run, facts.names, {}))
    names = {full.partition("(")[0].rpartition(".")[2]: n for n, full in facts.names.items()}
    for model in (short, whole):
        parts = [model, *model.get_params().values()]
        told = {type(part).__name__: part for part in parts if hasattr(part, "get_params")}
        checked = 0
        for setting in run.parameter_settings:
            (name,) = (one for one, number in names.items() if number == setting.component)
            found = told[name].get_params(deep=False)[setting.name]
            if "serialized_object" in setting.value or setting.value == "NaN":
                continue
            assert found == json.loads(setting.value), (name, setting)
            checked += 1
        assert checked > 5
    if flow != 9234:  # distributions are shown by their place in memory
        assert repr(short) == repr(whole)  # scikit-learn shows what is not at its default


def test_dict_and_json_hold_every_parameter_by_component(demo: DemoProcess) -> None:
    with HTTPClient(demo.v1) as http:
        run, facts = _read(http, 9208)
    as_json = json.loads(parameters_json(run, facts.names))
    assert ast.literal_eval(parameters_dict(run, facts.names)) == as_json
    assert as_json["sklearn.svm._classes.SVC"]["kernel"] in ("rbf", "poly", "linear", "sigmoid")
    assert sum(map(len, as_json.values())) == len(run.parameter_settings)
    unnamed = json.loads(parameters_json(run, {}))
    assert "#9209" in unnamed


def _run(flow: str, *settings: tuple[int, str, str]) -> Run:
    made = tuple(ParameterSetting(name, value, component) for component, name, value in settings)
    return Run(1, 2, None, 3, None, 5, flow, 6, parameter_settings=made)


@pytest.mark.parametrize(
    ("flow", "settings", "said"),
    [
        ("weka.J48(2)", ((5, "C", "0.25"),), "weka.J48 is no scikit-learn model"),
        ("mlr.classif.ranger(1)", ((5, "mtry", "3"),), "no scikit-learn model"),
        ("", ((5, "C", "1"),), "no scikit-learn model"),
        ("sklearn.svm.SVC(1)", (), "names no parameters"),
        ("sklearn.svm.SVC(1)", ((5, "C=1); import os; (", "1"),), "is no parameter"),
        ("sklearn.svm.SVC(1)", ((5, "class", "1"),), "is no parameter"),
        ("sklearn.x;os.SVC(1)", ((5, "C", "1"),), "no scikit-learn model"),
        (
            "sklearn.pipeline.Pipeline(a=os;x.Y)(1)",
            ((5, "steps", '{"oml-python:serialized_object": "component_reference",'
                          ' "value": {"key": "a", "step_name": "a"}}'),),
            "nothing that Python can import",
        ),
        (
            "sklearn.pipeline.Pipeline(a=sklearn.svm.SVC)(1)",
            ((5, "steps", '{"oml-python:serialized_object": "component_reference",'
                          ' "value": {"key": "b", "step_name": "b"}}'),),
            "has no part 'b'",
        ),
        ("sklearn.svm.SVC(1)",
         ((5, "C", '{"oml-python:serialized_object": "magic", "value": 1}'),), "not known: magic"),
        ("sklearn.svm.SVC(1)",
         ((5, "C", '{"oml-python:serialized_object": "function", "value": "os.x\\n()"}'),),
         "nothing that Python can import"),
    ],
)  # fmt: skip
def test_what_cannot_be_rebuilt_is_said(
    flow: str, settings: tuple[tuple[int, str, str], ...], said: str
) -> None:
    with pytest.raises(UsageError, match=None) as told:
        model_code(_run(flow, *settings), {}, {})
    assert said in str(told.value)


HOSTILE = ["__import__('os').system('x')", '"\\u202e\\u0007"', "'''", "\\", "{1:", "[" * 5_000,
           "float('inf')", "Infinity", "None", "(1, 2)", "'a' 'b'", "\ud800"]  # fmt: skip


@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
def test_no_value_is_more_than_a_literal(value: str, tmp_path: Path) -> None:
    code = model_code(_run("sklearn.svm._classes.SVC(1)", (5, "C", value)), {}, {})
    assert code.isascii()
    (call,) = (node.value for node in ast.parse(code).body if isinstance(node, ast.Assign))
    assert isinstance(call, ast.Call)
    (argument,) = call.keywords
    kinds = (ast.Constant, ast.List, ast.Tuple, ast.Load)
    literal = argument.value
    if isinstance(literal, ast.Call):  # float("inf")
        assert ast.unparse(literal.func) == "float"
    else:
        assert all(isinstance(node, kinds) for node in ast.walk(literal))
