"""Starts the browser as the command line does, and what is set once for the whole process."""

from __future__ import annotations

import gc
import sys
from typing import Any

from textual.app import App

from runbrowser.config import Settings
from runbrowser.models import RunFilter
from runbrowser.tui.opening import open_demo, open_live, open_mirror

_GARBAGE_AFTER = (20_000, 20, 20)  # new objects; rounds until older ones are looked at as well
_SETTLED = 2.0  # seconds after which what there is will stay


def spare_memory(app: App[Any]) -> None:
    """What there is after a while stays for good: looking for garbage among it again and again
    would hold up a key by 40 ms each time.
    """

    def settle() -> None:
        gc.freeze()
        gc.set_threshold(*_GARBAGE_AFTER)
        gc.enable()

    app.set_timer(_SETTLED, settle)


def run(
    settings: Settings, filter: RunFilter, *, demo: bool = False, mirror: bool = False, **how: Any
) -> int:
    """Opens the browser, with what else RunBrowser takes; the result is the exit code."""
    # httpx's own command line and HTTP/2, which nobody uses here, would cost a third of its import
    for needless in ("httpx._main", "h2"):
        sys.modules.setdefault(needless, None)  # type: ignore[arg-type]
    from runbrowser.tui.app import RunBrowser
    from runbrowser.tui.looks import looks_of

    open_source = (open_mirror if mirror else open_demo if demo else open_live)(settings)
    app = RunBrowser(open_source, filter, looks=looks_of(settings), **how)
    code = app.run()
    if app.fault:
        sys.stderr.write(app.fault + "\n")
        return 1
    return code or 0
