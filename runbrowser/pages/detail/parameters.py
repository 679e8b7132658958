"""The parameters of a run, by the flow or component that they belong to; defaults stand back."""

from __future__ import annotations

import json

from textual.content import Content

from runbrowser.models import ParameterSetting, Run
from runbrowser.openml.base import NameBook
from runbrowser.pages.detail.parts import FAINT, hang, title
from runbrowser.text import display
from runbrowser.triage.flow_names import short_name

_AT_DEFAULT = "    as the flow has them by default"


def _plain(value: str) -> str:
    """One form for values that are written differently: '0.10' and '0.1', but not '1' and '1.0'."""
    try:
        return json.dumps(json.loads(value), sort_keys=True)
    except (ValueError, RecursionError):
        return value.strip()


def is_default(setting: ParameterSetting, names: NameBook) -> bool | None:
    """Whether a parameter was left at its flow's default; None where that is not known."""
    known = names.defaults.get(setting.component or 0)
    if known is None or setting.name not in known:
        return None
    default = known[setting.name]
    return _plain(setting.value) == _plain(default)


def parameters(run: Run, names: NameBook, width: int) -> list[Content]:
    """The section: first what was set, then, faintly, what was left at its default."""
    settings = run.parameter_settings
    if not settings:
        return []
    groups: dict[int | None, list[ParameterSetting]] = {}
    for setting in settings:
        groups.setdefault(setting.component, []).append(setting)
    judged = {id(setting): is_default(setting, names) for setting in settings}
    changed = sum(default is False for default in judged.values())
    known = any(default is not None for default in judged.values())
    after = f"  {len(settings)}" + (f", {changed} not at their default" if known else "")
    lines = title("Parameters", after)
    longest = max(len(setting.name) for setting in settings)
    room = min(max(longest, 8), 28, max(10, width // 2))
    for component, some in groups.items():
        full = names.flows.get(component or 0)
        if full is None and component == run.flow_id:
            full = run.flow_name
        name = display(short_name(full), 200) if full else f"flow #{component}"
        lines.append(Content.assemble((name, "bold"), (f"  #{component}" if full else "", FAINT)))
        for setting in some:
            if not judged[id(setting)]:
                style = "bold $text-accent" if judged[id(setting)] is False else ""
                lines += _line(setting, room, width, style)
        left = [setting for setting in some if judged[id(setting)]]
        if left:
            lines.append(Content.styled(_AT_DEFAULT, FAINT))
        for setting in left:
            lines += _line(setting, room, width, FAINT)
    return lines


def _line(setting: ParameterSetting, room: int, width: int, style: str) -> list[Content]:
    name = f"  {display(setting.name, room)}"
    return hang(name, display(setting.value, 2100), width, room + 4, style)
