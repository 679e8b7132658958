"""Values of filter fields as texts: read strictly, with words for a person when they are wrong."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import NamedTuple
from urllib.parse import quote

from runbrowser.errors import UsageError
from runbrowser.ids import many_ids, one_id
from runbrowser.models import RunState, TaskType
from runbrowser.text import display

STATES = {
    "ok": RunState.OK,
    "failed": RunState.FAILED,
    "eval-failed": RunState.EVALUATION_FAILED,
    "not-evaluated": RunState.NOT_EVALUATED,
}
"""The words for states."""

TYPE_NAMES = {
    "classification": TaskType.SUPERVISED_CLASSIFICATION,
    "regression": TaskType.SUPERVISED_REGRESSION,
    "learning-curve": TaskType.LEARNING_CURVE,
    "datastream": TaskType.SUPERVISED_DATASTREAM_CLASSIFICATION,
    "clustering": TaskType.CLUSTERING,
    "challenge": TaskType.MACHINE_LEARNING_CHALLENGE,
    "survival": TaskType.SURVIVAL_ANALYSIS,
    "subgroup": TaskType.SUBGROUP_DISCOVERY,
    "multitask-regression": TaskType.MULTITASK_REGRESSION,
    "active-classification": TaskType.ACTIVE_CLASSIFICATION,
    "text": TaskType.TEXT,
}
"""The words for task types."""

_TYPE_WORDS = {int(kind): name for name, kind in TYPE_NAMES.items()}
_STATE_WORDS = {state: word for word, state in STATES.items()}
_SERVER_TAG = re.compile(r"[A-Za-z0-9\s,\-./:;<=>?@\[\\\]^_()0-9]*\Z")


def parse_ids(text: str) -> tuple[int, ...]:
    """Ids from ``1,2,3``; blanks are allowed. ValueError with words for a person otherwise."""
    ids = []
    for part in text.split(","):
        part = part.strip()
        if not part:
            continue
        if not (part.isascii() and part.isdecimal()):
            raise ValueError(
                f"{display(part, 40)!r} is no id: ids are whole numbers, as 59 or 1,2,3"
            )
        if len(part) > 18:
            raise ValueError(f"{display(part, 24)} is too large for an id")
        ids.append(int(part))
    return tuple(dict.fromkeys(ids))


def ids_text(ids: Iterable[int]) -> str:
    """What :func:`parse_ids` reads."""
    return ",".join(map(str, ids))


def parse_task_types(text: str) -> tuple[int, ...]:
    """Task type ids from numbers or names, comma-separated."""
    kinds = []
    for part in text.split(","):
        part = part.strip().lower()
        if not part:
            continue
        if part in TYPE_NAMES:
            kinds.append(int(TYPE_NAMES[part]))
        elif part.isascii() and part.isdecimal() and len(part) < 10:
            kinds.append(int(part))
        else:
            names = ", ".join(TYPE_NAMES)
            raise ValueError(f"{display(part, 40)!r} is no task type: a number or one of {names}")
    return tuple(dict.fromkeys(kinds))


def type_name(kind: int) -> str:
    """A task type as the filter language calls it; ``type 12`` when it has no name."""
    return _TYPE_WORDS.get(kind, f"type {kind}")


def task_types_text(kinds: Iterable[int]) -> str:
    """What :func:`parse_task_types` reads."""
    return ",".join(_TYPE_WORDS.get(kind, str(kind)) for kind in kinds)


def parse_tag(text: str) -> str:
    """One tag that V1's filter can look for: its server refuses other characters.

    See "Lists of runs" in docs/protocol.md.
    """
    tag = text.strip()
    if not tag:
        raise ValueError("a tag has at least one character")
    if not _SERVER_TAG.match(tag) or "/" in tag or "\\" in tag:
        raise ValueError(
            f"the server cannot look for the tag {display(tag, 40)!r}: "
            "only letters, digits, blanks and . _ - ( ) and a few signs"
        )
    return tag


def parse_uploader(text: str) -> tuple[tuple[int, ...], bool]:
    """User ids, and whether ``me`` is among them."""
    parts = [part.strip() for part in text.split(",")]
    mine = any(part.lower() in ("me", "mine") for part in parts)
    return parse_ids(",".join(p for p in parts if p.lower() not in ("me", "mine"))), mine


def uploader_text(value: tuple[tuple[int, ...], bool]) -> str:
    """What :func:`parse_uploader` reads."""
    ids, mine = value
    return ",".join([*(["me"] if mine else []), *map(str, ids)])


def parse_study(text: str) -> int:
    """The id of one study."""
    ids = parse_ids(text)
    if len(ids) != 1:
        raise ValueError("one study id is wanted, as study:100")
    return ids[0]


def parse_state(text: str) -> RunState:
    """A state from its word; ``_`` and blanks stand for ``-``."""
    word = text.strip().lower().replace("_", "-").replace(" ", "-")
    if word not in STATES:
        raise ValueError(f"{display(text, 40)!r} is no state: {', '.join(STATES)}")
    return STATES[word]


def state_text(state: RunState) -> str:
    """What :func:`parse_state` reads."""
    return _STATE_WORDS.get(state, "")


def parse_yes_no(text: str) -> bool:
    """yes or no, in the words that programs have for it."""
    word = text.strip().lower()
    if word in ("yes", "true", "on", "1"):
        return True
    if word in ("no", "false", "off", "0"):
        return False
    raise ValueError("yes or no is wanted")


class Period(NamedTuple):
    """A year, a month or a day, as its text: ``2020``, ``2020-01``, ``2020-01-31``."""

    text: str

    @property
    def first(self) -> date:
        """Its first day."""
        year, month, day = (*map(int, self.text.split("-")), 1, 1)[:3]
        return date(year, month, day)

    @property
    def after(self) -> date:
        """The first day after it."""
        longest = {4: 366, 7: 31, 10: 1}[len(self.text)]
        day = self.first + timedelta(days=longest)
        return date.fromisoformat(
            f"{day.isoformat()[: len(self.text)]}{'-01-01'[len(self.text) - 4 :]}"
        )


_PERIOD = re.compile(r"[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?")


DAYS_AGO = {"today": 0, "yesterday": 1, "last-week": 7, "last-month": 30}
"""The words for days, by how many days ago they are."""


def parse_period(text: str, today: date | None = None) -> Period:
    """A year, a month or a day, also as a word of DAYS_AGO. ValueError with words for a person
    otherwise.
    """
    word = text.strip().lower()
    if word in DAYS_AGO:
        return Period(((today or date.today()) - timedelta(days=DAYS_AGO[word])).isoformat())
    period = Period(text.strip())
    try:
        if not _PERIOD.fullmatch(period.text) or not 1 < period.first.year < 9_999:
            raise ValueError
    except ValueError:
        raise ValueError(
            f"{display(text, 40)!r} is no day, month or year: 2020-01-31, 2020-01 or 2020"
        ) from None
    return period


class Bound(NamedTuple):
    """More or less than a number: ``sign`` is one of > >= < <=."""

    sign: str
    value: float

    def holds(self, number: float) -> bool:
        """Whether a number is within it."""
        compare = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}
        return bool(compare[self.sign](number, self.value))


_BOUND = re.compile(r"\s*([<>]=?)\s*([-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)\s*")


def parse_bound(text: str) -> Bound:
    """A bound from ``>0.9``. ValueError with words for a person otherwise."""
    match = _BOUND.fullmatch(text)
    value = float(match[2]) if match else math.inf
    if match is None or not math.isfinite(value):
        raise ValueError(f"{display(text, 40)!r} is no bound: >0.9, >=0.9, <0.5 or <=0.5")
    return Bound(match[1], value)


def bound_text(bound: Bound) -> str:
    """What :func:`parse_bound` reads."""
    return f"{bound.sign}{bound.value!r}"


def parse_pattern(text: str) -> str:
    """A regular expression. ValueError with words for a person when it is none."""
    try:
        re.compile(text)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"no regular expression: {error}") from None
    return text


def quote_segment(value: str) -> str:
    """One path segment, percent-encoded; V1 cannot be sent a slash (its web server refuses %2F)."""
    if "/" in value or "\\" in value:
        raise UsageError(f"OpenML cannot look for {value!r}: its server refuses slashes.")
    return quote(value, safe="")


def ids_segment(what: str) -> Callable[[tuple[int, ...]], str]:
    """How ids stand in a path of V1; ``what`` names one of them in errors. Ids are read strictly,
    since programs build filters, too.
    """

    def segment(ids: tuple[int, ...]) -> str:
        return ",".join(map(str, many_ids(ids, what) or ()))

    return segment


def study_segment(study: int | None) -> str:
    """How a study stands in a path of V1."""
    return "" if study is None else str(one_id(study, "a study's id"))


def tag_segment(tag: str | None) -> str:
    """How a tag stands in a path of V1."""
    return "" if tag is None else quote_segment(tag)
