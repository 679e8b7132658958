"""How long a run took, where its client told: in words, not in thousands of milliseconds."""

from __future__ import annotations

from runbrowser.models import Run
from runbrowser.pages.charts import finite
from runbrowser.pages.detail.evaluations import fold_values, is_runtime
from runbrowser.pages.lines import FAINT, Line, spans, title
from runbrowser.pages.numbers import duration
from runbrowser.text import display
from runbrowser.triage.measures import measure

_WORDS = {
    "usercpu_time_millis": "CPU time",
    "usercpu_time_millis_training": "  training",
    "usercpu_time_millis_testing": "  testing",
    "wall_clock_time_millis": "wall time",
    "wall_clock_time_millis_training": "  training",
    "wall_clock_time_millis_testing": "  testing",
    "build_cpu_time": "build, CPU",
    "run_cpu_time": "run, CPU",
}
_INDENT = 12


def runtime(run: Run, width: int) -> list[Line]:
    """The section; nothing for a run whose client told no times."""
    own = {e.name: e.value for e in run.evaluation_list if e.fold is None}
    folds = {name: finite(v for _, _, v in values) for name, values in fold_values(run).items()}
    order = {name: place for place, name in enumerate(_WORDS)}
    names = sorted(
        (name for name in {*own, *folds} if is_runtime(name)),
        key=lambda name: (order.get(name, len(order)), name),
    )
    lines = []
    for name in names:
        scale = 1000.0 if measure(name).unit == "ms" else 1.0
        value, parts = own.get(name), folds.get(name, [])
        if value is None and not parts:
            continue
        words = _WORDS.get(name, display(name, _INDENT - 1))
        line = spans((f"{words:<{_INDENT}}", FAINT))
        if value is not None:
            line += spans((f"{duration(value / scale):>10}", "accent"))
        elif len(parts) > 1:
            total = sum(part / scale for part in parts)
            line += spans((f"{duration(total):>10}", "accent"))
        if len(parts) > 1:
            low, high = duration(min(parts) / scale), duration(max(parts) / scale)
            told = f"  {low}" if low == high else f"  {low} to {high}"
            line += spans((f"{told} a fold", FAINT))
        elif parts and value is None:
            line += spans((f"{duration(parts[0] / scale):>10}", "accent"))
        lines.append(line)
    return [*title("Runtime"), *lines] if lines else []
