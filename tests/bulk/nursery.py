"""Bears processes that delete runs, quickly: everything is imported once, then it forks.

Each line on stdin is a JSON list of run ids. The child takes up what broke off in the state folder;
if nothing did, it deletes these runs. Its process id is written to stdout, for whoever wants to
kill it, and then a second line with its exit code. SIGUSR1 stops it as a user does, SIGUSR2 as an
impatient one.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from pathlib import Path

from runbrowser.bulk import journal as journals
from runbrowser.bulk.delivery import Patience
from runbrowser.bulk.engine import carry_out
from runbrowser.bulk.operations import DELETE
from runbrowser.bulk.plan import Item
from runbrowser.bulk.trash import Trash
from runbrowser.client.http import AsyncHTTPClient

PATIENCE = Patience(pauses=(0.1,), looks=(0.0, 0.1, 0.3))


async def delete(server: str, key: str, state: Path, run_ids: list[int]) -> None:
    """One session of a person who wants these runs deleted."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    task = asyncio.current_task()
    assert task is not None
    loop.add_signal_handler(signal.SIGUSR1, stop.set)
    loop.add_signal_handler(signal.SIGUSR2, task.cancel)
    async with AsyncHTTPClient(server, key, retry="none") as http:
        open_ = journals.unfinished(state, http.server)
        if open_:
            journal = journals.Journal.reopen(open_[0].path)
        else:
            plan = DELETE.plan([Item(i) for i in run_ids])
            journal = journals.Journal.create(state, plan, http.server)
        trash = Trash(state)
        with contextlib.suppress(asyncio.CancelledError):
            await carry_out(
                journal.plan, http, journal=journal, trash=trash, patience=PATIENCE, stop=stop
            )


def main(server: str, key: str, state: Path) -> None:
    asyncio.run(AsyncHTTPClient(server).close())  # reads the certificates, once for all children
    for line in sys.stdin:
        run_ids = json.loads(line)
        child = os.fork()
        if child == 0:
            for number in (signal.SIGUSR1, signal.SIGUSR2):  # until the loop listens
                signal.signal(number, signal.SIG_IGN)
            try:
                asyncio.run(delete(server, key, state, run_ids))
            except BaseException as error:  # noqa: BLE001 the parent is told
                print(repr(error), file=sys.stderr, flush=True)
                os._exit(1)
            os._exit(0)
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
