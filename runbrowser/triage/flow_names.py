"""Short names for flows: OpenML's full names hold every component and are unreadably long."""

from __future__ import annotations

import re
from collections.abc import Mapping

from runbrowser.short_texts import cached_for_short_texts
from runbrowser.text import display

_VERSION = re.compile(r"\(\d+\)\s*\Z")
ARROW = " \u203a "


def _split(text: str) -> list[str]:
    """Comma-separated parts, commas inside brackets left alone."""
    parts, depth, start = [], 0, 0
    for position, char in enumerate(text):
        if char in "([{":
            depth += 1
        elif char in ")]}":
            depth = max(depth - 1, 0)
        elif char == "," and depth == 0:
            parts.append(text[start:position])
            start = position + 1
    parts.append(text[start:])
    return [part.strip() for part in parts if part.strip()]


def _last(dotted: str) -> str:
    """The last part of a dotted name, where that says enough: ``classif.ranger`` stays whole."""
    head, _, tail = dotted.rpartition(".")
    return dotted.removeprefix("mlr.") if head.startswith("mlr") else tail or dotted


def _steps(name: str, depth: int = 0) -> list[str]:
    name = name.strip()
    outer, bracket, inner = name.partition("(")
    if not bracket or depth > 6:
        return [_last(outer)]
    inner = inner[:-1] if inner.endswith(")") else inner
    parts = [part.partition("=")[2] or part for part in _split(inner)]
    kind = _last(outer)
    if kind == "Pipeline":
        return [step for part in parts for step in _steps(part, depth + 1)] or [kind]
    if kind in ("ColumnTransformer", "FeatureUnion", "VotingClassifier", "StackingClassifier"):
        return [kind]
    # a search or an ensemble around one estimator
    return [f"{kind}({ARROW.join(_steps(parts[0], depth + 1))})"] if parts else [kind]


def components(name: str) -> tuple[str, dict[str, str]]:
    """A full name without its version, taken apart: the flow's own name, and the full names of its
    components by the keys that they stand under.
    """
    outer, bracket, inner = name.strip().partition("(")
    inner = inner[:-1] if inner.endswith(")") else inner
    parts = (part.partition("=") for part in _split(inner)) if bracket else ()
    return outer.strip(), {key.strip(): value.strip() for key, sign, value in parts if sign}


def without_version(full_name: str) -> str:
    """A flow's full name without the ``(version)`` that the server puts behind it."""
    return _VERSION.sub("", full_name).strip()


@cached_for_short_texts(4_096)
def steps(full_name: str) -> tuple[str, ...]:
    """The parts of a flow that a person would name, first to last, from its full name."""
    name = without_version(full_name)
    if len(name) > 4_000:  # not worth taking apart
        return (name[:64],)
    found = tuple(step for step in _steps(name) if step)
    return found or (full_name,)


_LONG_WORDS = re.compile(r"(?<=[a-z])(?:Classifier|Regressor|SearchCV)(?=\W|\Z)")


def short_name(full_name: str, width: int | None = None) -> str:
    """A readable name, such as ``StandardScaler \u203a SVC``.

    Where it is wider than ``width``, first the words go that the task tells anyway
    (``Classifier``), then the first steps: what is fitted last says most. An ellipsis stands for
    steps that are left out, also where the last one alone is too wide.
    """
    parts = steps(full_name)
    text = ARROW.join(parts)
    if width is None or len(text) <= width:
        return text
    parts = tuple(_LONG_WORDS.sub("", part) or part for part in parts)
    text = ARROW.join(parts)
    left = len(text)  # of what stands behind the first steps
    for first, part in enumerate(parts[:-1], 1):
        if len(text) <= width:
            break
        left -= len(part) + len(ARROW)
        if 1 + len(ARROW) + left <= width or first == len(parts) - 1:
            text = f"\u2026{ARROW}{ARROW.join(parts[first:])}"
    if len(text) <= width:
        return text
    return f"\u2026{parts[-1]}" if len(parts) > 1 else parts[-1]


_SMALL = re.compile(r"(?<=[A-Za-z])[a-z]+")


def _middle(text: str, width: int) -> str:
    """A text without its middle, where it is too wide."""
    if len(text) <= width:
        return text
    head = (width - 1) // 2
    return f"{text[:head]}\u2026{text[len(text) - (width - 1 - head) :]}"


def _elisions(full_name: str, width: int) -> tuple[str, ...]:
    """Ways to shorten a name, the most readable first; all of them fit."""
    parts = steps(full_name)
    text = ARROW.join(parts)
    initials = ARROW.join([*(_SMALL.sub("", part) for part in parts[:-1]), parts[-1]])
    ways = (short_name(full_name, width), initials, text, without_version(full_name))
    return tuple(_middle(display(way), width) for way in ways)


def distinct_names(full_names: Mapping[int, str], width: int) -> dict[int, str]:
    """Harmless short names by flow id, at most ``width`` characters wide (8 or more): two different
    flows never have the same. Where shortening makes names alike they are shortened in another
    way, and where they are alike in full (versions of one flow) the id stands behind them.
    """
    ways = {flow: _elisions(name, width) if name else () for flow, name in full_names.items()}
    found = {flow: way[0] if way else f"#{flow}" for flow, way in ways.items()}
    groups: dict[str, list[int]] = {}
    for flow, text in found.items():
        groups.setdefault(text, []).append(flow)
    for alike in groups.values():
        if len(alike) < 2:
            continue
        others = {text for flow, text in found.items() if flow not in alike}
        for way in range(1, len(_elisions("x", 8))):
            texts = {ways[flow][way] for flow in alike}
            if len(texts) == len(alike) and not texts & others:
                found.update({flow: ways[flow][way] for flow in alike})
                break
        else:
            for flow in alike:
                number = f" #{flow}"
                name = display(short_name(full_names[flow], max(1, width - len(number))))
                found[flow] = f"{_middle(name, max(1, width - len(number)))}{number}"
    return found
