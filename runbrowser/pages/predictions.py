"""What a run's predictions tell, as one page: measures, confusion, classes or residuals."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, log10

from runbrowser.models import Run
from runbrowser.pages.charts import bar
from runbrowser.pages.confusion import confusion
from runbrowser.pages.detail.classes import class_names
from runbrowser.pages.detail.evaluations import ordered
from runbrowser.pages.lines import (
    BLANK,
    FAINT,
    Each,
    Line,
    Lines,
    line_width,
    sentence,
    spans,
    title,
)
from runbrowser.pages.numbers import number
from runbrowser.text import display
from runbrowser.triage.confusion import Confusion
from runbrowser.triage.recompute import Analysis, Checked, Residuals
from runbrowser.triage.spread import Spread

_CELL = 9
_WIDEST_BAR = 40
_FEW = 5  # classes without confidences that are named
_NONE = "\u2013"  # for a value that is not defined


def predictions_page(run: Run, found: Analysis, width: int) -> Lines:
    """The whole page, laid out for ``width`` cells."""
    names = class_names(found.labels, len(found.labels or ()))
    words, look = verdict(found)
    lines = [*_rows(found, width), *sentence(words, width, look)]
    for words in doubts(run, found):
        lines += sentence(words, width, "warning")
    parts: list[Sequence[Line]] = [lines]
    if found.confusion is not None:
        parts.append(title("Confusion matrix", f"  {found.rows:,} rows, {len(names):,} classes"))
        parts.append(confusion(found.confusion, names, width))
        parts += _classes(found, found.confusion, names, width)
    elif found.said is not None:
        parts += _said(found.said.tolist(), names, width)
    if found.residuals is not None:
        parts.append(_residuals(found.residuals, width))
    elif found.guesses is not None:
        parts += [title("Predictions"), sentence(_summed_up(found.guesses), width, "")]
    parts.append(_measures(run, found, width))
    return Lines(parts)


def counted(found: Analysis) -> str:
    """How many rows there are, and how often each of them was predicted."""
    rows = _many(found.rows, "prediction", "predictions")
    folds = f"{found.folds} fold" + ("s" if found.folds != 1 else "")
    if found.repeats > 1:
        return (
            f"{rows}: {found.different:,} rows of the data set, predicted in {found.repeats} "
            f"repeats; {folds} in all"
        )
    return f"{rows} in {folds}"


def _many(count: int, one: str, more: str) -> str:
    return f"{count:,} {one if count == 1 else more}"


def _rows(found: Analysis, width: int) -> list[Line]:
    """How the rows are counted, and what is odd about them."""
    repeated = "; every prediction counts once" if found.repeats > 1 else ""
    lines = sentence(f"{counted(found)}{repeated}.", width, "")
    odd = []
    odd += swapped(found)
    if found.sample is not None:
        odd.append(
            f"A learning curve of {found.samples} samples: as on the server, the last alone "
            f"(sample {found.sample}) counts; {found.unused:,} rows of the others do not."
        )
    elif found.samples > 1:
        odd.append(f"The rows of all {found.samples} samples are pooled.")
    if found.twice:
        odd.append(
            f"{_many(found.twice, 'row is', 'rows are')} there again in a repeat, and counted."
        )
    if found.missing:
        odd.append(f"{_many(found.missing, 'row lacks', 'rows lack')} a value; left out.")
    if found.disagreeing:
        odd.append(
            f"In {_many(found.disagreeing, 'row', 'rows')} the prediction is not the class with "
            "the greatest confidence; as on the server, the confidence counts."
        )
    if found.placeless:
        odd.append(
            f"{_many(found.placeless, 'row lacks', 'rows lack')} its repeat, fold, sample or row "
            "id; counted, in place of the first three as 0."
        )
    if found.unread_confidences:
        odd.append(_unread(found.unread_confidences))
    elif found.sure and found.truth:
        odd.append("The file has no confidences: each row counts as sure of its prediction.")
    if found.damaged:
        examples = "; ".join(display(example, 120) for example in found.examples)
        odd.append(
            f"{_many(found.damaged, 'line is', 'lines are')} damaged; left out ({examples})."
        )
    for words in odd:
        lines += sentence(words, width, "warning")
    return lines


def swapped(found: Analysis) -> list[str]:
    """That predictions and true values stand in each other's column, if they do."""
    if not found.exchanged:
        return []
    agrees = any(m.server is not None and m.ours is not None for m in found.measures) and not any(
        m.differs for m in found.measures
    )
    why = (
        "only with the two exchanged do the server's measures agree"
        if agrees
        else "the greatest confidence stands at the class in the column of true values, in "
        "(nearly) every row"
    )
    return [
        "The columns of predictions and of true values look swapped in this file, as some clients "
        f"wrote them: {why}. Here they are put right."
    ]


