"""Flows over tasks to take along: Markdown, LaTeX, CSV and JSON."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import Any

from runbrowser.pages.comparison.layout import NONE
from runbrowser.pages.numbers import number
from runbrowser.pages.suite.diagram import diagram
from runbrowser.pages.suite.page import names_of
from runbrowser.pages.suite.words import caveats, flow_label, letter, p_text, title, verdict
from runbrowser.text import display, markdown, no_formula, to_json
from runbrowser.triage.suite.model import SuiteComparison

SUFFIXES = {".md": "markdown", ".tex": "latex", ".csv": "csv", ".json": "json"}
"""The formats by the ends of their files' names."""

_LATEX = {"\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#",
          "%": r"\%", "_": r"\_", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
          "<": r"\textless{}", ">": r"\textgreater{}", "\u203a": r"$\rightarrow$",
          "\u2026": r"\ldots{}"}  # fmt: skip
_LATEX_SIGN = re.compile("|".join(map(re.escape, _LATEX)))
_LONGEST = 60  # cells of a flow's name in a table


def export(found: SuiteComparison, format: str) -> str:
    """The comparison in one of the formats of SUFFIXES, ending in a line break."""
    if format == "csv":
        return as_csv(found)
    if format == "json":
        return to_json(as_object(found), indent=1) + "\n"
    return as_latex(found) if format == "latex" else as_markdown(found)


def latex(text: object) -> str:
    """Foreign text as LaTeX sets it: none of its characters is a command."""
    return _LATEX_SIGN.sub(lambda match: _LATEX[match[0]], display(text, 2_000))


# -- Markdown --------------------------------------------------------------------------------------


def as_markdown(found: SuiteComparison) -> str:
    """Scores, ranks and pairs under headings."""
    names = [markdown(name) for name in names_of(found, _LONGEST)]
    lines = [f"# {markdown(title(found), 300)}", "", markdown(verdict(found), 1_000)]
    for words in caveats(found):
        lines += ["", markdown(words)]
    lines += ["", f"| task | data set | {' | '.join(names)} |"]
    lines.append("| --- | --- |" + " --: |" * len(names))
    for task, one in enumerate(found.tasks):
        best = found.best(task)
        cells = [
            NONE
            if cell is None
            else f"**{number(cell.value)}**"
            if place in best
            else number(cell.value)
            for place, cell in enumerate(found.cells[task])
        ]
        lines.append(f"| {one.task_id} | {markdown(one.data_name, 200)} | {' | '.join(cells)} |")
    for name, values in _totals(found):
        lines.append(f"| {name} | | {' | '.join(values)} |")
    lines += ["", "## Pairs", "", "| flow | against | wins | ties | losses | p |"]
    lines.append("| --- | --- | --: | --: | --: | --: |")
    for pair in found.pairs:
        p = "" if pair.p is None else p_text(pair.p).removeprefix("p = ").removeprefix("p ")
        lines.append(
            f"| {names[pair.one]} | {names[pair.two]} | {pair.wins} | {pair.ties} | "
            f"{pair.losses} | {markdown(p)} |"
        )
    drawn = diagram(found, names_of(found, 40), 100)
    if drawn:
        lines += ["", "## Critical differences", "", "```"]
        lines += ["".join(text for text, _ in line).rstrip() for line in drawn]
        lines += ["```"]
    return "\n".join(lines) + "\n"


def _totals(found: SuiteComparison) -> Iterator[tuple[str, list[str]]]:
    """The lines below the tasks: of how many runs, mean score, mean rank."""
    places = range(len(found.flows))
    if found.ranks:
        means = [found.mean(place) for place in places]
        yield "mean", ["" if mean is None else number(mean) for mean in means]
        yield "mean rank", [f"{rank:.3f}" for rank in found.ranks]
    yield "runs", [f"{found.runs(place):,}" for place in places]


# -- LaTeX -----------------------------------------------------------------------------------------


