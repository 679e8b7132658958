"""Which columns the table of runs has room for, and how wide each is."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from runbrowser.text import display
from runbrowser.views.arrangement import OF_A_MEASURE, Arrangement, split

PADDING = 2  # a cell has one blank on either side
SCROLLBAR = 1


@dataclass(frozen=True, slots=True)
class Column:
    """A column as it is drawn: ``width`` is that of its text, without padding. ``measure`` is the
    one that a score or spread column was given; '' for the task's own, and for all others.
    """

    key: str
    label: str
    width: int
    measure: str = ""

    @property
    def right(self) -> bool:
        """Whether its numbers stand under each other."""
        return split(self.key)[0] in _NUMBERS


_NUMBERS = frozenset({"run_id", "task", "setup", *OF_A_MEASURE})


@dataclass(frozen=True, slots=True)
class _Wish:
    label: str
    least: int
    most: int


# ``least`` is what a column needs to be worth its room, ``most`` what it can use.
_WISHES = {
    "run_id": _Wish("run", 7, 7),
    "state": _Wish("state", 8, 15),
    "flow": _Wish("flow", 16, 60),
    "task": _Wish("task", 5, 5),
    "data": _Wish("data set", 9, 20),
    "score": _Wish("score", 8, 8),
    "spread": _Wish("\u00b1 folds", 8, 8),
    "uploader": _Wish("uploader", 10, 16),
    "uploaded": _Wish("uploaded", 10, 16),
    "type": _Wish("type", 10, 18),
    "setup": _Wish("setup", 8, 8),
    "tags": _Wish("tags", 10, 40),
    "error": _Wish("error", 14, 400),
    "details": _Wish("details", 14, 400),
}
# Where nothing was chosen, columns are taken in this order while there is room for them.
_FIRST = ("run_id", "state", "flow", "error", "data", "score", "task", "uploader", "uploaded")
# What is left over goes to these in turn: (column, up to this width).
_GROW = (("flow", 24), ("error", 20), ("data", 14), ("flow", 34), ("details", 24), ("error", 40),
         ("uploader", 14), ("type", 14), ("tags", 24), ("state", 15), ("uploaded", 16),
         ("data", 20), ("type", 18), ("flow", 60), ("tags", 40), ("error", 400),
         ("details", 400))  # fmt: skip
_MOST_LABEL = 14


def label(column: str, arrangement: Arrangement) -> str:
    """The head of a column: a score's is that of its measure, once one was chosen."""
    kind, _ = split(column)
    measure = arrangement.measure_of(column)
    if not measure:
        return _WISHES[kind].label
    from runbrowser.triage import measures

    name = display(measures.measure(measure).label, _MOST_LABEL)
    return f"\u00b1 {name}"[:_MOST_LABEL] if kind == "spread" else name


def _wish(column: str, arrangement: Arrangement) -> _Wish:
    kind, _ = split(column)
    if kind not in OF_A_MEASURE:
        return _WISHES[kind]
    words = label(column, arrangement)
    width = max(_WISHES[kind].least, len(words) + 1)  # an arrow may stand behind the label
    return _Wish(words, width, width)


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
) -> list[Column]:
    """The columns for a table of ``width`` cells, in screen order; at least the run id.

    Chosen columns are taken from the left while there is room; where none were chosen, those that
    say most come first. ``id_width`` is the length of the longest run id shown, ``start`` how many
    columns behind the run id are scrolled out of sight, ``folded`` those that are not wanted.
    """
    keys = in_turn(arrangement, folded, start)
    by_hand = bool(arrangement.columns) or start > 0
    room = width - SCROLLBAR
    wishes: dict[str, _Wish] = {}
    chosen: dict[str, int] = {}
    for key in keys if by_hand else [key for key in _FIRST if key in keys]:
        wishes[key] = _wish(key, arrangement)
        least = wishes[key].least
        if key == "run_id":
            least = max(least, id_width + 1)  # a mark stands before the id
        if key == "run_id" or room >= least + PADDING:
            chosen[key] = least
            room -= least + PADDING
        elif by_hand:
            break  # what comes after it would stand out of turn
    for key, limit in _GROW:
        if key in chosen and room > 0:
            more = min(room, max(0, limit - chosen[key]))
            chosen[key] += more
            room -= more
    return [
        Column(key, wishes[key].label, chosen[key], arrangement.measure_of(key))
        for key in keys
        if key in chosen
    ]
