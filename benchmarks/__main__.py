"""Runs one measurement: ``python -m benchmarks list --peer PYTHON`` or ``... browser``."""

from __future__ import annotations

import sys
from importlib import import_module

NAMES = {
    "list": "listing",  # RunV1API.list against openml-python
    "browser": "browser",  # the browser against a bare table
}


def main(arguments: list[str]) -> int:
    """Runs the named measurement with the rest of the arguments; 0, or 1 over the budget."""
    if not arguments or arguments[0] not in NAMES:
        sys.stderr.write(f"usage: python -m benchmarks {{{','.join(NAMES)}}} [options]\n")
        return 2
    module = import_module(f"benchmarks.{NAMES[arguments[0]]}")
    sys.argv[1:] = arguments[1:]
    return module.main() or 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