def as_latex(found: SuiteComparison) -> str:
    """A table as papers have it (package booktabs), the best of each task bold, what the tests say
    in its caption.
    """
    names = names_of(found, _LONGEST)
    columns = "l" + "r" * len(names)
    heads = " & ".join(rf"\rotatebox{{60}}{{{latex(name)}}}" if len(names) > 4 else latex(name)
                       for name in names)  # fmt: skip
    lines = [
        "% needs \\usepackage{booktabs}" + (" and \\usepackage{graphicx}" * (len(names) > 4)),
        r"\begin{table}",
        r"\centering",
        rf"\caption{{{latex(title(found))}. {latex(verdict(found))}}}",
        rf"\begin{{tabular}}{{{columns}}}",
        r"\toprule",
        rf"Task & {heads} \\",
        r"\midrule",
    ]
    for task, one in enumerate(found.tasks):
        best = found.best(task)
        cells = [
            "--"
            if cell is None
            else rf"\textbf{{{number(cell.value)}}}"
            if place in best
            else number(cell.value)
            for place, cell in enumerate(found.cells[task])
        ]
        name = latex(f"{one.data_name} ({one.task_id})" if one.data_name else one.task_id)
        lines.append(rf"{name} & {' & '.join(cells)} \\")
    lines.append(r"\midrule")
    for name, values in _totals(found):
        lines.append(rf"{name} & {' & '.join(values)} \\")
    lines += [r"\bottomrule", r"\end{tabular}", r"\end{table}"]
    for words in caveats(found):
        lines.append(f"% {words}")
    return "\n".join(lines) + "\n"


# -- CSV and JSON ----------------------------------------------------------------------------------


def as_csv(found: SuiteComparison) -> str:
    """A line a task and flow: the score, of how many runs, and the best run."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(
        ["task_id", "data", "flow_id", "flow", "measure", "cell", "score", "runs", "best_run_id",
         "best"]
    )  # fmt: skip
    for task, one in enumerate(found.tasks):
        best = found.best(task)
        for place, flow in enumerate(found.flows):
            cell = found.cells[task][place]
            lines.writerow(
                [
                    one.task_id,
                    no_formula(display(one.data_name)),
                    flow.flow_id,
                    no_formula(display(flow.name)),
                    found.measure,
                    found.kind,
                    *(("", 0, "") if cell is None else (cell.value, cell.runs, cell.run_id)),
                    "yes" if place in best else "no",
                ]
            )
    return text.getvalue()


def as_object(found: SuiteComparison) -> dict[str, Any]:
    """Everything, as JSON has it; lists by flow are in the order of ``flows``."""
    signed, ranks = found.wilcoxon, found.friedman
    return {
        "title": found.title,
        "measure": found.measure,
        "direction": "higher" if found.higher else "lower",
        "cell": found.kind,
        "verdict": verdict(found),
        "caveats": list(caveats(found)),
        "flows": [
            {
                "letter": letter(place),
                "flow_id": flow.flow_id,
                "name": flow.name or None,
                "label": flow_label(found, place),
                "runs": found.runs(place),
                "mean": found.mean(place),
                "mean_rank": found.ranks[place] if found.ranks else None,
            }
            for place, flow in enumerate(found.flows)
        ],
        "tasks": [
            {
                "task_id": one.task_id,
                "data": one.data_name or None,
                "complete": task in found.complete,
                "scores": [None if cell is None else cell.value for cell in found.cells[task]],
                "runs": [0 if cell is None else cell.runs for cell in found.cells[task]],
                "best_runs": [None if cell is None else cell.run_id for cell in found.cells[task]],
            }
            for task, one in enumerate(found.tasks)
        ],
        "pairs": [
            {
                "flow_id": found.flows[pair.one].flow_id,
                "against": found.flows[pair.two].flow_id,
                "wins": pair.wins,
                "ties": pair.ties,
                "losses": pair.losses,
                "p": pair.p,
            }
            for pair in found.pairs
        ],
        "wilcoxon": None
        if signed is None
        else {
            "plus": signed.plus,
            "minus": signed.minus,
            "pairs": signed.pairs,
            "zeros": signed.zeros,
            "p": signed.p,
            "exact": signed.exact,
        },
        "friedman": None
        if ranks is None
        else {"blocks": ranks.blocks, "chi_square": ranks.chi_square, "p": ranks.p},
        "critical_difference": found.difference,
        "alike": [[found.flows[place].flow_id for place in group] for group in found.groups],
    }
