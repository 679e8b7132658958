"""The enumerations: API versions, kinds of task, states of a run."""

from __future__ import annotations

from enum import Enum, IntEnum, StrEnum


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
