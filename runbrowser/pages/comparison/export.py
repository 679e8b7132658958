"""A comparison to take along: Markdown to be read, CSV and JSON to be worked with.

Sentences are those of the screen, word for word. Markdown shows what the screen shows; CSV and
JSON have everything, numbers in full, with a word on what differs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from runbrowser.files.formats import csv_text
from runbrowser.pages.comparison.folds import fold_picture, fold_title
from runbrowser.pages.comparison.head import title
from runbrowser.pages.comparison.layout import BASELINE, BEST, NONE, differ
from runbrowser.pages.comparison.words import caveats, headline, missing, test_words, warnings
from runbrowser.text import display_lines, markdown, no_formula, to_json
from runbrowser.triage.compare import Difference
from runbrowser.triage.comparison.model import Comparison, Entry, FoldTest, MeasureLine
from runbrowser.triage.flow_names import short_name
from runbrowser.triage.measures import change_text, direction, value_text

FORMATS = ("markdown", "csv", "json")
SUFFIXES = {".md": "markdown", ".csv": "csv", ".json": "json"}


def export(comparison: Comparison, format: str, *, everything: bool = False) -> str:
    """The comparison in one of FORMATS, harmless for a terminal and ending in a line break."""
    if format == "csv":
        return as_csv(comparison)
    if format == "json":
        return as_json(comparison)
    return as_markdown(comparison, everything=everything)


# -- Markdown ----------------------------------------------------------------------------------


def _plain(text: object) -> str:
    return markdown(text, 2_000)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], right: bool) -> list[str]:
    rule = ["---", *(["--:" if right else "---"] * (len(head) - 1))]
    return ["", *(f"| {' | '.join(cells)} |" for cells in (head, rule, *rows))]


def as_markdown(comparison: Comparison, *, everything: bool = False) -> str:
    """Headed sections with tables; ``everything`` as on the screen."""
    words, _ = title(comparison)
    lines = [f"# {_plain(words)}"]
    for sentence in (*warnings(comparison), *missing(comparison)):
        lines += ["", f"**{_plain(sentence)}**"]
    head = [
        "",
        *(
            f"{entry.run_id}{f' {BASELINE}' if place == comparison.baseline else ''}"
            for place, entry in enumerate(comparison.entries)
        ),
    ]
    facts = _listed(comparison.facts, everything)
    lines += _section("What runs", comparison.facts, everything)
    lines += _table(head, (_differing(fact.name, fact) for fact in facts), right=False)
    if comparison.parameters:
        shown = _listed(comparison.parameters, everything)
        lines += _section("Parameters", comparison.parameters, everything)
        rows = (
            _differing(f"{short_name(line.group)}: {line.name}" if line.group else line.name, line)
            for line in shown
        )
        lines += _table(["parameter", *head[1:]], rows, right=False)
    if comparison.measures:
        measures = [line for line in comparison.measures if line.differs or everything]
        remark = f"{BEST} best, in brackets the change to run {comparison.base.run_id} {BASELINE}"
        lines += [*_section("Evaluations", comparison.measures, everything), "", remark]
        lines += _table(["measure", *head[1:]], map(_score_cells, measures), right=True)
    lines += _fold_section(comparison)
    return "\n".join(lines) + "\n"


def _listed(table: Sequence[Difference], everything: bool) -> list[Difference]:
    return [line for line in table if line.differs or everything]


def _section(name: str, table: Sequence[Difference | MeasureLine], everything: bool) -> list[str]:
    same = sum(not line.differs for line in table)
    other = len(table) - same
    told = f"{other} {differ(other)}"
    if same:
        told += f", {same} the same" + ("" if everything else ", not shown")
    return ["", f"## {name}", "", told]


def _differing(name: str, line: Difference) -> list[str]:
    return [_plain(name), *(NONE if value is None else _plain(value) for value in line.values)]


def _score_cells(line: MeasureLine) -> list[str]:
    told = [_plain(line.name)]
    for score in line.scores:
        if score is None:
            told.append(NONE)
            continue
        change = "" if score.delta is None else f" ({change_text(score.delta)})"
        told.append(f"{BEST if score.best else ''}{value_text(score.value)}{change}")
    return told


def _fold_section(comparison: Comparison) -> list[str]:
    if comparison.measure is None or not comparison.tests:
        return []
    name, remark = fold_title(comparison)
    lines = ["", f"## {name}", "", _plain(remark)]
    for test in comparison.tests:
        entry = comparison.entries[test.place]
        flow = entry.run.flow_name if entry.run is not None else None
        lines += ["", f"### {entry.run_id} {_plain(short_name(flow)) if flow else ''}".rstrip()]
        picture = fold_picture(comparison, test, 100).plain
        if picture:  # letters of one width
            lines += ["", "```", picture, "```"]
        lines += ["", _plain(test_words(comparison, test))]
    for sentence in caveats(comparison):
        lines += ["", _plain(sentence)]
    return lines


# -- CSV ---------------------------------------------------------------------------------------


def as_csv(comparison: Comparison) -> str:
    """One line for each thing and a column for each run, under ``section,group,name,differs``.

    Sections are run, fact, parameter, evaluation, change (to the baseline), test and words.
    """
    ids = [str(entry.run_id) for entry in comparison.entries]
    lines: list[Sequence[object]] = [["section", "group", "name", "differs", *ids]]
    based = [place == comparison.baseline for place in range(len(comparison.entries))]
    lines.append(["run", "", "baseline", "", *map(_yes, based)])
    for section, table in (("fact", comparison.facts), ("parameter", comparison.parameters)):
        for line in table:
            lines.append(
                [section, _cell(line.group), _cell(line.name), _yes(line.differs)]
                + [_cell(value) for value in line.values]
            )
    for measure in comparison.measures:
        values = [None if score is None else score.value for score in measure.scores]
        changes = [None if score is None else score.delta for score in measure.scores]
        name = _cell(measure.name)
        lines.append(["evaluation", "", name, _yes(measure.differs), *map(_cell, values)])
        lines.append(["change", "", name, "", *map(_cell, changes)])
    tests = {test.place: test for test in comparison.tests}
    measure_name = _cell(comparison.measure)
    for name in _TEST_FIELDS:
        told = [
            _test_object(comparison, tests[place])[name] if place in tests else None
            for place in range(len(comparison.entries))
        ]
        if tests:
            lines.append(["test", measure_name, name, "", *map(_cell, told)])
    for sentence in (*warnings(comparison), *missing(comparison), *caveats(comparison)):
        lines.append(["words", "", _cell(sentence), "", *[""] * len(comparison.entries)])
    return csv_text(lines)


def _yes(flag: bool) -> str:
    return "yes" if flag else "no"


def _cell(value: object) -> object:
    """A value as it stands in a file: numbers in full, texts harmless, nothing for None.

    A text that a spreadsheet would take for a formula has an apostrophe before it.
    """
    if value is None:
        return ""
    if isinstance(value, (int, float)):
        return value
    text = display_lines(value)
    return text if _is_number(text) else no_formula(text)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


# -- JSON --------------------------------------------------------------------------------------

_TEST_FIELDS = ("folds", "repeats", "left_out", "mean", "low", "high", "t", "degrees", "p",
                "p_holm", "sign", "words")  # fmt: skip


def as_json(comparison: Comparison) -> str:
    """:func:`as_object` as indented JSON; numbers that JSON lacks are null."""
    return to_json(as_object(comparison), indent=1) + "\n"


def as_object(comparison: Comparison) -> dict[str, Any]:
    """Everything, as JSON has it; lists of ``values`` are in the order of ``runs``."""
    return {
        "runs": [
            _run_object(entry, place == comparison.baseline)
            for place, entry in enumerate(comparison.entries)
        ],
        "baseline": comparison.base.run_id,
        "measure": comparison.measure,
        "headline": headline(comparison),
        "warnings": list(warnings(comparison)),
        "missing": list(missing(comparison)),
        "facts": [
            {"name": fact.name, "values": list(fact.values), "differs": fact.differs}
            for fact in comparison.facts
        ],
        "parameters": [
            {
                "component": line.group,
                "name": line.name,
                "values": list(line.values),
                "differs": line.differs,
            }
            for line in comparison.parameters
        ],
        "evaluations": [_measure_object(comparison, line) for line in comparison.measures],
        "tests": [
            {
                "run_id": comparison.entries[test.place].run_id,
                "measure": comparison.measure,
                **_test_object(comparison, test),
                "differences": [
                    {"repeat": repeat, "fold": fold, "difference": difference}
                    for (repeat, fold), difference in test.differences.items()
                ],
            }
            for test in comparison.tests
        ],
        "caveats": list(caveats(comparison)),
    }


def _run_object(entry: Entry, baseline: bool) -> dict[str, Any]:
    run = entry.run
    told: dict[str, Any] = {
        "run_id": entry.run_id,
        "baseline": baseline,
        "failure": entry.failure or None,
        "uploaded": entry.uploaded,
    }
    if run is not None:
        told |= {
            "state": run.state.value,
            "task_id": run.task_id,
            "task_type": run.task_type,
            "dataset_id": run.dataset_id,
            "flow_id": run.flow_id,
            "flow_name": run.flow_name,
            "setup_id": run.setup_id,
            "uploader": run.uploader,
            "uploader_name": run.uploader_name,
            "error_message": run.error_message,
            "evaluation_error": run.evaluation_error,
        }
    return told


def _measure_object(comparison: Comparison, line: MeasureLine) -> dict[str, Any]:
    pairs = list(zip(comparison.entries, line.scores, strict=True))
    return {
        "measure": line.name,
        "direction": direction(line.name),
        "values": [None if score is None else score.value for _, score in pairs],
        "of_folds": [None if score is None else score.of_folds for _, score in pairs],
        "changes": [None if score is None else score.delta for _, score in pairs],
        "best": [entry.run_id for entry, score in pairs if score is not None and score.best],
        "differs": line.differs,
    }


def _test_object(comparison: Comparison, test: FoldTest) -> dict[str, Any]:
    done = test.test
    told: dict[str, Any] = dict.fromkeys(_TEST_FIELDS)
    if done is not None:
        told |= {
            "folds": done.folds,
            "repeats": done.repeats,
            "left_out": done.left_out,
            "mean": done.mean,
            "low": done.low,
            "high": done.high,
            "t": done.t,
            "degrees": done.degrees,
            "p": done.p,
            "p_holm": test.corrected,
            "sign": test.sign,
        }
    return told | {"words": test_words(comparison, test)}
