"""Who uploaded what, when, and how it was tagged: invented accounts, fixed by the seed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from .plans import Plan
from .tasks import SEED

FIRST_RUN = 900101
BUILT = "2026-10-31"
BEGIN, END = datetime(2026, 1, 5, 8, 0), datetime(2026, 10, 30, 20, 0)  # the server's clock

ADMIN, DEMO_USER, READER = 1, 2, 8
USERS = (
    # id, name, key, role, share of the runs
    (ADMIN, "demo-admin", "ad00000000000000000000000000ad01", "admin", 0.0),
    (DEMO_USER, "demo-user", "de00000000000000000000000000de02", "user", 0.15),
    (3, "forest-lab", "f0000000000000000000000000000f03", "user", 0.17),
    (4, "tuning-bot", "b0000000000000000000000000000b04", "user", 0.30),
    (5, "teaching-lab", "ea00000000000000000000000000ea05", "user", 0.16),
    (6, "nightly-ci", "c1000000000000000000000000000c06", "user", 0.16),
    (7, "visiting-student", None, "user", 0.06),
    (READER, "demo-reader", "0ead0000000000000000000000000e08", "read-only", 0.0),
)
FAILED_OF_DEMO_USER = 40


def as_sent(message: str, uploader: int) -> str:
    """An error text as the uploader's client sends it.

    The demo account's client knows the upload's schema, which takes 128 characters: it sends the
    last line or what fits. So its runs can be uploaded again. The others' are older than that.
    """
    if uploader != DEMO_USER:
        return message
    told = message.rsplit("\n", 1)[-1] if message.startswith("Traceback") else message
    return told[:128]


@dataclass
class Entry:
    """A planned run with what the server knows of it beside the results.

    state: ok, failed, pending (not evaluated), damaged (evaluation failed), warned.
    times: 'none', 'cpu' or 'both': what the uploader's client measured.
    """

    run_id: int
    plan: Plan
    uploader: int
    upload_time: str
    state: str
    times: str
    tags: list[tuple[str, int]]
    details: str | None = None


def arrange(plans: list[Plan]) -> list[Entry]:
    """Give each plan a run id, an uploader, a time, a state and tags."""
    rng = np.random.RandomState(SEED)
    order = rng.permutation(len(plans))
    ids = [u[0] for u in USERS if u[4]]
    shares = np.array([u[4] for u in USERS if u[4]])
    shares /= shares.sum()
    entries = []
    mine = 0
    for position, index in enumerate(order):
        plan = plans[index]
        failed = plan.scenario is not None
        uploader = int(rng.choice(ids, p=shares))
        if plan.task_id == 9109:
            uploader = DEMO_USER
        elif plan.scenario == "coloured-heading":
            uploader = 3
        elif failed:
            # The first failed runs are the demo account's own: it has something to clean up.
            uploader = DEMO_USER if mine < FAILED_OF_DEMO_USER and position % 2 else uploader
            mine += uploader == DEMO_USER
            if uploader == DEMO_USER and mine > FAILED_OF_DEMO_USER:
                uploader = 4
        at = BEGIN + (END - BEGIN) * (position + 0.5) / len(plans)
        at += timedelta(seconds=float(rng.normal(0, 86400)))
        at = BEGIN + abs(at - BEGIN)
        at = END - abs(END - at)
        entry = Entry(
            run_id=FIRST_RUN + position,
            plan=plan,
            uploader=uploader,
            upload_time=at.strftime("%Y-%m-%d %H:%M:%S"),
            state="failed" if failed else _state(rng, position / len(plans), plan),
            times=str(rng.choice(["cpu", "both", "none"], p=[0.5, 0.2, 0.3])),
            tags=[],
        )
        if rng.uniform() < 0.04:
            entry.details = str(
                rng.choice(["Custom:Hyperparameter", "rerun", "batch:7,fold-parallel"])
            )
        _tag(entry, rng)
        entries.append(entry)
    return entries


def _state(rng: np.random.RandomState, progress: float, plan: Plan) -> str:
    """Most not yet evaluated runs are recent; damaged files occur where files are small."""
    chance = rng.uniform()
    if chance < (0.16 if progress > 0.95 else 0.012):
        return "pending"
    if plan.task_id in (9101, 9102, 9107) and plan.family not in ("dummy", "grid-search"):
        if chance > 0.968:
            return "damaged"
        if chance > 0.962:
            return "warned"
    return "ok"


def _tag(entry: Entry, rng: np.random.RandomState) -> None:
    plan, chance = entry.plan, rng.uniform(size=8)
    by = entry.uploader
    tags = entry.tags
    if chance[0] < 0.75:
        tags.append(("openml-python", by))
    if plan.family in ("dummy", "dummy-regressor", "bayes"):
        tags.append(("baseline", by))
    if plan.family in ("random-search", "grid-search", "grid-ridge"):
        tags.append(("tuned", by))
    if by == 6:
        tags.append(("nightly", by))
    if by == 5 and chance[1] < 0.7:
        tags.append(("teaching-2026", by))
    if by == 4 and chance[2] < 0.5:
        tags.append(("seed-sweep", by))
    if plan.task_id in (9101, 9102, 9103) and chance[3] < 0.1:
        tags.append(("study_1", 3))
    if chance[4] < 0.05 and plan.scenario is None and plan.task_id not in (9105, 9108):
        tags.append(("verified_Supervised_Classification", ADMIN))
    if plan.scenario is not None and by == DEMO_USER and chance[5] < 0.4:
        tags.append(("triaged", by))
    if chance[6] < 0.02:
        tags.append(("needs-review", 3))
    # Tags from before the server checked their letters.
    if plan.family == "forest" and chance[7] < 0.06:
        tags.append(("random forest", 3))
    if plan.family in ("ada", "boosting") and chance[7] < 0.06:
        tags.append(("bagging&boosting", 3))
