"""The sections of a comparison: what runs, which parameters, what scores, what the folds say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from runbrowser.pages.comparison.folds import fold_section
from runbrowser.pages.comparison.layout import (
    BASELINE,
    BEST,
    NONE,
    Layout,
    Page,
    differ,
    different,
    folded,
    pad,
    section,
    side_by_side,
    wrapped,
)
from runbrowser.pages.comparison.words import missing, warnings
from runbrowser.pages.lines import Line
from runbrowser.text import cells, display, fit
from runbrowser.triage.compare import Difference
from runbrowser.triage.comparison.model import Comparison, MeasureLine
from runbrowser.triage.flow_names import short_name
from runbrowser.triage.measures import change_text, direction, measure, value_text


def page(
    comparison: Comparison,
    layout: Layout,
    *,
    everything: bool = False,
    notes: bool = True,
    folds: bool = True,
) -> Page:
    """All sections; with ``everything`` what is the same in all runs is listed too. ``notes`` and
    ``folds`` have no columns, and can be left out where columns stand below each other.
    """
    made = Page()
    parts = [_notes] if notes else []
    parts += [_facts, _parameters, _evaluations, *([fold_section] if folds else [])]
    for part in parts:
        lines = list(part(comparison, layout, everything))
        if lines:
            if made.lines:
                made.lines.append([])
            made.sections.append(len(made.lines))
            made.lines += lines
    return made


def _same(count: int, everything: bool) -> str:
    if not count:
        return ""
    return f"{count} the same" + ("" if everything else ", not shown")


def _remark(table: Sequence[Difference | MeasureLine], everything: bool) -> str:
    count = sum(line.differs for line in table)
    parts = [f"{count} {differ(count)}" if count else "", _same(len(table) - count, everything)]
    return ", ".join(part for part in parts if part)


def _notes(comparison: Comparison, layout: Layout, everything: bool) -> Iterator[Line]:
    for words in warnings(comparison):
        yield from wrapped(words, layout.width, "warning")
    for words in missing(comparison):
        yield from wrapped(words, layout.width, "warning")


def _facts(comparison: Comparison, layout: Layout, everything: bool) -> Iterator[Line]:
    # the head has the states
    table = [fact for fact in comparison.facts if fact.name != "state"]
    if not table:
        return
    yield from section("What runs", _remark(table, everything), layout.width)
    for fact in table:
        if fact.differs or everything:
            yield from _row(comparison, layout, fact.name, fact, "failed" * (fact.name == "error"))


def _parameters(comparison: Comparison, layout: Layout, everything: bool) -> Iterator[Line]:
    """Parameters of parts that several runs have, one by one; of a part that only one has, how
    many, since there is nothing to compare them to.
    """
    groups: dict[str, list[Difference]] = {}
    for parameter in comparison.parameters:
        groups.setdefault(parameter.group, []).append(parameter)
    if not groups:
        return
    listed = {name: _among_holders(lines) for name, lines in groups.items()}
    alone = sum(lines is None for lines in listed.values())
    parts = f"{alone} part{'s' if alone > 1 else ''} in one run only" if alone else ""
    common = [line for lines in listed.values() if lines is not None for line in lines]
    yield from section(
        "Parameters", ", ".join(filter(None, (_remark(common, everything), parts))), layout.width
    )
    for component, all_lines in groups.items():
        lines = listed[component]
        if lines is None and not everything:
            yield from _counted(comparison, layout, component, all_lines)
            continue
        shown = [line for line in lines or all_lines if line.differs or everything]
        if shown:
            yield _component(comparison, component, layout.width)
            for parameter in shown:
                label = f"  {display(parameter.name, 200)}"
                yield from _row(comparison, layout, label, parameter, "")


def _among_holders(parameters: Sequence[Difference]) -> list[Difference] | None:
    """The parameters of a component, compared among the runs that have it; None if one has."""
    places = {p for line in parameters for p, v in enumerate(line.values) if v is not None}
    if len(places) < 2:
        return None
    return [
        replace(line, differs=len({line.values[place] for place in places}) > 1)
        for line in parameters
    ]


def _counted(
    comparison: Comparison, layout: Layout, component: str, parameters: Sequence[Difference]
) -> Iterator[Line]:
    """How many parameters the one run has that has the component at all."""
    counts = [
        sum(parameter.values[place] is not None for parameter in parameters)
        for place in range(layout.count)
    ]
    told = tuple(
        None if not count else f"{count} parameter{'s' if count > 1 else ''}" for count in counts
    )
    label = _component_name(component, layout.label - 1)
    yield from _row(comparison, layout, label, Difference(component, "", told), "")


def _component_name(component: str, width: int) -> str:
    name = component if component.startswith("#") else short_name(component, width)
    return display(name, 200)


def holders(comparison: Comparison, component: str) -> list[int]:
    """The places of the runs that have a component; empty when all that were read have it."""
    places = {
        place
        for parameter in comparison.parameters
        if parameter.group == component
        for place, value in enumerate(parameter.values)
        if value is not None
    }
    read = [place for place, entry in enumerate(comparison.entries) if entry.run is not None]
    return [] if len(places) == len(read) else sorted(places)


def _component(comparison: Comparison, component: str, width: int) -> Line:
    only = [str(comparison.entries[place].run_id) for place in holders(comparison, component)]
    remark = f"  only in {', '.join(only)}" if only else ""
    name = fit(_component_name(component, max(12, width - len(remark))), width)
    return [(name, "strong"), (fit(remark, width - cells(name)), "faint")]


def _row(
    comparison: Comparison, layout: Layout, label: str, line: Difference, look: str
) -> Iterator[Line]:
    texts = different([line.values[place] for place in range(layout.count)], layout.column)
    columns: list[tuple[list[str], str]] = []
    for place in layout.shown:
        text = texts[place]
        if text is not None:
            shown = look if line.differs else "faint"
            columns.append((folded(text, layout.column), shown))
        else:
            read = comparison.entries[place].run is not None
            columns.append(([NONE if read else ""], "faint"))
    yield from side_by_side(layout, label, columns)


def _evaluations(comparison: Comparison, layout: Layout, everything: bool) -> Iterator[Line]:
    table = comparison.measures
    if not table:
        return
    remark = f"{BEST} best, change to run {comparison.base.run_id} {BASELINE}"
    same = _same(sum(not line.differs for line in table), everything)
    yield from section("Evaluations", ", ".join(filter(None, (remark, same))), layout.width)
    for line in table:
        if line.differs or everything or line.name == comparison.measure:
            yield _scores(comparison, layout, line)
    if any(score is not None and score.of_folds for line in table for score in line.scores):
        yield from wrapped(
            "( ) the mean of the folds, where the server tells no value of the whole run",
            layout.width,
            "faint",
        )


def _scores(comparison: Comparison, layout: Layout, line: MeasureLine) -> Line:
    name = line.name if cells(line.name) < layout.label else measure(line.name).label
    drawn: Line = [(pad(display(name, 200), layout.label - 1) + " ", "faint")]
    for place in layout.shown:
        score = line.scores[place]
        if score is None:
            text = NONE if comparison.entries[place].run is not None else ""
            drawn.append((pad(f"{text:>8}", layout.column + 1), "faint"))
            continue
        value = value_text(score.value)
        value = f"({value})" if score.of_folds else value
        shown = f"{(BEST if score.best else '') + value:>8}"
        change = f" {change_text(score.delta):>7}" if score.delta is not None else ""
        look = "strong-accent" if score.best else "" if line.differs else "faint"
        room = layout.column
        if cells(shown) + cells(change) > room:
            change = ""
        drawn += [
            (fit(shown, room), look),
            (pad(change, room - cells(fit(shown, room))), _change_look(score.delta, line.name)),
            (" ", ""),
        ]
    return drawn


def _change_look(change: float | None, name: str) -> str:
    way = direction(name)
    if not change or way is None:
        return "faint"
    return "better" if (change > 0) == (way == "higher") else "worse"
