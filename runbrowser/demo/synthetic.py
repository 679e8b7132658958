"""Large catalogues for tests and measurements: rows made by chance, and called synthetic.

Nothing was run for them: names begin with ``synthetic``, there are no files, and scores are
random numbers. The same scale and seed always give the same rows.
"""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from importlib.resources import files
from itertools import accumulate
from pathlib import Path

__all__ = ["Scale", "make"]

_BATCH = 100_000
_FIRST_TASK, _FIRST_FLOW = 10_001, 20_001
_FIRST_DATASET, _FIRST_SETUP = 5_001, 30_001
_USER_KEY = "de00000000000000000000000000de02"
_ADMIN_KEY = "ad00000000000000000000000000ad01"
_BEGAN = datetime(2020, 1, 1)
_SECONDS_APART = 120

_CLASSIFICATION, _REGRESSION = 1, 2
_TASK_TYPES = {_CLASSIFICATION: "Supervised Classification", _REGRESSION: "Supervised Regression"}
_PROCEDURES = {_CLASSIFICATION: 1, _REGRESSION: 7}
# Every tenth task is a regression.
_MEASURES = {_CLASSIFICATION: (45, 4), _REGRESSION: (53,)}
_MEASURE_NAMES = {
    4: "area_under_roc_curve",
    45: "predictive_accuracy",
    53: "root_mean_squared_error",
}
_PARAMETERS = ("depth", "rate", "random_state")
_TAGS = ("synthetic", "openml-python", "study_14", "sweep-1", "sweep-2", "to-check")
_ERRORS = (
    "MemoryError: Unable to allocate {} MiB for an array",
    "ValueError: Input contains NaN in column {}.",
    "ValueError: could not convert string to float: 'value {}'",
    "TimeoutError: no result after {} seconds",
    "IndexError: index {} is out of bounds for axis 0",
    "java.lang.OutOfMemoryError: Java heap space ({} bytes)",
)
_STATES = {"failed": 0.05, "not evaluated": 0.02, "evaluation failed": 0.01, "ok": 0.92}
_TAGGED = 0.3


@dataclass(frozen=True)
class Scale:
    """How many rows of each kind a synthetic catalogue has; `seed` says by what chance.

    Raises ValueError for a number below 1, or fewer than two users.
    """

    runs: int = 150_000
    flows: int = 400
    tasks: int = 400
    users: int = 100
    seed: int = 0

    def __post_init__(self) -> None:
        if min(self.runs, self.flows, self.tasks) < 1 or self.users < 2:
            raise ValueError("a synthetic catalogue needs a run, a flow, a task and two users")

    @classmethod
    def from_text(cls, text: str) -> Scale:
        """Read ``runs=150000,flows=400,tasks=400,users=100,seed=0``, or a number of runs alone.

        What is left out has its default. Raises ValueError in words for anything else.
        """
        names = [field.name for field in fields(cls)]
        values: dict[str, int] = {}
        for part in text.split(","):
            name, mark, number = part.strip().partition("=")
            if not mark:
                name, number = "runs", name
            if name not in names or not number.strip().isdecimal():
                raise ValueError(
                    f"{part.strip()!r} is not one of {', '.join(f'{n}=N' for n in names)}"
                )
            values[name] = int(number)
        return cls(**values)

    def __str__(self) -> str:
        return ",".join(f"{field.name}={getattr(self, field.name)}" for field in fields(self))


