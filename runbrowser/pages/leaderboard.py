"""A leaderboard's lines, and what is told of the one under the cursor."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from statistics import median

from runbrowser.openml.base import NameBook
from runbrowser.pages.comparison.words import test_words
from runbrowser.pages.lines import FAINT, Line, Lines, hang, sentence, spans
from runbrowser.pages.numbers import number
from runbrowser.pages.rows import MARK, Cell
from runbrowser.text import display
from runbrowser.triage.comparison import Comparison
from runbrowser.triage.flow_names import distinct_names, short_name
from runbrowser.triage.leaderboard import By, Standing
from runbrowser.triage.measures import change_text, measure

RANK, RUN, BEST_RUN, SCORE, TO_BEST = "rank", "run", "best run", "score", "to best"
VERSUS, UPLOADER, RUNS, MEDIAN = "vs best", "uploader", "runs", "median"
_MOST_SETTINGS = 12
_WIDE = 100  # cells from which on there is room for all columns


def columns(by: By, judged: bool, width: int) -> list[tuple[str, int]]:
    """Label and width of the columns but the last, the flow, for so many cells."""
    narrow = width < _WIDE
    found = [(RANK, 4), (RUN if by == "run" else BEST_RUN, 8), (SCORE, 8), (TO_BEST, 8)]
    if judged:
        found.append((VERSUS, 9))
    if by == "run":
        return [*found, (UPLOADER, 10 if narrow else 16)]
    return [*found, (RUNS, 5), *([] if narrow else [(MEDIAN, 8)])]


class Judged:
    """What the folds say of some runs against the best: the comparison whose baseline it is."""

    def __init__(self, comparison: Comparison) -> None:
        self.comparison = comparison
        self._places = {entry.run_id: n for n, entry in enumerate(comparison.entries)}
        self._tests = {test.place: test for test in comparison.tests}

    def word(self, run_id: int) -> str:
        """``not worse`` or ``worse`` beyond chance; '' where nothing was tested."""
        test = self._tests.get(self._places.get(run_id, -1))
        if test is None or test.sign is None:
            return "best" if self._places.get(run_id) == self.comparison.baseline else ""
        return "worse" if test.sign in ("clear", "some") else "not worse"

    def lines(self, run_id: int, width: int) -> list[Line]:
        """The test in words, and the parameters that differ from those of the best."""
        place, base = self._places.get(run_id), self.comparison.baseline
        if place is None or place == base:
            return []
        found: list[Line] = []
        test = self._tests.get(place)
        if test is not None:
            found += sentence(test_words(self.comparison, test), width, "")
        pairs = [
            (line, line.values[place], line.values[base]) for line in self.comparison.parameters
        ]
        differing = [(line, own, best) for line, own, best in pairs if own != best]
        alike = [one for one in differing if one[1] is not None and one[2] is not None]
        if self.comparison.entries[place].run is None:
            return found
        if differing and not alike:
            found += sentence("its flow has other parameters than that of the best", width)
        for line, own, best in alike[:_MOST_SETTINGS]:
            words = f"{display(own, 200)}  (best: {display(best, 200)})"
            found += hang(display(line.name, 24), words, width, 26, "strong-accent")
        more = len(alike) - _MOST_SETTINGS
        if more > 0:
            found.append(spans((f"and {more} more parameters differ", FAINT)))
        return found or sentence("its parameters are those of the best", width)


def names_for(lines: Sequence[Standing], width: int) -> dict[int, str]:
    """Short names of the lines' flows, no two of which are the same."""
    flows = {line.row.flow_id: line.flow_name or "" for line in lines}
    known = {flow: name for flow, name in flows.items() if flow is not None}
    return distinct_names(known, max(8, width))


def run_cell(line: Standing, marked: bool) -> Cell:
    """The run, with a sign where it is marked."""
    if marked:
        return Cell(f"{MARK}{line.run_id}", "mark", right=True)
    return Cell(str(line.run_id), right=True)


def cells(
    line: Standing,
    labels: Iterable[str],
    names: NameBook,
    flows: Mapping[int, str],
    judged: Judged | None,
    *,
    marked: bool,
) -> list[Cell]:
    """The cells of a line, in the order of the columns' labels; the flow is the last."""
    row = line.row
    word = judged.word(line.run_id) if judged is not None else ""
    uploader = names.users.get(row.uploader or 0) or f"#{row.uploader}"
    found = {
        RANK: Cell(f"{line.rank}{'=' if line.tied > 1 else ' '}", right=True),
        RUN: run_cell(line, marked),
        BEST_RUN: run_cell(line, marked),
        SCORE: Cell("" if line.value is None else number(line.value), "score", right=True),
        TO_BEST: Cell(
            "" if line.distance is None else change_text(line.distance), "faint", right=True
        ),
        VERSUS: Cell(word, "bad" if word == "worse" else "ok"),
        UPLOADER: Cell(display(uploader, 16)),
        RUNS: Cell(f"{len(line.values):,}", right=True),
        MEDIAN: Cell(number(median(line.values)) if line.values else "", right=True),
    }
    flow = flows.get(row.flow_id or 0, f"#{row.flow_id}")
    return [*(found[label] for label in labels), Cell(flow)]


def page(line: Standing, by: By, judged: Judged | None, width: int) -> Lines:
    """The line in full."""
    row, known = line.row, measure(line.row.function)
    unit = f" {known.unit}" if known.unit else ""
    spread = ""
    if by != "run" and line.values:
        low, high = min(line.values), max(line.values)
        spread = f"{len(line.values):,} runs, {number(low)} to {number(high)}"
    pairs = [
        ("flow", display(short_name(line.flow_name or ""), 300)),
        ("full name", display(line.flow_name or "", 1_100)),
        ("setup", f"#{row.setup_id}"),
        ("uploaded", display(row.upload_time or "", 19)),
        ("score", f"{line.value}{unit}" if line.value is not None else ""),
        ("spread", spread),
        ("tied", f"{line.tied} lines have this score" if line.tied > 1 else ""),
        ("engine", str(row.evaluation_engine_id or "")),
    ]
    lines = [spans((f"Run {line.run_id}", "strong"))]
    if judged is not None:
        lines += judged.lines(line.run_id, width)
    for name, value in pairs:
        if value:
            lines += hang(name, value, width, 12)
    return Lines([lines])
