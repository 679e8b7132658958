"""A comparison as plain text, for a terminal of any width or for a file."""

from __future__ import annotations

from dataclasses import replace

from runbrowser.pages.comparison.head import header, summary, title
from runbrowser.pages.comparison.layout import Page, lay_out
from runbrowser.pages.comparison.page import page
from runbrowser.triage.comparison.model import Comparison


def as_text(comparison: Comparison, width: int, *, everything: bool = False) -> str:
    """All sections; where not all runs have room beside each other, some below the others."""
    count = len(comparison.entries)
    layout = lay_out(count, max(40, width))
    across = len(layout.shown)
    words, _ = title(comparison)
    blocks = [f"{words}\n{summary(comparison, layout.width)}"]
    for first in range(0, count, across):
        some = replace(layout, shown=range(first, min(first + across, count)))
        last = first + across >= count
        text = page(comparison, some, everything=everything, notes=not first, folds=last).plain
        blocks.append(f"{Page(header(comparison, some)).plain}\n\n{text}")
    return "\n\n".join(block for block in blocks if block) + "\n"
