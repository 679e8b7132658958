"""Sentences about flows over tasks: who wins, whether that is chance, what is to be minded."""

from __future__ import annotations

from collections.abc import Iterator
from string import ascii_uppercase

from runbrowser.text import display
from runbrowser.triage.flow_names import short_name
from runbrowser.triage.suite.model import Pair, SuiteComparison
from runbrowser.triage.suite.rank_tests import ALPHA

_LEAST_WILCOXON = 6  # with fewer pairs no p-value of the signed-rank test is below 0.05


def letter(place: int) -> str:
    """What a flow is called beside its name, by its place."""
    return ascii_uppercase[place]


def flow_label(found: SuiteComparison, place: int) -> str:
    """A flow's short name with its number, harmless."""
    flow = found.flows[place]
    name = display(short_name(flow.name), 200) if flow.name else "flow"
    return f"{name} #{flow.flow_id}"


def p_text(p: float) -> str:
    """A p-value as it is reported."""
    return "p < 0.0001" if p < 0.0001 else f"p = {p:.4f}" if p < 0.01 else f"p = {p:.3f}"


def title(found: SuiteComparison) -> str:
    """What is compared, in a line."""
    return f"{len(found.flows)} flows over {found.title}: {found.kind} {found.measure}"


def tasks_of(count: int) -> str:
    return "1 task" if count == 1 else f"{count} tasks"


def _score(pair: Pair) -> str:
    counts = (
        (pair.wins, "win", "wins"),
        (pair.ties, "tie", "ties"),
        (pair.losses, "loss", "losses"),
    )
    return ", ".join(f"{count} {one if count == 1 else many}" for count, one, many in counts)


def verdict(found: SuiteComparison) -> str:
    """The answer in a sentence."""
    count = len(found.complete)
    if not count:
        return "There is no task on which all of these flows have a score: nothing can be tested."
    if found.friedman is None:
        (pair,) = found.pairs
        told = f"A against B on {tasks_of(count)}: {_score(pair)}"
        signed = found.wilcoxon
        if signed is None:
            return f"{told}; they are the same everywhere."
        better = "A" if found.ranks[0] < found.ranks[1] else "B"
        says = (
            f"{better} is better beyond chance"
            if signed.p < ALPHA and found.ranks[0] != found.ranks[1]
            else "the difference may be chance"
        )
        how = "exact" if signed.exact else "normal approximation"
        return f"{told}; Wilcoxon signed-rank {p_text(signed.p)} ({how}): {says}."
    test = found.friedman
    if test.chi_square is None or test.p is None or found.difference is None:
        return f"On {tasks_of(count)} all flows have the same score."
    says = "not all flows are alike" if test.p < ALPHA else "the differences may be chance"
    return (
        f"Friedman over {tasks_of(count)}: chi-square {test.chi_square:.3f} with "
        f"{len(found.flows) - 1} degrees of freedom, {p_text(test.p)}: {says}. "
        f"Nemenyi: mean ranks that differ by {found.difference:.3f} or more differ "
        f"significantly (level {ALPHA})."
    )


def caveats(found: SuiteComparison) -> Iterator[str]:
    """What whoever reads the figures has to know."""
    yield from found.remarks
    left = len(found.tasks) - len(found.complete)
    if left and found.complete:
        yield (
            f"{tasks_of(left)} without a score of every flow "
            f"{'is' if left == 1 else 'are'} left out of means, ranks and tests."
        )
    if found.friedman is None and found.wilcoxon is not None:
        if found.wilcoxon.pairs < _LEAST_WILCOXON:
            yield (
                f"With {found.wilcoxon.pairs} differing "
                f"{'task' if found.wilcoxon.pairs == 1 else 'tasks'} no difference can be "
                f"significant: it takes {_LEAST_WILCOXON}."
            )
        if found.wilcoxon.zeros:
            yield f"The test leaves out {tasks_of(found.wilcoxon.zeros)} with the same score."
    runs = [found.runs(place) for place in range(len(found.flows))]
    if found.kind == "best" and min(runs) and max(runs) > 2 * min(runs):
        yield (
            "The best of many runs is better than the best of few by luck alone: the flows have "
            f"{min(runs):,} to {max(runs):,} runs."
        )
