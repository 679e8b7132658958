"""Rows of the other lists: evaluations, tasks, flows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


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
    values: str | None  # per fold, as text: the fold numbers are lost
    array_data: str | None
    evaluation_engine_id: int | None = None  # several engines may have evaluated a run


class TaskInfo(NamedTuple):
    """What a table needs to know of a task."""

    task_id: int
    task_type_id: int | None
    dataset_id: int | None
    dataset_name: str
    evaluation_measure: str | None = None


class StudyInfo(NamedTuple):
    """A study: a suite of tasks (``kind`` is "task") or a collection of runs ("run").

    ``tasks`` and ``flows`` are the ids of those that it has, or that its runs are of; a suite has
    no flows, and neither has a legacy study, whose runs have its tag.
    """

    study_id: int
    kind: str
    name: str
    tasks: tuple[int, ...]
    flows: tuple[int, ...]


class SetupParameter(NamedTuple):
    """The value of one hyper-parameter in a setup, and the flow or component that it belongs to,
    whose name is without its version.
    """

    flow_id: int | None
    flow_name: str
    name: str
    value: str


class FlowFacts(NamedTuple):
    """What a flow's description tells beside its run: by the id of the flow and of each component.

    ``names`` are full names; ``defaults`` are parameters' values by name, as text.
    """

    names: dict[int, str]
    defaults: dict[int, dict[str, str]]
    unread: tuple[str, ...] = ()


Names = Mapping[int, str]
