"""What became of the runs of a bulk action, in one sentence and as a page."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from textwrap import wrap

from runbrowser.bulk.journal import Recorded
from runbrowser.bulk.outcome import Report, State
from runbrowser.bulk.plan import count_runs
from runbrowser.pages.lines import BLANK, FAINT, Lines, broken, spans
from runbrowser.pages.plans import title
from runbrowser.pages.remarks import outcome_words, sentence
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


def headline(report: Report) -> str:
    """The report in one line: "deleted 10 of 12 runs; 1 failed, 1 left out"."""
    asked, done = len(report.outcomes), report.count(State.DONE)
    of = f"{done:,} of {count_runs(asked)}" if done != asked else count_runs(asked)
    line = f"{report.plan.operation.verb.done} {of}"
    if report.plan.tag:
        line += f" ({display(report.plan.tag, 64)})"
    rest = [
        f"{number:,} {state.value}"
        for state in State
        if state is not State.DONE and (number := report.count(state))
    ]
    return line + (f"; {', '.join(rest)}" if rest else "")


def run_lines(report: Report) -> list[str]:
    """A line for each run, harmless to draw: id, state and words."""
    wide = max((len(str(outcome.run_id)) for outcome in report.outcomes), default=0)
    operation = report.plan.operation
    return [
        display(f"{one.run_id:>{wide}}  {one.state.value:<10}  {outcome_words(operation, one)}")
        for one in report.outcomes
    ]


def report_text(report: Report) -> str:
    """The whole report as lines, to be copied."""
    why = [sentence(report.stopped)] if report.stopped is not None else []
    return "\n".join([headline(report), *why, "", *run_lines(report), ""])


def broken_off(recorded: Recorded) -> str:
    """One line about an action that broke off, and how far it was."""
    begun = datetime.fromtimestamp(recorded.started).strftime("%Y-%m-%d %H:%M")
    done = recorded.report().count(State.DONE, State.ALREADY)
    counted = [f"{done:,} done"]
    failed = len(recorded.plan.items) - done - len(recorded.open)
    doubt = len(recorded.in_doubt)
    for number, what in ((failed, "failed"), (doubt, "in doubt")):
        counted += [f"{number:,} {what}"] if number else []
    counted.append(f"{len(recorded.open) - doubt:,} not done")
    return f"{title(recorded.plan)}, begun {begun}: {', '.join(counted)}"


def story(report: Report) -> str:
    """The sentence for the status line: what was done, the reason for what was not, what next."""
    operation = report.plan.operation
    undo = "; z undoes" if report.undoable else ""
    if len(report.outcomes) == 1 and not report.stopped:
        only = report.outcomes[0]
        return f"run {only.run_id} {outcome_words(operation, only)}{undo}"
    words = headline(report)
    reasons = Counter(
        outcome_words(operation, outcome)
        for outcome in report.outcomes
        if outcome.state in (State.FAILED, State.DOUBTFUL)
    )
    if report.stopped is not None:
        words += f". {sentence(report.stopped)}"
    elif len(reasons) == 1:
        words += f": {next(iter(reasons))}"
    return f"{words}{undo}" if report.ok else f"{words.rstrip('.')}{undo}; ! shows each run"


def report_page(report: Report, width: int) -> Lines:
    """The report for a width in cells: what was not done comes first, words stand under words."""
    lines = [spans((display(headline(report)), "strong"))]
    if report.stopped is not None:
        lines.append(spans((display(sentence(report.stopped)), "warning")))
    lines.append(BLANK)
    outcomes = sorted(report.outcomes, key=lambda outcome: _ORDER.index(outcome.state))
    wide = max((len(str(outcome.run_id)) for outcome in outcomes), default=0)
    indent = wide + 2
    for outcome in outcomes[:_MOST]:
        told = display(f"{outcome.state.value}: {outcome_words(report.plan.operation, outcome)}")
        wrapped = wrap(told, max(12, width - indent), break_on_hyphens=False) or [""]
        first, *more = wrapped
        lines.append(spans((f"{outcome.run_id:>{wide}}  {first}", _LOOKS[outcome.state])))
        lines += [spans((" " * indent + line, _LOOKS[outcome.state])) for line in more]
    if len(outcomes) > _MOST:
        rest = count_runs(len(outcomes) - _MOST)
        lines.append(spans(f"and {rest} more; y copies all, x exports all"))
    return Lines([broken(lines, width)])
