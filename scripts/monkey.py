"""A monkey at the keyboard of the browser, for as long as you like:

    python scripts/monkey.py [--keys 50000] [--seed 1] [--browser-keys 2500]

Keys by a seed, several in one write, without pauses, in windows of any size down to 1x1, against a
demo server of its own. Ends with 1 and the last keys when the browser crashed, logged a fault of
its own, or was left with a dialog that no esc takes away.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))


def main() -> int:
    """Plays; the exit code."""
    reader = argparse.ArgumentParser(description=__doc__.partition(":")[0])
    reader.add_argument("--keys", type=int, default=50_000)
    reader.add_argument("--seed", type=int, default=1)
    reader.add_argument("--browser-keys", type=int, default=2_500, help="keys for each demo server")
    wanted = reader.parse_args()
    with tempfile.TemporaryDirectory(prefix="runbrowser-monkey-") as folder:
        os.chdir(folder)
        for kind in ("CONFIG", "CACHE", "STATE"):
            os.environ[f"RUNBROWSER_{kind}_DIR"] = str(Path(folder) / kind.lower())
        os.environ |= {"XDG_CONFIG_HOME": folder, "SSH_CONNECTION": "1 2 3 4"}
        os.environ |= {"TEXTUAL_ANIMATIONS": "none"}
        return asyncio.run(_play(wanted.keys, wanted.seed, wanted.browser_keys, Path(folder)))


async def _play(keys: int, seed: int, each: int, folder: Path) -> int:
    from runbrowser.demo.launch import start
    from tests.tui.deeds import acting_on
    from tests.tui.monkey import MonkeyError, play

    typed = browsers = 0
    while typed < keys:
        with start() as demo:
            source = acting_on(demo.v1, demo.api_key)
            log = folder / "state" / "runbrowser.log"
            try:
                some, more = await play(source, log, seed, min(each, keys - typed))
            except MonkeyError as error:
                print(f"after {typed:,} keys of other seeds: {error}")
                return 1
        typed, browsers = typed + some, browsers + more
        print(f"seed {seed}: {typed:,} keys, {browsers} browsers", flush=True)
        seed += 1
    print("no crash, no fault, no dialog left over")
    return 0


if __name__ == "__main__":
    sys.exit(main())
