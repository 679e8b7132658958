"""No expression of ours takes the square of a text, as it is used: searched for, or matched.

Expressions are looked into wherever a module names them, with texts that repeat what the
expression itself is about. One that backtracks, or that begins again at every character, takes
hundreds of milliseconds for some thousand characters; one that does not takes less than one.
"""

from __future__ import annotations

import importlib
import pkgutil
import random
import re
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any

import runbrowser

LENGTH, TIMES = 1_000, 4
NOTICEABLE = 0.01  # seconds of the processor for the longer text
MOST = 9.0  # times as much for four times the text; the square is 16
SEARCHING = {"search", "finditer", "findall", "sub", "subn", "split"}
COMMON = (
    *(" ", "\n", "\t", "\r\n", "a", "A", "0", "_", ".", "-", "'", '"', "<", ">", "&", "(", ")"),
    *(
        "[",
        "]",
        "{",
        "}",
        "=",
        ",",
        ":",
        "/",
        "\\",
        "a ",
        "a.",
        "a1",
        "0.",
        "1,",
        "''",
        '""',
        "<a>",
    ),
    *("</a>", "a b", "\u00e9", "(a", "a)", "1e", "-1", "+", "%", "#", ";", "x y\t", "a\n", "1 "),
)


def _patterns(value: Any, depth: int = 0) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, (dict, list, tuple)) and depth < 2 and len(value) < 200:
        for one in value.values() if isinstance(value, dict) else value:
            yield from _patterns(one, depth + 1)


def _expressions() -> dict[str, tuple[re.Pattern[Any], set[str]]]:
    """Every expression that has a name, and what is done with it."""
    folder = Path(runbrowser.__file__).parent
    sources = [path.read_text("utf-8") for path in folder.rglob("*.py")]
    found = {}
    for info in pkgutil.walk_packages(runbrowser.__path__, "runbrowser."):
        if info.name.startswith("runbrowser.demo") or info.name.endswith("__main__"):
            continue
        module = importlib.import_module(info.name)
        source = Path(str(module.__file__)).read_text("utf-8")
        for name, value in vars(module).items():
            if not re.search(rf"^{name}\b.*=", source, re.MULTILINE):
                continue  # another module's
            for number, pattern in enumerate(_patterns(value)):
                if not re.search(r"[*+}]", str(pattern.pattern)):
                    continue  # nothing is repeated
                use = re.compile(rf"\b{name}(?:\[[^\]]*\])?\.([a-z]+)\(")
                users = [source] if name.startswith("_") else sources
                uses = {verb for text in users for verb in use.findall(text)}
                found[f"{info.name}.{name} {number}"] = pattern, uses
    return found


def _pieces(pattern: re.Pattern[Any]) -> list[str]:
    text = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode()
    own = re.findall(r"[A-Za-z]{2,}|[^\\\w\s()\[\]{}|?*+^$]", text)
    pieces = list(dict.fromkeys((*COMMON, *own)))
    chance = random.Random(len(text))
    return [*pieces, *("".join(chance.sample(pieces, 2)) for _ in range(15))]


def _seconds(work: Callable[[], object], tries: int) -> float:
    best = float("inf")
    for _ in range(tries):
        started = time.process_time()
        work()
        best = min(best, time.process_time() - started)
    return best


def _slow(pattern: re.Pattern[Any], way: Callable[[Any], object]) -> list[str]:
    """The texts by which the work grows as their square."""
    slow = []
    for piece in _pieces(pattern):
        for end in ("", "\x00"):
            short, long = (piece * (LENGTH * n // len(piece)) + end for n in (1, TIMES))
            texts = (
                [short, long]
                if isinstance(pattern.pattern, str)
                else [short.encode(), long.encode()]
            )
            little, much = (partial(way, text) for text in texts)
            if _seconds(much, 1) >= NOTICEABLE and _seconds(much, 3) > max(
                NOTICEABLE, MOST * _seconds(little, 3)
            ):
                slow.append(f"{piece!r} {end!r}")
    return slow


def test_the_work_of_every_expression_grows_with_the_text() -> None:
    faults = {}
    for name, (pattern, uses) in _expressions().items():
        if uses & SEARCHING or not uses:
            faults[f"{name}, searched for"] = _slow(pattern, partial(_find_all, pattern))
        if uses - SEARCHING or not uses:
            faults[f"{name}, matched"] = _slow(pattern, pattern.match)
    assert len(faults) > 50
    assert {name: texts for name, texts in faults.items() if texts} == {}


def _find_all(pattern: re.Pattern[Any], text: Any) -> int:
    return sum(1 for _ in pattern.finditer(text))


_ONE = {_constants.LITERAL, _constants.NOT_LITERAL, _constants.IN, _constants.ANY}
_REPEATS = {_constants.MAX_REPEAT, _constants.MIN_REPEAT}


def _is_straight(tree: Any) -> bool:
    """Whether a part of an expression can match in one way only, and keeps nothing of it."""
    return all(
        operation in _ONE or (operation is _constants.POSSESSIVE_REPEAT and _is_straight(values[2]))
        for operation, values in tree
    )


def _holds_choices(tree: Any) -> bool:
    """Whether what can match in several ways, or keeps groups, is held for good somewhere."""
    for operation, values in tree:
        parts: Any = []
        if operation is _constants.ATOMIC_GROUP:
            return True
        if operation is _constants.POSSESSIVE_REPEAT and not _is_straight(values[2]):
            return True
        if operation in _REPEATS:
            parts = [values[2]]
        elif operation is _constants.SUBPATTERN:
            parts = [values[3]]
        elif operation is _constants.BRANCH:
            parts = values[1]
        elif operation in (_constants.ASSERT, _constants.ASSERT_NOT):
            parts = [values[1]]
        if any(map(_holds_choices, parts)):
            return True
    return False


def test_no_expression_holds_choices_for_good() -> None:
    """Before 3.11.5, Python misreads what is held for good and could have matched in another way:
    of a page of runs one was left.
    """
    for wrong in ("(?:ab|c)*+", "((?:(?>ab)))?", "(?:<(?!/?a)[^<]*+)*+", "(?:(a))?+"):
        assert _holds_choices(_parser.parse(wrong)), wrong
    assert not _holds_choices(_parser.parse(r"'([^']*+(?:\\.[^']*+)*+)'(?:<a>\s*+)?x++"))
    found = [
        name
        for name, (pattern, _) in _expressions().items()
        if isinstance(pattern.pattern, str)
        and _holds_choices(_parser.parse(pattern.pattern, pattern.flags))
    ]
    assert found == []
