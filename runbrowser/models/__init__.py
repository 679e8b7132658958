"""What OpenML's servers tell about runs, as plain values.

Names are the field's and, where openml-python has an attribute, that attribute's. Nothing here
does I/O or imports anything heavy: a page of rows is columns of plain values, and pandas is loaded
only when a DataFrame is asked for.
"""

from __future__ import annotations

from runbrowser.models.containers import Rows, Table
from runbrowser.models.enums import APIVersion, ResourceType, RunState, TaskType
from runbrowser.models.facts import Facts, NameBook
from runbrowser.models.rows import RunPage, RunRow
from runbrowser.models.run import (
    Evaluation,
    FoldEvaluations,
    InputData,
    OutputFile,
    ParameterSetting,
    Run,
    RunSource,
)
from runbrowser.models.run_filter import Condition, RunFilter
from runbrowser.models.tables import (
    EvaluationRow,
    FlowFacts,
    Names,
    SetupParameter,
    StudyInfo,
    TaskInfo,
)
from runbrowser.models.trace import Trace, TraceIteration

__all__ = [
    "APIVersion",
    "Condition",
    "Evaluation",
    "EvaluationRow",
    "Facts",
    "FlowFacts",
    "FoldEvaluations",
    "InputData",
    "NameBook",
    "Names",
    "OutputFile",
    "ParameterSetting",
    "ResourceType",
    "Rows",
    "Run",
    "RunFilter",
    "RunPage",
    "RunRow",
    "RunSource",
    "RunState",
    "SetupParameter",
    "StudyInfo",
    "Table",
    "TaskInfo",
    "TaskType",
    "Trace",
    "TraceIteration",
]
