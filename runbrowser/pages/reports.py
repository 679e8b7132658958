"""What became of the runs of a bulk action, in one sentence and as a page."""

from __future__ import annotations

from collections import Counter
from textwrap import wrap

from runbrowser.bulk.outcome import Report, State
from runbrowser.bulk.plan import Kind, count_runs
from runbrowser.pages.lines import BLANK, FAINT, Lines, broken, spans
from runbrowser.text import display

_LOOKS = {
    State.DONE: "good",
    State.ALREADY: "good",
    State.LEFT_OUT: FAINT,
    State.FAILED: "bad",
    State.DOUBTFUL: "warning",
    State.STOPPED: FAINT,
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


def report_page(report: Report, width: int) -> Lines:
    """The report for a width in cells: what was not done comes first, words stand under words."""
    lines = [spans((display(report.headline), "strong"))]
    if report.stopped:
        lines.append(spans((display(report.stopped), "warning")))
    lines.append(BLANK)
    outcomes = sorted(report.outcomes, key=lambda outcome: _ORDER.index(outcome.state))
    wide = max((len(str(outcome.run_id)) for outcome in outcomes), default=0)
    indent = wide + 2
    for outcome in outcomes[:_MOST]:
        told = display(f"{outcome.state.value}: {outcome.words}")
        wrapped = wrap(told, max(12, width - indent), break_on_hyphens=False) or [""]
        first, *more = wrapped
        lines.append(spans((f"{outcome.run_id:>{wide}}  {first}", _LOOKS[outcome.state])))
        lines += [spans((" " * indent + line, _LOOKS[outcome.state])) for line in more]
    if len(outcomes) > _MOST:
        rest = count_runs(len(outcomes) - _MOST)
        lines.append(spans(f"and {rest} more; y copies all, x exports all"))
    return Lines([broken(lines, width)])
