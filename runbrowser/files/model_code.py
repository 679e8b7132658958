"""Parameters of a run to work on with: as a dict, as JSON, or as Python that rebuilds the model.

openml-python writes values as JSON, and what JSON lacks as an object with the key
``oml-python:serialized_object`` (its scikit-learn extension). Code is made of nothing but literals
and dotted names, whatever a description holds.
"""

from __future__ import annotations

import ast
import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from keyword import iskeyword
from typing import Any

from runbrowser.errors import UsageError
from runbrowser.models import ParameterSetting, Run
from runbrowser.text import display
from runbrowser.triage.flow_names import components, without_version

__all__ = ["model_code", "parameters_dict", "parameters_json"]

_SERIALIZED = "oml-python:serialized_object"
_PACKAGES = frozenset({"sklearn", "imblearn", "xgboost", "lightgbm", "catboost"})
_DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+", re.ASCII)
_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_WIDE = 88
_DEEPEST = 20


def _value(text: str) -> Any:
    """A parameter's value: JSON as openml-python writes it, else a Python literal, else text."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        return text


def _by_component(run: Run) -> dict[int | None, dict[str, Any]]:
    found: dict[int | None, dict[str, Any]] = {}
    for setting in run.parameter_settings:
        found.setdefault(setting.component, {})[setting.name] = _value(setting.value)
    return found


def _labelled(run: Run, flow_names: Mapping[int, str]) -> dict[str, dict[str, Any]]:
    """The parameters by the full name of the flow or component, by ``#id`` where it has none."""
    named: dict[str, dict[str, Any]] = {}
    for component, values in _by_component(run).items():
        name = flow_names.get(component or 0) or (
            run.flow_name if component == run.flow_id else None
        )
        label = without_version(name) if name else f"#{component}"
        named.setdefault(label, {}).update(values)
    return named


def parameters_json(run: Run, flow_names: Mapping[int, str]) -> str:
    """The parameters as JSON: by flow or component, then by name."""
    return json.dumps(_labelled(run, flow_names), indent=1, ensure_ascii=True)


def parameters_dict(run: Run, flow_names: Mapping[int, str]) -> str:
    """The parameters as a Python literal, as :func:`parameters_json` has them."""
    writer = _Writer({}, {}, {}, plain=True)
    return writer.literal(_labelled(run, flow_names), 0)


def model_code(
    run: Run, flow_names: Mapping[int, str], defaults: Mapping[int, Mapping[str, str]]
) -> str:
    """Python that makes the model of a run: imports and a constructor with the parameters that are
    not at their flow's default, with all of them where defaults are not known.

    flow_names: full names of the flow and its components by id. defaults: parameters' defaults by
    flow or component, as text. Raises UsageError when the flow is not of a Python package whose
    models openml-python describes, or its description cannot be followed.
    """
    name = without_version(run.flow_name or flow_names.get(run.flow_id or 0) or "")
    outer = components(name)[0]
    if not _DOTTED.fullmatch(outer) or outer.partition(".")[0] not in _PACKAGES:
        raise UsageError(
            f"{display(outer, 60) or 'This flow'} is no scikit-learn model that Python can "
            "rebuild; its parameters can be copied as a dict or as JSON."
        )
    if not run.parameter_settings:
        raise UsageError(f"Run {run.run_id} names no parameters to rebuild its model from.")
    ids = {without_version(full): flow for flow, full in flow_names.items()}
    ids[name] = run.flow_id or 0
    settings: dict[int, list[ParameterSetting]] = {}
    for setting in run.parameter_settings:
        settings.setdefault(setting.component or run.flow_id or 0, []).append(setting)
    writer = _Writer(ids, settings, defaults)
    made = writer.model(name, 0)
    flow = f"flow {run.flow_id}" if run.flow_id is not None else "its flow"
    lines = [f"# the model of run {run.run_id} ({flow} of OpenML)", *writer.imports()]
    return "\n".join([*lines, "", f"model = {made}"]) + "\n"


