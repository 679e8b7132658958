"""Build the demo's catalogue: run scikit-learn for real and write what the server needs.

    python scripts/build_catalogue.py [--quick] [--out PATH] [--jobs N]

Everything but the measured times is the same on every build with the same scikit-learn.
"""

from __future__ import annotations

import argparse
import lzma
import multiprocessing
import os
import sqlite3
import sys
import tempfile
import time
from pathlib import Path

# Before numpy is loaded: one thread per process, and sets printed in one order.
PINNED = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
    "PYTHONWARNINGS": "ignore",
}
if any(os.environ.get(name) != value for name, value in PINNED.items()):
    os.execve(sys.executable, [sys.executable, *sys.argv], os.environ | PINNED)

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from catalogue.execute import Outcome, carry_out  # noqa: E402
from catalogue.failures import failing_plans  # noqa: E402
from catalogue.people import Entry, arrange  # noqa: E402
from catalogue.plans import successful_plans  # noqa: E402
from catalogue.store import Store  # noqa: E402

OUT = ROOT / "runbrowser" / "demo" / "catalogue.db.xz"
QUICK_SHARE = 0.05
SLOW = 15  # seconds: a run that is worth a line
# The database is mostly bytes without alignment; this setting packs it best of those tried.
FILTERS = [{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "dict_size": 1 << 26}]


def main() -> None:
    """Parse the command line, run all plans, write the packed catalogue, print a summary."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="some 200 runs, for trying things")
    parser.add_argument("--out", type=Path, default=OUT, help="where the .xz goes")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--keep-plain", type=Path, help="also leave the plain database here")
    chosen = parser.parse_args()
    share = QUICK_SHARE if chosen.quick else 1.0
    begin = time.monotonic()
    entries = arrange([*successful_plans(share), *failing_plans(share)])
    with tempfile.TemporaryDirectory() as folder:
        plain = chosen.keep_plain or Path(folder) / "catalogue.db"
        plain.unlink(missing_ok=True)
        write(entries, plain, chosen.jobs)
        packed = lzma.compress(plain.read_bytes(), filters=FILTERS)
        chosen.out.write_bytes(packed)
        summary(plain, len(packed), time.monotonic() - begin)


def write(entries: list[Entry], plain: Path, jobs: int) -> None:
    """Carry out the runs and store them in a new database."""
    db = sqlite3.connect(plain)
    store = Store(db)
    with multiprocessing.get_context("fork").Pool(jobs) as pool:
        outcomes = pool.imap(_outcome, entries, chunksize=4)
        for done, (entry, outcome) in enumerate(zip(entries, outcomes, strict=True), 1):
            store.add_run(entry, outcome)
            if done % 50 == 0 or done == len(entries):
                print(f"\r{done}/{len(entries)} runs", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    store.finish()
    db.close()


def _outcome(entry: Entry) -> Outcome:
    begin = time.monotonic()
    outcome = carry_out(entry.plan)
    if (seconds := time.monotonic() - begin) > SLOW:
        print(f"\n{seconds:.0f} s: {entry.plan}", file=sys.stderr)
    return outcome


def summary(plain: Path, packed: int, seconds: float) -> None:
    """What was built, to stdout."""
    db = sqlite3.connect(plain)
    for title, query in (
        ("runs per task", "SELECT task_id, count(*) FROM run GROUP BY 1"),
        ("failed, by task", "SELECT task_id, count(error_message) FROM run GROUP BY 1"),
        ("uploaders", "SELECT first_name, count(run.id), count(error_message) FROM user"
         " LEFT JOIN run ON uploader = user.id GROUP BY user.id"),
        ("evaluation", "SELECT engine_id, count(*), count(error), count(warning)"
         " FROM run_evaluated GROUP BY 1"),
        ("not evaluated, no error", "SELECT count(*) FROM run WHERE error_message IS NULL"
         " AND id NOT IN (SELECT run_id FROM run_evaluated)"),
        ("tags", "SELECT tag, count(*) FROM run_tag GROUP BY 1"),
        ("flows used, flows, setups", "SELECT (SELECT count(DISTINCT flow_id) FROM setup),"
         " (SELECT count(*) FROM flow), (SELECT count(*) FROM setup)"),
        ("evaluations, per fold, trace rows", "SELECT (SELECT count(*) FROM evaluation),"
         " (SELECT count(*) FROM evaluation_fold), (SELECT count(*) FROM trace)"),
    ):  # fmt: skip
        rows = db.execute(query).fetchall()
        print(f"{title}: " + "; ".join(" ".join(map(str, row)) for row in rows))
    runs, failed = db.execute("SELECT count(*), count(error_message) FROM run").fetchone()
    print(f"{runs} runs, {failed} failed ({failed / runs:.1%}), in {seconds:.0f} s")
    print(f"{plain.stat().st_size:,} bytes plain, {packed:,} bytes packed")
    db.close()


if __name__ == "__main__":
    main()
