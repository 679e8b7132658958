"""Fold by fold: the differences of two runs as a picture, and what the test says of them."""

from __future__ import annotations

from collections.abc import Iterator

from runbrowser.pages.charts import bars, scale_of
from runbrowser.pages.comparison.layout import (
    BASELINE,
    Layout,
    Page,
    lay_out,
    section,
    wrapped,
)
from runbrowser.pages.comparison.words import caveats, test_words
from runbrowser.pages.lines import Line
from runbrowser.text import display, fit
from runbrowser.triage.comparison.model import Comparison, FoldTest
from runbrowser.triage.flow_names import short_name
from runbrowser.triage.measures import change_text, direction


def fold_title(comparison: Comparison) -> tuple[str, str]:
    """The name of the section on folds, and what is compared there."""
    name = display(comparison.measure or "", 60)
    way = direction(comparison.measure or "")
    better = f", {way} is better" if way else ", which has no better or worse"
    return "Fold by fold", f"{name}{better}; each run less run {comparison.base.run_id} {BASELINE}"


def fold_picture(comparison: Comparison, test: FoldTest, width: int) -> Page:
    """The differences in all folds as bars; no lines where there is none."""
    return Page(list(_picture(comparison, test, lay_out(len(comparison.entries), width))))


def fold_section(comparison: Comparison, layout: Layout, everything: bool) -> Iterator[Line]:
    if comparison.measure is None or not comparison.tests:
        return
    yield from section(*fold_title(comparison), layout.width)
    for test in comparison.tests:
        entry = comparison.entries[test.place]
        flow = entry.run.flow_name if entry.run is not None else None
        name = display(short_name(flow, max(12, layout.width - 16)), 200) if flow else ""
        head = f"{test.place + 1} {entry.run_id}"
        yield [(head, "strong"), (fit(f"  {name}", max(0, layout.width - len(head))), "faint")]
        yield from _picture(comparison, test, layout)
        yield from wrapped(test_words(comparison, test), layout.width, "", 2)
    for words in caveats(comparison):
        yield from wrapped(words, layout.width, "faint")


def _picture(comparison: Comparison, test: FoldTest, layout: Layout) -> Iterator[Line]:
    scale = scale_of([test.differences for test in comparison.tests])
    if scale <= 0 or all(d is None for d in test.differences.values()):
        return
    sides = (change_text(scale), "0", change_text(-scale))  # beside the tallest bars and the line
    repeats = len({repeat for repeat, _ in test.differences})
    room = layout.width - 4 - max(map(len, sides))
    beside = True
    if room < len(test.differences) + repeats - 1 <= layout.width - 2:
        beside, room = False, layout.width - 2  # whole, with the scale below
    pictures, left = bars(test.differences, scale, max(8, min(120, room)), fine=layout.fine)
    way = direction(comparison.measure or "")
    up, down = ("better", "worse") if way == "higher" else ("worse", "better")
    if way is None:
        up = down = "neutral"
    for above, zero, below, turned in pictures:
        drawn: list[Line] = [[(above, up)], [(zero, "faint")], []]
        drawn[2] += [
            (char, f"{down}-reverse" if how == "r" else down)
            for char, how in zip(below, turned, strict=True)
        ]
        for line, side in zip(drawn, sides, strict=True):
            yield [("  ", ""), *line, (f"  {side}" if beside else "", "faint")]
    if not beside:
        yield [(f"  tallest bar {sides[0].lstrip('+')}", "faint")]
    lacking = sum(d is None for d in test.differences.values())
    if left:
        yield [(f"  and {left:,} more folds", "faint")]
    if lacking:
        yield [(f"  \u00b7 no value in {lacking} of the folds", "faint")]
