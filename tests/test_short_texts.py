"""Caches of what foreign texts give hold no long ones, however many come."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable

import pytest

from runbrowser.fields.signatures import signature
from runbrowser.short_texts import LONGEST, cached_for_short_texts
from runbrowser.triage.flow_names import steps
from runbrowser.tui.widgets.plain_table import _fitted

LONG = 50_000
TEXTS = 400


def test_a_short_text_is_worked_out_once_and_a_long_one_each_time() -> None:
    asked: list[str] = []

    @cached_for_short_texts(8)
    def double(text: str, more: int = 0) -> str:
        """A docstring that stays."""
        asked.append(text)
        return text + text + "!" * more

    short, long = "x" * LONGEST, "x" * (LONGEST + 1)
    assert [double(short), double(short), double(short, 1)] == [
        short * 2,
        short * 2,
        f"{short * 2}!",
    ]
    assert [double(long), double(long)] == [long * 2] * 2
    assert asked == [short, short, long, long]  # twice, for it was asked with 1 as well
    assert double.__doc__ == "A docstring that stays."


@pytest.mark.parametrize(
    "read",
    [signature, steps, lambda text: _fitted(text, 20, None, "ellipsis")],
    ids=["signatures of messages", "steps of flows", "cells"],
)
def test_many_long_texts_are_not_kept(read: Callable[[str], object]) -> None:
    """400 texts of 50,000 characters are 20 MB."""
    tracemalloc.start()
    try:
        read("warm up")
        before, _ = tracemalloc.get_traced_memory()
        for number in range(TEXTS):
            read(f"{number} " + "word " * (LONG // 5))
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 2 * LONG
