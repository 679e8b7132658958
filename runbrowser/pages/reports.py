"""What became of the runs of a bulk action, in one sentence and as a page."""

from __future__ import annotations

from collections import Counter
from textwrap import wrap

from textual.content import Content

from runbrowser.bulk.outcome import Report, State
from runbrowser.bulk.plan import Kind, count_runs
from runbrowser.text import display

_STYLES = {
    State.DONE: "$text-success",
    State.ALREADY: "$text-success",
    State.LEFT_OUT: "$text-muted",
    State.FAILED: "$text-error",
    State.DOUBTFUL: "$text-warning",
    State.STOPPED: "$text-muted",
}
_ORDER = (State.FAILED, State.DOUBTFUL, State.STOPPED, State.LEFT_OUT, State.DONE, State.ALREADY)
_MOST = 2_000  # runs drawn; a copy or an export holds all


def story(report: Report) -> str:
    """The sentence for the status line: what was done, the reason for what was not, what next."""
    undo = "; z undoes" if any(outcome.undoable for outcome in report.outcomes) else ""
    if len(report.outcomes) == 1 and not report.stopped:
        only = report.outcomes[0]
        return f"run {only.run_id} {only.words}{undo}"
    words = report.headline
    reasons = Counter(
        outcome.words
        for outcome in report.outcomes
        if outcome.state in (State.FAILED, State.DOUBTFUL)
    )
    if report.stopped:
        words += f". {report.stopped}"
    elif len(reasons) == 1:
        words += f": {next(iter(reasons))}"
    return f"{words}{undo}" if report.ok else f"{words.rstrip('.')}{undo}; ! shows each run"


def gone(report: Report) -> list[int]:
    """The runs that are no longer there: deleted now, or found deleted before."""
    if report.plan.kind is not Kind.DELETE:
        return []
    done = (State.DONE, State.ALREADY)
    return [outcome.run_id for outcome in report.outcomes if outcome.state in done]


def report_page(report: Report, width: int) -> Content:
    """The report for a width in cells: what was not done comes first, words stand under words."""
    lines = [Content.styled(display(report.headline), "bold")]
    if report.stopped:
        lines.append(Content.styled(display(report.stopped), "$text-warning"))
    lines.append(Content(""))
    outcomes = sorted(report.outcomes, key=lambda outcome: _ORDER.index(outcome.state))
    wide = max((len(str(outcome.run_id)) for outcome in outcomes), default=0)
    indent = wide + 2
    for outcome in outcomes[:_MOST]:
        told = display(f"{outcome.state.value}: {outcome.words}")
        wrapped = wrap(told, max(12, width - indent), break_on_hyphens=False) or [""]
        first, *more = wrapped
        lines.append(Content.styled(f"{outcome.run_id:>{wide}}  {first}", _STYLES[outcome.state]))
        lines += [Content.styled(" " * indent + line, _STYLES[outcome.state]) for line in more]
    if len(outcomes) > _MOST:
        rest = count_runs(len(outcomes) - _MOST)
        lines.append(Content(f"and {rest} more; y copies all, x exports all"))
    return Content("\n").join(lines)
