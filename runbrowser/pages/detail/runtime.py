"""How long a run took, where its client told: in words, not in thousands of milliseconds."""

from __future__ import annotations

from math import isfinite

from textual.content import Content

from runbrowser.models import Run
from runbrowser.pages.detail.evaluations import fold_values, is_runtime
from runbrowser.pages.detail.parts import FAINT, finite, title
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


def duration(seconds: float) -> str:
    """A time as people say it: 3.2 ms, 731 ms, 1.2 s, 3 min 5 s, 2 h 7 min, 3 d 4 h."""
    if not isfinite(seconds):
        return str(seconds)
    if seconds < 0:
        return f"-{duration(-seconds)}"
    if seconds < 0.9995:
        millis = seconds * 1000
        return f"{millis:.1f} ms" if millis < 9.95 else f"{millis:.0f} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    for unit, below, size, lower in (("min", 3600, 60, "s"), ("h", 86400, 3600, "min")):
        if whole < below:
            rest = whole % size // (1 if lower == "s" else 60)
            return f"{whole // size} {unit}" + (f" {rest} {lower}" if rest else "")
    days, rest = divmod(whole, 86400)
    return f"{days:,} d" + (f" {rest // 3600} h" if rest // 3600 else "")


def runtime(run: Run, width: int) -> list[Content]:
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
        line = Content.assemble((f"{words:<{_INDENT}}", FAINT))
        if value is not None:
            line += Content.styled(f"{duration(value / scale):>10}", "$text-accent")
        elif len(parts) > 1:
            total = sum(part / scale for part in parts)
            line += Content.styled(f"{duration(total):>10}", "$text-accent")
        if len(parts) > 1:
            low, high = duration(min(parts) / scale), duration(max(parts) / scale)
            told = f"  {low}" if low == high else f"  {low} to {high}"
            line += Content.styled(f"{told} a fold", FAINT)
        elif parts and value is None:
            line += Content.styled(f"{duration(parts[0] / scale):>10}", "$text-accent")
        lines.append(line)
    return [*title("Runtime"), *lines] if lines else []