def _unread(lacking: Sequence[tuple[str, str]]) -> str:
    """Which classes have no confidences, and what may be meant for them."""
    parts = [
        f"confidence.{display(label, 40)} is missing"
        + (f" (there is {display(near, 60)})" if near else "")
        for label, near in lacking[:_FEW]
    ]
    if len(lacking) > _FEW:
        parts.append(f"and {len(lacking) - _FEW:,} more are")
    return (
        f"The confidences lack {_many(len(lacking), 'class', 'classes')}: {', '.join(parts)}. "
        "The server asks for all, by the very names of the classes. So none are used: each row "
        "counts as sure of its prediction."
    )


# -- measures --------------------------------------------------------------------------------------


def verdict(found: Analysis) -> tuple[str, str]:
    """Whether the server's measures are those of these predictions: words and their style."""
    if not found.truth:
        return (
            "The file has no column of true values (correct or truth), so nothing can be "
            "recomputed from it.",
            "warning",
        )
    both = [m for m in found.measures if m.server is not None and m.ours is not None]
    if not both:
        return "The server has no measures; those here are computed from the predictions.", FAINT
    differ = sum(m.differs for m in both)
    if differ:
        return (
            f"{differ} of {len(both)} measures differ from the server's by more than 1e-6.",
            "warning",
        )
    return (
        f"All {len(both)} measures of the server agree with the predictions to 1e-6.",
        "good",
    )


def doubts(run: Run, found: Analysis) -> list[str]:
    """Where file and server disagree, which is likely wrong and why; what else is to be known."""
    if not found.truth:
        data = ", ".join(f"{display(d.name, 60)} (#{d.dataset_id})" for d in run.input_data)
        target = f"the target of task {run.task_id}" if run.task_id is not None else "the target"
        return [
            f"They would have to come from {target}"
            + (f" in the data set {data}" if data else "")
            + ", where the server has them from."
        ]
    if not any(m.differs for m in found.measures):
        return []
    counts = next((m for m in found.measures if m.name == "number_of_instances"), None)
    if counts is not None and counts.differs and counts.server is not None:
        return [
            f"The server counted {counts.server:,.0f} rows, here are {found.rows:,}: likely this "
            "file is not the one that it evaluated, or not all of it."
        ]
    if found.damaged or found.missing:
        return [
            "Likely the file is at fault: rows that cannot be read are left out here, and the "
            "server may have taken them otherwise."
        ]
    if found.unread_confidences:
        return [
            "Likely the values here are the wrong ones: the confidences of this file cannot be "
            "used, and the server may have had others."
        ]
    return [
        "Likely the file is at fault: the server takes the true values from the data set, this "
        "page those that the file has beside its predictions."
    ]


def _measures(run: Run, found: Analysis, width: int) -> list[Line]:
    if not found.measures:
        return []
    lines = title("Measures, computed anew" if found.truth else "Measures, as the server has them")
    by_name = {checked.name: checked for checked in found.measures}
    room = min(34, max(12, width - 2 * 11 - 4))
    lines.append(spans((f"{'':<{room}}{'server':>11}{'here':>11}", FAINT)))
    for name in ordered(run, by_name):
        lines += _measure(by_name[name], room, width, truth=found.truth)
    if not found.whole and found.truth:
        lines += sentence(
            "These rows are not the whole data set, whose class shares or mean target the measures "
            "relative to the prior need: those are left out.",
            width,
        )
    return lines


def _measure(checked: Checked, room: int, width: int, *, truth: bool) -> list[Line]:
    server, here = checked.server, checked.ours
    texts = [_NONE if value is None else number(value) for value in (server, here)]
    if checked.differs and texts[0] == texts[1]:
        texts = [f"{value:.8g}" for value in (server, here)]
    look = "strong-warning" if checked.differs else ""
    line = spans(
        (f"{display(checked.name, room - 1):<{room}}", look),
        (f"{texts[0]:>11}", FAINT if server is None else ""),
        (f"{texts[1]:>11}", look or "accent"),
    )
    if checked.differs and server is not None and here is not None:
        line += spans(("  \u2260", look))
    elif server is not None and here is not None:
        line += spans(("  =", "good"))
    lines = [line]
    if checked.differs and server is not None and here is not None:
        by = f" by {number(here - server)}"
        if line_width(line) + len(by) <= width:
            lines = [[*line, *spans((by, look))]]
        else:
            lines += sentence(f"  differs{by}", width, look)
    if checked.remark:
        lines += sentence(f"  {checked.remark}", width)
    elif server is not None and here is None and truth:
        lines += sentence("  undefined here: a class that is never predicted has no value", width)
    return lines