def make(path: Path, scale: Scale) -> None:
    """Write a synthetic catalogue to `path`, which must not exist.

    About 5 % of the runs failed, 1 % failed in their evaluation, 2 % are not evaluated, 30 % have
    tags; ids have gaps, one of them a tenth of the runs wide. Half a minute and 300 MB for
    1,000,000 runs. Raises OSError and sqlite3.Error when it cannot be written.
    """
    database = sqlite3.connect(path, isolation_level=None)
    try:
        database.execute("PRAGMA journal_mode = OFF")
        database.execute("PRAGMA synchronous = OFF")
        database.executescript(
            files(__package__).joinpath("schema.sql").read_text(encoding="utf-8")
        )
        indexes = database.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        ).fetchall()
        for name, _ in indexes:
            database.execute(f"DROP INDEX {name}")
        database.execute("BEGIN")
        chance = random.Random(scale.seed)  # noqa: S311 no secret hangs on it
        _names(database, scale)
        setups = _setups(database, scale, chance)
        _runs(database, scale, chance, setups)
        for _, sql in indexes:  # made once at the end, they cost a third
            database.execute(sql)
        database.execute("COMMIT")
        database.execute("ANALYZE")
    finally:
        database.close()


def _names(database: sqlite3.Connection, scale: Scale) -> None:
    """Everything that runs refer to, setups left out."""
    meta = {"synthetic": str(scale), "demo_admin_key": _ADMIN_KEY}
    database.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())
    people = [
        (1, "synthetic-admin", "", _ADMIN_KEY, "admin"),
        (2, "demo-user", "", _USER_KEY, "user"),
    ]
    others = (
        (i, "synthetic", f"user-{i:03}", f"{i:032x}", "user") for i in range(3, scale.users + 1)
    )
    database.executemany("INSERT INTO user VALUES (?, ?, ?, ?, ?)", [*people, *others])
    kinds = [(number, name, "") for number, name in _TASK_TYPES.items()]
    database.executemany("INSERT INTO task_type VALUES (?, ?, ?)", kinds)
    database.executemany(
        "INSERT INTO estimation_procedure VALUES (?, ?, '10-fold Crossvalidation',"
        " 'crossvalidation', 1, 10, 1)",
        [(procedure, kind) for kind, procedure in _PROCEDURES.items()],
    )
    database.executemany("INSERT INTO measure (id, name) VALUES (?, ?)", _MEASURE_NAMES.items())
    database.executemany(
        "INSERT INTO dataset (id, name, version, uploader, upload_date, url, default_target,"
        " number_of_instances, number_of_features, number_of_classes)"
        " VALUES (?, ?, 1, 1, '2020-01-01 00:00:00', '', 'class', ?, ?, ?)",
        (
            (_FIRST_DATASET + i, f"synthetic-data-{i:03}", 100 + i, 5 + i % 40, _classes(i))
            for i in range(scale.tasks)
        ),
    )
    database.executemany(
        "INSERT INTO task VALUES (?, ?, ?, 'class', ?, ?, NULL)",
        (
            (
                _FIRST_TASK + i, _kind(i), _FIRST_DATASET + i, _PROCEDURES[_kind(i)],
                _MEASURE_NAMES[_MEASURES[_kind(i)][0]],
            )
            for i in range(scale.tasks)
        ),
    )  # fmt: skip
    for i in range(scale.flows):
        flow, name = _FIRST_FLOW + i, f"synthetic.family_{i % 20:02}.Model{i:04}"
        database.execute(
            "INSERT INTO flow VALUES (?, ?, 1, ?, ?, ?, 'synthetic==1', 1, '2020-01-01 00:00:00',"
            " 'A flow that nobody can run.', 'English', '')",
            (flow, name, f"{name}(1)", name.rpartition(".")[2], name),
        )
        database.executemany(
            "INSERT INTO flow_parameter (flow_id, name, default_value) VALUES (?, ?, '0')",
            [(flow, parameter) for parameter in _PARAMETERS],
        )


def _kind(task: int) -> int:
    """The type of the task with this position."""
    return _REGRESSION if task % 10 == 9 else _CLASSIFICATION


def _classes(task: int) -> int | None:
    return None if _kind(task) == _REGRESSION else 2 + task % 5


