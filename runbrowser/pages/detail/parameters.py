"""The parameters of a run, by the flow or component that they belong to; defaults stand back."""

from __future__ import annotations

import json
from collections.abc import Sequence

from runbrowser.models import ParameterSetting, Run
from runbrowser.openml.base import NameBook
from runbrowser.pages.lines import FAINT, Each, Line, hang, hang_height, spans, title
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


def parameters(run: Run, names: NameBook, width: int) -> list[Sequence[Line]]:
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
    parts: list[Sequence[Line]] = [title("Parameters", after)]
    longest = max(len(setting.name) for setting in settings)
    room = min(max(longest, 8), 28, max(10, width // 2))

    def draw(setting: ParameterSetting) -> list[Line]:
        default = judged[id(setting)]
        look = FAINT if default else "strong-accent" if default is False else ""
        name = f"  {display(setting.name, room)}"
        return hang(name, _shown(setting), width, room + 4, look)

    def height(setting: ParameterSetting) -> int:
        return hang_height(_shown(setting), width, room + 4)

    for component, some in groups.items():
        full = names.flows.get(component or 0)
        if full is None and component == run.flow_id:
            full = run.flow_name
        name = display(short_name(full), 200) if full else f"flow #{component}"
        parts.append([spans((name, "strong"), (f"  #{component}" if full else "", FAINT))])
        parts.append(Each([one for one in some if not judged[id(one)]], draw, height))
        left = [setting for setting in some if judged[id(setting)]]
        if left:
            parts += [[spans((_AT_DEFAULT, FAINT))], Each(left, draw, height)]
    return parts


def _shown(setting: ParameterSetting) -> str:
    return display(setting.value, 2_100)
