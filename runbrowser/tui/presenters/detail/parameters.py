"""The parameters of a run, by the flow or component that they belong to."""

from __future__ import annotations

from textual.content import Content

from runbrowser.models import ParameterSetting, Run
from runbrowser.sources.base import NameBook
from runbrowser.text import display
from runbrowser.triage.flow_names import short_name
from runbrowser.tui.presenters.detail.parts import FAINT, hang, title


def parameters(run: Run, names: NameBook, width: int) -> list[Content]:
    """The section; nothing for a run without parameters."""
    if not run.parameter_settings:
        return []
    groups: dict[int | None, list[ParameterSetting]] = {}
    for setting in run.parameter_settings:
        groups.setdefault(setting.component, []).append(setting)
    lines = title("Parameters", f"  {len(run.parameter_settings)}")
    longest = max(len(setting.name) for setting in run.parameter_settings)
    room = min(max(longest, 8), 28, max(10, width // 2))
    for component, settings in groups.items():
        full = names.flows.get(component or 0)
        if full is None and component == run.flow_id:
            full = run.flow_name
        name = display(short_name(full), 200) if full else f"flow #{component}"
        lines.append(Content.assemble((name, "bold"), (f"  #{component}" if full else "", FAINT)))
        for setting in settings:
            shown = f"  {display(setting.name, room)}"
            lines += hang(shown, display(setting.value, 2100), width, room + 4)
    return lines
