"""V2's operations for runs as calls: there are two ("V2" in docs/protocol.md)."""

from __future__ import annotations

from runbrowser.client.call import UNEVALUATED_FOR, Call
from runbrowser.client.wire import v2
from runbrowser.ids import Id, one_id
from runbrowser.models import Run, Trace


def get_run(run_id: Id) -> Call[Run]:
    """One run, without what V2 does not deliver (details, file urls, the evaluation error)."""
    run_id = one_id(run_id, "a run id")
    return Call(
        f"read run {run_id}",
        "GET",
        f"run/{run_id}",
        v2.read_run,
        keep=True,
        keep_for=lambda run: UNEVALUATED_FOR,  # V1 writes, and cannot tell V2's replies,
    )


def get_trace(run_id: Id) -> Call[Trace]:
    """The configurations that a run's search tried."""
    run_id = one_id(run_id, "a run id")
    return Call(
        f"read the trace of run {run_id}",
        "GET",
        f"run/trace/{run_id}",
        v2.read_trace,
        keep=True,
    )
