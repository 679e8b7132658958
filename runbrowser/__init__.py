"""Browse the machine-learning runs on OpenML in the terminal, and read them from Python.

The public names are loaded on first use, so that ``import runbrowser`` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module

__version__ = "0.1.0"

_HOMES = {
    "runbrowser.client.cache": ("ReplyCache",),
    "runbrowser.client.connect": ("connect", "connect_async"),
    "runbrowser.client.download": ("download", "download_async"),
    "runbrowser.client.minio": ("MinIOClient",),
    "runbrowser.client.http": ("HTTPClient", "AsyncHTTPClient"),
    "runbrowser.client.resources.evaluations": ("AsyncEvaluationV1API", "EvaluationV1API"),
    "runbrowser.client.resources.fallback": ("AsyncFallbackRunAPI", "FallbackRunAPI"),
    "runbrowser.client.resources.names": ("AsyncNameV1API", "NameV1API"),
    "runbrowser.client.resources.paging": ("pages", "pages_async"),
    "runbrowser.client.resources.runs": (
        "RunV1API",
        "AsyncRunV1API",
        "RunV2API",
        "AsyncRunV2API",
    ),
    "runbrowser.client.retry": ("RetryPolicy",),
    "runbrowser.errors": (
        "AnswerError",
        "RunbrowserError",
        "UsageError",
        "OpenMLServerError",
        "OpenMLServerException",
        "OpenMLServerNoResult",
        "OpenMLNotAuthorizedError",
        "OpenMLAuthenticationError",
        "OpenMLNotSupportedError",
        "OpenMLConnectionError",
        "OpenMLHashException",
    ),
    "runbrowser.models": (
        "Evaluation",
        "EvaluationRow",
        "InputData",
        "OutputFile",
        "ParameterSetting",
        "Run",
        "RunFilter",
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
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(home), name)


def __dir__() -> list[str]:
    return __all__
