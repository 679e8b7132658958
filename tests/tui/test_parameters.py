"""Hyper-parameters in the browser: taken along as Python, as a dict, as JSON."""

from __future__ import annotations

import ast
import json

import pytest

from runbrowser.demo.launch import DemoProcess
from runbrowser.fields.filters import parse

from .deeds import is_main
from .harness import browsing, note, press, until, workspace


async def test_five_keys_copy_the_best_model_of_a_task_as_python(
    demo: DemoProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TMUX", raising=False)
    async with browsing(demo.v1, parse("task:9101")) as pilot:
        await press(pilot, "L")
        await press(pilot, "enter")
        await until(pilot, lambda: is_main(pilot) and workspace(pilot).focus.run_id is not None)
        run_id = workspace(pilot).focus.run_id
        await press(pilot, "Y", "m", "enter")
        await until(pilot, lambda: "model = " in pilot.app.clipboard)
        code = pilot.app.clipboard
        assert code.startswith(f"# the model of run {run_id} (flow ")
        assert "from sklearn." in code
        compile(code, "copied", "exec")
        await until(pilot, lambda: f"model as Python of run {run_id}" in note(pilot))


async def test_parameters_of_a_run_that_was_not_read_are_read_for_it(
    demo: DemoProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TMUX", raising=False)
    async with browsing(demo.v1, parse("flow:9208"), size=(80, 24)) as pilot:
        await press(pilot, "Y", "s", "enter")
        await until(pilot, lambda: pilot.app.clipboard.startswith("{"))
        told = json.loads(pilot.app.clipboard)
        assert "kernel" in told["sklearn.svm._classes.SVC"]
        await press(pilot, "Y", "p", "p", "enter")  # the second that begins so
        await until(pilot, lambda: "as a dict" in note(pilot))
        assert ast.literal_eval(pilot.app.clipboard) == told
