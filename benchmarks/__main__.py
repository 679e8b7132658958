"""All measurements as one table: ``python -m benchmarks [GROUP...] [--peer PYTHON]``.

Groups: startup, client, browser, mirror (all unless named). ``--peer`` names a Python that has
openml-python, ``--json FILE`` keeps the rows. Exit code 1 when a row is over its budget. Figures
hold for a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from pathlib import Path

from benchmarks.rows import Row, as_json, table

GROUPS = ("startup", "client", "browser", "mirror")


def main(arguments: list[str]) -> int:
    """Runs the named groups and prints their rows; 0, or 1 over a budget."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=", ".join(GROUPS))
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the rows there as JSON")
    modules = {name: import_module(f"benchmarks.{name}") for name in GROUPS}
    for module in modules.values():
        module.options(parser)
    given = parser.parse_args(arguments)
    if unknown := set(given.groups) - set(GROUPS):
        parser.error(f"no group {', '.join(sorted(unknown))}: there are {', '.join(GROUPS)}")
    rows: list[Row] = []
    for name in given.groups or GROUPS:
        print(f"{name} ...", file=sys.stderr, flush=True)
        rows += modules[name].measure(given)
    print(table(rows))
    if given.json:
        given.json.write_text(as_json(rows), encoding="utf-8")
    return 0 if all(row.met for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
