"""A comparison's lines in the colours of the screen."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from runbrowser.triage.comparison.layout import Line

_STYLES = {
    "title": "bold $text-primary",
    "group": "bold",
    "label": "$text-muted",
    "faint": "$text-muted",
    "head": "bold",
    "baseline": "bold $text-accent",
    "chosen": "bold $block-cursor-foreground on $block-cursor-background",
    "ok": "$text-success",
    "failed": "$text-error",
    "evaluation-failed": "$text-warning",
    "not-evaluated": "$text-secondary",
    "error": "$text-error",
    "warning": "$text-warning",
    "score": "",
    "best": "bold $text-accent",
    "better": "$text-success",
    "worse": "$text-error",
    "neutral": "$text-secondary",
    "better-reverse": "reverse $text-success",
    "worse-reverse": "reverse $text-error",
    "neutral-reverse": "reverse $text-secondary",
    "words": "",
}


def content(lines: Sequence[Line], *, no_color: bool = False) -> Content:
    """Lines as they are drawn; without colours the chosen column is reversed."""
    styles = {**_STYLES, "chosen": "bold reverse"} if no_color else _STYLES
    return Content("\n").join(
        Content.assemble(*((text, styles.get(look, "")) for text, look in line if text))
        for line in lines
    )


def hints(pairs: Sequence[tuple[str, str]], width: int, most: int | None = None) -> Content:
    """Keys and what they do, in as many lines as they take, or as many as there may be."""
    lines: list[list[tuple[str, str]]] = [[]]
    used = 0
    for key, label in pairs:
        size = len(key) + len(label) + 1
        if used and used + 3 + size > width:
            lines.append([])
            used = 0
        if lines[-1]:
            lines[-1].append(("   ", ""))
            used += 3
        lines[-1] += [(key, "bold $text-accent"), (f" {label}", "$text-muted")]
        used += size
    return Content("\n").join(Content.assemble(*line) for line in lines[:most])
