"""Which columns the table of runs has room for, and how wide each is."""

from __future__ import annotations

from dataclasses import dataclass

PADDING = 2  # a cell has one blank on either side
SCROLLBAR = 1


@dataclass(frozen=True, slots=True)
class Column:
    """A column as it is drawn: ``width`` is that of its text, without padding."""

    key: str
    label: str
    width: int


@dataclass(frozen=True, slots=True)
class _Wish:
    key: str
    label: str
    least: int
    most: int


# In the order on the screen. ``least`` is what a column needs to be worth its room, ``most`` what
# it can use.
_WISHES = {
    wish.key: wish
    for wish in (
        _Wish("run_id", "run", 7, 7),
        _Wish("state", "state", 8, 15),
        _Wish("flow", "flow", 16, 60),
        _Wish("task", "task", 5, 5),
        _Wish("data", "data set", 9, 20),
        _Wish("score", "score", 8, 8),
        _Wish("uploader", "uploader", 10, 16),
        _Wish("uploaded", "uploaded", 10, 16),
        _Wish("error", "error", 14, 400),
    )
}
# Columns are taken in this order while there is room for them.
_FIRST = ("run_id", "state", "flow", "error", "data", "score", "task", "uploader", "uploaded")
# What is left over goes to these in turn: (column, up to this width).
_GROW = (("flow", 24), ("error", 20), ("data", 14), ("flow", 34), ("error", 40), ("uploader", 14),
         ("state", 15), ("uploaded", 16), ("data", 20), ("flow", 60), ("error", 400))  # fmt: skip


def layout(width: int, *, id_width: int = 6) -> list[Column]:
    """The columns for a table of ``width`` cells, in screen order; at least the run id.

    ``id_width`` is the length of the longest run id shown.
    """
    room = width - SCROLLBAR
    chosen: dict[str, int] = {}
    for key in _FIRST:
        least = _WISHES[key].least
        if key == "run_id":
            least = max(least, id_width + 1)  # a mark stands before the id
        if key == "run_id" or room >= least + PADDING:
            chosen[key] = least
            room -= least + PADDING
    for key, limit in _GROW:
        if key in chosen and room > 0:
            more = min(room, max(0, limit - chosen[key]))
            chosen[key] += more
            room -= more
    return [Column(key, wish.label, chosen[key]) for key, wish in _WISHES.items() if key in chosen]
