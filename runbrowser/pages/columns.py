"""Which columns the table of runs has room for, and how wide each is."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from runbrowser.fields.columns import Kind, record_of
from runbrowser.text import display
from runbrowser.views.arrangement import Arrangement

PADDING = 2  # a cell has one blank on either side
SCROLLBAR = 1


@dataclass(frozen=True, slots=True)
class Column:
    """A column as it is drawn: ``width`` is that of its text, without padding. ``measure`` is the
    one that a score or spread column was given; '' for the task's own, and for all others.
    ``naming`` is the part of the width in which each cell names its measure, 0 where none does.
    """

    key: str
    label: str
    width: int
    measure: str = ""
    naming: int = 0

    @property
    def right(self) -> bool:
        """Whether its numbers stand under each other."""
        return record_of(self.key).right


_MOST_HEADING = 14
_MOST_NAME = 8  # cells of a measure's name in the cells of a score


def label(column: str, arrangement: Arrangement) -> str:
    """The head of a column: a score's is that of its measure, once one was chosen."""
    measure = arrangement.measure_of(column)
    if not measure:
        return record_of(column).heading
    from runbrowser.triage import measures

    name = display(measures.measure(measure).label, _MOST_HEADING)
    spread = record_of(column).kind is Kind.SPREAD
    return f"\u00b1 {name}"[:_MOST_HEADING] if spread else name


def _wish(column: str, arrangement: Arrangement) -> tuple[str, int]:
    """Heading of a column, and the cells that it needs at least."""
    record, heading = record_of(column), label(column, arrangement)
    if not record.of_measure:
        return heading, record.least
    return heading, max(record.least, len(heading) + 1)  # an arrow may stand behind the heading


def name_of(measure: str, width: int = _MOST_NAME) -> str:
    """A measure's short name, as cells have it."""
    from runbrowser.triage import measures

    return display(measures.measure(measure).label, width)


def _naming(column: str, arrangement: Arrangement, measures: Sequence[str]) -> int:
    """The cells that the names of measures take, and a blank, in a column of several of them."""
    if record_of(column).kind is not Kind.SCORE or arrangement.measure_of(column):
        return 0
    return max(len(name_of(measure)) for measure in measures) + 1 if len(measures) > 1 else 0


def in_turn(arrangement: Arrangement, folded: Collection[str] = (), start: int = 0) -> list[str]:
    """The columns wanted, without those folded away; ``start`` of those behind the run id are
    passed over. Their widths are another matter.
    """
    first, *rest = arrangement.wanted
    left = [column for column in rest if column not in folded]
    return [first, *left[start:]]


def layout(
    width: int,
    arrangement: Arrangement = Arrangement(),  # noqa: B008 - a plain value
    *,
    id_width: int = 6,
    folded: Collection[str] = (),
    start: int = 0,
    measures: Sequence[str] = (),
    failed: bool = False,
) -> list[Column]:
    """The columns for a table of ``width`` cells, in screen order; at least the run id.

    Chosen columns are taken from the left while there is room; where none were chosen, those that
    say most come first. ``id_width`` is the length of the longest run id shown, ``start`` how many
    columns behind the run id are scrolled out of sight, ``folded`` those that are not wanted.
    ``measures`` are those of the rows' tasks: where they differ each score names its own, if there
    is room for that. ``failed``: all rows have, so that none of them has a score.
    """
    keys = in_turn(arrangement, folded, start)
    by_hand = bool(arrangement.columns) or start > 0
    room = width - SCROLLBAR
    headings: dict[str, str] = {}
    chosen: dict[str, int] = {}
    naming: dict[str, int] = {}
    for key in keys if by_hand else _by_turn(keys, failed):
        headings[key], least = _wish(key, arrangement)
        if key == "run_id":
            least = max(least, id_width + 1)  # a mark stands before the id
        elif (name := _naming(key, arrangement, measures)) and room >= least + name + PADDING:
            naming[key] = name
            least += name
        if key == "run_id" or room >= least + PADDING:
            chosen[key] = least
            room -= least + PADDING
        elif by_hand:
            break  # what comes after it would stand out of turn
    growth = [(step, key) for key in chosen for step in record_of(key).growth]
    for step, key in sorted(growth):
        more = max(0, min(room, step.width - chosen[key]))
        chosen[key] += more
        room -= more
    return [
        Column(key, headings[key], chosen[key], arrangement.measure_of(key), naming.get(key, 0))
        for key in keys
        if key in chosen
    ]


def _by_turn(keys: Iterable[str], failed: bool) -> list[str]:
    """The columns that say most first; those that are never taken unasked are left out. Where all
    runs failed, error and score change places.
    """
    turns = {key: record_of(key).turn for key in keys}
    if failed and "error" in turns and "score" in turns:
        turns["error"], turns["score"] = turns["score"], turns["error"]
    taken = {key: turn for key, turn in turns.items() if turn is not None}
    return sorted(taken, key=taken.__getitem__)
