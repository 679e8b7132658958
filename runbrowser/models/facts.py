"""What is known of runs and names beside the rows of a list."""

from __future__ import annotations

from dataclasses import dataclass

from runbrowser.models.enums import RunState
from runbrowser.models.tables import TaskInfo


@dataclass(frozen=True, slots=True)
class Facts:
    """What more is known of a run than its row tells."""

    state: RunState
    measure: str | None = None  # the evaluation measure of ``score``
    score: float | None = None
    engine: int | None = None  # the number of the evaluation engine whose score it is


class NameBook:
    """Names of flows, tasks and uploaders by id, learned as they are met and kept.

    ``classes`` are the class labels of a task in the data set's order, known once a file of
    predictions on it was read. ``defaults`` are the parameters' defaults of a flow or component,
    as text, known once the flow's description was read.
    """

    def __init__(self) -> None:
        self.flows: dict[int, str] = {}
        self.tasks: dict[int, TaskInfo] = {}
        self.users: dict[int, str] = {}
        self.classes: dict[int, tuple[str, ...]] = {}
        self.defaults: dict[int, dict[str, str]] = {}