def _setups(database: sqlite3.Connection, scale: Scale, chance: random.Random) -> range:
    """One setup for every hundred runs, and for every flow at least one."""
    setups = range(_FIRST_SETUP, _FIRST_SETUP + max(scale.flows, scale.runs // 100))
    # A few flows are tried often, most of them seldom.
    weights = list(accumulate(1 / (1 + i) for i in range(scale.flows)))
    flows = [*range(scale.flows)]
    flows += chance.choices(flows, cum_weights=weights, k=len(setups) - scale.flows)
    database.executemany(
        "INSERT INTO setup VALUES (?, ?, NULL)",
        ((setup, _FIRST_FLOW + flow) for setup, flow in zip(setups, flows, strict=True)),
    )
    n = len(_PARAMETERS)
    database.executemany(
        "INSERT INTO setup_parameter VALUES (?, ?, ?)",
        (
            (setup, flow * n + position + 1, json.dumps(value))
            for setup, flow in zip(setups, flows, strict=True)
            for position, value in enumerate(
                (chance.randrange(1, 20), round(chance.random(), 4), setup)
            )
        ),
    )
    return setups


def _ids(scale: Scale, chance: random.Random) -> list[int]:
    """Ids that grow, with small gaps everywhere and a wide one in the middle."""
    steps = chance.choices((1, 2, 3, 12), (80, 12, 6, 2), k=scale.runs)
    steps[scale.runs // 2] += scale.runs // 10
    return list(accumulate(steps))


def _runs(database: sqlite3.Connection, scale: Scale, chance: random.Random, setups: range) -> None:
    ids = _ids(scale, chance)
    tasks = list(accumulate(1 / (5 + i) for i in range(scale.tasks)))
    for start in range(0, scale.runs, _BATCH):
        batch = ids[start : start + _BATCH]
        k = len(batch)
        task = chance.choices(range(scale.tasks), cum_weights=tasks, k=k)
        user = chance.choices(range(2, scale.users + 1), k=k)
        setup = chance.choices(setups, k=k)
        state = chance.choices(list(_STATES), list(_STATES.values()), k=k)
        times = [(_BEGAN + timedelta(seconds=_SECONDS_APART * run)).isoformat(" ") for run in batch]
        messages = [
            chance.choice(_ERRORS).format(chance.randrange(1, 2000)) if told == "failed" else None
            for told in state
        ]
        database.executemany(
            "INSERT INTO run (id, uploader, setup_id, task_id, upload_time, error_message)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            zip(batch, user, setup, (_FIRST_TASK + t for t in task), times, messages, strict=True),
        )
        database.executemany(
            "INSERT INTO run_evaluated VALUES (?, 1, ?, NULL, ?)",
            (
                (run, "Synthetic evaluation error" if told == "evaluation failed" else None, time)
                for run, told, time in zip(batch, state, times, strict=True)
                if told != "not evaluated"
            ),
        )
        evaluated = [(r, t) for r, t, told in zip(batch, task, state, strict=True) if told == "ok"]
        database.executemany(
            "INSERT INTO evaluation VALUES (?, ?, ?, NULL)", _scores(evaluated, chance)
        )
        database.executemany(
            "INSERT OR IGNORE INTO run_tag VALUES (?, ?, ?, NULL)",
            (
                (run, tag, owner)
                for run, owner in zip(batch, user, strict=True)
                if chance.random() < _TAGGED
                for tag in chance.sample(_TAGS, 1 + (run % 7 == 0))
            ),
        )
    database.execute(
        "INSERT INTO study VALUES (1001, 'synthetic-study', 'A synthetic study', '', 'run',"
        " 'active', 'public', 1, '2020-01-01 00:00:00', 0)"
    )
    database.executemany("INSERT INTO study_run VALUES (1001, ?)", ((run,) for run in ids[:100]))


def _scores(
    evaluated: list[tuple[int, int]], chance: random.Random
) -> Iterator[tuple[int, int, float]]:
    for run, task in evaluated:
        value = chance.random()
        for measure in sorted(_MEASURES[_kind(task)]):
            yield run, measure, round(value if measure != 4 else 0.5 + value / 2, 6)
