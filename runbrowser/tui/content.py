"""Lines of a page as Textual draws them: the one table from looks to styles."""

from __future__ import annotations

from collections.abc import Iterable

from textual.content import Content

from runbrowser.pages.lines import Line
from runbrowser.tui.contrast import STEPS

STYLES = {
    "": "",
    "faint": "$text-muted",
    "strong": "bold",
    "title": "bold $text-primary",
    "key": "bold $text-primary",
    # what is good, bad or to be minded
    "good": "$text-success",
    "bad": "$text-error",
    "warning": "$text-warning",
    "strong-bad": "bold $text-error",
    "strong-warning": "bold $text-warning",
    "accent": "$text-accent",
    "strong-accent": "bold $text-accent",
    "second": "$text-secondary",
    "strong-second": "bold $text-secondary",
    # cells of tables
    "error": "$text-error",
    "score": "$text-accent",
    "mark": "$text-accent",
    # states of a run
    "ok": "$text-success",
    "failed": "$text-error",
    "evaluation-failed": "$text-warning",
    "not-evaluated": "$text-secondary",
    "strong-ok": "bold $text-success",
    "strong-failed": "bold $text-error",
    "strong-evaluation-failed": "bold $text-warning",
    "strong-not-evaluated": "bold $text-secondary",
    "strong-faint": "bold $text-muted",
    # cells of a confusion matrix, by how much of their row they hold
    **{f"right-{n}": f"bold $cell-right-{n}-text on $cell-right-{n}" for n in STEPS},
    **{f"wrong-{n}": f"$cell-wrong-{n}-text on $cell-wrong-{n}" for n in STEPS},
    # a comparison
    "chosen": "bold $block-cursor-foreground on $block-cursor-background",
    "better": "$text-success",
    "worse": "$text-error",
    "neutral": "$text-secondary",
    "better-reverse": "reverse $text-success",
    "worse-reverse": "reverse $text-error",
    "neutral-reverse": "reverse $text-secondary",
}
"""A style for each look that pages name."""

_WITHOUT_COLOUR = {**STYLES, "chosen": "bold reverse"}


def line_content(line: Line, *, no_color: bool = False) -> Content:
    """One line."""
    styles = _WITHOUT_COLOUR if no_color else STYLES
    return Content.assemble(*((text, styles.get(look, "")) for text, look in line if text))


def content(lines: Iterable[Line], *, no_color: bool = False) -> Content:
    """Lines below each other; without colours what is chosen is reversed."""
    return Content("\n").join(line_content(line, no_color=no_color) for line in lines)
