"""The page about flows over tasks: who they are, their scores, ranks, and who wins against whom."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from runbrowser.pages.comparison.layout import BEST, NONE
from runbrowser.pages.lines import BLANK, FAINT, Line, Lines, Span, broken, sentence, spans, text_of
from runbrowser.pages.numbers import number
from runbrowser.pages.suite.diagram import diagram
from runbrowser.pages.suite.words import caveats, letter, p_text, title, verdict
from runbrowser.text import cells, display, fit
from runbrowser.triage.flow_names import distinct_names
from runbrowser.triage.suite.model import Pair, SuiteComparison
from runbrowser.triage.suite.rank_tests import ALPHA

_CELL = 9  # cells of a score with the sign of the best
_WIDE = 30  # of a flow's name above its scores
_LABEL = 28  # of a task's name
_MOST_PAIRS = 15
_NUMBERED = 56  # cells from which on there is room for the flows' numbers


def names_of(found: SuiteComparison, width: int) -> list[str]:
    """A name for each flow, no two the same."""
    names = distinct_names({flow.flow_id: flow.name for flow in found.flows}, max(8, width))
    return [names[flow.flow_id] for flow in found.flows]


def page(found: SuiteComparison, width: int) -> Lines:
    """All sections, for ``width`` cells (40 or more)."""
    parts = (_summary, _flows, _scores, _ranks, _pairs)
    lines: list[Line] = []
    for part in parts:
        made = list(part(found, width))
        if made:
            lines += [*([BLANK] if lines else []), *made]
    return Lines([broken(lines, width)])


def as_text(found: SuiteComparison, width: int) -> str:
    """The page as plain text under its title."""
    lines = [display(title(found), 300), "", *map(text_of, page(found, max(40, width)))]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _summary(found: SuiteComparison, width: int) -> Iterator[Line]:
    yield from sentence(verdict(found), width, "strong")
    for words in caveats(found):
        yield from sentence(words, width, "warning")


def _flows(found: SuiteComparison, width: int) -> Iterator[Line]:
    ranked = bool(found.ranks)
    numbered = width >= _NUMBERED
    room = width - 4 - 8 - (9 if numbered else 0) - (18 if ranked else 0)
    names = names_of(found, min(60, room))
    room = max(cells(name) for name in names)
    head = f"   {'flow':<{room}}" + (f"  {'id':>7}" if numbered else "") + f"  {'runs':>6}"
    yield spans((head + (f"  {'mean':>8}  {'rank':>6}" if ranked else ""), FAINT))
    best = min(found.ranks, default=0.0)
    for place, flow in enumerate(found.flows):
        line = spans(
            (f"{letter(place)}  ", "strong-accent"),
            f"{names[place]}{' ' * (room - cells(names[place]))}",
            (f"  {'#' + str(flow.flow_id):>7}" if numbered else "", FAINT),
            f"  {found.runs(place):>6,}",
        )
        mean = found.mean(place)
        if ranked and mean is not None:
            rank = found.ranks[place]
            line += spans(
                (f"  {number(mean):>8}", "score"),
                (f"  {rank:>6.3f}", "good" if rank == best else ""),
            )
        yield line


def _label(found: SuiteComparison, task: int) -> str:
    one = found.tasks[task]
    return f"{one.task_id} {display(one.data_name, _LABEL)}".strip()


def _scores(found: SuiteComparison, width: int) -> Iterator[Line]:
    if not found.tasks:
        yield from sentence("None of these flows has a score on any task.", width, "warning")
        return
    label = min(_LABEL, max(cells(_label(found, task)) for task in range(len(found.tasks))))
    count = len(found.flows)
    column = min(_WIDE, max(_CELL, (width - label) // count - 2))
    across = max(1, (width - label) // (column + 2))
    for first in range(0, count, across):
        if first:
            yield BLANK
        yield from _block(found, range(first, min(count, first + across)), label, column)


def _block(found: SuiteComparison, shown: range, label: int, column: int) -> Iterator[Line]:
    names = names_of(found, column - 2)
    heads = [
        f"{letter(place)} {names[place]}" if column >= 16 else letter(place) for place in shown
    ]
    yield [
        (f"{'task':<{label}}", FAINT),
        *(span for head in heads for span in _right(fit(head, column), column, "strong-accent")),
    ]
    for task in range(len(found.tasks)):
        best = found.best(task)
        look = "" if task in found.complete else FAINT
        line: Line = [(_padded(fit(_label(found, task), label), label), look)]
        for place in shown:
            cell = found.cells[task][place]
            if cell is None:
                line += _right(NONE, column, FAINT)
            else:
                sign = BEST if place in best else ""
                line += _right(f"{sign}{number(cell.value)}", column, "good" if sign else look)
        yield line


def _padded(text: str, width: int) -> str:
    return text + " " * (width - cells(text))


def _right(text: str, width: int, look: str) -> list[Span]:
    return [(" " * (2 + width - cells(text)), ""), (text, look)]


def _ranks(found: SuiteComparison, width: int) -> Iterator[Line]:
    lines = diagram(found, names_of(found, 40), width)
    if lines:
        yield spans(("Mean ranks", "title"), ("  1 is best", FAINT))
        yield from lines


def _pairs(found: SuiteComparison, width: int) -> Iterator[Line]:
    """Wins, ties, losses of each pair, the clearest first."""
    if found.friedman is None or not found.complete:
        return
    pairs = sorted(found.pairs, key=lambda pair: pair.p if pair.p is not None else 1.0)
    yield spans(
        ("Pairs", "title"), ("  wins, ties and losses of the first; p by Nemenyi's test", FAINT)
    )
    for pair in pairs[:_MOST_PAIRS]:
        yield pair_line(pair)
    more = len(pairs) - _MOST_PAIRS
    if more > 0:
        yield spans((f"and {more:,} pairs more: x writes all of them to a file", FAINT))


def pair_line(pair: Pair) -> Line:
    """One pair of flows, by their letters."""
    clear = pair.p is not None and pair.p < ALPHA
    return spans(
        (f"{letter(pair.one)} : {letter(pair.two)}", "strong-accent"),
        f"  {pair.wins:>4} {pair.ties:>4} {pair.losses:>4}   ",
        ("" if pair.p is None else p_text(pair.p), "good" if clear else FAINT),
        ("  beyond chance" if clear else "", "good"),
    )


def shown_flows(found: SuiteComparison) -> Sequence[str]:
    """The names of the flows in full, as files have them."""
    return [flow.name or f"#{flow.flow_id}" for flow in found.flows]
