"""Estimators described as OpenML flows, named and serialised as openml-python does it."""

from __future__ import annotations

import inspect
import json
import platform
from dataclasses import dataclass
from typing import Any

import numpy
import scipy
import sklearn
from sklearn import _min_dependencies

# Of this builder's own: a client that publishes the same estimator finds no flow that it would
# have described in other words, and makes its own.
VERSION = f"runbrowser_demo==1,sklearn=={sklearn.__version__}"
# As openml-python writes it.
DEPENDENCIES = "\n".join(
    [
        f"sklearn=={sklearn.__version__}",
        f"numpy>={_min_dependencies.NUMPY_MIN_VERSION}",
        f"scipy>={_min_dependencies.SCIPY_MIN_VERSION}",
        f"joblib>={_min_dependencies.JOBLIB_MIN_VERSION}",
        f"threadpoolctl>={_min_dependencies.THREADPOOLCTL_MIN_VERSION}",
    ]
)
ENVIRONMENT = (
    f"Python_{platform.python_version()}. Sklearn_{sklearn.__version__}. "
    f"NumPy_{numpy.__version__}. SciPy_{scipy.__version__}."
)


@dataclass(frozen=True)
class Flow:
    """An estimator's class with its sub-flows.

    name: as openml-python writes it. short: the class names alone. parameters: name to
    (default, value), both JSON text. components: step name to sub-flow.
    """

    name: str
    short: str
    class_name: str
    parameters: dict[str, tuple[str | None, str]]
    components: dict[str, Flow]

    def walk(self) -> list[Flow]:
        """This flow and all below it, each name once, parents first."""
        seen: dict[str, Flow] = {self.name: self}
        for child in self.components.values():
            for flow in child.walk():
                seen.setdefault(flow.name, flow)
        return list(seen.values())


def describe(estimator: Any) -> Flow:
    """The flow of an estimator; its parameters' values are those of this very estimator."""
    cls = type(estimator)
    path = f"{cls.__module__}.{cls.__qualname__}"
    given = estimator.get_params(deep=False)
    defaults = {
        name: p.default
        for name, p in inspect.signature(cls.__init__).parameters.items()
        if name != "self" and p.kind is not p.VAR_KEYWORD
    }
    components: dict[str, Flow] = {}
    parameters: dict[str, tuple[str | None, str]] = {}
    for name in sorted(given):
        value = given[name]
        default = defaults.get(name, inspect.Parameter.empty)
        said_default = None if default is inspect.Parameter.empty else serialise(default)
        if name in ("steps", "transformers", "estimators"):
            said = []
            for step in value:
                child = step[1]
                if hasattr(child, "get_params") and not isinstance(child, type):
                    components[step[0]] = describe(child)
                    said.append(_reference(step[0], step[0], step[2] if len(step) > 2 else None))
                else:
                    said.append({"step_name": step[0], "value": repr(child)})
            parameters[name] = (said_default, json.dumps(said))
        elif hasattr(value, "get_params") and not isinstance(value, type):
            components[name] = describe(value)
            parameters[name] = (said_default, json.dumps(_reference(name, None, None)))
        else:
            parameters[name] = (said_default, serialise(value))
    inside = ",".join(f"{key}={flow.name}" for key, flow in components.items())
    inside_short = ",".join(flow.short for flow in components.values())
    return Flow(
        name=f"{path}({inside})" if components else path,
        short=f"{cls.__name__}({inside_short})" if components else cls.__name__,
        class_name=path,
        parameters=parameters,
        components=components,
    )


def setup_string(estimator: Any) -> str:
    """A readable form of a configured estimator, at most 2,048 characters."""
    said = " ".join(repr(estimator).split())
    for value in estimator.get_params().values():
        for space in value.values() if isinstance(value, dict) else ():
            if hasattr(space, "dist"):  # its own repr is an address in memory
                said = said.replace(repr(space), f"{space.dist.name}{space.args}")
    return f"{ENVIRONMENT} {said}"[:2048]


def serialise(value: Any) -> str:
    """A parameter's value as JSON text; what JSON does not know becomes an object."""
    return json.dumps(_plain(value))


def _reference(key: str, step: str | None, columns: Any) -> dict[str, Any]:
    value: dict[str, Any] = {"key": key, "step_name": step}
    if columns is not None:
        value["argument_1"] = _plain(columns)
    return {"oml-python:serialized_object": "component_reference", "value": value}


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, numpy.generic):
        return value.item()
    if isinstance(value, numpy.ndarray):
        return _plain(value.tolist())
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, slice):
        return {"oml-python:serialized_object": "slice", "value": [value.start, value.stop]}
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if hasattr(value, "dist"):
        kind = type(value.dist)
        said = {
            "dist": f"{kind.__module__}.{kind.__qualname__}",
            "a": float(value.a), "b": float(value.b),
            "args": _plain(value.args), "kwds": _plain(value.kwds),
        }  # fmt: skip
        return {"oml-python:serialized_object": "rv_frozen", "value": said}
    name = getattr(value, "__qualname__", None)
    if name is not None:
        module = (
            "np" if value.__module__ == "numpy" else value.__module__
        )  # as openml-python has it
        said_name = f"{module}.{name}"
        kind_name = "type" if isinstance(value, type) else "function"
        return {"oml-python:serialized_object": kind_name, "value": said_name}
    raise TypeError(f"no JSON form for {value!r}")
