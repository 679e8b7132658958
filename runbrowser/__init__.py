"""Browse the machine-learning runs on OpenML in the terminal, and read them from Python.

The public names are loaded on first use, so that ``import runbrowser`` costs next to nothing; type
checkers and editors see them all the same.
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False  # as typing's, whose import would cost more than all the rest here
if TYPE_CHECKING:  # what __getattr__ gives, for type checkers and editors
    from runbrowser.client.cache import ReplyCache as ReplyCache
    from runbrowser.openml.connect import connect as connect, connect_async as connect_async
    from runbrowser.client.download import download as download, download_async as download_async
    from runbrowser.client.http import AsyncHTTPClient as AsyncHTTPClient, HTTPClient as HTTPClient
    from runbrowser.client.minio import MinIOClient as MinIOClient
    from runbrowser.client.resources.evaluations import (
        AsyncEvaluationV1API as AsyncEvaluationV1API,
        EvaluationV1API as EvaluationV1API,
    )
    from runbrowser.client.resources.fallback import (
        AsyncFallbackRunAPI as AsyncFallbackRunAPI,
        FallbackRunAPI as FallbackRunAPI,
    )
    from runbrowser.client.resources.names import (
        AsyncNameV1API as AsyncNameV1API,
        NameV1API as NameV1API,
    )
    from runbrowser.client.resources.runs import (
        AsyncRunV1API as AsyncRunV1API,
        AsyncRunV2API as AsyncRunV2API,
        RunV1API as RunV1API,
        RunV2API as RunV2API,
    )
    from runbrowser.client.retry import RetryPolicy as RetryPolicy
    from runbrowser.errors import (
        AnswerError as AnswerError,
        ExitCode as ExitCode,
        OpenMLAuthenticationError as OpenMLAuthenticationError,
        OpenMLConnectionError as OpenMLConnectionError,
        OpenMLHashException as OpenMLHashException,
        OpenMLNotAuthorizedError as OpenMLNotAuthorizedError,
        OpenMLNotSupportedError as OpenMLNotSupportedError,
        OpenMLServerError as OpenMLServerError,
        OpenMLServerException as OpenMLServerException,
        OpenMLServerNoResult as OpenMLServerNoResult,
        PyOpenMLError as PyOpenMLError,
        RunbrowserError as RunbrowserError,
        UsageError as UsageError,
        UsageTypeError as UsageTypeError,
    )
    from runbrowser.matrices.table import matrix as matrix
    from runbrowser.models import (
        APIVersion as APIVersion,
        Evaluation as Evaluation,
        EvaluationRow as EvaluationRow,
        InputData as InputData,
        OutputFile as OutputFile,
        ParameterSetting as ParameterSetting,
        ResourceType as ResourceType,
        Run as Run,
        RunFilter as RunFilter,
        RunPage as RunPage,
        RunRow as RunRow,
        RunState as RunState,
        TaskInfo as TaskInfo,
        TaskType as TaskType,
        Trace as Trace,
        TraceIteration as TraceIteration,
    )
    from runbrowser.triage.prediction_frame import prediction_frame as prediction_frame

__version__ = "0.1.0"

_HOMES = {
    "runbrowser.client.cache": ("ReplyCache",),
    "runbrowser.openml.connect": ("connect", "connect_async"),
    "runbrowser.client.download": ("download", "download_async"),
    "runbrowser.client.minio": ("MinIOClient",),
    "runbrowser.client.http": ("HTTPClient", "AsyncHTTPClient"),
    "runbrowser.client.resources.evaluations": ("AsyncEvaluationV1API", "EvaluationV1API"),
    "runbrowser.client.resources.fallback": ("AsyncFallbackRunAPI", "FallbackRunAPI"),
    "runbrowser.client.resources.names": ("AsyncNameV1API", "NameV1API"),
    "runbrowser.client.resources.runs": (
        "RunV1API",
        "AsyncRunV1API",
        "RunV2API",
        "AsyncRunV2API",
    ),
    "runbrowser.client.retry": ("RetryPolicy",),
    "runbrowser.errors": (
        "AnswerError",
        "ExitCode",
        "PyOpenMLError",
        "RunbrowserError",
        "UsageError",
        "UsageTypeError",
        "OpenMLServerError",
        "OpenMLServerException",
        "OpenMLServerNoResult",
        "OpenMLNotAuthorizedError",
        "OpenMLAuthenticationError",
        "OpenMLNotSupportedError",
        "OpenMLConnectionError",
        "OpenMLHashException",
    ),
    "runbrowser.matrices.table": ("matrix",),
    "runbrowser.triage.prediction_frame": ("prediction_frame",),
    "runbrowser.models": (
        "APIVersion",
        "Evaluation",
        "EvaluationRow",
        "InputData",
        "OutputFile",
        "ParameterSetting",
        "Run",
        "RunFilter",
        "ResourceType",
        "RunPage",
        "RunRow",
        "RunState",
        "TaskInfo",
        "TaskType",
        "Trace",
        "TraceIteration",
    ),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}
__all__ = ["__version__", *sorted(_HOME_OF)]


def __getattr__(name: str) -> object:
    """A public name, from its home."""
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(home), name)


def __dir__() -> list[str]:
    return __all__