# -- classes ---------------------------------------------------------------------------------------


def _said(counts: Sequence[int], names: Sequence[str], width: int) -> list[Sequence[Line]]:
    """How often each class is predicted, where that is all that can be told."""
    room = min(max(max(map(len, names)), 8), 24, max(8, width - _CELL - 9))
    space = max(0, min(_WIDEST_BAR, width - room - _CELL - 2))
    most = max(*counts, 1)

    def draw(place: int) -> list[Line]:
        name, count = display(names[place], room), counts[place]
        return [spans(f"{name:<{room}}{count:>{_CELL},}  ", (bar(count / most, space), "second"))]

    return [title("Predicted"), Each(range(len(names)), draw)]


def _classes(
    found: Analysis, confused: Confusion, names: Sequence[str], width: int
) -> list[Sequence[Line]]:
    """A line a class: how many rows, how well they are told; the bar is right and wrong rows."""
    scores = found.scores
    if scores is None:
        return []
    rows, said = confused.rows.tolist(), confused.said.tolist()
    hits = confused.hits.tolist()
    longest = max(map(len, names))
    room = min(max(longest, 8), 24, max(8, width - 5 * _CELL - 1))
    heads = ("rows", "predicted", "precision", "recall", "F1")
    wide = max(_CELL, 10) if width >= room + 50 else _CELL
    if wide < 10:
        heads, wide = (
            ("rows", "pred", "prec", "recall", "F1"),
            min(wide, max(7, (width - room) // 5)),
        )
    space = min(_WIDEST_BAR, width - room - 5 * wide - 2)
    lines = title("Classes", "  \u2584 right  \u2581 wrong" if space >= 8 else "")
    head = "".join(f"{text:>{wide}}" for text in heads)
    lines.append(spans((f"{'':<{room}}{head}", FAINT)))
    most = max(max(rows), 1)

    def draw(place: int) -> list[Line]:
        values = (scores.precision[place], scores.recall[place], scores.f_measure[place])
        cells = [f"{rows[place]:>{wide},}", f"{said[place]:>{wide},}"]
        cells += [_NONE.rjust(wide) if v != v else f"{number(v):>{wide}}" for v in values]
        line = spans(f"{display(names[place], room):<{room}}", "".join(cells))
        if space >= 8:
            right = bar(hits[place] / most, space)
            wrong = round(rows[place] / most * space) - len(right)
            line += spans("  ", (right, "good"), ("\u2581" * max(0, wrong), "bad"))
        return [line]

    parts: list[Sequence[Line]] = [lines, Each(range(len(names)), draw)]
    if any(v != v for values in (scores.precision, scores.f_measure) for v in values):
        parts.append(sentence("\u2013: the class is never predicted, or has no rows.", width))
    return parts


# -- residuals -------------------------------------------------------------------------------------


def _summed_up(spread: Spread) -> str:
    """The five numbers and the mean, in a line."""
    pairs = (
        ("least", spread.least),
        ("quartiles", spread.lower),
        ("", spread.upper),
        ("median", spread.median),
        ("greatest", spread.most),
        ("mean", spread.mean),
    )
    return "  ".join(f"{name} {number(value)}".strip() for name, value in pairs)


def _residuals(found: Residuals, width: int) -> list[Line]:
    """The spread of prediction minus truth in numbers and as a histogram."""
    lines = title("Residuals", "  prediction minus truth")
    lines += sentence(_summed_up(found.spread), width, "")
    lines.append(BLANK)
    decimals = _decimals(found.edges[1] - found.edges[0])
    edges = [f"{edge:,.{decimals}f}" if decimals < 9 else f"{edge:.2e}" for edge in found.edges]
    cell = max(map(len, edges))
    most = max(found.counts)
    digits = len(f"{most:,}")
    room = max(6, min(48, width - 2 * cell - digits - 8))
    for count, low, high in zip(found.counts, edges, edges[1:], strict=False):
        drawn = bar(count / most, room) or ("\u2596" if count else "")
        lines.append(
            spans(
                (f"{low:>{cell}} to {high:>{cell}}  ", FAINT),
                (f"{drawn:<{room}}", "second"),
                f" {count:>{digits},}",
            )
        )
    return lines


def _decimals(step: float) -> int:
    """Decimals that tell two edges apart by about two digits."""
    return 9 if not 1e-7 < step < 1e12 else max(0, 1 - floor(log10(step)))
