"""A mirror of ten million synthetic runs: pages, groups, memory, and its size on disk.

The rows are made by SQL in the mirror's own tables, in the order and with the numbers of different
flows, tasks and messages that a sync would leave; all reading goes through the product's code. A
page is what the browser asks for it: its rows, their names, states and scores.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from benchmarks.rows import Row
from runbrowser.fields.filters import parse
from runbrowser.mirror import engine
from runbrowser.mirror.build import Building
from runbrowser.mirror.folder import MirrorFolder
from runbrowser.mirror.places import Place
from runbrowser.mirror.reading import GROUPS, Mirror
from runbrowser.mirror.search import SORTABLE, Order
from runbrowser.models import RunFilter

T = TypeVar("T")

PAGE_BUDGET = 100.0
GROUPS_BUDGET = 0.5
MEMORY_BUDGET = 1_500.0

_SERVER = "http://synthetic.example/api/v1/json"
_MEASURE = "predictive_accuracy"
_PAGE = 100
_JUMPS = 20
_FLOWS, _TASKS, _USERS, _MESSAGES, _KINDS = 10_000, 5_000, 2_000, 200_000, 500


def options(parser: argparse.ArgumentParser) -> None:
    """How many runs, and which pages of them."""
    parser.add_argument(
        "--rows", type=int, default=10_000_000, metavar="N", help="runs of the synthetic mirror"
    )
    parser.add_argument(
        "--pages", type=int, default=200, metavar="N", help="how many pages of the mirror are read"
    )
    parser.add_argument(
        "--seed", type=int, default=1, metavar="N", help="which pages of the mirror are read"
    )


def measure(given: argparse.Namespace) -> list[Row]:
    """Makes the mirror and reads it, each in a process of its own, whose memory can be told."""
    with tempfile.TemporaryDirectory(prefix="runbrowser-bench-") as name:
        making, size, peak = _apart(make, Path(name), given.rows)
        read = _apart(read_all, Path(name), given.rows, given.pages, given.seed)
    runs = f"{given.rows:,} synthetic runs"
    return [
        Row("the mirror is made by SQL", making, "s", None, f"{runs}; {peak:,.0f} MB at most"),
        Row("the mirror on disk", size / 1e6, "MB", None, runs),
        *read,
    ]


def _apart(function: Callable[..., T], *arguments: object) -> T:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(function, *arguments).result()


def _peak() -> float:
    """The most memory that this process held, in MB."""
    unit = 1 if sys.platform == "darwin" else 1_024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


# -- the rows ----------------------------------------------------------------------------------


def _share(salt: int) -> str:
    """A number from 0 to 1 by the number of the row, the same each time."""
    return f"(hash(i * 16 + {salt}) % 1000003 / 1000003.0)"


def _pick(many: int, salt: int) -> str:
    """One of many ids, the low ones far more often, as some flows and tasks have most runs."""
    return f"1 + CAST(floor({many} * pow({_share(salt)}, 3)) AS BIGINT)"


_FAILED = f"{_share(1)} < 0.2"
_SCORED = f"{_share(1)} < 0.95"
_SCORE = f"round(sqrt({_share(7)}), 6)"
_RUN_ID = "1 + i + i // 16"  # one of seventeen ids is a gap

_STATEMENTS = (
    f"""INSERT INTO runs SELECT {_RUN_ID}, {_pick(_TASKS, 2)}, 1 + ({_pick(_TASKS, 2)}) % 7,
            {_pick(1_000_000, 3)}, {_pick(_FLOWS, 4)}, {_pick(_USERS, 5)},
            TIMESTAMP '2014-04-01' + to_seconds(CAST(i * 36 AS BIGINT)),
            CASE WHEN {_FAILED} THEN {_pick(_MESSAGES, 6)} END, NULL,
            CASE WHEN NOT {_FAILED} AND {_SCORED} THEN {_SCORE} END, NOT {_FAILED} AND {_SCORED}
        FROM range($rows) t(i)""",
    f"""INSERT INTO scores SELECT {_RUN_ID}, 1, {_SCORE}
        FROM range($rows) t(i) WHERE NOT {_FAILED} AND {_SCORED}""",
    f"""INSERT INTO messages SELECT i + 1, replace(kind, ' N ', ' ' || i || ' '), kind, essence,
            NULL
        FROM (SELECT i, 'ValueError: ' || essence AS kind, essence FROM (SELECT i,
            'Input of step ' || chr(CAST(65 + i % 26 AS INTEGER)) || ' has N values, not those of '
            || 'component' || '_' || chr(CAST(97 + i % {_KINDS} // 26 AS INTEGER)) AS essence
            FROM range({_MESSAGES}) t(i)))""",
    f"INSERT INTO measures VALUES (1, '{_MEASURE}')",
    f"""INSERT INTO flows SELECT i + 1, 'sklearn.pipeline.Pipeline(step=sklearn.' || list_extract(
            ['ensemble.AdaBoost', 'svm.SVC', 'tree.Tree', 'linear.Ridge'], i % 4 + 1)
            || ')(' || i || ')', NULL FROM range({_FLOWS}) t(i)""",
    f"""INSERT INTO tasks SELECT i + 1, 1 + (i + 1) % 7, i // 3 + 1, list_extract(
            ['credit-g', 'mnist', 'adult', 'letter', 'vehicle'], i // 3 % 5 + 1) || '-' || i // 3,
            '{_MEASURE}', NULL FROM range({_TASKS}) t(i)""",
    f"INSERT INTO users SELECT i + 1, 'User ' || i, NULL FROM range({_USERS}) t(i)",
)


def make(data_dir: Path, rows: int) -> tuple[float, int, float]:
    """Makes and publishes the mirror; seconds, bytes on disk, and MB of memory at most."""
    begun = time.perf_counter()
    folder = MirrorFolder(data_dir, _SERVER)
    with folder.syncing():
        empty = Building(folder)
        empty.set_meta("measures", _MEASURE)
        empty.close()
        database = engine.connect(folder.building, read_only=False)
        for statement in _STATEMENTS:
            values = {"rows": rows} if "$rows" in statement else None
            database.execute(statement, values).fetchall()
        database.close()
        Building(folder).finish(whole=False)
        path = folder.publish()
    return time.perf_counter() - begun, path.stat().st_size, _peak()


# -- what is read ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reading:
    """How long one page took, and how much of the processors."""

    seconds: float
    processor: float
    filter: str
    order: Order


def read_all(data_dir: Path, rows: int, count: int, seed: int) -> list[Row]:
    """Pages and groups of the mirror that :func:`make` left."""
    chance = random.Random(seed)
    with Mirror(MirrorFolder(data_dir, _SERVER)) as mirror:
        newest, _ = _timed(lambda: _screen(mirror, RunFilter(), Order(), None))
        pages = [_page(mirror, chance, rows) for _ in range(count)]
        totals = [_total(mirror, text) for text in {page.filter for page in pages}]
        jumps = [_jump(mirror, chance, rows) for _ in range(_JUMPS)]
        groups = {by: min(_groups(mirror, by) for _ in range(3)) for by in GROUPS}
    for page in sorted(pages, key=lambda page: -page.seconds)[:5]:
        order = f"{page.order.column}{' downwards' if page.order.descending else ''}"
        print(f"  {page.seconds * 1e3:.0f} ms: {page.filter!r} by {order}", file=sys.stderr)
    times = sorted(page.seconds * 1e3 for page in pages)
    worked = sorted(page.processor * 1e3 for page in pages)
    most = max(0, len(times) * 95 // 100 - 1)
    what = f"{count} random pages of {_PAGE}"
    beside = "any filter, any order, any depth"
    return [
        Row("the newest runs, the first time", newest * 1e3, "ms"),
        Row(f"{what}: half of them", statistics.median(times), "ms", None, beside),
        Row(f"{what}: 95 of 100", times[most], "ms", PAGE_BUDGET, beside),
        Row(f"{what}: the slowest", times[-1], "ms", None, beside),
        Row(f"{what}: processor time of 95 of 100", worked[most], "ms", None, "of all processors"),
        Row("the total of a filter: the slowest", max(totals) * 1e3, "ms"),
        Row("a jump over pages never read: the slowest", max(jumps) * 1e3, "ms", None,
            f"{_JUMPS} jumps, newest first"),
        *(Row(f"groups by {by}", seconds, "s", GROUPS_BUDGET) for by, seconds in groups.items()),
        Row("memory while reading, at most", _peak(), "MB", MEMORY_BUDGET),
    ]  # fmt: skip


def _timed(question: Callable[[], T]) -> tuple[float, T]:
    begun = time.perf_counter()
    answer = question()
    return time.perf_counter() - begun, answer


def _screen(mirror: Mirror, filter: RunFilter, order: Order, after: Place | None) -> int:
    """All that the browser asks for one page; how many rows it has."""
    rows, _ = mirror.page(filter, _PAGE, order, after)
    ids = [row.run_id for row in rows]
    mirror.names(rows)
    mirror.scores(ids, _MEASURE)
    mirror.scored(ids)
    return len(rows)


def _page(mirror: Mirror, chance: random.Random, rows: int) -> Reading:
    """One page behind a run taken by chance, so that any depth is as likely."""
    text = " ".join(one(chance) for one in chance.sample(_FILTERS, chance.choice((0, 1, 1, 2))))
    filter = parse(text)
    column = chance.choice(sorted(SORTABLE))
    order = Order(column, chance.random() < 0.5, _MEASURE if column == "score" else None)
    somewhere = Place(None, chance.randint(1, rows + rows // 16))
    near, _ = mirror.page(filter, 1, Order(), somewhere)
    after = None
    if near:
        _, after = mirror.page(RunFilter(ids=(near[0].run_id,)), 1, order)
    worked = time.process_time()
    seconds, _ = _timed(lambda: _screen(mirror, filter, order, after))
    return Reading(seconds, time.process_time() - worked, text, order)


def _total(mirror: Mirror, text: str) -> float:
    return _timed(lambda: mirror.count(parse(text)))[0]


def _groups(mirror: Mirror, by: str) -> float:
    return _timed(lambda: mirror.groups(RunFilter(), by))[0]


def _jump(mirror: Mirror, chance: random.Random, rows: int) -> float:
    skip = chance.randint(0, rows)
    return _timed(lambda: mirror.page(RunFilter(), _PAGE, skip=skip))[0]


def _one_of(key: str, many: int) -> Callable[[random.Random], str]:
    return lambda chance: f"{key}:{1 + int(many * chance.random() ** 3)}"


def _text(*texts: str) -> Callable[[random.Random], str]:
    return lambda chance: chance.choice(texts)


_FILTERS: list[Callable[[random.Random], str]] = [
    _one_of("flow", _FLOWS),
    _one_of("task", _TASKS),
    _one_of("uploader", _USERS),
    _one_of("setup", 1_000_000),
    _text("type:classification", "type:2"),
    _text("state:ok", "state:failed", "-state:failed"),
    _text('error~"step C"', "error~component_q", "error~nothing-like-it"),
    _text('error=~"step [A-F] .*_[a-d]$"', "-error~component_b"),
    _text("flow~adaboost", "flow~svc", "-flow~tree"),
    _text("data~credit", "data~letter-9", "-data~mnist"),
    _text("score>0.9", "score<0.1", "score>0.999"),
    _text("since:2020-01-01", "since:2024-06", "until:2015"),
]