@dataclass
class _Writer:
    """Writes values as Python, and notes what has to be imported for them."""

    ids: Mapping[str, int]
    settings: Mapping[int, list[ParameterSetting]]
    defaults: Mapping[int, Mapping[str, str]]
    taken: dict[str, str] = field(default_factory=dict)  # names in the code, with their modules
    plain: bool = False  # objects of openml-python stay the dicts that they are written as

    def imports(self) -> Iterator[str]:
        """The lines of imports."""
        for name, dotted in sorted(self.taken.items(), key=lambda item: item[1]):
            if name == "np":
                yield "import numpy as np"
                continue
            module, _, original = dotted.rpartition(".")
            alias = "" if original == name else f" as {name}"
            yield f"from {module} import {original}{alias}"

    def _imported(self, dotted: str) -> str:
        """The name under which something is imported from its public module."""
        if not _DOTTED.fullmatch(dotted):
            raise UsageError(f"{display(dotted, 60)} is nothing that Python can import.")
        public = _public(dotted)
        name = original = public.rpartition(".")[2]
        number = 1
        while self.taken.setdefault(name, public) != public:
            number += 1
            name = f"{original}{number}"
        return name

    def model(self, full_name: str, depth: int) -> str:
        """The constructor of a flow or component, by its full name."""
        if depth > _DEEPEST:
            raise UsageError("The flow's parts stand in each other too deeply.")
        outer, parts = components(full_name)
        name = self._imported(outer)
        flow = self.ids.get(full_name)
        left = self.defaults.get(flow or 0, {})
        arguments = []
        for setting in self.settings.get(flow or 0, ()):
            if not _NAME.fullmatch(setting.name) or iskeyword(setting.name):
                raise UsageError(f"{display(setting.name, 40)} is no parameter of a Python model.")
            value = _value(setting.value)
            at_default = setting.name in left and _same(value, _value(left[setting.name]))
            if at_default and not _refers(value):
                continue
            arguments.append((setting.name, self.literal(value, depth + 1, parts)))
        return _call(name, arguments, depth)

    def literal(self, value: Any, depth: int, parts: Mapping[str, str] | None = None) -> str:
        """A value as Python: of JSON's kinds, and what openml-python writes beside them."""
        if depth > 4 * _DEEPEST:
            raise UsageError("A parameter's value is nested too deeply.")
        if isinstance(value, float) and not math.isfinite(value):
            return f'float("{value}")'
        if isinstance(value, dict):
            if _SERIALIZED in value and not self.plain:
                return self._serialized(value, depth, parts or {})
            items = [
                f"{key!r}: {self.literal(one, depth + 1, parts)}" for key, one in value.items()
            ]
            return _wrapped("{", items, "}", depth)
        if isinstance(value, (list, tuple)):
            items = [self.literal(one, depth + 1, parts) for one in value]
            return _wrapped("[", items, "]", depth)
        return ascii(value)

    def _serialized(self, value: Mapping[str, Any], depth: int, parts: Mapping[str, str]) -> str:
        kind, inner = value[_SERIALIZED], value.get("value")
        if kind == "component_reference" and isinstance(inner, dict):
            key = str(inner.get("key"))
            if key not in parts:
                raise UsageError(f"The flow has no part {display(key, 40)!r}.")
            made = self.model(parts[key], depth)
            step = inner.get("step_name")
            if step is None:
                return made
            more = [self.literal(one, depth + 1) for name, one in inner.items()
                    if name.startswith("argument_")]  # fmt: skip
            return f"({', '.join([ascii(str(step)), made, *more])})"
        if kind == "composition_step_constant" and isinstance(inner, dict):
            pair = (inner.get("key"), inner.get("step_name"))
            return f"({str(pair[1] or pair[0])!a}, {str(pair[0])!a})"
        if kind in ("type", "function") and isinstance(inner, str):
            return self._named(inner)
        if kind == "rv_frozen" and isinstance(inner, dict):
            dist = str(inner.get("dist", "")).removesuffix("_gen")
            name = self._imported(f"scipy.stats.{dist.rpartition('.')[2]}")
            arguments = [self.literal(one, depth + 1) for one in inner.get("args") or ()]
            arguments += [f"{k}={self.literal(v, depth + 1)}" for k, v in
                          (inner.get("kwds") or {}).items() if _NAME.fullmatch(k)]  # fmt: skip
            return f"{name}({', '.join(arguments)})"
        if kind == "cv_object" and isinstance(inner, dict):
            name = self._imported(str(inner.get("name", "")))
            values = {k: _value(v) if isinstance(v, str) else v
                      for k, v in (inner.get("parameters") or {}).items()
                      if _NAME.fullmatch(k)}  # fmt: skip
            return _call(name, [(k, self.literal(v, depth + 1)) for k, v in values.items()], depth)
        raise UsageError(f"A parameter is of a kind that is not known: {display(kind, 40)}.")

    def _named(self, dotted: str) -> str:
        """A type or function: builtins by their name, numpy's as np has them."""
        if dotted in ("int", "float", "bool", "str", "object"):
            return dotted
        head, _, rest = dotted.partition(".")
        if head in ("np", "numpy") and _NAME.fullmatch(rest):
            self.taken["np"] = "numpy"
            return f"np.{rest}"
        return self._imported(dotted)


def _public(dotted: str) -> str:
    """Where a class is imported from: not from the private module that it happens to stand in."""
    parts = dotted.split(".")
    if parts[0] == "sklearn" and len(parts) > 3:
        return ".".join([*parts[:2], parts[-1]])
    kept = [part for part in parts[:-1] if not part.startswith("_")]
    return ".".join([*kept, parts[-1]])


def _same(one: Any, two: Any) -> bool:
    return type(one) is type(two) and json.dumps(one, sort_keys=True) == json.dumps(
        two, sort_keys=True
    )


def _refers(value: Any) -> bool:
    """Whether a value stands for parts of the flow, which no default makes."""
    if isinstance(value, dict):
        return value.get(_SERIALIZED) == "component_reference" or any(map(_refers, value.values()))
    return isinstance(value, list) and any(map(_refers, value))


def _call(name: str, arguments: list[tuple[str, str]], depth: int) -> str:
    return _wrapped(f"{name}(", [f"{key}={value}" for key, value in arguments], ")", depth)


def _wrapped(start: str, items: list[str], end: str, depth: int) -> str:
    """Items between brackets: in a line where they fit, else one a line."""
    line = f"{start}{', '.join(items)}{end}"
    if ("\n" not in line and len(line) + 4 * depth <= _WIDE) or not items:
        return line
    inner = [item.replace("\n", "\n    ") for item in items]
    return start + "\n    " + ",\n    ".join(inner) + f",\n{end}"
