"""A table whose cells are one line of one style: they are drawn without a console."""

from __future__ import annotations

from functools import lru_cache

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.coordinate import Coordinate
from textual.strip import Strip
from textual.widgets import DataTable

from runbrowser.short_texts import cached_for_short_texts


@cached_for_short_texts(4_096)
def _fitted(text: str, width: int, justify: str | None, overflow: str) -> str:
    """A text in exactly so many cells."""
    if justify == "right":
        text = text.rstrip()
    missing = width - cell_len(text)
    if missing < 0:
        if overflow != "ellipsis":
            return set_cell_size(text, width)
        text, missing = set_cell_size(text, width - 1) + "\u2026", 0
    return " " * missing + text if justify == "right" else text + " " * missing


@lru_cache(maxsize=256)
def _parsed(style: str) -> Style:
    return Style.parse(style)


def plain_line(text: Text, width: int, padding: int, before: Style, after: Style) -> list[Segment]:
    """A text as ``width`` cells, ``padding`` blank ones at both ends among them.

    ``before`` lies below the text's own style, ``after`` over it. It is what a console makes of
    ``Styled(Padding(text, (0, padding)), before, after)`` in one line, in a twentieth of the time.
    """
    fitted = _fitted(text.plain, width - 2 * padding, text.justify, text.overflow or "fold")
    around = " " * padding
    if not text.style or not text:  # a cell without a text has no style of its own
        return [Segment(around + fitted + around, before + after)]
    own = text.style if isinstance(text.style, Style) else _parsed(text.style)
    end = Segment(around, before + after)
    return [end, Segment(fitted, before + own + after), end]


def is_plain(text: object) -> bool:
    """Whether :func:`plain_line` can draw it."""
    return (
        isinstance(text, Text)
        and not text.spans
        and text.justify in ("left", "right")
        and text.overflow in (None, "fold", "crop", "ellipsis")
        and not text.end
        and text.plain.isprintable()
    )


@lru_cache(maxsize=1024)
def _bare(style: Style) -> Style:
    return style.clear_meta_and_links()


def merged(strip: Strip) -> list[Segment]:
    """Neighbouring segments of one look as one, with the meta of the first."""
    segments: list[Segment] = []
    look: Style | None = None
    for text, style, _ in strip:
        bare = _bare(style) if style is not None else None
        if segments and bare == look:
            last = segments[-1]
            segments[-1] = Segment(last.text + text, last.style)
        else:
            segments.append(Segment(text, style))
            look = bare
    return segments


class PlainTable(DataTable[Text]):
    """Draws what is plain itself. DataTable has a console lay out, wrap and cut every cell, and
    every cell anew whenever one has changed: most of the time that a page takes to be drawn.
    """

    def _render_cell(
        self,
        row_index: int,
        column_index: int,
        base_style: Style,
        width: int,
        cursor: bool = False,
        hover: bool = False,
    ) -> list[list[Segment]]:
        if row_index >= 0 and column_index >= 0 and width > 2 * self.cell_padding:
            place = self.coordinate_to_cell_key(Coordinate(row_index, column_index))
            text, row = self.get_cell(*place), self.rows[place.row_key]
            if row.height == 1 and not row.auto_height and is_plain(text):
                style, after = self._get_styles_to_render_cell(
                    False,
                    False,
                    row_index < self.fixed_rows or column_index < self.fixed_columns,
                    hover,
                    cursor,
                    self.show_cursor,
                    self._show_hover_cursor,
                    self.cursor_foreground_priority == "css",
                    self.cursor_background_priority == "css",
                )
                meta = Style.from_meta({"row": row_index, "column": column_index})
                before = base_style + meta + style
                return [plain_line(text, width, self.cell_padding, before, after)]
        return super()._render_cell(row_index, column_index, base_style, width, cursor, hover)
